// Makes a plug-in of a verilated top that has the pins of docs/pins.md; compiled once for every design and
// configuration.
//
// Outputs are functions of registers (P2), so the fast build takes them before it applies the inputs and clocks in the
// same evaluation. The checked build settles first, so that waveforms show inputs, outputs and registers of one cycle
// together, and clocks at the beginning of the next call.
//
// The pins are those of Verilator's root object: the top's own are references to them, so that each access is two.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "description.h"
#include "dut.h"
#include "twinwalk/spec.h"
#include "verilated.h"

#define STRING_OF(x) #x
#define HEADER_OF(x) STRING_OF(x.h)
#define ROOT_HEADER_OF(x) STRING_OF(x##___024root.h)
#define ROOT_HEADER(x) ROOT_HEADER_OF(x)
#include HEADER_OF(TW_DUT_TOP)
#include ROOT_HEADER(TW_DUT_TOP)

#ifdef TW_DUT_CHECKED
#include "verilator_state.hpp"
#include "verilator_wave.hpp"
#endif

namespace {

// Verilator hands a failed assertion to these; the default would end the whole program.
thread_local std::string *assertion_sink = nullptr;

} // namespace

struct tw_dut {
  VerilatedContext context;
  tw_dut_options options = {}; // seed and variant
  std::unique_ptr<TW_DUT_TOP> top;
  std::string failure;
  bool clocked = false; // the inputs that are applied have still to be clocked in
#ifdef TW_DUT_CHECKED
  std::unique_ptr<twinwalk::WaveSignals> signals;
  std::unique_ptr<VerilatedFstC> file;
#endif
};

#ifdef TW_DUT_CHECKED
void vl_stop(const char *filename, int line, const char *hierarchy) VL_MT_UNSAFE {
  if (assertion_sink && assertion_sink->empty())
    *assertion_sink = std::string(filename) + ":" + std::to_string(line) + ", in " + hierarchy;
}

void vl_fatal(const char *filename, int line, const char *hierarchy, const char *message) VL_MT_UNSAFE {
  if (assertion_sink && assertion_sink->empty())
    *assertion_sink = std::string(filename) + ":" + std::to_string(line) + ", in " + hierarchy + ": " + message;
}
#endif

