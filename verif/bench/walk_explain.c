/* Explains one walk to somebody who has never seen one: fields, addresses, bits, rules.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_text.h"

typedef unsigned long long ull;

static void address_explain(FILE *stream, const tw_walk_story *story) {
  const tw_mode_info *mode = tw_mode_row(story->context.satp.mode);
  fprintf(stream, "The virtual address 0x%llx, taken apart as %s does it:\n\n", (ull)story->va, mode->name);
  unsigned high = mode->va_bits - 1;
  for (unsigned level = mode->levels; level-- > 0;) {
    unsigned low = TW_PAGE_BITS + level * mode->vpn_bits;
    ull field = (ull)(story->va >> low) & ((1u << mode->vpn_bits) - 1);
    fprintf(stream, "  bits %2u..%2u  VPN[%u] = %4llu (0x%03llx)  which entry of the level-%u table\n", high, low,
            level, field, field, level);
    high = low - 1;
  }
  fprintf(stream, "  bits 11.. 0  offset = 0x%03llx           which byte of the page\n\n",
          (ull)story->va & (TW_PAGE_BYTES - 1));
  if (mode->xlen == 64)
    fprintf(stream, "  Bits 63..%u must all equal bit %u: they %s.\n\n", mode->va_bits, mode->va_bits - 1,
            tw_va_canonical(story->context.satp.mode, story->va) ? "do" : "do not, so the address means nothing");
}

static void bits_explain(FILE *stream, uint8_t flags, bool leaf) {
  static const struct {
    char letter;
    const char *set, *clear;
  } bits[] = {
      {'V', "valid", "not valid: nothing else of it means anything"},
      {'R', "may be read", "may not be read"},
      {'W', "may be written", "may not be written"},
      {'X', "may be executed", "may not be executed"},
      {'U', "belongs to user mode", "belongs to the supervisor"},
      {'G', "global: the same in every address space", "of this address space only"},
      {'A', "has been accessed", "not accessed yet"},
      {'D', "has been written to (dirty)", "not written to yet (clean)"},
  };
  for (unsigned i = 0; i < 8; i++) {
    bool set = flags >> i & 1;
    const char *meaning = set ? bits[i].set : bits[i].clear;
    if (!leaf && i > 0 && i != 5) meaning = set ? "set" : "clear, as in a pointer";
    if (i == 0 || flags & TW_PTE_V) fprintf(stream, "      %c=%u  %s\n", bits[i].letter, set, meaning);
  }
}

/* Sv step 9, with Svadu. */
static void update_explain(FILE *stream, const tw_step *step) {
  fprintf(stream, "    A%s to be set, and the MMU does it (menvcfg.ADUE is 1): 0x%llx.\n",
          step->desired & TW_PTE_D ? " and D are" : " is", (ull)step->desired);
  fprintf(stream, step->lost ? "    But by now it holds 0x%llx: it is read again.\n\n" : "    It held 0x%llx.\n\n",
          (ull)step->pte);
}

static void step_explain(FILE *stream, const tw_walk_story *story, const tw_step *step) {
  const tw_mode_info *mode = tw_mode_row(story->context.satp.mode);
  unsigned low = TW_PAGE_BITS + step->level * mode->vpn_bits;
  ull index = (ull)(story->va >> low) & ((1u << mode->vpn_bits) - 1);
  fprintf(stream, "Level %u. The entry is at 0x%llx + %llu x %u = 0x%llx\n", step->level,
          (ull)step->pa - index * mode->pte_bytes, index, mode->pte_bytes, (ull)step->pa);
  if (step->bus_error) {
    fprintf(stream, "    %s it failed: a bus error.\n\n", step->update ? "Updating" : "Reading");
    return;
  }
  if (step->update) {
    update_explain(stream, step);
    return;
  }
  tw_pte_view entry = tw_pte_decode(story->context.satp.mode, story->context.extensions, step->pte, step->level);
  fprintf(stream, "    it holds 0x%0*llx\n", (int)mode->pte_bytes * 2, (ull)step->pte);
  bits_explain(stream, entry.flags, entry.flags & (TW_PTE_R | TW_PTE_W | TW_PTE_X));
  if (entry.kind == TW_PTE_FAULT) {
    fprintf(stream, "    That ends the walk: %s\n\n", tw_reason_text(entry.reason));
    return;
  }
  fprintf(stream, "      PPN = 0x%llx, which is the address 0x%llx\n", (ull)entry.ppn, (ull)entry.ppn << TW_PAGE_BITS);
  if (entry.kind == TW_PTE_POINTER) {
    fprintf(stream, "    R, W and X are 0, so it points to the next table, at 0x%llx.\n\n",
            (ull)entry.ppn << TW_PAGE_BITS);
    return;
  }
  static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"}, *const types[] = {"", "non-cacheable", "I/O"};
  if (entry.napot) low += 4;
  fprintf(stream, "    R or X is 1, so it is a leaf: a page of %u %s%s.\n", 1u << low % 10, units[low / 10 - 1],
          entry.napot ? " (N is 1, and the lowest bits of the PPN say how many)" : "");
  if (entry.attribute) fprintf(stream, "    Its PBMT says: %s.\n", types[entry.attribute]);
  fprintf(stream, "\n");
}

