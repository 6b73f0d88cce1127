// Adds the bench's signals to the FST file that a verilated design writes, so that one file holds both sides.
//
// The file's writer is private to Verilator; its trace object takes further declarations and dumps by callbacks, which
// is what a verilated design uses itself. Header only: included by the plug-in's shim, once for each plug-in.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef TWINWALK_VERILATOR_WAVE_HPP
#define TWINWALK_VERILATOR_WAVE_HPP

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <list>
#include <string>
#include <sys/mman.h>
#include <vector>

#include "dut.h"
#include "verilated.h"
#include "verilated_fst_c.h"

// The FST writer maps its scratch files (some bytes a signal, and the signals' names in FILE.hier) and dies of a bus
// error if they lie on a disk that is full. A plug-in's symbols are its own: in it, these files are in memory.
extern "C" {
FILE *tw_wave_tmpfile() __asm__("tmpfile");
FILE *tw_wave_tmpfile64() __asm__("tmpfile64");
FILE *tw_wave_fopen(const char *path, const char *mode) __asm__("fopen");
FILE *tw_wave_fopen64(const char *path, const char *mode) __asm__("fopen64");

FILE *tw_wave_tmpfile() {
  const int descriptor = memfd_create("waveform", MFD_CLOEXEC);
  return descriptor >= 0 ? fdopen(descriptor, "w+b") : nullptr;
}

FILE *tw_wave_tmpfile64() {
  return tw_wave_tmpfile();
}

FILE *tw_wave_fopen(const char *path, const char *mode) {
  static const auto open_file = reinterpret_cast<FILE *(*)(const char *, const char *)>(dlsym(RTLD_DEFAULT, "fopen"));
  const size_t length = std::strlen(path);
  const bool scratch = length > 5 && std::strcmp(path + length - 5, ".hier") == 0 && mode[0] == 'w';
  return scratch ? tw_wave_tmpfile() : open_file(path, mode);
}

FILE *tw_wave_fopen64(const char *path, const char *mode) {
  return tw_wave_fopen(path, mode);
}
}

namespace twinwalk {

// FST has signals of text, which Verilator does not offer; its handle of the file, which would, is private. An explicit
// instantiation may name private members.
template <typename Tag, typename Tag::type Member> struct Reveal {
  friend typename Tag::type reveal(Tag) {
    return Member;
  }
};
struct FstHandle {
  using type = void *VerilatedFst::*;
  friend type reveal(FstHandle);
};
template struct Reveal<FstHandle, &VerilatedFst::m_fst>;
struct FstScope {
  using type = std::list<std::string> VerilatedFst::*;
  friend type reveal(FstScope);
};
template struct Reveal<FstScope, &VerilatedFst::m_curScope>;

// The added signals of one file. Must outlive the file.
class WaveSignals {
public:
  WaveSignals(const tw_wave_signal *signals, unsigned count) {
    for (unsigned i = 0; i < count; i++) m_signals.push_back(Signal{signals[i], 0});
    collectBlocks();
  }
  WaveSignals(const WaveSignals &) = delete;
  WaveSignals &operator=(const WaveSignals &) = delete;

  // Joins a file that the design has joined and that is not yet open. A file has no unit "cycle": one is shown as 1 ns.
  void attach(VerilatedFstC &file) {
    file.set_time_unit("1ns");
    file.set_time_resolution("1ns");
    file.spTrace()->addInitCb(&WaveSignals::declareAll, this);
    file.spTrace()->addFullCb(static_cast<VerilatedFst::dumpCb_t>(&WaveSignals::dumpAll), this);
    file.spTrace()->addChgCb(static_cast<VerilatedFst::dumpCb_t>(&WaveSignals::dumpChanges), this);
  }

