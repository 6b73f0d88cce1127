/* Copies a trace, record by record, and keeps what was before an error if asked to.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "copy.h"

#include "cli.h"

#define RECORDS_A_LOOK 65536u /* between two looks at the progress bar */

static void show_progress(const tw_trace_reader *reader, cli_progress *progress) {
  uint64_t done, total;
  tw_trace_progress(reader, &done, &total);
  cli_progress_update(progress, done, total);
}

/* Copies up to the end or an error; the reader's error is the result, the writer's is *written. */
static tw_trace_result copy_records(tw_trace_reader *reader, tw_trace_writer *writer, cli_progress *progress,
                                    bool *written, tw_error *error) {
  tw_record record;
  tw_trace_result result;
  *written = true;
  for (uint64_t count = 1; (result = tw_trace_read(reader, &record, error)) == TW_TRACE_RECORD; count++) {
    *written = tw_trace_write(writer, &record, error);
    if (!*written) break;
    if (progress && count % RECORDS_A_LOOK == 0) show_progress(reader, progress);
  }
  return result;
}

static int copy_opened(const cli_copy *copy, tw_trace_reader *reader, tw_trace_writer *writer) {
  tw_error error, end;
  bool written;
  cli_progress progress;
  if (copy->progress) cli_progress_begin(&progress, "convert");
  const tw_trace_result result = copy_records(reader, writer, copy->progress ? &progress : NULL, &written, &error);
  if (copy->progress) cli_progress_end(&progress);
  const bool damaged = result == TW_TRACE_ERROR;
  if (!written || (damaged && !copy->salvage)) {
    tw_trace_abandon(writer);
    return cli_fail(&error);
  }
  if (!tw_trace_commit(writer, &end)) return cli_fail(&end);
  return damaged ? cli_fail(&error) : CLI_OK;
}

int cli_copy_run(const cli_copy *copy) {
  tw_error error;
  int status = CLI_FAILED;
  tw_trace_reader *reader = tw_trace_open(copy->from, &error);
  if (!reader) return cli_fail(&error);
  const tw_trace_form other = tw_trace_reader_form(reader) == TW_TRACE_TEXT ? TW_TRACE_BINARY : TW_TRACE_TEXT;
  tw_trace_writer *writer =
      tw_trace_create(copy->to, copy->form ? copy->form : other, tw_trace_reader_header(reader), &error);
  if (writer)
    status = copy_opened(copy, reader, writer);
  else
    cli_fail(&error);
  tw_trace_close(reader);
  return status;
}
