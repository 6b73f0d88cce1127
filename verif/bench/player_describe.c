/* What there is to see of a player: what it waits for, in words, and what is in flight and in force.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "player_internal.h"

void tw_player_describe(const tw_player *player, char *text, size_t size) {
  static const char *const names[TW_PORT_COUNT] = {"fetch", "data"};
  size_t used = 0;
  text[0] = '\0';
  for (unsigned which = 0; which < TW_PORT_COUNT && used < size; which++) {
    const port *at = &player->ports[which];
    for (uint8_t tag = 0; tag < TW_TAGS && used < size; tag++)
      if ((unsigned)at->busy >> tag & 1u)
        used += (size_t)snprintf(
            text + used, size - used, "%s tag %u: record %llu, va 0x%llx, accepted in cycle %llu\n", names[which], tag,
            (unsigned long long)at->flights[tag].number, (unsigned long long)at->flights[tag].access.va,
            (unsigned long long)at->flights[tag].accepted);
    if (at->pins->valid && at->asked_again && used < size)
      used += (size_t)snprintf(text + used, size - used, "%s: record %llu, presented once more, not accepted\n",
                               names[which], (unsigned long long)at->asked->number);
    if (at->place.record && used < size)
      used += (size_t)snprintf(
          text + used, size - used, "%s: record %llu, va 0x%llx, %s\n", names[which],
          (unsigned long long)at->place.record->number, (unsigned long long)at->place.record->access.va,
          at->pins->valid && !at->asked_again ? "presented, not accepted" : "waits for records before it");
  }
  const place *const others[] = {&player->control, &player->pmp_write, &player->fence, &player->store};
  static const char *const other_names[] = {"control write", "PMP write", "fence", "page-table store"};
  for (unsigned i = 0; i < 4 && used < size; i++)
    if (others[i]->record)
      used += (size_t)snprintf(text + used, size - used, "%s: record %llu, %s\n", other_names[i],
                               (unsigned long long)others[i]->record->number,
                               others[i]->presented ? "presented" : "waits for records before it");
  if (player->fences_count && used < size)
    snprintf(text + used, size - used, "fences accepted and not done: %u\n", player->fences_count);
}

const tw_control_state *tw_player_control(const tw_player *player) {
  return &player->state;
}

const tw_machine *tw_player_machine(const tw_player *player) {
  return &player->machine;
}

const tw_flight *tw_player_flight(const tw_player *player, tw_port which, uint8_t tag) {
  const port *at = &player->ports[which];
  return tag < TW_TAGS && ((unsigned)at->busy >> tag & 1u) ? &at->flights[tag] : NULL;
}

uint64_t tw_player_requested(const tw_player *player, tw_port which) {
  const port *at = &player->ports[which];
  return at->pins->valid ? at->asked->number : UINT64_MAX;
}
