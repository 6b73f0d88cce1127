// Lists what a verilated design holds, without knowing its names: a dump to a temporary FST file, which is read back.
//
// SPDX-License-Identifier: Apache-2.0
#ifndef TWINWALK_VERILATOR_STATE_HPP
#define TWINWALK_VERILATOR_STATE_HPP

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include "verilated.h"
#include "verilated_fst_c.h"

namespace twinwalk {

// The signals of one instance below the top's ports, of at most 64 bits, each under the first of its names.
class StateListing {
public:
  template <typename Top> explicit StateListing(Top &top) {
    const char *folder = std::getenv("TMPDIR");
    m_path = std::string(folder && *folder ? folder : "/tmp") + "/twinwalk-XXXXXX";
    const int made = mkstemp(m_path.data());
    if (made < 0) return;
    close(made);
    dump(top);
    read();
    unlink(m_path.c_str());
  }

  // What has another value than in the other instance, `scope.name 0x1f` a line.
  std::string differences(const StateListing &other) const {
    if (m_entries.empty()) return "(no state: " + m_path + " cannot be written)\n";
    std::string all = "(what is not as after reset)\n";
    for (const Entry &entry : m_entries) {
      const auto found = m_values.find(entry.handle), known = other.m_values.find(entry.handle);
      if (found == m_values.end() || known == other.m_values.end() || found->second == known->second) continue;
      char value[24];
      std::snprintf(value, sizeof value, " 0x%llx\n", found->second);
      all += entry.name + value;
    }
    return all;
  }

private:
  struct Entry {
    std::string name;
    fstHandle handle;
  };
  std::string m_path;
  std::vector<Entry> m_entries;
  std::map<fstHandle, unsigned long long> m_values;

  template <typename Top> void dump(Top &top) const {
    VerilatedFstC file;
    top.trace(&file, 99);
    file.open(m_path.c_str());
    if (file.isOpen()) file.dump(static_cast<uint64_t>(0));
    file.close();
  }

  void read() {
    void *reader = fstReaderOpen(m_path.c_str());
    if (!reader) return;
    declare(reader);
    fstReaderSetFacProcessMaskAll(reader);
    fstReaderIterBlocks(reader, &StateListing::take, this, nullptr);
    fstReaderClose(reader);
  }

  void declare(void *reader) {
    std::vector<std::string> scopes;
    while (const fstHier *row = fstReaderIterateHier(reader)) {
      if (row->htyp == FST_HT_SCOPE) scopes.emplace_back(row->u.scope.name);
      if (row->htyp == FST_HT_UPSCOPE && !scopes.empty()) scopes.pop_back();
      if (row->htyp != FST_HT_VAR) continue;
      const auto &var = row->u.var;
      const bool port = scopes.size() <= 1; // also the clock; what they are called inside are aliases
      if (port || var.is_alias || var.length > 64) continue;
      const std::string name = var.name;
      std::string path;
      for (size_t i = 2; i < scopes.size(); i++) path += scopes[i] + '.';
      m_entries.push_back(Entry{path + name.substr(0, name.find(' ')), var.handle});
    }
  }

  static void take(void *self, uint64_t, fstHandle handle, const unsigned char *bits) {
    unsigned long long value = 0;
    for (; *bits; bits++) value = value << 1 | (*bits == '1');
    static_cast<StateListing *>(self)->m_values[handle] = value;
  }
};

} // namespace twinwalk
#endif