namespace {

using Root = std::remove_reference_t<decltype(*std::declval<TW_DUT_TOP &>().rootp)>;

inline void port_apply(const tw_pins_request &from, CData &valid, CData &tag, CData &kind, CData &speculative,
                       QData &va, CData &cancel_valid, CData &cancel_tag) {
  valid = from.valid;
  tag = from.tag;
  kind = from.kind;
  speculative = from.speculative;
  va = from.va;
  cancel_valid = from.cancel_valid;
  cancel_tag = from.cancel_tag;
}

inline void inputs_apply(Root &top, const tw_pins_in &in) {
  top.rst_ni = in.rst_n;
  top.control_valid_i = in.control.valid;
  top.control_satp_i = in.control.satp;
  top.control_privilege_i = in.control.privilege;
  top.control_mprv_i = in.control.mprv;
  top.control_mpp_i = in.control.mpp;
  top.control_sum_i = in.control.sum;
  top.control_mxr_i = in.control.mxr;
  port_apply(in.fetch, top.fetch_req_valid_i, top.fetch_req_tag_i, top.fetch_req_kind_i, top.fetch_req_speculative_i,
             top.fetch_req_va_i, top.fetch_cancel_valid_i, top.fetch_cancel_tag_i);
  port_apply(in.data, top.data_req_valid_i, top.data_req_tag_i, top.data_req_kind_i, top.data_req_speculative_i,
             top.data_req_va_i, top.data_cancel_valid_i, top.data_cancel_tag_i);
  top.fence_valid_i = in.fence.valid;
  top.fence_kind_i = in.fence.kind;
  top.fence_has_va_i = in.fence.has_va;
  top.fence_va_i = in.fence.va;
  top.fence_has_asid_i = in.fence.has_asid;
  top.fence_asid_i = in.fence.asid;
  top.mem_req_ready_i = in.mem.req_ready;
  top.mem_rsp_valid_i = in.mem.rsp_valid;
  top.mem_rsp_id_i = in.mem.rsp_id;
  top.mem_rsp_error_i = in.mem.rsp_error;
  top.mem_rsp_data_i = in.mem.rsp_data;
}

#define RESPONSE_SAMPLE(port)                                                                                          \
  out.port.pa = top.port##_rsp_pa_o;                                                                                   \
  out.port.tval = top.port##_rsp_tval_o;                                                                               \
  out.port.gpa = top.port##_rsp_gpa_o;                                                                                 \
  out.port.req_ready = top.port##_req_ready_o;                                                                         \
  out.port.valid = top.port##_rsp_valid_o;                                                                             \
  out.port.tag = top.port##_rsp_tag_o;                                                                                 \
  out.port.status = top.port##_rsp_status_o;                                                                           \
  out.port.reason = top.port##_rsp_reason_o;                                                                           \
  out.port.cause = top.port##_rsp_cause_o;                                                                             \
  out.port.level = top.port##_rsp_level_o;                                                                             \
  out.port.flags = top.port##_rsp_flags_o;                                                                             \
  out.port.hit = top.port##_rsp_hit_o;                                                                                 \
  out.port.attribute = top.port##_rsp_attribute_o;                                                                     \
  out.port.implicit = top.port##_rsp_implicit_o

// The bytes named `zero` are the caller's, who cleared the struct once.
inline void outputs_sample(const Root &top, tw_pins_out &out) {
  RESPONSE_SAMPLE(fetch);
  RESPONSE_SAMPLE(data);
  out.mem.req_addr = top.mem_req_addr_o;
  out.mem.req_expected = top.mem_req_expected_o;
  out.mem.req_desired = top.mem_req_desired_o;
  out.mem.req_valid = top.mem_req_valid_o;
  out.mem.req_id = top.mem_req_id_o;
  out.mem.req_kind = top.mem_req_kind_o;
  out.mem.req_size = top.mem_req_size_o;
  out.event = top.event_o;
  out.fence_ready = top.fence_ready_o;
  out.fence_done = top.fence_done_o;
}

#ifdef TW_DUT_CHECKED
constexpr bool waves = true;
#else
constexpr bool waves = false;
#endif
#ifdef TW_DUT_ASSERTIONS
constexpr bool assertions = true;
#else
constexpr bool assertions = false;
#endif

const tw_dut_description description = {TW_DUT_NAME,
                                        TW_DUT_CONFIG,
                                        TW_DUT_TEXT,
                                        TW_DUT_MODES,
                                        TW_DUT_XLEN,
                                        TW_DUT_ASID_BITS,
                                        TW_DUT_PA_BITS,
                                        TW_DUT_AD,
                                        TW_DUT_OVER_FLUSH,
                                        TW_DUT_PREDICTED,
                                        waves,
                                        assertions,
                                        TW_DUT_VARIANTS,
                                        TW_DUT_FETCH_ENTRIES,
                                        TW_DUT_DATA_ENTRIES};

const tw_dut_description *dut_describe() {
  return &description;
}

tw_dut *dut_open(const tw_dut_options *options, tw_error *error) {
  if (options->variant >= TW_DUT_VARIANTS) {
    if (error)
      snprintf(error->text, sizeof error->text, "%s: expected a variant below %u, found %u", TW_DUT_NAME,
               static_cast<unsigned>(TW_DUT_VARIANTS), options->variant);
    return nullptr;
  }
  auto *dut = new tw_dut;
  dut->options.seed = options->seed;
  dut->options.variant = options->variant;
  dut->context.randReset(2);
  dut->context.randSeed(static_cast<int>(options->seed & 0x7fffffff) | 1);
  dut->context.fatalOnError(false);
#ifdef TW_DUT_CHECKED
  dut->context.traceEverOn(true);
#endif
  dut->top = std::make_unique<TW_DUT_TOP>(&dut->context, "dut");
#ifdef TW_DUT_VARIANT_PIN
  dut->top->TW_DUT_VARIANT_PIN = options->variant;
#endif
  dut->top->clk_i = 0;
  dut->top->eval();
  return dut;
}

void dut_close(tw_dut *dut) {
  Verilated::threadContextp(&dut->context); // the design's destructor goes by it, and others may have been open
  dut->top->final();
  delete dut;
}

#ifdef TW_DUT_CHECKED
void dut_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  TW_DUT_TOP &top = *dut->top;
  assertion_sink = &dut->failure;
  if (dut->clocked) {
    top.clk_i = 1;
    top.eval();
  }
  dut->clocked = true;
  inputs_apply(*top.rootp, *in);
  top.clk_i = 0;
  top.eval();
  outputs_sample(*top.rootp, *out);
  assertion_sink = nullptr;
}