static const char *check_mark(bool granted) {
  return granted ? "yes" : "NO";
}

/* Sv steps 6, 8 and 9 in their order, up to the one that denies. */
static void permission_explain(FILE *stream, const tw_walk_story *story) {
  const tw_context *context = &story->context;
  uint8_t flags = story->walk.flags;
  bool user = flags & TW_PTE_U, fetch = story->access == TW_FETCH;
  bool writes = story->access == TW_STORE || story->access == TW_AMO;
  fprintf(stream, "May it be done? A %s in %s-mode:\n", tw_access_name(story->access),
          tw_privilege_name(context->privilege));
  bool mode_granted = context->privilege == TW_USER ? user : !user || (!fetch && context->sum);
  fprintf(stream, "  %-3s  step 6: %s-mode, U=%u, SUM=%u\n", check_mark(mode_granted),
          tw_privilege_name(context->privilege), user, context->sum);
  if (!mode_granted) return;
  bool read = flags & TW_PTE_R || (context->mxr && flags & TW_PTE_X);
  bool granted = fetch ? flags & TW_PTE_X : writes ? flags & TW_PTE_W : read;
  fprintf(stream, "  %-3s  step 8: R=%u W=%u X=%u, MXR=%u\n", check_mark(granted), !!(flags & TW_PTE_R),
          !!(flags & TW_PTE_W), !!(flags & TW_PTE_X), context->mxr);
  if (!granted) return;
  bool marked = flags & TW_PTE_A && (!writes || flags & TW_PTE_D);
  fprintf(stream, "  %-3s  step 9: A=%u, D=%u%s\n", check_mark(marked), !!(flags & TW_PTE_A), !!(flags & TW_PTE_D),
          writes ? "" : " (D matters to writes only)");
}

static void address_compose(FILE *stream, const tw_walk_story *story) {
  const tw_mode_info *mode = tw_mode_row(story->context.satp.mode);
  unsigned low = TW_PAGE_BITS + story->walk.level * mode->vpn_bits + (story->walk.napot ? 4 : 0);
  ull offset = (ull)story->va & ((1ull << low) - 1);
  fprintf(stream, "\nThe physical address: page 0x%llx + offset 0x%llx = 0x%llx\n", (ull)story->walk.pa - offset,
          offset, (ull)story->walk.pa);
}

void tw_walk_explain(FILE *stream, const tw_walk_story *story) {
  const tw_walk *walk = &story->walk;
  fprintf(stream, "Context: ");
  tw_context_print(stream, &story->context);
  if (!tw_context_translates(&story->context)) {
    fprintf(stream, "Nothing is translated: the physical address is the virtual one (rule satp_mode).\n");
  } else {
    fprintf(stream, "\n");
    address_explain(stream, story);
    for (unsigned i = 0; i < walk->step_count; i++) step_explain(stream, story, &walk->steps[i]);
    if (walk->flags) permission_explain(stream, story);
    if (walk->reason == TW_OK && !walk->retry) address_compose(stream, story);
  }
  if (walk->retry) {
    fprintf(stream, "\nVerdict: RETRY: A or D is to be set, which a speculative access may not do\n");
  } else if (walk->reason == TW_OK) {
    fprintf(stream, "\nVerdict: TRANSLATED to 0x%llx\n", (ull)walk->pa);
  } else {
    fprintf(stream, "\nVerdict: FAULT %s, reported as cause %u, %s\n         %s\n         rule: %s\n",
            tw_reason_name(walk->reason), (unsigned)walk->cause, tw_cause_name(walk->cause),
            tw_reason_text(walk->reason), tw_reason_rule(walk->reason));
  }
}
