// What a translating mode fixes, and the numbers of docs/pins.md; every width of the MMU derives from here.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

package tw_pkg;

  // Modes: values of the parameter Mode.
  localparam int MODE_SV32 = 1;
  localparam int MODE_SV57 = 4;

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

  // satp: the PPN is at bit 0, the ASID directly above it, MODE at the top.
  function int satp_mode_bits(input int mode);
    satp_mode_bits = (mode == MODE_SV32) ? 1 : 4;
  endfunction

  function int satp_mode_code(input int mode);
    satp_mode_code = (mode == MODE_SV32) ? 1 : mode + 6;
  endfunction

  function int asid_max_bits(input int mode);
    asid_max_bits = xlen(mode) - satp_mode_bits(mode) - ppn_bits(mode);
  endfunction

  // With no ASID bits the registers keep one bit that is always 0: there is no zero-width vector.
  function int asid_width(input int bits);
    asid_width = (bits == 0) ? 1 : bits;
  endfunction

  // Ports, in every mode.
  localparam int TAG_BITS = 4;
  localparam int ID_BITS = 4;
  localparam int PA_PORT_BITS = 56;
  localparam int EVENT_BITS = 14;
  localparam int PAGE_SHIFT = 12;

  localparam logic [1:0] PRIVILEGE_U = 2'd0;
  localparam logic [1:0] PRIVILEGE_M = 2'd3;

  // Kinds, in the two bits that are not reserved.
  localparam logic [1:0] KIND_FETCH = 2'd0;
  localparam logic [1:0] KIND_LOAD = 2'd1;
  localparam logic [1:0] KIND_STORE = 2'd2;
  localparam logic [1:0] KIND_AMO = 2'd3;

  localparam logic [1:0] STATUS_TRANSLATED = 2'd0;
  localparam logic [1:0] STATUS_FAULT = 2'd1;
  localparam logic [1:0] STATUS_RETRY = 2'd2;

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

  // Bits of an entry, and of the flags of an answer.
  localparam int FLAG_V = 0;
  localparam int FLAG_R = 1;
  localparam int FLAG_W = 2;
  localparam int FLAG_X = 3;
  localparam int FLAG_U = 4;
  localparam int FLAG_G = 5;
  localparam int FLAG_A = 6;
  localparam int FLAG_D = 7;

  // The architecture's cause of a fault.
  function [4:0] cause(input [4:0] reason, input [1:0] kind);
    if (reason == REASON_TABLE_BUS_ERROR || reason == REASON_PHYSICAL_RANGE) begin
      cause = (kind == KIND_FETCH) ? 5'd1 : (kind == KIND_LOAD) ? 5'd5 : 5'd7;
    end else begin
      cause = (kind == KIND_FETCH) ? 5'd12 : (kind == KIND_LOAD) ? 5'd13 : 5'd15;
    end
  endfunction

endpackage

`default_nettype wire
