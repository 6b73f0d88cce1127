/* A file of pages. Slots are handed out from the front, and freed ones first, so that the file grows no longer than it
 * must; what is kept of a slot grows with the slots that were ever used.
 * SPDX-License-Identifier: Apache-2.0 */
#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define SLOT_BYTES (SWAP_WORDS * sizeof(uint64_t))
#define NO_SLOT UINT64_MAX

typedef struct swap_slot {
  uint32_t holders; /* 0: free */
  bool written;     /* since it was taken */
  union {
    uint64_t checksum;  /* of what was written */
    uint64_t next_free; /* on the list of freed slots */
  };
} swap_slot;

struct swap_device {
  char *name; /* owned */
  int file;
  bool remove; /* when closed */
  uint64_t slots, used;
  swap_slot *known; /* owned: slots [0, known_count) were taken once */
  uint64_t known_count, known_capacity;
  uint64_t freed; /* the first of the list */
};

/* A name that is gone at once: the file lives as long as it is open. */
static bool open_unnamed(swap_device *device, tw_error *error) {
  const char *folder = getenv("TMPDIR");
  if (!folder || !*folder) folder = "/tmp";
  size_t bytes = strlen(folder) + sizeof "/twinwalk-swap-XXXXXX";
  device->name = malloc(bytes);
  if (!device->name) return tw_error_set(error, "out of memory for the swap file's name");
  snprintf(device->name, bytes, "%s/twinwalk-swap-XXXXXX", folder);
  device->file = mkostemp(device->name, O_CLOEXEC);
  if (device->file < 0) return tw_error_set(error, "swap file in `%s`: cannot be made: %s", folder, strerror(errno));
  if (unlink(device->name) == 0) return true;
  return tw_error_set(error, "swap file `%s`: cannot be unlinked: %s", device->name, strerror(errno));
}

static bool is_device(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISCHR(status.st_mode);
}

static bool open_named(swap_device *device, const char *path, tw_error *error) {
  struct stat status;
  device->name = strdup(path);
  if (!device->name) return tw_error_set(error, "out of memory for the swap file's name");
  /* What is there already is somebody's, and is left alone; /dev/full holds nothing. */
  device->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (device->file < 0 && errno == EEXIST && is_device(path)) device->file = open(path, O_RDWR | O_CLOEXEC);
  if (device->file < 0) return tw_error_set(error, "swap file `%s`: cannot be made: %s", path, strerror(errno));
  if (fstat(device->file, &status) != 0)
    return tw_error_set(error, "swap file `%s`: cannot be looked at: %s", path, strerror(errno));
  device->remove = S_ISREG(status.st_mode);
  return true;
}

swap_device *swap_open(const char *path, uint64_t slots, tw_error *error) {
  swap_device *device = malloc(sizeof *device);
  if (!device) {
    tw_error_set(error, "out of memory for the swap device");
    return NULL;
  }
  *device = (swap_device){.file = -1, .slots = slots, .freed = NO_SLOT};
  if (slots > (uint64_t)INT64_MAX / SLOT_BYTES)
    tw_error_set(error, "a swap device has at most %" PRIu64 " pages, found %" PRIu64, INT64_MAX / SLOT_BYTES, slots);
  else if (path ? open_named(device, path, error) : open_unnamed(device, error))
    return device;
  swap_close(device);
  return NULL;
}

/* What closing says does not matter: nothing reads the file again. */
void swap_close(swap_device *device) {
  if (!device) return;
  if (device->remove) unlink(device->name);
  if (device->file >= 0) close(device->file);
  free(device->known);
  free(device->name);
  free(device);
}

static bool slots_grow(swap_device *device) {
  if (device->known_count < device->known_capacity) return true;
  uint64_t capacity = device->known_capacity ? device->known_capacity * 2 : 64;
  swap_slot *known = reallocarray(device->known, capacity, sizeof *known);
  if (!known) return false;
  device->known = known;
  device->known_capacity = capacity;
  return true;
}

bool swap_take(swap_device *device, uint64_t *slot) {
  if (device->freed != NO_SLOT) {
    *slot = device->freed;
    device->freed = device->known[*slot].next_free;
  } else {
    if (device->known_count == device->slots || !slots_grow(device)) return false;
    *slot = device->known_count++;
  }
  device->known[*slot] = (swap_slot){.holders = 1};
  device->used++;
  return true;
}

void swap_hold(swap_device *device, uint64_t slot) {
  device->known[slot].holders++;
}

void swap_release(swap_device *device, uint64_t slot) {
  swap_slot *released = &device->known[slot];
  if (--released->holders) return;
  released->written = false;
  released->next_free = device->freed;
  device->freed = slot;
  device->used--;
}

uint32_t swap_holders(const swap_device *device, uint64_t slot) {
  return slot < device->known_count ? device->known[slot].holders : 0;
}

uint64_t swap_used(const swap_device *device) {
  return device->used;
}

static bool slot_failed(const swap_device *device, uint64_t slot, const char *what, const char *why, tw_error *error) {
  return tw_error_set(error, "swap file `%s`: slot %" PRIu64 ": %s: %s", device->name, slot, what, why);
}

bool swap_write(swap_device *device, uint64_t slot, const uint64_t words[SWAP_WORDS], tw_error *error) {
  const char *bytes = (const char *)words;
  if (!swap_holders(device, slot)) return slot_failed(device, slot, "cannot be written", "it is free", error);
  for (size_t done = 0; done < SLOT_BYTES;) {
    ssize_t count = pwrite(device->file, bytes + done, SLOT_BYTES - done, (off_t)(slot * SLOT_BYTES + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      return slot_failed(device, slot, "cannot be written", count ? strerror(errno) : "nothing was taken", error);
    done += (size_t)count;
  }
  device->known[slot].written = true;
  device->known[slot].checksum = XXH64(words, SLOT_BYTES, 0);
  return true;
}

bool swap_read(swap_device *device, uint64_t slot, uint64_t words[SWAP_WORDS], tw_error *error) {
  char *bytes = (char *)words;
  if (!swap_holders(device, slot) || !device->known[slot].written)
    return slot_failed(device, slot, "cannot be read", "nothing was written to it", error);
  for (size_t done = 0; done < SLOT_BYTES;) {
    ssize_t count = pread(device->file, bytes + done, SLOT_BYTES - done, (off_t)(slot * SLOT_BYTES + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      return slot_failed(device, slot, "cannot be read", count ? strerror(errno) : "the file ends before it", error);
    done += (size_t)count;
  }
  uint64_t checksum = XXH64(words, SLOT_BYTES, 0), expected = device->known[slot].checksum;
  if (checksum == expected) return true;
  return tw_error_set(error,
                      "swap file `%s`: slot %" PRIu64 ": the page that came back is not the page that went: expected "
                      "checksum %016" PRIx64 ", found %016" PRIx64,
                      device->name, slot, expected, checksum);
}
