/* Files of recorded vectors (traces/vectors/README.md), one line at a time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_VECTORS_VECTOR_FILE_H
#define TWINWALK_TESTS_VECTORS_VECTOR_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "twinwalk/spec.h"

enum { VECTOR_REGISTERS_MAX = 81, VECTOR_ENTRIES_MAX = 4, VECTOR_CLASS_SIZE = 24 };

typedef enum vector_kind {
  VECTOR_SCENE,   /* a machine after a PMP reset, with nothing in memory */
  VECTOR_REGION,  /* a region of memory; without any, all is memory */
  VECTOR_WORD,    /* an entry in memory */
  VECTOR_WRITE,   /* a write of a PMP register, and what it reads afterwards */
  VECTOR_ALL,     /* all PMP registers that do not read 0 */
  VECTOR_CONTEXT, /* satp and the control bits of the accesses that follow */
  VECTOR_ACCESS,  /* an access and its answer: a vector */
  VECTOR_END      /* the number of vectors in the file */
} vector_kind;

typedef struct vector_scene {
  char class[VECTOR_CLASS_SIZE];
  unsigned xlen, extensions, pa_bits, pmp_count, pmp_grain;
} vector_scene;

typedef enum vector_bank { VECTOR_ADDR, VECTOR_CFG, VECTOR_SEC } vector_bank;

typedef struct vector_register {
  vector_bank bank;
  unsigned index; /* of the CSR: pmpaddr0 to 63, pmpcfg0 to 15, 0 */
  uint64_t value;
} vector_register;

typedef struct vector_write {
  vector_register written;
  uint64_t read;
} vector_write;

typedef struct vector_all {
  unsigned count;
  vector_register registers[VECTOR_REGISTERS_MAX];
} vector_all;

typedef struct vector_context {
  uint64_t satp; /* as written: MODE may be reserved */
  tw_status status;
  bool sum, mxr, adue, pbmte;
} vector_context;

typedef struct vector_entry {
  uint64_t pa, value;
} vector_entry;

typedef struct vector_access {
  tw_request request;
  uint64_t pa;    /* if granted, else 0 */
  uint64_t cause; /* 0: granted */
  uint64_t tval;
  unsigned changed_count;
  vector_entry changed[VECTOR_ENTRIES_MAX]; /* entries with A or D set by the access */
} vector_access;

typedef struct vector_record {
  vector_kind kind;
  union {
    vector_scene scene;
    tw_pma region;
    vector_entry word;
    vector_write write;
    vector_all all;
    vector_context context;
    vector_access access;
    uint64_t total;
  } of;
} vector_record;

typedef struct vector_file {
  char *text; /* owned */
  char *next;
  unsigned line;     /* of the record read last */
  bool ended;        /* the end line was read */
  const char *error; /* why reading stopped; NULL unless it is the file's fault */
} vector_file;

/* Takes over a copy of a text. False without memory. */
bool vector_file_from_text(vector_file *file, const char *text, size_t size);

/* Reads and decompresses (zstd) a file. False, with file->error, if that cannot be done. */
bool vector_file_open(vector_file *file, const char *path);

/* The next record. False at the end of a whole file (file->error is NULL) and where the file is damaged. */
bool vector_file_next(vector_file *file, vector_record *record);

void vector_file_close(vector_file *file);

#endif
