/* Reads a waveform as VCD: short ones only, all values are kept.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "vcd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNALS_MAX 4096u
#define CYCLES_MAX 1024u
#define PATH_MAX_BYTES 160u

typedef struct variable {
  char path[PATH_MAX_BYTES], range[16], code[12];
  int values; /* row of vcd.values: aliases share one */
} variable;

struct vcd {
  variable variables[SIGNALS_MAX];
  unsigned count, rows;
  char scope[PATH_MAX_BYTES];
  char *values[SIGNALS_MAX][CYCLES_MAX]; /* owned; NULL: as in the cycle before */
  uint64_t cycle;
};

static void read_declaration(vcd *v, const char *line) {
  char name[PATH_MAX_BYTES / 2], code[12], range[16] = "";
  if (sscanf(line, "$scope %*s %79s", name) == 1) {
    if (*v->scope) strcat(v->scope, ".");
    strcat(v->scope, name);
  } else if (strncmp(line, "$upscope", 8) == 0) {
    char *dot = strrchr(v->scope, '.');
    *(dot ? dot : v->scope) = '\0';
  } else if (sscanf(line, "$var %*s %*u %11s %79s %15s", code, name, range) >= 2 && v->count < SIGNALS_MAX) {
    variable *made = &v->variables[v->count];
    snprintf(made->path, sizeof made->path, "%.79s.%.79s", v->scope, name);
    snprintf(made->range, sizeof made->range, "%s", *range == '[' ? range : "");
    strcpy(made->code, code);
    made->values = (int)v->rows;
    for (unsigned i = 0; i < v->count; i++) {
      if (strcmp(v->variables[i].code, code) == 0) made->values = v->variables[i].values;
    }
    v->rows += made->values == (int)v->rows;
    v->count++;
  }
}

static void read_change(vcd *v, char *line) {
  char *code = line + 1, *value = line;
  if (*line == 'b' || *line == 's') {
    value = line + 1;
    code = strchr(line, ' ');
    if (!code) return;
    *code++ = '\0';
  }
  for (unsigned i = 0; i < v->count; i++) {
    if (strcmp(v->variables[i].code, code) != 0) continue;
    char **place = &v->values[v->variables[i].values][v->cycle];
    free(*place);
    *place = strndup(value, value == line ? 1 : strlen(value));
    return;
  }
}

static void read_line(vcd *v, char *line) {
  line[strcspn(line, "\n")] = '\0';
  if (*line == '$') read_declaration(v, line);
  if (*line == '#') v->cycle = strtoull(line + 1, NULL, 10);
  if (v->cycle < CYCLES_MAX && strchr("01xzbs", *line) && *line) read_change(v, line);
}

vcd *vcd_open(const char *fst_path) {
  char command[600];
  snprintf(command, sizeof command, "fst2vcd '%s'", fst_path);
  vcd *v = calloc(1, sizeof *v);
  FILE *from = v ? popen(command, "r") : NULL;
  char *line = NULL;
  size_t room = 0;
  while (from && getline(&line, &room, from) > 0) read_line(v, line);
  free(line);
  if (from && pclose(from) == 0 && v->count && v->cycle < CYCLES_MAX) return v;
  vcd_close(v);
  return NULL;
}

void vcd_close(vcd *v) {
  if (!v) return;
  for (unsigned i = 0; i < v->rows; i++) {
    for (unsigned t = 0; t < CYCLES_MAX; t++) free(v->values[i][t]);
  }
  free(v);
}

uint64_t vcd_cycles(const vcd *v) {
  return v->cycle + 1;
}

int vcd_find(const vcd *v, const char *path) {
  const bool ranged = strchr(path, '[') != NULL;
  for (unsigned i = 0; i < v->count; i++) {
    const size_t length = strlen(v->variables[i].path);
    if (strncmp(v->variables[i].path, path, length) != 0) continue;
    if (strcmp(path + length, ranged ? v->variables[i].range : "") == 0) {
      if (ranged || !path[length]) return (int)i;
    }
  }
  return -1;
}

const char *vcd_value(const vcd *v, int signal, uint64_t cycle) {
  const int row = v->variables[signal].values;
  for (uint64_t t = cycle + 1; t-- > 0;) {
    if (v->values[row][t]) return v->values[row][t];
  }
  return "x";
}

void vcd_text(const vcd *v, int signal, uint64_t cycle, char text[static 129]) {
  const char *from = vcd_value(v, signal, cycle);
  unsigned count = 0;
  while (*from && count < 128) {
    unsigned escaped;
    int read = 0;
    if (sscanf(from, "\\%3o%n", &escaped, &read) == 1 && read == 4) {
      text[count++] = (char)escaped;
      from += read;
    } else {
      from += from[0] == '\\' && from[1]; /* "\?" */
      text[count++] = *from++;
    }
  }
  text[count] = '\0';
}
