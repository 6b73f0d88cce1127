/* Program, MMU and golden traces: one family of formats, text and binary, specified in docs/traces.md.
 *
 * A trace is a header (keys and values) and a stream of records. Readers and writers stream: memory does not grow with
 * the length of the trace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_H
#define TWINWALK_TRACE_H

#include <stddef.h>

#include "twinwalk/error.h"
#include "twinwalk/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_TRACE_VERSION 3u /* written; 1 and 2 are read, too */

typedef enum tw_trace_kind {
  TW_TRACE_PROGRAM = 1, /* what a program does */
  TW_TRACE_MMU = 2,     /* what an MMU sees at its pins: a partial order */
  TW_TRACE_GOLDEN = 3   /* an MMU trace with answers and cycles */
} tw_trace_kind;

typedef enum tw_trace_form { TW_TRACE_TEXT = 1, TW_TRACE_BINARY = 2 } tw_trace_form;

/* What a record says; in brackets the kinds of trace that may hold it (P program, M MMU, G golden). */
typedef enum tw_record_kind {
  TW_RECORD_ACCESS = 1,   /* [PMG] a fetch, load, store or amo */
  TW_RECORD_MAP = 2,      /* [P] a region appears: mmap, or part of the initial map */
  TW_RECORD_UNMAP = 3,    /* [P] munmap */
  TW_RECORD_PROTECT = 4,  /* [P] mprotect */
  TW_RECORD_BREAK = 5,    /* [P] brk: the heap now ends here */
  TW_RECORD_THREAD = 6,   /* [P] the accesses that follow are those of this thread */
  TW_RECORD_FORK = 7,     /* [P] a child process begins with a copy of the address space */
  TW_RECORD_EXIT = 8,     /* [P] a thread or process ends */
  TW_RECORD_PROCESS = 9,  /* [P] a process begins, with nothing mapped */
  TW_RECORD_EXEC = 10,    /* [P] the current process's regions go; those of another program follow */
  TW_RECORD_CALL = 11,    /* [P] a system call: into the kernel and back */
  TW_RECORD_PLACE = 12,   /* [P] a page of the current process is to lie in this frame */
  TW_RECORD_ADVISE = 13,  /* [P] madvise */
  TW_RECORD_ALLOC = 14,   /* [P] the program's allocator hands a block out; a remark, no access */
  TW_RECORD_FREE = 15,    /* [P] ... and takes it back */
  TW_RECORD_IMAGE = 16,   /* [MG] initial content of memory; before every record that is played */
  TW_RECORD_INJECT = 17,  /* [MG] latency or bus error of one read; before every record that is played */
  TW_RECORD_CONTROL = 18, /* [MG] control write */
  TW_RECORD_STORE = 19,   /* [MG] page-table store */
  TW_RECORD_FENCE = 20, /* [PMG]; in a program trace one that was seen, of an operating system that was traced whole */
  TW_RECORD_PMP = 21,   /* [MG] write of a PMP register */
  TW_RECORD_RECLAIM = 22, /* [P] the kernel takes pages out of memory */
  TW_RECORD_ANSWER = 32,  /* [G] how an access ended */
  TW_RECORD_STEP = 33     /* [G] a page-table read, or update of A and D */
} tw_record_kind;

/* Bits of a region's protection. */
enum { TW_PROT_READ = 1, TW_PROT_WRITE = 2, TW_PROT_EXECUTE = 4 };

/* What a region is for. */
typedef enum tw_region_use {
  TW_REGION_CODE = 1,
  TW_REGION_RODATA,
  TW_REGION_DATA,
  TW_REGION_BSS,
  TW_REGION_HEAP,
  TW_REGION_MAPPED, /* anonymous mmap */
  TW_REGION_FILE,   /* mapped file or library */
  TW_REGION_STACK,
  TW_REGION_KERNEL,
  TW_REGION_GUARD, /* no access granted */
  TW_REGION_USE_COUNT
} tw_region_use;

const char *tw_region_use_name(tw_region_use use); /* "code", "heap", ... */

/* What a program says about a range of its addresses. */
typedef enum tw_advice {
  TW_ADVICE_HUGE = 1,    /* large pages are welcome */
  TW_ADVICE_NO_HUGE = 2, /* they are not */
  TW_ADVICE_COLD = 3,    /* its pages go first (MADV_PAGEOUT) */
  TW_ADVICE_DROP = 4,    /* its content is not needed any more (MADV_DONTNEED) */
  TW_ADVICE_COUNT
} tw_advice;

const char *tw_advice_name(tw_advice advice); /* "huge", "no-huge", "cold", "drop"; NULL for none */

typedef struct tw_record_access {
  uint64_t va;
  tw_access kind;
  uint8_t size;          /* bytes, 1 to 64; in MMU and golden traces it does not cross a page */
  bool speculative;      /* [MG] */
  uint16_t retries;      /* [MG] asked again until granted, at most this often; 0: the first answer is final */
  uint32_t cancel_after; /* [MG] cycles after acceptance at which it is cancelled if not yet answered; 0: never */
} tw_record_access;

