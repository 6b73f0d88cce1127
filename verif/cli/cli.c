/* Failure messages, progress bars, colours.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 40u
#define REDRAW_MILLISECONDS 100u

int cli_fail(const tw_error *error) {
  fputs("twinwalk: ", stderr);
  for (const char *at = error->text; *at; at++) fputc(iscntrl((unsigned char)*at) ? '?' : *at, stderr);
  fputc('\n', stderr);
  return CLI_FAILED;
}

bool cli_output_check(const char *output, const char *input, tw_error *error) {
  struct stat in, out;
  if (!output || strcmp(output, "-") == 0 || stat(output, &out) != 0 || !S_ISREG(out.st_mode)) return true;
  if ((strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(input, &in)) != 0) return true;
  if (in.st_dev != out.st_dev || in.st_ino != out.st_ino) return true;
  return tw_error_set(error, "%s: would overwrite the trace that is read", output);
}

static uint64_t milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void cli_progress_begin(cli_progress *progress, const char *label) {
  *progress = (cli_progress){.label = label, .last = milliseconds_now(), .enabled = isatty(STDERR_FILENO) == 1};
}

void cli_progress_update(cli_progress *progress, uint64_t done, uint64_t total) {
  if (!progress->enabled) return;
  uint64_t now = milliseconds_now();
  if (now - progress->last < REDRAW_MILLISECONDS) return;
  progress->last = now;
  progress->shown = true;
  if (!total) {
    fprintf(stderr, "\r%s: %llu bytes", progress->label, (unsigned long long)done);
    return;
  }
  char bar[BAR_CELLS + 1];
  unsigned full = done < total ? (unsigned)(BAR_CELLS * (double)done / (double)total) : BAR_CELLS;
  for (unsigned i = 0; i < BAR_CELLS; i++) bar[i] = i < full ? '#' : '.';
  bar[BAR_CELLS] = '\0';
  fprintf(stderr, "\r%s [%s] %3.0f %%", progress->label, bar, 100.0 * (double)done / (double)total);
}

void cli_progress_end(cli_progress *progress) {
  if (progress->shown) fprintf(stderr, "\r\033[K");
  progress->shown = false;
}

bool cli_colours(FILE *stream) {
  const char *no = getenv("NO_COLOR");
  return isatty(fileno(stream)) == 1 && !(no && *no);
}
