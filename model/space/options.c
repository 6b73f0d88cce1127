/* What a program trace's header says of the machine it is meant for.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "twinwalk/space.h"

/* A number between two limits. `*found` says whether the key is there. */
static bool read_number(const tw_trace_header *program, const char *key, uint64_t least, uint64_t most,
                        uint64_t *number, bool *found, tw_error *error) {
  uint64_t value;
  *found = tw_trace_header_get(program, key) != NULL;
  if (!*found) return true;
  if (!tw_trace_header_number(program, key, 0, &value, error)) return false;
  if (value < least || value > most)
    return tw_error_set(error, "header key `%s`: expected %" PRIu64 " to %" PRIu64 ", found %" PRIu64, key, least, most,
                        value);
  *number = value;
  return true;
}

static bool read_narrow(const tw_trace_header *program, const char *key, uint32_t *number, tw_error *error) {
  bool found;
  uint64_t value = 0;
  if (!read_number(program, key, 0, UINT32_MAX, &value, &found, error)) return false;
  if (found) *number = (uint32_t)value;
  return true;
}

static bool read_flag(const tw_trace_header *program, const char *key, bool *flag, tw_error *error) {
  const char *value = tw_trace_header_get(program, key);
  if (!value) return true;
  *flag = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
  if (*flag || strcmp(value, "false") == 0 || strcmp(value, "0") == 0) return true;
  return tw_error_set(error, "header key `%s`: expected true or false, found `%.40s`", key, value);
}

static bool read_page_multiple(const tw_trace_header *program, const char *key, uint64_t most, uint64_t *number,
                               tw_error *error) {
  bool found;
  uint64_t value = 0;
  if (!read_number(program, key, 0, most, &value, &found, error)) return false;
  if (value % TW_PAGE_BYTES)
    return tw_error_set(error, "header key `%s`: expected a multiple of %u, found 0x%" PRIx64, key, TW_PAGE_BYTES,
                        value);
  if (found) *number = value;
  return true;
}

static bool read_fences(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  const char *name = tw_trace_header_get(program, "machine.fences");
  if (!name) return true;
  const tw_fence_policy *found = tw_fence_policy_find(name);
  if (found) {
    options->fences = found;
    return true;
  }
  char names[256] = "";
  size_t length = 0;
  for (size_t i = 0; (found = tw_fence_policy_at(i)) && length < sizeof names; i++) {
    int added = snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", found->name);
    length += added > 0 ? (size_t)added : 0;
  }
  return tw_error_set(error, "header key `machine.fences`: expected one of %s, found `%.40s`", names, name);
}

static bool read_machine(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  const uint64_t pages_max = UINT64_C(1) << 44; /* of 56 bits of physical addresses, those of the widest mode */
  bool found;
  return read_number(program, "machine.frames", 1, pages_max, &options->frame_count, &found, error) &&
         read_page_multiple(program, "machine.frame-base", (pages_max - 1) * TW_PAGE_BYTES, &options->frame_base,
                            error) &&
         read_number(program, "machine.seed", 0, UINT64_MAX, &options->seed, &found, error) &&
         read_number(program, "machine.swap", 0, pages_max, &options->swap_pages, &found, error) &&
         read_narrow(program, "machine.swap-latency", &options->swap_latency, error) &&
         read_fences(options, program, error) && read_narrow(program, "machine.asids", &options->asids, error) &&
         read_flag(program, "machine.huge", &options->huge, error);
}

/* Which mode the layout is for; without the key it is for any. */
static bool read_layout_mode(const tw_trace_header *program, tw_mode *mode, tw_error *error) {
  const char *name = tw_trace_header_get(program, "layout.mode");
  if (!name) return true;
  for (*mode = TW_SV32; *mode < TW_MODE_COUNT; ++*mode) {
    if (strcasecmp(tw_mode_row(*mode)->name, name) == 0) return true;
  }
  return tw_error_set(error, "header key `layout.mode`: expected Sv32, Sv39, Sv48 or Sv57, found `%.40s`", name);
}

static bool read_layout_name(tw_layout *layout, const tw_trace_header *program, bool *found, tw_error *error) {
  const char *name = tw_trace_header_get(program, "layout.name");
  *found = name != NULL;
  if (!name) return true;
  if (strlen(name) == 0 || strlen(name) > TW_LAYOUT_NAME_MAX)
    return tw_error_set(error, "header key `layout.name`: expected 1 to %u bytes, found %zu", TW_LAYOUT_NAME_MAX,
                        strlen(name));
  memcpy(layout->name, name, strlen(name) + 1);
  return true;
}

static bool read_layout_keys(tw_layout *layout, const tw_trace_header *program, bool *any, tw_error *error) {
  bool found[6];
  uint64_t level = layout->direct_level;
  if (!read_layout_name(layout, program, &found[0], error) ||
      !read_number(program, "layout.user-end", 1, UINT64_MAX, &layout->user_end, &found[1], error) ||
      !read_number(program, "layout.direct-va", 0, UINT64_MAX, &layout->direct_va, &found[2], error) ||
      !read_number(program, "layout.direct-level", 1, TW_MAX_LEVELS - 1, &level, &found[3], error) ||
      !read_number(program, "layout.direct-bytes", 1, UINT64_MAX, &layout->direct_bytes, &found[4], error) ||
      !read_number(program, "layout.text-va", 0, UINT64_MAX, &layout->text_va, &found[5], error))
    return false;
  layout->direct_level = (unsigned)level;
  *any = found[0] || found[1] || found[2] || found[3] || found[4] || found[5];
  return true;
}

/* A trace that is played in another mode than its layout is for has that mode's own layout. */
static bool read_layout(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  tw_mode mode = options->mode;
  bool any;
  if (!read_layout_mode(program, &mode, error)) return false;
  if (mode != options->mode || !tw_layout_of(mode)) return true;
  tw_layout layout = options->layout.user_end ? options->layout : *tw_layout_of(mode);
  if (!read_layout_keys(&layout, program, &any, error)) return false;
  if (!any) return true;
  tw_error why;
  if (!tw_layout_check(&layout, mode, &why)) return tw_error_set(error, "header keys `layout.*`: %.480s", why.text);
  options->layout = layout;
  return true;
}

bool tw_space_options_read(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  tw_space_options read = *options;
  if (!read_machine(&read, program, error) || !read_layout(&read, program, error)) return false;
  *options = read;
  return true;
}
