/* Questions as numbers, tables, control writes and text.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "question.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TABLES 0x80000000u /* the table of level l is at page l */
#define FRAME 0xc0000000u  /* of a leaf; aligned to 1 GiB */
#define OFFSET 0x9a8u      /* in the page */
#define ASID 0x5u

/* A leaf one level down, behind a pointer: all rights, U-mode's. */
#define BELOW (TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U | TW_PTE_A | TW_PTE_D)

unsigned question_pages(const tw_config *config) {
  return tw_mode_row(config->mode)->levels + ((config->extensions & TW_EXT_SVNAPOT) != 0);
}

question_context question_context_of(unsigned number) {
  return (question_context){.kind = (tw_access)(number & 3),
                            .way = (question_way)(number >> 2 & 3),
                            .sum = number >> 4 & 1,
                            .mxr = number >> 5 & 1,
                            .adue = number >> 6 & 1};
}

bool question_translates(const question_context *context) {
  return context->kind != TW_FETCH || context->way == WAY_USER || context->way == WAY_SUPERVISOR;
}

/* Every VPN field has a value of its own. One of the two bits for software chooses which half of the addresses. */
static uint64_t va_make(const tw_config *config, bool upper) {
  static const uint64_t fields[TW_MAX_LEVELS] = {0xa3, 0x05, 0x07, 0x21, 0x11};
  const tw_mode_info *row = tw_mode_row(config->mode);
  uint64_t va = OFFSET;
  for (unsigned level = 0; level < row->levels; level++) va |= fields[level] << (12 + row->vpn_bits * level);
  if (upper) va |= UINT64_MAX << (row->va_bits - 1);
  return row->xlen == 32 ? (uint32_t)va | UINT64_C(0x5a5a5a5a) << 32 : va;
}

static uint64_t entry_address(const tw_mode_info *row, unsigned level, uint64_t va) {
  const uint64_t number = va >> (12 + row->vpn_bits * level) & ((1u << row->vpn_bits) - 1);
  return TABLES + level * TW_PAGE_BYTES + number * row->pte_bytes;
}

static uint64_t pointer_to(unsigned level) {
  return (uint64_t)(TABLES / TW_PAGE_BYTES + level) << 10;
}

/* The entry that is asked about. What is no leaf points to the table below, so that a walk which does not see what is
 * wrong goes on and finds a page; a leaf has a memory type if there are any. */
static uint64_t entry_make(const question_world *world, const tw_config *config) {
  const unsigned rwx = world->low >> 1 & 7, software = world->low >> 8 & 3;
  if (rwx == 0 && world->level > 0) return pointer_to(world->level - 1) | world->low;
  uint64_t entry = world->frame >> TW_PAGE_BITS << 10 | world->low;
  if (world->napot) entry |= TW_PTE_N | UINT64_C(8) << 10;
  if (config->extensions & TW_EXT_SVPBMT && rwx & 5) entry |= (uint64_t)(software % 3) << TW_PTE_PBMT_SHIFT;
  return entry;
}

void question_world_make(question_world *world, const tw_config *config, unsigned page, unsigned low) {
  const tw_mode_info *row = tw_mode_row(config->mode);
  const tw_satp satp = {.mode = config->mode,
                        .asid = (uint16_t)(ASID & ((1u << config->asid_bits) - 1)),
                        .root_ppn = TABLES / TW_PAGE_BYTES + row->levels - 1};
  *world = (question_world){.page = page, .low = low, .napot = page == row->levels, .satp = tw_satp_encode(&satp)};
  world->level = world->napot ? 0 : page;
  world->va = va_make(config, low >> 8 & 1);
  world->frame = world->level > 2 ? (uint64_t)1 << (12 + row->vpn_bits * world->level) : FRAME;
  for (unsigned level = 0; level < row->levels; level++) {
    world->address[level] = entry_address(row, level, world->va);
    if (level > world->level) world->entry[level] = pointer_to(level - 1) | TW_PTE_V;
    if (level + 1 == world->level) world->entry[level] = world->frame >> TW_PAGE_BITS << 10 | BELOW;
  }
  world->entry[world->level] = entry_make(world, config);
}

void question_world_write(const question_world *world, machine *m) {
  for (unsigned level = 0; level < m->row->levels; level++)
    machine_write(m, world->address[level], world->entry[level]);
}

machine_ask question_ask(const question_world *world, const question_context *context) {
  const bool mprv = context->way == WAY_MPRV_USER || context->way == WAY_MPRV_SUPERVISOR;
  const bool user = context->way == WAY_USER || context->way == WAY_MPRV_USER;
  const uint8_t own = user ? TW_USER : TW_SUPERVISOR, other = user ? TW_SUPERVISOR : TW_USER;
  return (machine_ask){.control = {.satp = world->satp,
                                   .valid = 1,
                                   .privilege = mprv ? TW_MACHINE : own,
                                   .mprv = mprv,
                                   .mpp = mprv ? own : other,
                                   .sum = context->sum,
                                   .mxr = context->mxr,
                                   .adue = context->adue,
                                   .pbmte = 1},
                       .kind = context->kind,
                       .va = world->va,
                       .size = QUESTION_SIZE};
}

void question_world_text(const question_world *world, char *text) {
  char letters[9] = "DAGUXWRV";
  for (unsigned i = 0; i < 8; i++)
    if (!(world->low >> (7 - i) & 1)) letters[i] = '-';
  snprintf(text, QUESTION_TEXT_BYTES, "0x%03x (%s, RSW %u), in memory 0x%" PRIx64 " at 0x%" PRIx64 ", level %u%s",
           world->low, letters, world->low >> 8, world->entry[world->level], world->address[world->level], world->level,
           world->napot ? ", 64 KiB" : "");
}

void question_context_text(const question_context *context, char *text) {
  static const char *const ways[] = {"U-mode", "S-mode", "M-mode with MPRV=1, MPP=U", "M-mode with MPRV=1, MPP=S"};
  snprintf(text, QUESTION_TEXT_BYTES, "%s, %s, SUM=%d, MXR=%d, ADUE=%d", tw_access_name(context->kind),
           ways[context->way], context->sum, context->mxr, context->adue);
}

void question_response_text(const tw_pins_response *r, char *text) {
  static const char *const status[] = {"TRANSLATED", "FAULT", "RETRY"};
  int used = snprintf(text, QUESTION_TEXT_BYTES, "%s", r->status < 3 ? status[r->status] : "status 3");
  char *end = text + used;
  size_t room = QUESTION_TEXT_BYTES - (size_t)used;
  if (!r->valid) {
    snprintf(text, QUESTION_TEXT_BYTES, "nothing");
  } else if (r->status == TW_PIN_FAULT) {
    snprintf(end, room, " %s, cause %u, tval 0x%" PRIx64 ", hit %u", tw_reason_name((tw_reason)r->reason), r->cause,
             r->tval, r->hit);
  } else {
    snprintf(end, room, " to 0x%" PRIx64 ", level %u, flags 0x%02x, attribute %u, napot %u, hit %u", r->pa, r->level,
             r->flags, r->attribute, r->napot, r->hit);
  }
}
