/* Plays MMU records at once: stores change memory, accesses are walked by the oracle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "oracle_machine.h"

bool oracle_machine_options(const tw_config *config, const tw_trace_header *program, const tw_trace_header *machine,
                            tw_space_options *options, tw_error *error) {
  if (config->mode == TW_BARE) return tw_error_set(error, "configuration %s does not translate", config->name);
  *options = (tw_space_options){.mode = config->mode,
                                .asid_bits = config->asid_bits,
                                .pa_bits = config->pa_bits,
                                .pmp_entries = config->pmp_entries,
                                .adue = (config->extensions & TW_EXT_SVADU) != 0,
                                .svnapot = (config->extensions & TW_EXT_SVNAPOT) != 0,
                                .svvptc = (config->extensions & TW_EXT_SVVPTC) != 0};
  if (!tw_space_options_read(options, program, error)) return false;
  tw_error said;
  return !machine || tw_space_options_read(options, machine, &said) || tw_error_set(error, "--machine: %s", said.text);
}

bool oracle_machine_open(oracle_machine *machine, const tw_config *config, const tw_space_options *options,
                         const tw_trace_header *program, tw_error *error) {
  *machine = (oracle_machine){.forward = tw_forward_open(config, 0)};
  if (!machine->forward) return tw_error_set(error, "memory is out");
  machine->space = tw_space_open(options, program, error);
  if (!machine->space) oracle_machine_close(machine);
  return machine->space != NULL;
}

void oracle_machine_close(oracle_machine *machine) {
  tw_space_close(machine->space);
  tw_forward_close(machine->forward);
  *machine = (oracle_machine){0};
}

static bool access_play(oracle_machine *machine, const tw_record *record, tw_error *error) {
  const tw_control_state *control = tw_forward_control(machine->forward);
  const uint64_t now = machine->answered++;
  tw_record_answer answer = {.access = record->number, .accepted = now, .answered = now};
  tw_record store;
  if (!tw_forward_access(machine->forward, control, &record->access, &answer))
    return tw_error_set(error, "memory is out");
  while (tw_forward_update(machine->forward, &store)) continue; /* the tables have it already */
  return tw_space_answer(machine->space, &answer, error);
}

static bool settle(oracle_machine *machine, tw_error *error) {
  tw_record record;
  while (tw_space_take(machine->space, &record)) {
    if (record.kind == TW_RECORD_ACCESS) {
      if (!access_play(machine, &record, error)) return false;
    } else if (!tw_forward_follow(machine->forward, &record)) {
      return tw_error_set(error, "memory is out");
    }
  }
  return true;
}

bool oracle_machine_feed(oracle_machine *machine, const tw_record *program, tw_error *error) {
  return settle(machine, error) && tw_space_feed(machine->space, program, error) && settle(machine, error);
}
