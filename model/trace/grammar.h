/* The text form's words and fields, as one table that both the parser and the formatter read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TRACE_GRAMMAR_H
#define TWINWALK_TRACE_GRAMMAR_H

#include "trace_internal.h"

typedef enum grammar_type {
  GRAMMAR_HEX,       /* uint64_t, written as 0x... */
  GRAMMAR_DECIMAL64, /* uint64_t */
  GRAMMAR_DECIMAL32, /* uint32_t */
  GRAMMAR_DECIMAL16, /* uint16_t */
  GRAMMAR_DECIMAL8,  /* uint8_t */
  GRAMMAR_BIT,       /* bool, 0 or 1 */
  GRAMMAR_WORD,      /* bool, a bare word */
  GRAMMAR_PRIVILEGE, /* tw_privilege: U, S, M */
  GRAMMAR_PROT,      /* uint8_t: r-x */
  GRAMMAR_USE,       /* tw_region_use */
  GRAMMAR_ADVICE,    /* tw_advice by name */
  GRAMMAR_NAME,      /* const char *, quoted */
  GRAMMAR_STATUS,    /* uint8_t status, a bare word: ok, fault, retry */
  GRAMMAR_REASON,    /* uint8_t: tw_reason by name */
  GRAMMAR_FLAGS,     /* uint8_t: letters of DAGUXWRV */
  GRAMMAR_AFTER,     /* tw_after */
  GRAMMAR_FENCE,     /* uint8_t: tw_fence_kind by name */
  GRAMMAR_PMP        /* tw_pmp_register by name */
} grammar_type;

/* When a field stands in a line. */
typedef enum grammar_when {
  GRAMMAR_ALWAYS,
  GRAMMAR_NONZERO, /* optional: left out if it is zero, false or empty */
  GRAMMAR_HAS_VA,  /* optional, and its presence sets the fence's has_va; ... */
  GRAMMAR_HAS_ASID,
  GRAMMAR_MASKS,  /* always, in a store that is no compare-and-swap */
  GRAMMAR_SWAP,   /* always, in a compare-and-swap; its presence makes it one */
  GRAMMAR_READ,   /* always, in a step without error */
  GRAMMAR_UPDATE, /* always, in a step that is an update; its presence makes it one */
  GRAMMAR_OK,     /* always, in an answer of ok; ... */
  GRAMMAR_FAULT
} grammar_when;

typedef struct grammar_field {
  const char *name;
  grammar_type type;
  grammar_when when;
  size_t offset; /* into tw_record */
} grammar_field;

#define GRAMMAR_MAX_FIELDS 15u

typedef struct grammar_form {
  const char *word;
  tw_record_kind kind;
  tw_access access; /* of TW_RECORD_ACCESS */
  unsigned count;
  grammar_field fields[GRAMMAR_MAX_FIELDS];
} grammar_form;

/* The form of a line's word, or of a record; NULL if there is none. */
const grammar_form *grammar_by_word(const char *word);
const grammar_form *grammar_by_record(const tw_record *record);

/* Whether a field with this condition stands in this record's line; of GRAMMAR_NONZERO: may stand. */
bool grammar_expects(grammar_when when, const tw_record *record);

extern const char *const GRAMMAR_STATUSES[3];
extern const char GRAMMAR_FLAG_LETTERS[9]; /* bit 7 first */
extern const char GRAMMAR_PROT_LETTERS[4]; /* bit 0 first */
extern const char *const GRAMMAR_PMP_REGISTERS[TW_PMP_REGISTER_COUNT];

/* U, S, M; NULL for no privilege. */
const char *grammar_privilege_name(tw_privilege privilege);

#endif
