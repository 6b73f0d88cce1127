/* The design and its memory, cycle by cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"

#define EVERYTHING UINT64_MAX /* pmpaddr of a NAPOT region that is all there is */

machine_choice machine_choice_of(const char *subject, const char *config) {
  machine_choice choice = {.config = config};
  const char *at = strchr(subject, '@');
  const int length = at ? (int)(at - subject) : (int)strlen(subject);
  snprintf(choice.name, sizeof choice.name, "%.*s", length, subject);
  if (at) choice.variant = (unsigned)strtoul(at + 1, NULL, 10);
  return choice;
}

static bool design_open(machine *m, const machine_choice *choice, tw_error *error) {
  char text[TW_CONFIG_TEXT_BYTES];
  const tw_dut_choice which = {.name = choice->name, .config = choice->config};
  const tw_dut_options options = {.config_text = text, .seed = 1, .variant = choice->variant};
  tw_config_format(&m->config, text, sizeof text);
  m->table = choice->table;
  if (!m->table) {
    if (!tw_dut_load(&which, &m->plugin, error)) return false;
    m->table = m->plugin.table;
  }
  if (!tw_dut_fits(m->table->describe(), &m->config, error)) return false;
  m->dut = m->table->open(&options, error);
  return m->dut != NULL;
}

bool machine_open(machine *m, const machine_choice *choice, tw_error *error) {
  memset(m, 0, sizeof *m);
  snprintf(m->subject, sizeof m->subject, choice->variant ? "%s@%u" : "%s", choice->name, choice->variant);
  if (!tw_config_load(choice->config, &m->config, error)) return false;
  m->row = tw_mode_row(m->config.mode);
  if (design_open(m, choice, error)) return true;
  machine_close(m);
  return false;
}

void machine_close(machine *m) {
  if (m->dut) m->table->close(m->dut);
  tw_dut_unload(&m->plugin);
  m->dut = NULL;
}

static machine_word *word_find(machine *m, uint64_t pa) {
  for (unsigned i = 0; i < m->word_count; i++)
    if (m->words[i].pa == pa) return &m->words[i];
  return NULL;
}

void machine_write(machine *m, uint64_t pa, uint64_t pte) {
  machine_word *word = word_find(m, pa);
  if (!word) word = &m->words[m->word_count < MACHINE_WORDS - 1 ? m->word_count++ : m->word_count];
  *word = (machine_word){pa, pte};
}

uint64_t machine_read(const machine *m, uint64_t pa) {
  for (unsigned i = 0; i < m->word_count; i++)
    if (m->words[i].pa == pa) return m->words[i].pte;
  return 0;
}

/* Takes a request; it is answered in the next cycle. */
static void memory_serve(machine *m, const tw_pins_memory_out *request) {
  m->answer = (tw_pins_memory_in){.req_ready = 1};
  if (!request->req_valid) return;
  machine_word *word = word_find(m, request->req_addr);
  bool good = word && 1u << request->req_size == m->row->pte_bytes;
  m->answer.rsp_valid = 1;
  m->answer.rsp_id = request->req_id;
  m->answer.rsp_error = !good;
  if (!good) {
    m->stray = request->req_addr;
    return;
  }
  m->answer.rsp_data = word->pte;
  if (request->req_kind == TW_PIN_MEM_READ) {
    m->reads++;
  } else {
    m->updates++;
    if (word->pte == request->req_expected) word->pte = request->req_desired;
  }
}

void machine_cycle(machine *m) {
  m->in.mem = m->answer;
  m->table->cycle(m->dut, &m->in, &m->out);
  m->now++;
  if (!m->in.rst_n) { /* the outputs of this cycle are unknown */
    m->in = (tw_pins_in){.rst_n = 1};
    m->answer = (tw_pins_memory_in){.req_ready = 1};
    return;
  }
  memory_serve(m, &m->out.mem);
  if (m->in.control.valid) m->in.control = (tw_pins_control){0};
  if (m->in.pmp.valid) m->in.pmp = (tw_pins_pmp){0};
  if (m->out.fetch.req_ready) m->in.fetch = (tw_pins_request){0};
  if (m->out.data.req_ready) m->in.data = (tw_pins_request){0};
  if (m->out.fence_ready) m->in.fence = (tw_pins_fence){0};
}

void machine_pmp(machine *m, unsigned kind, unsigned index, uint64_t value) {
  m->in.pmp = (tw_pins_pmp){.valid = 1, .kind = (uint8_t)kind, .index = (uint8_t)index, .value = value};
  machine_cycle(m);
}