typedef struct tw_record_map {
  uint64_t start, length; /* bytes, multiples of 4096 */
  uint64_t offset;        /* bytes into the file; 0 if there is none */
  uint8_t prot;           /* TW_PROT_... */
  bool shared;            /* MAP_SHARED */
  bool grows_down;        /* a stack */
  tw_region_use use;
  tw_advice advice; /* of ADVISE only */
  const char *name; /* path or ""; the reader's until the next record is read; at most 4095 bytes */
} tw_record_map;

/* Both ranges are the program's, the kernel's hand is on them: it reads the one and writes the other with SUM=1. */
typedef struct tw_record_call {
  uint64_t reads, writes;               /* addresses */
  uint32_t reads_length, writes_length; /* bytes; 0: the call does not */
  uint32_t number;                      /* of the system call, as the traced machine counts them */
} tw_record_call;

typedef struct tw_record_place {
  uint64_t va, pa; /* bytes, multiples of 4096 */
} tw_record_place;

typedef struct tw_record_block {
  uint64_t va;
  uint64_t size; /* bytes; 0 in FREE */
} tw_record_block;

typedef struct tw_record_control {
  uint64_t satp;
  tw_privilege privilege, mpp;
  bool mprv, sum, mxr;
  bool adue, pbmte; /* menvcfg */
} tw_record_control;

/* Which PMP register is written; the values are those of the pins. */
typedef enum tw_pmp_register {
  TW_PMP_CFG = 0,
  TW_PMP_ADDR = 1,
  TW_PMP_MSECCFG = 2,
  TW_PMP_REGISTER_COUNT
} tw_pmp_register;

typedef struct tw_record_pmp {
  uint64_t value; /* cfg: 8 bits; addr: 54 bits; mseccfg: 3 bits */
  tw_pmp_register target;
  uint8_t index; /* of the entry, 0 to 63; 0 for mseccfg */
} tw_record_pmp;

typedef struct tw_record_store {
  uint64_t pa;     /* aligned to width */
  uint8_t width;   /* bytes, 4 or 8 */
  bool swap;       /* compare-and-swap: if memory == first then memory := second */
  uint64_t first;  /* and-mask, or the expected value */
  uint64_t second; /* or-mask, or the new value: memory := (memory & first) | second */
} tw_record_store;

/* What kind of fence; the values are those of the pins. */
typedef enum tw_fence_kind {
  TW_FENCE_SFENCE_VMA = 0,
  TW_FENCE_SINVAL_VMA = 1,
  TW_FENCE_SFENCE_W_INVAL = 4,
  TW_FENCE_SFENCE_INVAL_IR = 5
} tw_fence_kind;

/* "sfence.vma", ...; NULL for none. */
const char *tw_fence_kind_name(unsigned kind);

typedef struct tw_record_fence {
  uint64_t va;
  uint16_t asid;
  uint8_t kind; /* tw_fence_kind */
  bool has_va, has_asid;
  bool unknown; /* [P] its operands were not seen */
} tw_record_fence;

typedef struct tw_record_image {
  uint64_t pa;    /* multiple of 8 */
  uint64_t value; /* little-endian */
} tw_record_image;

typedef struct tw_record_inject {
  uint64_t pa;      /* of the read, as it is on the pins */
  uint32_t nth;     /* which read of this address since reset: 0 is the first */
  uint32_t latency; /* cycles, 1 or more; 0: leave it */
  uint32_t stall;   /* cycles without ready before the handshake */
  bool error;       /* bus error */
} tw_record_inject;

/* One answer at the pins. `status`, `reason`, ... are as in docs/pins.md. */
typedef struct tw_record_answer {
  uint64_t access;   /* number of the access's record */
  uint32_t attempt;  /* 0: the first answer to it, 1: after one retry, ... */
  uint64_t accepted; /* cycle of the request handshake */
  uint64_t answered; /* cycle in which the answer is visible */
  uint64_t pa;
  uint8_t status, reason, level, flags;
  uint8_t attribute; /* tw_pbmt */
  bool napot;        /* a page of 64 KiB */
  bool hit;          /* from a TLB, without a walk */
  bool l2;           /* and that was the L2 TLB */
  bool only;         /* the only answer the architecture allows */
} tw_record_answer;

typedef struct tw_record_step {
  uint64_t cycle; /* of the request handshake */
  uint64_t pa;
  uint64_t pte;      /* what was read, or found by an update; 0 if error */
  uint64_t expected; /* of an update: memory became `desired` if this was there; else 0 */
  uint64_t desired;
  uint8_t size; /* bytes, 4 or 8 */
  bool error;
  bool update; /* a compare-and-swap */
} tw_record_step;

#define TW_AFTER_MAX 3u