  // Writes a cycle. The writer keeps changes in memory as one list for each signal and walks the lists when it writes a
  // block: often enough that they are still in the processor's cache, which is three times as fast as its own idea of
  // often.
  void dump(VerilatedFstC &file, uint64_t cycle) {
    file.dump(cycle);
    if (++m_dumps % FlushCycles == 0) file.flush();
  }

private:
  struct Signal {
    tw_wave_signal what;
    uint32_t code; // from the file's first code of ours; of a text, the file's handle
    bool isText() const {
      return what.bits >= TW_WAVE_TEXT(0);
    }
    size_t bytes() const {
      const unsigned bits = what.bits;
      if (isText()) return bits - TW_WAVE_TEXT(0);
      return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : 4 * ((bits + 31) / 32);
    }
    const uint8_t *begin() const {
      return static_cast<const uint8_t *>(what.value);
    }
    const uint8_t *end() const {
      return begin() + bytes();
    }
  };
  // Values that lie side by side in memory and are compared with one memcmp: most of them rest in most cycles.
  struct Run {
    const uint8_t *begin, *end;
    std::vector<size_t> members; // of m_signals
    size_t bytes() const {
      return static_cast<size_t>(end - begin);
    }
  };
  // Runs that lie side by side, for the same reason.
  struct Block {
    const uint8_t *begin, *end;
    std::vector<Run> runs;
    std::vector<uint8_t> shadow; // as the file has it
    size_t bytes() const {
      return static_cast<size_t>(end - begin);
    }
    uint8_t *shadowOf(const uint8_t *value) {
      return shadow.data() + (value - begin);
    }
  };
  static constexpr size_t RunBytes = 64; // more would check too many signals for one that changed
  static constexpr size_t BlockBytes = 4096;
  static constexpr size_t Alignment = 8; // a smaller gap is padding within one object
  static constexpr uint64_t FlushCycles = 512;

  std::vector<Signal> m_signals;
  std::vector<Block> m_blocks;
  uint32_t m_base = 0;
  uint64_t m_dumps = 0;
  void *m_file = nullptr; // the writer's handle

  template <typename Piece> static bool joins(const Piece &piece, const Signal &signal, size_t limit) {
    return signal.begin() < piece.end + Alignment && signal.end() <= piece.begin + limit;
  }

