/* Four threads with stacks and heaps of their own, a page that loses its right to be written, and a child that writes
 * to pages it shares with its parent: a program to be traced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u
#define THREADS 4u
#define PAGES 48u
#define ROUNDS 40u

typedef struct work {
  pthread_t thread;
  unsigned seed, sum;
} work;

/* Walks over memory of its own from malloc, in an order that jumps about. */
static void *walk(void *payload) {
  work *mine = payload;
  unsigned char *bytes = malloc(PAGES * PAGE);
  if (!bytes) return NULL;
  for (unsigned i = 0; i < ROUNDS * PAGES; i++) {
    unsigned char *byte = &bytes[(i * 7 + mine->seed) % PAGES * PAGE + i % PAGE];
    *byte = (unsigned char)i;
    mine->sum += *byte;
  }
  free(bytes);
  return NULL;
}

/* Writes to pages that were written before the fork: each is copied on a system with copy-on-write. */
static int fork_and_write(unsigned char *shared, size_t bytes) {
  int status = 0;
  pid_t child = fork();
  if (child < 0) return 1;
  for (size_t at = 0; at < bytes; at += PAGE) shared[at] = (unsigned char)(at / PAGE + (child == 0));
  if (child == 0) _exit(0);
  return waitpid(child, &status, 0) == child ? status : 1;
}

int main(void) {
  static work works[THREADS];
  unsigned sum = 0;
  for (unsigned i = 0; i < THREADS; i++) {
    works[i].seed = i;
    if (pthread_create(&works[i].thread, NULL, walk, &works[i])) return 1;
  }
  for (unsigned i = 0; i < THREADS; i++) {
    pthread_join(works[i].thread, NULL);
    sum += works[i].sum;
  }
  unsigned char *shared = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  for (unsigned i = 0; i < 8; i++) shared[i * PAGE] = (unsigned char)i;
  if (mprotect(shared, PAGE, PROT_READ)) return 1;
  sum += shared[0];
  if (mprotect(shared, PAGE, PROT_READ | PROT_WRITE)) return 1;
  if (fork_and_write(shared, 8 * PAGE)) return 1;
  for (unsigned i = 0; i < 8; i++) sum += shared[i * PAGE];
  if (munmap(shared, 8 * PAGE)) return 1;
  printf("%u\n", sum);
  return 0;
}
