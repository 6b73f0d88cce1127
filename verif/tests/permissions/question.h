/* The questions: every page size of a configuration, every value of the ten low bits of its entry, every context of an
 * access; as numbers, as page tables, as control writes, and as text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_QUESTION_H
#define TWINWALK_TESTS_PERMISSIONS_QUESTION_H

#include "machine.h"
#include "truth.h"

#define QUESTION_LOWS 1024u     /* values of the ten low bits of an entry */
#define QUESTION_CONTEXTS 128u  /* kind of access x way x SUM x MXR x ADUE */
#define QUESTION_SIZE 8u        /* bytes of an access */
#define QUESTION_TEXT_BYTES 420 /* of any text below */

/* How an access comes to its privilege. MPP is the other privilege in the first two, where it must not count. */
typedef enum question_way { WAY_USER, WAY_SUPERVISOR, WAY_MPRV_USER, WAY_MPRV_SUPERVISOR } question_way;

typedef struct question_context {
  tw_access kind;
  question_way way;
  bool sum, mxr, adue;
} question_context;

/* The entry that is asked about: of a page size, with ten low bits; and the tables around it. */
typedef struct question_world {
  unsigned page, low;
  unsigned level; /* where the entry is */
  bool napot;     /* it is of a 64 KiB page, if it is a leaf */
  uint64_t va;    /* as on the pins: of RV32, with bits above 31, which mean nothing */
  uint64_t frame; /* address of the page that a leaf maps */
  uint64_t satp;
  uint64_t address[TW_MAX_LEVELS]; /* of the entry at a level */
  uint64_t entry[TW_MAX_LEVELS];   /* in the beginning */
} question_world;

/* Page sizes of a configuration: the levels, then 64 KiB if it has Svnapot. */
unsigned question_pages(const tw_config *config);

question_context question_context_of(unsigned number);

/* Whether the access is translated: a fetch of M-mode is not, whatever MPRV. */
bool question_translates(const question_context *context);

void question_world_make(question_world *world, const tw_config *config, unsigned page, unsigned low);

/* Writes the world's entries into a machine's memory. */
void question_world_write(const question_world *world, machine *m);

machine_ask question_ask(const question_world *world, const question_context *context);

/* "0x0cf (DA----RV, RSW 0) = 0x... at level 1" and "store of 8 bytes at 0x..., M-mode with MPRV=1, MPP=U, SUM=0, ...".
 */
void question_world_text(const question_world *world, char *text);
void question_context_text(const question_context *context, char *text);
/* "TRANSLATED to 0x..., level 0, flags 0xcf, ..." */
void question_response_text(const tw_pins_response *response, char *text);

#endif