  void collectBlocks() {
    std::vector<size_t> order(m_signals.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = i;
    std::sort(order.begin(), order.end(),
              [this](size_t a, size_t b) { return m_signals[a].begin() < m_signals[b].begin(); });
    for (const size_t i : order) {
      const Signal &signal = m_signals[i];
      if (m_blocks.empty() || !joins(m_blocks.back(), signal, BlockBytes)) {
        m_blocks.push_back(Block{signal.begin(), signal.end(), {}, {}});
      }
      Block &block = m_blocks.back();
      if (block.runs.empty() || !joins(block.runs.back(), signal, RunBytes)) {
        block.runs.push_back(Run{signal.begin(), signal.end(), {}});
      }
      Run &run = block.runs.back();
      run.members.push_back(i);
      run.end = std::max(run.end, signal.end());
      block.end = std::max(block.end, signal.end());
    }
    for (Block &block : m_blocks) block.shadow.resize(block.bytes());
  }

  // Scopes as Verilator has them: a last byte of 0x80 makes a scope a module.
  static std::list<std::string> scopes(const tw_wave_signal &what) {
    std::list<std::string> all(1);
    for (const char *c = what.scope; *c; c++) {
      if (*c == '.') all.emplace_back();
      if (*c != '.') all.back() += *c;
    }
    for (std::string &scope : all) scope += '\x80';
    return all;
  }

  static std::string fullName(const tw_wave_signal &what) {
    std::string name;
    for (const std::string &scope : scopes(what)) name += scope + ' ';
    return name + what.name;
  }

  static void declareAll(void *self, VerilatedFst *file, uint32_t code) {
    WaveSignals &all = *static_cast<WaveSignals *>(self);
    all.m_base = code;
    all.m_file = file->*reveal(FstHandle());
    uint32_t next = 0;
    for (Signal &signal : all.m_signals) {
      if (signal.isText()) {
        signal.code = all.declareText(file, signal.what);
        continue;
      }
      signal.code = next;
      next += (signal.what.bits + 31) / 32;
      declare(file, code + signal.code, signal.what);
    }
  }

  fstHandle declareText(VerilatedFst *file, const tw_wave_signal &what) const {
    std::list<std::string> &current = file->*reveal(FstScope());
    const std::list<std::string> wanted = scopes(what);
    if (current != wanted) {
      for (size_t i = 0; i < current.size(); i++) fstWriterSetUpscope(m_file);
      for (const std::string &scope : wanted) {
        fstWriterSetScope(m_file, FST_ST_VCD_MODULE, scope.substr(0, scope.size() - 1).c_str(), nullptr);
      }
      current = wanted;
    }
    return fstWriterCreateVar(m_file, FST_VT_GEN_STRING, FST_VD_IMPLICIT, 0, what.name, 0);
  }

  static void declare(VerilatedFst *file, uint32_t code, const tw_wave_signal &what) {
    const std::string name = fullName(what);
    const int msb = static_cast<int>(what.bits) - 1;
    const fstVarDir direction = FST_VD_IMPLICIT;
    if (what.bits == 1) {
      file->declBit(code, name.c_str(), -1, direction, FST_VT_VCD_WIRE, false, -1);
    } else if (what.bits <= 32) {
      file->declBus(code, name.c_str(), -1, direction, FST_VT_VCD_WIRE, false, -1, msb, 0);
    } else if (what.bits <= 64) {
      file->declQuad(code, name.c_str(), -1, direction, FST_VT_VCD_WIRE, false, -1, msb, 0);
    } else {
      file->declArray(code, name.c_str(), -1, direction, FST_VT_VCD_WIRE, false, -1, msb, 0);
    }
  }

  template <typename T> static T value(const Signal &signal) {
    T read;
    std::memcpy(&read, signal.what.value, sizeof read);
    return read;
  }

  void writeFull(VerilatedFst::Buffer *buffer, const Signal &signal) const {
    if (signal.isText()) {
      const char *text = static_cast<const char *>(signal.what.value);
      const size_t length = strnlen(text, signal.bytes());
      fstWriterEmitVariableLengthValueChange(m_file, signal.code, text, static_cast<uint32_t>(length));
      return;
    }
    uint32_t *const old = buffer->oldp(m_base + signal.code);
    const int bits = static_cast<int>(signal.what.bits);
    if (bits == 1) {
      buffer->fullBit(old, value<uint8_t>(signal));
    } else if (bits <= 8) {
      buffer->fullCData(old, value<uint8_t>(signal), bits);
    } else if (bits <= 16) {
      buffer->fullSData(old, value<uint16_t>(signal), bits);
    } else if (bits <= 32) {
      buffer->fullIData(old, value<uint32_t>(signal), bits);
    } else if (bits <= 64) {
      buffer->fullQData(old, value<uint64_t>(signal), bits);
    } else {
      buffer->fullWData(old, static_cast<const WData *>(signal.what.value), bits);
    }
  }

  static void dumpAll(void *self, VerilatedFst::Buffer *buffer) {
    WaveSignals &all = *static_cast<WaveSignals *>(self);
    for (const Signal &signal : all.m_signals) all.writeFull(buffer, signal);
    for (Block &block : all.m_blocks) std::memcpy(block.shadow.data(), block.begin, block.bytes());
  }

  static void dumpChanges(void *self, VerilatedFst::Buffer *buffer) {
    WaveSignals &all = *static_cast<WaveSignals *>(self);
    for (Block &block : all.m_blocks) {
      if (!std::memcmp(block.shadow.data(), block.begin, block.bytes())) continue;
      for (const Run &run : block.runs) all.dumpRun(buffer, block, run);
    }
  }

  // Most values are a byte or a word: for them a call of memcmp costs more than what it does.
  static bool equal(const uint8_t *left, const uint8_t *right, size_t bytes) {
    switch (bytes) {
    case 1:
      return *left == *right;
    case 2:
      return std::memcmp(left, right, 2) == 0;
    case 4:
      return std::memcmp(left, right, 4) == 0;
    case 8:
      return std::memcmp(left, right, 8) == 0;
    default:
      return std::memcmp(left, right, bytes) == 0;
    }
  }

  void dumpRun(VerilatedFst::Buffer *buffer, Block &block, const Run &run) const {
    uint8_t *const shadow = block.shadowOf(run.begin);
    if (!std::memcmp(shadow, run.begin, run.bytes())) return;
    for (const size_t member : run.members) {
      const Signal &signal = m_signals[member];
      if (!equal(block.shadowOf(signal.begin()), signal.begin(), signal.bytes())) writeFull(buffer, signal);
    }
    std::memcpy(shadow, run.begin, run.bytes());
  }
};

} // namespace twinwalk
#endif
