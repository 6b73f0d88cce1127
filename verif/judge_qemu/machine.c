/* One run of QEMU on a memory image.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define KNOWN_VERSION "version 7.2."

void judge_machine_version_print(void) {
  char line[256] = "";
  FILE *pipe = popen("qemu-system-riscv64 --version 2>&1", "r");
  if (pipe == NULL) return;
  if (fgets(line, sizeof line, pipe) != NULL) fputs(line, stdout);
  pclose(pipe);
  if (strstr(line, KNOWN_VERSION) == NULL) puts("the deviations of docs/outside-judge.md are those of QEMU 7.2");
}

static const char *on_off(bool on) {
  return on ? "on" : "off";
}

/* Waits for the end of a process; after the time of patience it is killed. */
static bool process_wait(pid_t pid, int *status) {
  const struct timespec nap = {.tv_nsec = 2000000};
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const time_t last = now.tv_sec + JUDGE_PATIENCE;
  for (;;) {
    pid_t ended = waitpid(pid, status, WNOHANG);
    if (ended == pid) return true;
    if (ended < 0 && errno != EINTR) return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec > last) {
      kill(pid, SIGKILL);
      waitpid(pid, status, 0);
      return false;
    }
    nanosleep(&nap, NULL);
  }
}

/* Two harts, the second asleep: with one hart alone QEMU makes an amo of a load and a store, and reports the load's
 * causes. */
static bool machine_start(const judge_variant *variant, const char *image, pid_t *pid) {
  char program[32], cpu[128], memory[512];
  snprintf(program, sizeof program, "qemu-system-riscv%u", variant->xlen);
  if (variant->xlen == 64)
    snprintf(cpu, sizeof cpu, "rv64,h=off,svnapot=%s,svpbmt=%s", on_off(variant->svnapot), on_off(variant->svpbmt));
  else
    snprintf(cpu, sizeof cpu, "rv32,h=off");
  snprintf(memory, sizeof memory, "memory-backend-file,id=ram,mem-path=%s,size=%u,share=on", image,
           1u << JUDGE_RAM_BITS);
  char *arguments[] = {program,
                       "-machine",
                       "virt,memory-backend=ram",
                       "-accel",
                       "tcg,thread=multi",
                       "-smp",
                       "2",
                       "-m",
                       "64M",
                       "-object",
                       memory,
                       "-cpu",
                       cpu,
                       "-bios",
                       "none",
                       "-display",
                       "none",
                       "-monitor",
                       "none",
                       "-serial",
                       "none",
                       "-no-reboot",
                       NULL};
  int error = posix_spawnp(pid, program, NULL, NULL, arguments, environ);
  if (error != 0) fprintf(stderr, "%s: %s (scripts/setup --test installs it)\n", program, strerror(error));
  return error == 0;
}

bool judge_machine_run(const judge_variant *variant, const char *image) {
  pid_t pid;
  int status = 0;
  if (!machine_start(variant, image, &pid)) return false;
  if (!process_wait(pid, &status)) {
    fprintf(stderr, "QEMU did not end within %d seconds\n", JUDGE_PATIENCE);
    return false;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  fprintf(stderr, "QEMU ended with status %d\n", status);
  return false;
}
