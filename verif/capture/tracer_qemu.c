/* How QEMU is called with the project's plug-in: its user-mode emulation for a RISC-V program, or, if the command is
 * qemu-system-riscv32 or 64 itself, that one for a whole machine.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job.h"

#define PLUGIN "twinwalk/qemu_trace.so"

/* Beside the program that runs, where it was built or installed; or where TWINWALK_QEMU_PLUGIN says. */
static bool plugin_find(capture_job *job, tw_error *error) {
  static const char *const beside[] = {"../lib/" PLUGIN, "../" TWINWALK_LIBDIR "/" PLUGIN};
  const char *set = getenv("TWINWALK_QEMU_PLUGIN");
  char self[PATH_MAX];
  if (set) {
    bool there = (size_t)snprintf(job->plugin, sizeof job->plugin, "%s", set) < sizeof job->plugin;
    return (there && access(set, R_OK) == 0) || tw_error_set(error, "%s: cannot be read: %m", set);
  }
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  self[length > 0 ? length : 0] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
    size_t wrote = (size_t)snprintf(job->plugin, sizeof job->plugin, "%s/%s", self, beside[i]);
    if (wrote < sizeof job->plugin && access(job->plugin, R_OK) == 0) return true;
  }
  return tw_error_set(error, "%s/%s: not there: the plug-in for QEMU; TWINWALK_QEMU_PLUGIN may say where it is", self,
                      beside[0]);
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool qemu_find(capture_job *job, tw_error *error) {
  elf_file elf;
  char name[32];
  if (!plugin_find(job, error) || !job_find_program(job, error)) return false;
  job->machine = strncmp(base_name(job->argv[0]), "qemu-system-riscv", 17) == 0;
  if (job->machine) {
    strcpy(job->tool, job->program);
    return true;
  }
  if (!elf_read(job->program, &elf) || elf.machine != EM_RISCV) {
    return tw_error_set(error, "%s: expected an ELF program for RISC-V: QEMU's plug-in traces no other", job->argv[0]);
  }
  snprintf(name, sizeof name, "qemu-riscv%u", elf.bits);
  return job_path_search(name, job->tool, sizeof job->tool) ||
         tw_error_set(error, "%s is not in PATH; on Debian: apt install qemu-user", name);
}

/* QEMU's options separate their parts by commas: one of a path is doubled. */
static size_t comma_append(char *text, size_t size, size_t at, const char *path) {
  for (; *path && at + 3 < size; path++) {
    text[at++] = *path;
    if (*path == ',') text[at++] = ',';
  }
  text[at] = 0;
  return at;
}

static const char *qemu_word(const capture_job *job, const char *directory, size_t n, char *text, size_t size) {
  switch (n) {
  case 0:
    return job->tool;
  case 1:
    return "-plugin";
  case 2: {
    size_t at = comma_append(text, size, 0, job->plugin);
    at += (size_t)snprintf(text + at, size - at, ",out=");
    at = comma_append(text, size, at, directory);
    snprintf(text + at, size - at, "/%%p.log,limit=0");
    return text;
  }
  default:
    return NULL;
  }
}

const capture_tracer TRACER_QEMU = {.name = "qemu", .format = &FORMAT_QEMU, .find = qemu_find, .word = qemu_word};