bool dut_wave_open(tw_dut *dut, const char *path, const tw_wave_signal *signals, unsigned count, tw_error *error) {
  dut->signals = std::make_unique<twinwalk::WaveSignals>(signals, count);
  dut->file = std::make_unique<VerilatedFstC>();
  dut->top->trace(dut->file.get(), 99);
  dut->signals->attach(*dut->file);
  dut->file->open(path);
  if (dut->file->isOpen()) return true;
  if (error) snprintf(error->text, sizeof error->text, "%s: cannot write the waveform", path);
  dut->file.reset();
  return false;
}

void dut_wave_dump(tw_dut *dut, uint64_t cycle) {
  if (dut->file) dut->signals->dump(*dut->file, cycle);
}

void dut_wave_close(tw_dut *dut) {
  if (dut->file) dut->file->close();
  dut->file.reset();
  dut->signals.reset();
}

// Through reset, and to where nothing happens any more.
void dut_settle(tw_dut *dut) {
  tw_pins_out out;
  tw_pins_in in = {};
  for (unsigned cycle = 0; cycle < 8; cycle++) {
    in.rst_n = cycle >= 4;
    dut_cycle(dut, &in, &out);
  }
}

void dut_state(tw_dut *dut, char *text, unsigned size) {
  static const char more[] = "(and more: a waveform shows all)\n";
  tw_dut *fresh = dut_open(&dut->options, nullptr); // the same seed: what reset leaves alone is the same, too
  dut_settle(fresh);
  std::string all = twinwalk::StateListing(*dut->top).differences(twinwalk::StateListing(*fresh->top));
  dut_close(fresh);
  Verilated::threadContextp(&dut->context);
  if (all.size() >= size) {
    all.resize(size - sizeof more);
    all.resize(all.rfind('\n') + 1);
    all += more;
  }
  std::snprintf(text, size, "%s", all.c_str());
}

const char *dut_failure(tw_dut *dut) {
  return dut->failure.empty() ? nullptr : dut->failure.c_str();
}
#else
void dut_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  TW_DUT_TOP &top = *dut->top;
  outputs_sample(*top.rootp, *out);
  inputs_apply(*top.rootp, *in);
  top.clk_i = 1;
  top.eval();
  top.clk_i = 0;
  top.eval();
}

void dut_replay(tw_dut *dut, const tw_pins_in *inputs, uint64_t count) {
  TW_DUT_TOP &top = *dut->top;
  for (uint64_t cycle = 0; cycle < count; cycle++) {
    inputs_apply(*top.rootp, inputs[cycle]);
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
}
#endif

const tw_dut_table table = {
    TW_DUT_ABI,    dut_describe,  dut_open,       dut_close, dut_cycle,
#ifdef TW_DUT_CHECKED
    dut_wave_open, dut_wave_dump, dut_wave_close, dut_state, dut_failure, nullptr,
#else
    nullptr,    nullptr,      nullptr,  nullptr,   nullptr,   dut_replay,
#endif
};

} // namespace

extern "C" __attribute__((visibility("default"))) const tw_dut_table *tw_dut_entry(void) {
  return &table;
}