/* Which earlier played records must be complete first. */
typedef struct tw_after {
  bool all;                    /* every earlier one */
  uint8_t count;               /* of back[] */
  uint32_t back[TW_AFTER_MAX]; /* 1: the played record before this one, 2: the one before that, ... */
} tw_after;

typedef struct tw_record {
  tw_record_kind kind;
  uint8_t hart;    /* 0 for now */
  uint32_t delay;  /* [MG] cycles to wait once everything in `after` is complete; stress, never meaning */
  uint64_t number; /* [MG] of accesses, control and PMP writes, stores and fences; [P] of all; from 0; set by readers */
  tw_after after;  /* [MG] */
  union {
    tw_record_access access;
    /* UNMAP: start, length; PROTECT: start, length, prot; BREAK: start is the new end; ADVISE: start, length, advice */
    tw_record_map map;
    struct {
      uint32_t id;      /* THREAD, FORK (the child's process id), PROCESS; EXIT: thread id, or process id */
      const char *name; /* PROCESS, EXEC: of the program, or ""; as a map's name */
    };
    tw_record_call call;
    tw_record_place place;
    tw_record_block block; /* ALLOC, FREE */
    uint64_t pages;        /* RECLAIM */
    tw_record_control control;
    tw_record_store store;
    tw_record_fence fence;
    tw_record_pmp pmp;
    tw_record_image image;
    tw_record_inject inject;
    tw_record_answer answer;
    tw_record_step step;
  };
} tw_record;

/* Keys and values, in their order; both strings without newlines. docs/traces.md lists the keys. */
typedef struct tw_trace_header {
  tw_trace_kind kind;
  unsigned version;
  size_t count;
  char **keys;   /* owned */
  char **values; /* owned */
} tw_trace_header;

void tw_trace_header_init(tw_trace_header *header, tw_trace_kind kind);
void tw_trace_header_free(tw_trace_header *header);
/* Adds a key or replaces its value (printf format). False if memory is out or the key or value is malformed. */
__attribute__((format(printf, 3, 4))) bool tw_trace_header_set(tw_trace_header *header, const char *key,
                                                               const char *format, ...);
/* The value of a key, owned by the header; NULL if it is not there. */
const char *tw_trace_header_get(const tw_trace_header *header, const char *key);
/* The value of a key as an unsigned number (decimal or 0x); false and error if it is there and malformed. */
bool tw_trace_header_number(const tw_trace_header *header, const char *key, uint64_t fallback, uint64_t *number,
                            tw_error *error);

typedef struct tw_trace_reader tw_trace_reader;

typedef enum tw_trace_result { TW_TRACE_RECORD = 1, TW_TRACE_END = 0, TW_TRACE_ERROR = -1 } tw_trace_result;

/* Opens a trace of either form ("-" is standard input) and reads its header. NULL and error on failure. */
tw_trace_reader *tw_trace_open(const char *path, tw_error *error);
void tw_trace_close(tw_trace_reader *reader);
const tw_trace_header *tw_trace_reader_header(const tw_trace_reader *reader); /* the reader's */
tw_trace_form tw_trace_reader_form(const tw_trace_reader *reader);
/* Reads the next record. An error names the file, the line or byte offset, and the record's number; it is final. */
tw_trace_result tw_trace_read(tw_trace_reader *reader, tw_record *record, tw_error *error);
/* Reads the accesses that come next, as far as they are at hand (decompressed, and in order), at most `room`. Returns
 * how many; 0 says no more than that tw_trace_read has to look. For whoever reads very many. */
size_t tw_trace_read_accesses(tw_trace_reader *reader, tw_record *records, size_t room);
/* Bytes of the file read so far and in all (0 if unknown), for progress. */
void tw_trace_progress(const tw_trace_reader *reader, uint64_t *done, uint64_t *total);

typedef struct tw_trace_writer tw_trace_writer;

/* Opens a temporary file beside path ("-" is standard output). NULL and error on failure. */
tw_trace_writer *tw_trace_create(const char *path, tw_trace_form form, const tw_trace_header *header, tw_error *error);
/* Checks and writes one record; number is given by the writer. False and error if the record is not allowed, or the
 * disk is full. */
bool tw_trace_write(tw_trace_writer *writer, const tw_record *record, tw_error *error);
/* Ends the trace, fsyncs, renames to its name and frees the writer, also on failure (then nothing is left behind). */
bool tw_trace_commit(tw_trace_writer *writer, tw_error *error);
/* Frees the writer and removes the temporary file. NULL is allowed. */
void tw_trace_abandon(tw_trace_writer *writer);

/* Formats one record as its line of the text form, without newline. Returns the bytes it needs, as snprintf does. */
int tw_record_format(const tw_record *record, char *text, size_t size);

/* Whether a record may stand in a trace of this kind and its fields are in their ranges. */
bool tw_record_check(const tw_record *record, tw_trace_kind kind, tw_error *error);

#ifdef __cplusplus
}
#endif
#endif
