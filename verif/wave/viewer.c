/* Opens a waveform in GTKWave; finds an access by reading the file as VCD, with the converter that comes with GTKWave.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "paths.h"

#define LEAD 9u /* cycles shown before the place of interest, as in the save file */

static bool is_set(const char *variable) {
  const char *value = getenv(variable);
  return value && *value;
}

bool tw_viewer_check(tw_error *error) {
  if (!child_exists("gtkwave")) {
    return tw_error_set(error, "gtkwave is not installed: on Debian, `apt install gtkwave`");
  }
  if (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) return true;
  return tw_error_set(error, "there is no display: expected DISPLAY or WAYLAND_DISPLAY to be set "
                             "(for a picture without a screen: `xvfb-run -a -s \"-screen 0 1600x900x24\" twinwalk wave "
                             "... --screenshot FILE`)");
}

/* Searches a VCD for the request of an access: lane.fetch or lane.data says " #N tag". In VCD a blank in a text is
 * \040. */
typedef struct search {
  bool in_lane;
  char codes[2][16]; /* of the two signals */
  char wanted[40];
  unsigned count;
  uint64_t time;
} search;

static void search_declaration(search *s, const char *line) {
  char code[16], name[64];
  if (sscanf(line, "$scope %*s %63s", name) == 1) s->in_lane = strcmp(name, "lane") == 0;
  if (strncmp(line, "$upscope", 8) == 0) s->in_lane = false;
  if (!s->in_lane || s->count == 2) return;
  if (sscanf(line, "$var %*s %*u %15s %63s", code, name) != 2) return;
  if (strcmp(name, "fetch") == 0 || strcmp(name, "data") == 0) strcpy(s->codes[s->count++], code);
}

static bool search_line(search *s, const char *line) {
  char code[16];
  if (line[0] == '$') search_declaration(s, line);
  if (line[0] == '#') s->time = strtoull(line + 1, NULL, 10);
  if (strncmp(line, s->wanted, strlen(s->wanted)) != 0 || sscanf(line, "%*s %15s", code) != 1) return false;
  for (unsigned i = 0; i < s->count; i++) {
    if (strcmp(s->codes[i], code) == 0) return true;
  }
  return false;
}

bool tw_viewer_find_access(const char *fst_path, uint64_t access_number, uint64_t *cycle, tw_error *error) {
  char program[] = "fst2vcd", path[WAVE_PATH_BYTES];
  char *const argv[] = {program, path, NULL};
  child c;
  search s = {0};
  char *line = NULL;
  size_t room = 0;
  bool found = false;
  snprintf(path, sizeof path, "%s", fst_path);
  snprintf(s.wanted, sizeof s.wanted, "s#%llu\\040", (unsigned long long)access_number);
  if (!child_start(&c, argv, true, error)) return false;
  while (!found && getline(&line, &room, c.output) > 0) found = search_line(&s, line);
  free(line);
  if (found) {
    *cycle = s.time;
    (void)child_end(&c, NULL); /* it may have been cut short */
    return true;
  }
  if (!child_end(&c, error)) return false;
  if (s.count != 2) return tw_error_set(error, "%s: not a waveform of twinwalk: it has no lane", fst_path);
  return tw_error_set(error, "%s: access %llu is not in it", fst_path, (unsigned long long)access_number);
}

/* A script in GTKWave's Tcl; a temporary file that the caller removes. */
static bool write_script(const tw_viewer_options *options, char path[static WAVE_PATH_BYTES], tw_error *error) {
  const char *folder = getenv("TMPDIR");
  snprintf(path, WAVE_PATH_BYTES, "%s/twinwalk-XXXXXX", folder && *folder ? folder : "/tmp");
  const int descriptor = mkstemp(path);
  FILE *to = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
  if (!to) return tw_error_set(error, "%s: %s", path, strerror(errno));
  if (options->has_cycle) {
    const unsigned long long at = options->cycle;
    fprintf(to, "gtkwave::setMarker %llu\ngtkwave::setWindowStartTime %llu\n", at, at > LEAD ? at - LEAD : 0);
  }
  if (options->screenshot) {
    fprintf(to, "gtkwave::/File/Grab_To_File {%s}\ngtkwave::/File/Quit\n", options->screenshot);
  }
  if (fclose(to) == 0) return true;
  return tw_error_set(error, "%s: %s", path, strerror(errno));
}

static bool check_screenshot(const char *path, tw_error *error) {
  FILE *file = fopen(path, "r");
  const bool good = file && fgetc(file) == 0x89 && fgetc(file) == 'P';
  if (file) fclose(file);
  return good || tw_error_set(error, "%s: GTKWave wrote no picture", path);
}

bool tw_viewer_open(const tw_viewer_options *options, tw_error *error) {
  char program[] = "gtkwave", option[] = "-S", script[WAVE_PATH_BYTES], fst[WAVE_PATH_BYTES];
  wave_paths paths;
  child c;
  if (!tw_viewer_check(error) || !wave_paths_make(&paths, options->fst_path, error)) return false;
  if (access(options->fst_path, R_OK) != 0) return tw_error_set(error, "%s: %s", options->fst_path, strerror(errno));
  if (options->screenshot) (void)remove(options->screenshot);
  if (!write_script(options, script, error)) return false;
  snprintf(fst, sizeof fst, "%s", options->fst_path);
  char *const argv[] = {program, option, script, fst, access(paths.save, R_OK) == 0 ? paths.save : NULL, NULL};
  const bool good = child_start(&c, argv, false, error) && child_end(&c, error);
  (void)remove(script);
  return good && (!options->screenshot || check_screenshot(options->screenshot, error));
}
