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
#include "pin_list.h"
#include "twinwalk/spec.h"
#include "verilated.h"
#ifdef TW_DUT_COVERAGE
#include <cstdlib>

#include "verilated_cov.h"
#endif

// A port says its width in its type, so that a top whose ports are not those of docs/pins.md does not compile.
namespace twinwalk {
template <typename Value, int Msb, int Lsb> struct Port {
  Value value; // nothing else: a port is laid out as Verilator does it
  static constexpr int bits = Msb - Lsb + 1;
};
} // namespace twinwalk

#undef VL_IN8
#undef VL_IN16
#undef VL_IN
#undef VL_IN64
#undef VL_OUT8
#undef VL_OUT16
#undef VL_OUT
#undef VL_OUT64
#define VL_IN8(name, msb, lsb) twinwalk::Port<CData, msb, lsb> name
#define VL_IN16(name, msb, lsb) twinwalk::Port<SData, msb, lsb> name
#define VL_IN(name, msb, lsb) twinwalk::Port<IData, msb, lsb> name
#define VL_IN64(name, msb, lsb) twinwalk::Port<QData, msb, lsb> name
#define VL_OUT8(name, msb, lsb) twinwalk::Port<CData, msb, lsb> name
#define VL_OUT16(name, msb, lsb) twinwalk::Port<SData, msb, lsb> name
#define VL_OUT(name, msb, lsb) twinwalk::Port<IData, msb, lsb> name
#define VL_OUT64(name, msb, lsb) twinwalk::Port<QData, msb, lsb> name

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

#define PIN_CHECK(port, pins, field, bits_of_pin)                                                                      \
  static_assert(std::remove_reference_t<decltype(std::declval<Root &>().port)>::bits == (bits_of_pin),                 \
                "port " #port ": not as wide as docs/pins.md says");                                                   \
  static_assert(sizeof(std::declval<pins &>().field) * 8 >= (bits_of_pin), "field " #field ": narrower than its pin");
#define IN_CHECK(pin, field, bits) PIN_CHECK(pin##_i, tw_pins_in, field, bits)
#define OUT_CHECK(pin, field, bits) PIN_CHECK(pin##_o, tw_pins_out, field, bits)
PIN_CHECK(rst_ni, tw_pins_in, rst_n, 1)
TW_PINS_IN(IN_CHECK)
TW_PINS_OUT(OUT_CHECK)

inline void inputs_apply(Root &top, const tw_pins_in &in) {
#define IN_APPLY(pin, field, bits) top.pin##_i.value = in.field;
  top.rst_ni.value = in.rst_n;
  TW_PINS_IN(IN_APPLY)
}

// The bytes named `zero` are the caller's, who cleared the struct once.
inline void outputs_sample(const Root &top, tw_pins_out &out) {
#define OUT_SAMPLE(pin, field, bits) out.field = top.pin##_o.value;
  TW_PINS_OUT(OUT_SAMPLE)
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
                                        TW_DUT_CONFIG_TEXT,
                                        TW_DUT_TEXT,
                                        TW_DUT_MODES,
                                        TW_DUT_XLEN,
                                        TW_DUT_EXTENSIONS,
                                        TW_DUT_ASID_BITS,
                                        TW_DUT_PA_BITS,
                                        TW_DUT_PMP_ENTRIES,
                                        TW_DUT_PMP_GRAIN,
                                        TW_DUT_FETCH_SLOTS,
                                        TW_DUT_DATA_SLOTS,
                                        TW_DUT_AD,
                                        TW_DUT_OVER_FLUSH,
                                        TW_DUT_PREDICTED,
                                        waves,
                                        assertions,
                                        TW_DUT_VARIANTS};

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
  dut->top->TW_DUT_VARIANT_PIN.value = options->variant;
#endif
  dut->top->clk_i.value = 0;
  dut->top->eval();
  return dut;
}

void dut_close(tw_dut *dut) {
  Verilated::threadContextp(&dut->context); // the design's destructor goes by it, and others may have been open
  dut->top->final();
#ifdef TW_DUT_COVERAGE
  if (const char *path = std::getenv("TWINWALK_DUT_COVERAGE")) dut->context.coveragep()->write(path);
#endif
  delete dut;
}

#ifdef TW_DUT_CHECKED
void dut_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  TW_DUT_TOP &top = *dut->top;
  assertion_sink = &dut->failure;
  if (dut->clocked) {
    top.clk_i.value = 1;
    top.eval();
  }
  dut->clocked = true;
  inputs_apply(*top.rootp, *in);
  top.clk_i.value = 0;
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
  top.clk_i.value = 1;
  top.eval();
  top.clk_i.value = 0;
  top.eval();
}

void dut_replay(tw_dut *dut, const tw_pins_in *inputs, uint64_t count) {
  TW_DUT_TOP &top = *dut->top;
  for (uint64_t cycle = 0; cycle < count; cycle++) {
    inputs_apply(*top.rootp, inputs[cycle]);
    top.clk_i.value = 1;
    top.eval();
    top.clk_i.value = 0;
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
