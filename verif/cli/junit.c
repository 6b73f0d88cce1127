/* Writes a verdict as a JUnit file of one test case.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verdict_space.h"
#include "verdict_text.h"

static void escaped_print(FILE *stream, const char *text) {
  for (; *text; text++) {
    switch (*text) {
    case '&':
      fputs("&amp;", stream);
      break;
    case '<':
      fputs("&lt;", stream);
      break;
    case '>':
      fputs("&gt;", stream);
      break;
    case '"':
      fputs("&quot;", stream);
      break;
    default: /* XML knows no other control characters */
      if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t') fputc(*text, stream);
    }
  }
}

static void outcome_print(FILE *stream, const char *element, const char *message, const char *body) {
  fprintf(stream, "    <%s message=\"", element);
  escaped_print(stream, message);
  fprintf(stream, "\">");
  escaped_print(stream, body);
  fprintf(stream, "</%s>\n", element);
}

static void case_begin(FILE *stream, const verdict_subject *subject, const char *about, double seconds) {
  fprintf(stream, "  <testcase classname=\"");
  escaped_print(stream, subject->dut);
  fprintf(stream, ".");
  escaped_print(stream, subject->config);
  fprintf(stream, "\" name=\"");
  escaped_print(stream, subject->trace);
  fprintf(stream, "%s\" time=\"%.3f\">\n", about, seconds);
}

/* What the trace expects of the operating system's side, as a case of its own. */
static void space_print(FILE *stream, const verdict_subject *subject, const tw_outcome *outcome) {
  char message[320], *body = NULL;
  size_t size;
  FILE *text = open_memstream(&body, &size);
  if (text) {
    verdict_space_print(text, outcome);
    fclose(text);
  }
  tw_outcome_say(outcome, message, sizeof message);
  case_begin(stream, subject, ", as expected", 0);
  if (!tw_outcome_good(outcome)) outcome_print(stream, "failure", message, body ? body : "");
  fprintf(stream, "  </testcase>\n");
  free(body);
}

static void suite_print(FILE *stream, const verdict_subject *subject, const tw_verdict *verdict,
                        const tw_error *failure) {
  bool failed = verdict && verdict->differences, judged = verdict && verdict->has_space && verdict->outcome.whole;
  bool unmet = verdict && !tw_outcome_good(&verdict->outcome);
  double seconds = verdict ? verdict->seconds : 0;
  fprintf(stream,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
          "<testsuite name=\"twinwalk cosim\" tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%.3f\">\n",
          1 + (judged || unmet), failed + unmet, !verdict, seconds);
  case_begin(stream, subject, "", seconds);
  if (!verdict) outcome_print(stream, "error", failure->text, "");
  if (failed) outcome_print(stream, "failure", verdict->first, verdict->report ? verdict->report : "");
  fprintf(stream, "  </testcase>\n");
  if (judged || unmet) space_print(stream, subject, &verdict->outcome);
  fprintf(stream, "</testsuite>\n</testsuites>\n");
}

/* mkstemp makes a file for its owner alone; others are made with what the umask leaves. */
static bool mode_set(int descriptor) {
  const mode_t mask = umask(0);
  umask(mask);
  return fchmod(descriptor, 0666 & ~mask) == 0;
}

bool verdict_junit(const char *path, const verdict_subject *subject, const tw_verdict *verdict, const tw_error *failure,
                   tw_error *error) {
  char beside[4096];
  if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
    return tw_error_set(error, "%s: the path is too long", path);
  int descriptor = mkstemp(beside);
  if (descriptor < 0) return tw_error_set(error, "%s: %s", path, strerror(errno));
  FILE *stream = fdopen(descriptor, "w");
  if (!stream) {
    close(descriptor);
    unlink(beside);
    return tw_error_set(error, "%s: memory is out", path);
  }
  suite_print(stream, subject, verdict, failure);
  bool written = mode_set(descriptor) && !ferror(stream) && fflush(stream) == 0 && fsync(descriptor) == 0;
  written = fclose(stream) == 0 && written && rename(beside, path) == 0;
  if (written) return true;
  tw_error_set(error, "%s: %s", path, strerror(errno));
  unlink(beside);
  return false;
}
