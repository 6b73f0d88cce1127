// What a translating mode fixes, and the numbers of docs/pins.md; every width of the MMU derives from here.
//
// Some things travel between modules as one flat vector, the first named uppermost:
//   leaf     {napot, attribute (2), level (3), flags (8: D A G U X W R V), PPN}     what an entry of a TLB translates to
//   context  {pbmte, adue, mxr, sum, user}                                          what decides about a miss, as sampled
//   miss     {VPN, speculative, kind (2), context}                                  what a miss slot asks of L2 and walkers
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

package tw_pkg;

  // Modes: values of the parameter Mode.
  localparam int MODE_SV32 = 1;
  localparam int MODE_SV57 = 4;

  // Extensions: bits of the parameter Extensions. Svvptc asks for nothing: an invalid entry is never kept.
  localparam int EXTENSION_SVNAPOT = 0;
  localparam int EXTENSION_SVPBMT = 1;
  localparam int EXTENSION_SVADU = 2;
  localparam int EXTENSION_SVRSW60T59B = 5;
  localparam int EXTENSION_SMEPMP = 6;

  function int xlen(input int mode);
    xlen = (mode == MODE_SV32) ? 32 : 64;
  endfunction

  function int levels(input int mode);
    levels = (mode == MODE_SV32) ? 2 : mode + 1;
  endfunction

  // Bits of one VPN field, which is also the index into one table.
  function int field_bits(input int mode);
    field_bits = (mode == MODE_SV32) ? 10 : 9;
  endfunction

  function int vpn_bits(input int mode);
    vpn_bits = levels(mode) * field_bits(mode);
  endfunction

  function int ppn_bits(input int mode);
    ppn_bits = (mode == MODE_SV32) ? 22 : 44;
  endfunction

  // log2 of the bytes of a page-table entry.
  function int pte_shift(input int mode);
    pte_shift = (mode == MODE_SV32) ? 2 : 3;
  endfunction

  // Bits of a word's address: what pmpaddr holds.
  function int word_bits(input int mode);
    word_bits = ppn_bits(mode) + 10;
  endfunction

  // satp: the PPN is at bit 0, the ASID directly above it, MODE at the top.
  function int satp_mode_bits(input int mode);
    satp_mode_bits = (mode == MODE_SV32) ? 1 : 4;
  endfunction

  function int asid_max_bits(input int mode);
    asid_max_bits = xlen(mode) - satp_mode_bits(mode) - ppn_bits(mode);
  endfunction

  // There is no zero-width vector: what has no bits keeps one that is always 0.
  function int at_least_one(input int bits);
    at_least_one = (bits < 1) ? 1 : bits;
  endfunction

  // Bits of a number from 0 to count - 1.
  function int index_bits(input int count);
    index_bits = (count <= 2) ? 1 : $clog2(count);
  endfunction

  // Ports, in every mode.
  localparam int TAG_BITS = 4;
  localparam int SIZE_BITS = 7;
  localparam int ID_BITS = 4;
  localparam int PA_BITS = 56;
  localparam int EVENT_BITS = 29;
  localparam int PAGE_SHIFT = 12;
  localparam int LEVEL_BITS = 3;

  // Flat vectors.
  localparam int CONTEXT_BITS = 5;

  function int leaf_bits(input int mode);
    leaf_bits = 14 + ppn_bits(mode);
  endfunction

  function int miss_bits(input int mode);
    miss_bits = vpn_bits(mode) + 3 + CONTEXT_BITS;
  endfunction

  // Parameters at their limits.
  localparam int REGION_LIMIT = 8;
  localparam int REGION_BASE_BITS = 56;
  localparam int REGION_SIZE_BITS = 6;
  localparam int REGION_KIND_BITS = 3;

  // Bits of a region's kind; bit 0, I/O, concerns nothing here.
  localparam int REGION_TABLES = 1;
  localparam int REGION_UPDATES = 2;

  localparam logic [1:0] PRIVILEGE_U = 2'd0;
  localparam logic [1:0] PRIVILEGE_M = 2'd3;

  // Kinds of an access, in the two bits that are not reserved.
  localparam logic [1:0] KIND_FETCH = 2'd0;
  localparam logic [1:0] KIND_LOAD = 2'd1;
  localparam logic [1:0] KIND_STORE = 2'd2;
  localparam logic [1:0] KIND_AMO = 2'd3;

  // Kinds of a fence that invalidate something.
  localparam logic [2:0] FENCE_SFENCE_VMA = 3'd0;
  localparam logic [2:0] FENCE_SINVAL_VMA = 3'd1;

  // Kinds of a PMP write.
  localparam logic [1:0] PMP_CFG = 2'd0;
  localparam logic [1:0] PMP_ADDR = 2'd1;
  localparam logic [1:0] PMP_MSECCFG = 2'd2;

  // pmpcfg.A.
  localparam logic [1:0] PMP_OFF = 2'd0;
  localparam logic [1:0] PMP_TOR = 2'd1;
  localparam logic [1:0] PMP_NA4 = 2'd2;
  localparam logic [1:0] PMP_NAPOT = 2'd3;

  localparam logic [1:0] STATUS_TRANSLATED = 2'd0;
  localparam logic [1:0] STATUS_FAULT = 2'd1;
  localparam logic [1:0] STATUS_RETRY = 2'd2;

  localparam logic [1:0] HIT_NONE = 2'd0;
  localparam logic [1:0] HIT_L1 = 2'd1;
  localparam logic [1:0] HIT_L2 = 2'd2;

  // Reasons; 0 is a grant.
  localparam logic [4:0] REASON_NONE = 5'd0;
  localparam logic [4:0] REASON_NOT_CANONICAL = 5'd1;
  localparam logic [4:0] REASON_TABLE_BUS_ERROR = 5'd2;
  localparam logic [4:0] REASON_INVALID = 5'd3;
  localparam logic [4:0] REASON_WRITE_ONLY = 5'd4;
  localparam logic [4:0] REASON_RESERVED_BITS = 5'd5;
  localparam logic [4:0] REASON_POINTER_RESERVED = 5'd6;
  localparam logic [4:0] REASON_NO_LEAF = 5'd7;
  localparam logic [4:0] REASON_MISALIGNED = 5'd8;
  localparam logic [4:0] REASON_USER_DENIED = 5'd9;
  localparam logic [4:0] REASON_SUPERVISOR_DENIED = 5'd10;
  localparam logic [4:0] REASON_READ_DENIED = 5'd11;
  localparam logic [4:0] REASON_WRITE_DENIED = 5'd12;
  localparam logic [4:0] REASON_EXECUTE_DENIED = 5'd13;
  localparam logic [4:0] REASON_ACCESSED_CLEAR = 5'd14;
  localparam logic [4:0] REASON_DIRTY_CLEAR = 5'd15;
  localparam logic [4:0] REASON_PHYSICAL_RANGE = 5'd16;
  localparam logic [4:0] REASON_TABLE_RANGE = 5'd17;
  localparam logic [4:0] REASON_TABLE_PMA = 5'd18;
  localparam logic [4:0] REASON_TABLE_PMP = 5'd19;
  localparam logic [4:0] REASON_UPDATE_PMA = 5'd20;
  localparam logic [4:0] REASON_UPDATE_PMP = 5'd21;
  localparam logic [4:0] REASON_UPDATE_BUS_ERROR = 5'd22;
  localparam logic [4:0] REASON_PMA_DENIED = 5'd23;
  localparam logic [4:0] REASON_PMP_DENIED = 5'd24;
  localparam logic [4:0] REASON_NAPOT_RESERVED = 5'd25;
  localparam logic [4:0] REASON_PBMT_RESERVED = 5'd26;

  // Bits of an entry, and of the flags of an answer.
  localparam int FLAG_V = 0;
  localparam int FLAG_R = 1;
  localparam int FLAG_W = 2;
  localparam int FLAG_X = 3;
  localparam int FLAG_U = 4;
  localparam int FLAG_G = 5;
  localparam int FLAG_A = 6;
  localparam int FLAG_D = 7;

  // Places in event_o.
  localparam int EVENT_HIT = 0;  // of the fetch port; the data port's stand EVENT_PORT higher
  localparam int EVENT_MISS = 1;
  localparam int EVENT_EVICT = 2;
  localparam int EVENT_RETRY = 3;
  localparam int EVENT_PORT = 4;
  localparam int EVENT_WALK_BEGIN = 8;
  localparam int EVENT_WALK_STEP = 9;
  localparam int EVENT_WALK_GRANT = 10;
  localparam int EVENT_WALK_FAULT = 11;
  localparam int EVENT_WALK_KILL = 12;
  localparam int EVENT_FENCE = 13;
  localparam int EVENT_L2_HIT = 14;
  localparam int EVENT_L2_MISS = 15;
  localparam int EVENT_L2_EVICT = 16;
  localparam int EVENT_L2_STALL = 17;
  localparam int EVENT_WALK_CACHE_HIT = 18;
  localparam int EVENT_WALK_CACHE_EVICT = 19;
  localparam int EVENT_WALK_MERGE = 20;
  localparam int EVENT_UPDATE = 21;
  localparam int EVENT_UPDATE_LOST = 22;
  localparam int EVENT_TABLE_DENIED = 23;
  localparam int EVENT_WALKER_STALL = 24;
  localparam int EVENT_MEM_STALL = 25;
  localparam int EVENT_FETCH_STALL = 26;
  localparam int EVENT_DATA_STALL = 27;
  localparam int EVENT_FENCE_STALL = 28;

  // The architecture's cause of a fault.
  function [4:0] cause(input [4:0] reason, input [1:0] kind);
    if (reason == REASON_TABLE_BUS_ERROR || (reason >= REASON_PHYSICAL_RANGE && reason <= REASON_PMP_DENIED)) begin
      cause = (kind == KIND_FETCH) ? 5'd1 : (kind == KIND_LOAD) ? 5'd5 : 5'd7;
    end else begin
      cause = (kind == KIND_FETCH) ? 5'd12 : (kind == KIND_LOAD) ? 5'd13 : 5'd15;
    end
  endfunction

endpackage

`default_nettype wire
