/* Configurations as YAML files: found by path or by name, read, checked.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CONFIG_FILE_H
#define TWINWALK_CONFIG_FILE_H

#include <stddef.h>

#include "twinwalk/config.h"

/* Any configuration as text fits, with its NUL. */
#define TW_CONFIG_TEXT_BYTES 2048u

/* Finds the file of a configuration: `name` itself if it is a path (holds '/' or ends in .yaml), else NAME.yaml in
 * $TWINWALK_CONFIGS, then in configs/ beside the program's lib/twinwalk, share/twinwalk and source tree.
 * False and error, naming the places, if there is none. */
bool tw_config_find(const char *name, char *path, size_t size, tw_error *error);

/* Reads a file into a configuration, named after the file. Keys left out have their default: pa_bits and asid_bits all
 * that the mode has, one slot a port, one walker, memory that answers in the next cycle, and none of the rest. False
 * and error (file, key, what is allowed) on failure. */
bool tw_config_read(const char *path, tw_config *config, tw_error *error);

/* The same from text in memory; `path` stands for it in messages and gives the name. */
bool tw_config_parse(const char *path, const char *text, size_t size, tw_config *config, tw_error *error);

/* Finds and reads. */
bool tw_config_load(const char *name, tw_config *config, tw_error *error);

/* Writes a configuration as YAML that tw_config_read takes; returns the bytes it needs, as snprintf does. */
int tw_config_format(const tw_config *config, char *text, size_t size);

/* The directory of the running program, without a slash at its end. False if it cannot be told. */
bool tw_program_directory(char *path, size_t size);

#endif