void machine_reset(machine *m) {
  m->in = (tw_pins_in){.rst_n = 0};
  machine_cycle(m);
  m->word_count = m->reads = m->updates = 0;
  m->stray = 0;
  if (!m->config.pmp_entries) return;
  const unsigned last = m->config.pmp_entries - 1;
  machine_pmp(m, TW_PIN_PMP_ADDR, last, EVERYTHING);
  machine_pmp(m, TW_PIN_PMP_CFG, last, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
}

bool machine_fence(machine *m) {
  const uint64_t limit = m->now + MACHINE_LIMIT;
  m->in.fence = (tw_pins_fence){.valid = 1, .kind = TW_PIN_SFENCE_VMA};
  while (m->in.fence.valid && m->now < limit) machine_cycle(m);
  do {
    machine_cycle(m);
  } while (!m->out.fence_done && m->now < limit);
  return m->out.fence_done;
}

static tw_pins_request request_of(const machine_ask *ask, uint8_t tag) {
  return (tw_pins_request){.va = ask->va, .valid = 1, .tag = tag, .kind = (uint8_t)ask->kind, .size = ask->size};
}

/* Everything of the context that is neither satp nor PBMTE, the other way round: a walk that began under another PBMTE
 * fills nothing. */
static tw_pins_control control_turned(const tw_pins_control *control) {
  return (tw_pins_control){.satp = control->satp,
                           .valid = 1,
                           .privilege = control->privilege == TW_USER ? TW_SUPERVISOR : TW_USER,
                           .mpp = control->mpp == TW_USER ? TW_SUPERVISOR : TW_USER,
                           .sum = !control->sum,
                           .mxr = !control->mxr,
                           .adue = !control->adue,
                           .pbmte = control->pbmte};
}

static bool is_quiet(const machine *m) {
  return !m->out.fetch.valid && !m->out.data.valid;
}

bool machine_ask_one(machine *m, const machine_ask *ask, uint8_t tag, tw_pins_response *response) {
  const uint64_t limit = m->now + MACHINE_LIMIT;
  tw_pins_request *port = ask->kind == TW_FETCH ? &m->in.fetch : &m->in.data;
  const tw_pins_response *own = ask->kind == TW_FETCH ? &m->out.fetch : &m->out.data;
  bool good = true;
  if (!ask->in_force) {
    m->in.control = ask->control;
    machine_cycle(m);
    good = is_quiet(m);
  }
  *port = request_of(ask, tag);
  while (port->valid && m->now < limit && good) {
    machine_cycle(m);
    good = is_quiet(m);
  }
  m->in.control = control_turned(&ask->control);
  do {
    machine_cycle(m);
  } while (is_quiet(m) && m->now < limit);
  *response = *own;
  return good && own->valid && own->tag == tag && m->out.fetch.valid + m->out.data.valid == 1;
}

/* Of a stream: whose answer is due under which tag. */
typedef struct stream {
  unsigned due[TW_PORT_COUNT][MACHINE_TAGS]; /* number of the ask plus one; 0: none */
  unsigned answered;
  bool wrong; /* an answer that nobody waits for */
} stream;

static void stream_take(stream *s, tw_port port, const tw_pins_response *pins, tw_pins_response *responses) {
  if (!pins->valid) return;
  unsigned *due = &s->due[port][pins->tag % MACHINE_TAGS];
  if (*due) {
    responses[*due - 1] = *pins;
    s->answered++;
  } else {
    s->wrong = true;
  }
  *due = 0;
}

unsigned machine_ask_many(machine *m, const machine_ask *asks, unsigned count, tw_pins_response *responses) {
  stream s = {0};
  const uint64_t limit = m->now + count + MACHINE_LIMIT;
  memset(responses, 0, count * sizeof *responses);
  for (unsigned i = 0; (i <= count || s.answered < count) && m->now < limit && !s.wrong; i++) {
    const tw_access kind = i > 0 && i <= count ? asks[i - 1].kind : TW_LOAD;
    const tw_port port = kind == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
    const uint8_t tag = (uint8_t)(i % MACHINE_TAGS);
    tw_pins_request *pins = port == TW_PORT_FETCH ? &m->in.fetch : &m->in.data;
    if (i < count) m->in.control = asks[i].control;
    if (i > 0 && i <= count) {
      if (s.due[port][tag]) break; /* sixteen asks ago, and not yet answered */
      s.due[port][tag] = i;
      *pins = request_of(&asks[i - 1], tag);
    }
    machine_cycle(m);
    if (pins->valid) break; /* not accepted at once: its control write would no longer be in force */
    stream_take(&s, TW_PORT_FETCH, &m->out.fetch, responses);
    stream_take(&s, TW_PORT_DATA, &m->out.data, responses);
  }
  unsigned good = 0;
  while (good < count && responses[good].valid) good++;
  return good;
}

bool machine_ask_parts(machine *m, const machine_ask *asks, unsigned count, tw_pins_response *responses) {
  stream s = {0};
  const uint64_t limit = m->now + MACHINE_LIMIT;
  memset(responses, 0, count * sizeof *responses);
  for (unsigned next = 0; s.answered < count && !s.wrong && m->now < limit;) {
    if (next < count && !m->in.fetch.valid && !m->in.data.valid) {
      const tw_port port = asks[next].kind == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
      const uint8_t tag = (uint8_t)((m->now + next) % MACHINE_TAGS);
      if (s.due[port][tag]) break;
      *(port == TW_PORT_FETCH ? &m->in.fetch : &m->in.data) = request_of(&asks[next], tag);
      s.due[port][tag] = ++next;
    }
    machine_cycle(m);
    stream_take(&s, TW_PORT_FETCH, &m->out.fetch, responses);
    stream_take(&s, TW_PORT_DATA, &m->out.data, responses);
  }
  return s.answered == count && !s.wrong;
}
