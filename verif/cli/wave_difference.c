/* Runs again what differed, on the build that writes waveforms, and dumps only the cycles around the difference.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "wave_difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_OF_HINT "difference.fst"

typedef unsigned long long ull;

/* A plug-in that is named by its path has its checked build beside it. */
static void checked_path(const char *given, char *path, size_t size) {
  static const char checked[] = ".checked.so", plain[] = ".so";
  size_t length = strlen(given), end = sizeof plain - 1;
  bool is_checked = length >= sizeof checked - 1 && strcmp(given + length - (sizeof checked - 1), checked) == 0;
  bool is_plain = !is_checked && length > end && strcmp(given + length - end, plain) == 0;
  if (is_plain) length -= end;
  snprintf(path, size, "%.*s%s", (int)length, given, is_plain ? checked : "");
}

bool wave_difference_load(const wave_difference *how, tw_dut_plugin *plugin, tw_error *error) {
  char path[512];
  tw_dut_choice choice = how->choice;
  tw_error why = {0};
  choice.checked = true;
  if (strcmp(how->trace, "-") == 0)
    return tw_error_set(error, "a waveform of the difference needs a second run, which standard input does not allow: "
                               "give a file");
  if (strchr(choice.name, '/')) {
    checked_path(choice.name, path, sizeof path);
    choice.name = path;
  }
  if (!tw_dut_load(&choice, plugin, &why))
    return tw_error_set(error, "no waveform of the difference: there is no checked build of the design: %s", why.text);
  if (plugin->table->wave_open) return true;
  tw_error_set(error, "no waveform of the difference: %s writes none", plugin->table->describe()->name);
  tw_dut_unload(plugin);
  return false;
}

/* The report is left as it is if memory is out. */
static void report_add(tw_verdict *verdict, const char *text) {
  size_t old = verdict->report ? strlen(verdict->report) : 0;
  char *grown = realloc(verdict->report, old + strlen(text) + 1);
  if (!grown) return;
  strcpy(grown + old, text);
  verdict->report = grown;
}

/* What the second run says that the first one does not. */
static void comparison_add(tw_verdict *verdict, tw_verdict *second) {
  char text[700];
  if (second->differences == 0) {
    report_add(verdict, "  The checked build does not differ up to there. If the difference depends on what registers "
                        "hold at start,\n  another --seed with --checked may show it.\n");
  } else if (second->first_cycle != verdict->first_cycle) {
    snprintf(text, sizeof text, "  On the checked build, this comes first:\n  %s\n", second->first);
    report_add(verdict, text);
  }
}

static void result_add(const wave_difference *how, tw_verdict *verdict, tw_verdict *second) {
  char text[1200];
  if (second->hung && second->first_cycle == verdict->first_cycle) { /* it shows registers */
    char *plain = verdict->report;
    verdict->report = second->report;
    second->report = plain;
  }
  if (second->wave_cycles == 0) {
    snprintf(text, sizeof text, "\nNo waveform: on the checked build the run ends in cycle %llu.\n",
             (ull)second->counts.cycles);
  } else {
    snprintf(text, sizeof text,
             "\nA waveform of cycles %llu to %llu, marked in cycle %llu:\n  %s   (twinwalk wave %s)\n",
             (ull)second->wave_first, (ull)(second->wave_first + second->wave_cycles - 1), (ull)verdict->first_cycle,
             how->file, how->file);
  }
  report_add(verdict, text);
  comparison_add(verdict, second);
}

void wave_difference_make(const wave_difference *how, const tw_session_options *session, const tw_dut_plugin *plugin,
                          tw_verdict *verdict) {
  const uint64_t cycle = verdict->first_cycle, first = cycle > how->before ? cycle - how->before : 0;
  tw_session_options again = *session;
  tw_verdict second = {0};
  tw_error error = {0};
  again.dut = plugin->table;
  again.wave = how->file;
  again.golden = NULL;
  again.keep_going = true;
  again.window =
      (tw_wave_window){.first = first, .cycles = cycle - first + 1 + how->after, .again = true, .mark = cycle};
  again.window.last = !verdict->hung; /* a hang is found long after its last event */
  if (tw_session_run(&again, &second, &error)) {
    result_add(how, verdict, &second);
  } else {
    report_add(verdict, "\nNo waveform: ");
    report_add(verdict, error.text);
    report_add(verdict, "\n");
  }
  tw_verdict_free(&second);
}

void wave_difference_hint(const wave_difference *how, const char *repeat, tw_verdict *verdict) {
  tw_dut_plugin plugin = {0};
  tw_error why = {0};
  if (wave_difference_load(how, &plugin, &why)) {
    report_add(verdict, verdict->hung ? "\nTo see it in a waveform, and the registers of both sides:\n  "
                                      : "\nTo see it in a waveform:\n  ");
    report_add(verdict, repeat);
    report_add(verdict, " --wave-difference " FILE_OF_HINT "\n");
    tw_dut_unload(&plugin);
    return;
  }
  report_add(verdict, "\n(");
  report_add(verdict, why.text);
  report_add(verdict, ")\n");
}
