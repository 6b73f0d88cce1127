/* What random stimulus is made of; for its own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_RANDOM_INTERNAL_H
#define TWINWALK_RANDOM_INTERNAL_H

#include "random.h"

#define RANDOM_ROOTS 3u
#define RANDOM_TABLES 3u  /* of each level below the root */
#define RANDOM_PAGES 160u /* virtual pages that are touched */
#define RANDOM_ENTRIES_MAX 3000u
#define RANDOM_QUEUE 180u

/* An entry of a table that some page's walk may read, and what was last written there. */
typedef struct entry_place {
  uint64_t pa, value;
  unsigned level;
} entry_place;

typedef struct random_source {
  tw_source source; /* first */
  tw_trace_header header;
  tw_mode_info mode; /* the deepest */
  tw_config config;
  uint64_t state; /* of the generator */
  uint64_t pages[RANDOM_PAGES];
  entry_place entries[RANDOM_ENTRIES_MAX];
  unsigned entry_count;
  unsigned images; /* given so far */
  uint64_t number, records;
  tw_mode selected; /* by the last control write that selected a mode of translation */
  unsigned root;
  tw_record queue[RANDOM_QUEUE]; /* a story that is told record by record */
  unsigned queue_first, queue_count;
  tw_random_counts counts;
} random_source;

uint64_t random_draw(random_source *self);
unsigned random_below(random_source *self, unsigned limit);
bool random_chance(random_source *self, unsigned percent);

static inline bool random_has(const random_source *self, unsigned extension) {
  return (self->config.extensions & extension) != 0;
}

/* random_world.c: tables, pages and what may stand in an entry. */
void random_world_make(random_source *self);
uint64_t random_entry_draw(random_source *self, unsigned level);
/* Table `which` of a level; roots are the tables of the level at which a mode begins. */
uint64_t random_table_frame(const random_source *self, unsigned level, unsigned which);
/* The entry at an address; NULL if no walk reads it. */
entry_place *random_entry_at(random_source *self, uint64_t pa);
/* The entry that ends the walk of a page under the tables that are in force, as far as was written, or the one before
 * it that stands at a level; NULL if there is none. */
entry_place *random_leaf_of(random_source *self, uint64_t va);
entry_place *random_entry_of(random_source *self, uint64_t va, unsigned level);
/* A pointer to where none may point, to a region without tables or beyond the physical width, or with a reserved bit.
 */
uint64_t random_misstep_draw(random_source *self);

/* random_stories.c: queues the records of a story, if its time has come. */
void random_story_queue(random_source *self, bool calm);
/* random.c */
uint64_t random_page_draw(random_source *self);
void random_access_fill(random_source *self, tw_record *record, uint64_t va);
/* A physical address that accesses come to. */
uint64_t random_target_draw(random_source *self);

#endif
