/* Prints walks briefly, and answers and contexts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "walk_text.h"

#include <string.h>

#include "twinwalk/pins.h"

void tw_flags_text(uint8_t flags, char text[9]) {
  static const char letters[] = "DAGUXWRV";
  for (unsigned i = 0; i < 8; i++) text[i] = flags >> (7 - i) & 1 ? letters[i] : '-';
  text[8] = '\0';
}

/* The sentence without its full stop: more follows. */
static void reason_print(FILE *stream, tw_reason reason) {
  const char *text = tw_reason_text(reason);
  fprintf(stream, "%.*s", (int)strcspn(text, "."), text);
}

static const char *attribute_text(uint8_t attribute) {
  return attribute == TW_PBMT_NC ? ", non-cacheable" : attribute == TW_PBMT_IO ? ", I/O" : "";
}

void tw_answer_print(FILE *stream, const tw_record_answer *answer, tw_access access) {
  char flags[9];
  tw_flags_text(answer->flags, flags);
  tw_reason reason = (tw_reason)answer->reason;
  if (answer->status == TW_PIN_TRANSLATED) {
    fprintf(stream, "TRANSLATED to 0x%llx, level %u%s, flags %s%s", (unsigned long long)answer->pa, answer->level,
            answer->napot ? " (64 KiB)" : "", flags, attribute_text(answer->attribute));
  } else if (answer->status == TW_PIN_FAULT) {
    fprintf(stream, "FAULT %s (%s): ", tw_reason_name(reason), tw_cause_name(tw_reason_cause(reason, access)));
    reason_print(stream, reason);
  } else {
    fprintf(stream, "RETRY");
  }
  fprintf(stream, "%s, accepted in cycle %llu, answered in cycle %llu\n",
          !answer->hit ? ""
          : answer->l2 ? ", from the L2 TLB"
                       : ", from the TLB",
          (unsigned long long)answer->accepted, (unsigned long long)answer->answered);
}

void tw_context_print(FILE *stream, const tw_context *context) {
  if (!tw_context_translates(context)) {
    fprintf(stream, "not translated: %s, effective privilege %s\n", tw_mode_row(context->satp.mode)->name,
            tw_privilege_name(context->privilege));
    return;
  }
  fprintf(stream, "%s, ASID %u, root table 0x%llx, effective privilege %s, SUM %u, MXR %u%s%s\n",
          tw_mode_row(context->satp.mode)->name, context->satp.asid,
          (unsigned long long)context->satp.root_ppn << TW_PAGE_BITS, tw_privilege_name(context->privilege),
          context->sum, context->mxr, context->extensions & TW_EXT_SVADU ? ", ADUE" : "",
          context->extensions & TW_EXT_SVPBMT ? ", PBMTE" : "");
}

static void update_print(FILE *stream, const tw_step *step, int digits) {
  fprintf(stream, "  level %u  at 0x%010llx  update to 0x%0*llx: ", step->level, (unsigned long long)step->pa, digits,
          (unsigned long long)step->desired);
  if (step->bus_error) {
    fprintf(stream, "bus error\n");
  } else if (step->lost) {
    fprintf(stream, "lost, it holds 0x%0*llx by now\n", digits, (unsigned long long)step->pte);
  } else {
    fprintf(stream, "A%s set\n", step->desired & TW_PTE_D ? " and D are" : " is");
  }
}

static void step_print(FILE *stream, const tw_walk_story *story, const tw_step *step) {
  tw_mode mode = story->context.satp.mode;
  int digits = (int)tw_mode_row(mode)->pte_bytes * 2;
  if (step->update) {
    update_print(stream, step, digits);
    return;
  }
  if (step->bus_error) {
    fprintf(stream, "  level %u  at 0x%010llx  bus error\n", step->level, (unsigned long long)step->pa);
    return;
  }
  tw_pte_view entry = tw_pte_decode(mode, story->context.extensions, step->pte, step->level);
  char flags[9];
  tw_flags_text(entry.flags, flags);
  fprintf(stream, "  level %u  at 0x%010llx  entry 0x%0*llx  %s  ", step->level, (unsigned long long)step->pa, digits,
          (unsigned long long)step->pte, flags);
  if (entry.kind == TW_PTE_POINTER) {
    fprintf(stream, "pointer to the table at 0x%llx\n", (unsigned long long)entry.ppn << TW_PAGE_BITS);
  } else if (entry.kind == TW_PTE_LEAF) {
    fprintf(stream, "leaf: page%s at 0x%llx%s\n", entry.napot ? " of 64 KiB" : "",
            (unsigned long long)entry.ppn << TW_PAGE_BITS, attribute_text(entry.attribute));
  } else {
    fprintf(stream, "%s\n", tw_reason_name(entry.reason));
  }
}

void tw_walk_print(FILE *stream, const tw_walk_story *story) {
  const tw_walk *walk = &story->walk;
  for (unsigned i = 0; i < walk->step_count; i++) step_print(stream, story, &walk->steps[i]);
  if (walk->retry) {
    fprintf(stream, "  so: RETRY: A or D is to be set, and nobody knows yet whether the access will be made\n");
    return;
  }
  if (walk->reason == TW_OK) {
    fprintf(stream, "  so: TRANSLATED to 0x%llx\n", (unsigned long long)walk->pa);
    return;
  }
  fprintf(stream, "  so: FAULT %s (%s): %s [%s]\n", tw_reason_name(walk->reason), tw_cause_name(walk->cause),
          tw_reason_text(walk->reason), tw_reason_rule(walk->reason));
}
