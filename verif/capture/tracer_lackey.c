/* How Valgrind's lackey is called.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"

/* What the kernel would refuse is told here: Valgrind hands it to a shell, and the shell would be traced. */
static bool program_check(const char *path, const char *shown, tw_error *error) {
  char line[ELF_PATH_MAX] = "";
  elf_file elf;
  struct stat status;
  FILE *file = fopen(path, "rbe");
  if (!file) return true; /* it may be executed and not read */
  bool script = fgets(line, sizeof line, file) && line[0] == '#' && line[1] == '!';
  fclose(file);
  if (!script && (elf_read(path, &elf) || elf.count == ELF_SEGMENTS_MAX)) return true;
  if (!script) return tw_error_set(error, "%s: cannot be executed: neither an ELF program nor a script with #!", shown);
  char *interpreter = line + 2 + strspn(line + 2, " \t");
  interpreter[strcspn(interpreter, " \t\n")] = '\0';
  if (access(interpreter, X_OK) == 0 && stat(interpreter, &status) == 0 && S_ISREG(status.st_mode)) return true;
  return tw_error_set(error, "%s: cannot be executed: its interpreter \"%s\" cannot be", shown, interpreter);
}

static bool lackey_find(capture_job *job, tw_error *error) {
  if (!job_path_search("valgrind", job->tool, sizeof job->tool)) {
    return tw_error_set(error, "valgrind is not in PATH; on Debian: apt install valgrind");
  }
  return job_find_program(job, error) && program_check(job->program, job->argv[0], error);
}

static const char *lackey_word(const capture_job *job, const char *directory, size_t n, char *text, size_t size) {
  static const char *const words[] = {"--tool=lackey",        "--trace-mem=yes",   "--basic-counts=no",
                                      "--trace-syscalls=yes", "--trace-sched=yes", NULL};
  const size_t last = sizeof words / sizeof *words;
  if (n == 0) return job->tool;
  if (n < last) return words[n - 1];
  snprintf(text, size, "--log-file=%s/%%p.log", directory);
  return n == last ? text : NULL;
}

const capture_tracer TRACER_LACKEY = {
    .name = "lackey", .format = &FORMAT_LACKEY, .find = lackey_find, .word = lackey_word};
