// The decision unit: what a page-table entry means for the access that a walk is for, lines D1 to D20 of docs/microarchitecture.md.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_pte_check #(
  parameter  int Mode = 2,
  parameter  int Extensions = 0,
  localparam int Xlen = tw_pkg::xlen(Mode),  // an entry is as wide as a register
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode)
) (
  input  logic [                     4:0] reason_i,       // the walk's own: why there is no entry, or none
  input  logic [                Xlen-1:0] pte_i,
  input  logic [  tw_pkg::LEVEL_BITS-1:0] level_i,
  input  logic                            global_i,       // of the pointers on the way
  input  logic [                     1:0] kind_i,
  input  logic                            speculative_i,
  input  logic [tw_pkg::CONTEXT_BITS-1:0] context_i,
  // One of these four, or a reason.
  output logic                            pointer_o,      // D7
  output logic                            retry_o,        // D18
  output logic                            update_o,       // D19
  output logic                            translation_o,  // D20
  output logic [                     4:0] reason_o,
  output logic [             PpnBits-1:0] ppn_o,          // as in the entry
  output logic                            global_o,
  output logic [            LeafBits-1:0] leaf_o          // if it is a translation
);

  localparam int VpnBits = tw_pkg::vpn_bits(Mode);
  localparam logic Wide = Xlen == 64;
  localparam logic Svnapot = Wide && Extensions[tw_pkg::EXTENSION_SVNAPOT];
  localparam logic Svrsw60t59b = Wide && Extensions[tw_pkg::EXTENSION_SVRSW60T59B];

  logic [4:0] permission;
  logic [7:0] flags;
  logic [9:0] high;  // bits 63 to 54
  logic [9:0] reserved;
  logic [VpnBits-1:0] mask, below;
  logic leaf, readable, writable, write, misaligned, napot, pbmte, adue, mxr, sum, user;
  logic [1:0] attribute;
  logic [PpnBits-1:0] page;
  /* verilator tracing_off */  // only there so that no signal is unused
  logic unused_signals;
  /* verilator tracing_on */

  assign {pbmte, adue, mxr, sum, user} = context_i;
  assign flags = pte_i[7:0];
  assign ppn_o = pte_i[10 +: PpnBits];
  assign readable = flags[tw_pkg::FLAG_R];
  assign writable = flags[tw_pkg::FLAG_W];
  assign leaf = readable || flags[tw_pkg::FLAG_X];

  if (Wide) begin : gen_wide
    assign high = pte_i[63:54];
  end else begin : gen_narrow
    assign high = '0;
  end

  assign napot = high[9];
  assign attribute = high[8:7];
  assign reserved = high & {!Svnapot, {2{!pbmte}}, {2{!Svrsw60t59b}}, 5'b11111};

  // The topmost PPN field never lies below a level, so a mask as wide as the VPN or the PPN covers all fields that can.
  tw_page_mask #(
    .Mode(Mode)
  ) i_page_mask (
    .level_i(level_i),
    .napot_i(1'b0),
    .mask_o (mask)
  );

  assign below = ~mask;
  assign misaligned = |(64'(ppn_o) & 64'(below));

  tw_permission i_permission (
    .kind_i  (kind_i),
    .user_i  (user),
    .sum_i   (sum),
    .mxr_i   (mxr),
    .flags_i (flags),
    .write_o (write),
    .reason_o(permission)
  );

  always_comb begin
    {pointer_o, retry_o, update_o, translation_o} = 4'b0000;
    reason_o = tw_pkg::REASON_NONE;
    if (reason_i != tw_pkg::REASON_NONE) begin
      reason_o = reason_i;
    end else if (!flags[tw_pkg::FLAG_V]) begin
      reason_o = tw_pkg::REASON_INVALID;
    end else if (!readable && writable) begin
      reason_o = tw_pkg::REASON_WRITE_ONLY;
    end else if (|reserved) begin
      reason_o = tw_pkg::REASON_RESERVED_BITS;
    end else if (!leaf) begin
      if (flags[tw_pkg::FLAG_D] || flags[tw_pkg::FLAG_A] || flags[tw_pkg::FLAG_U] || napot || attribute != 2'd0) begin
        reason_o = tw_pkg::REASON_POINTER_RESERVED;
      end else if (level_i == '0) begin
        reason_o = tw_pkg::REASON_NO_LEAF;
      end else begin
        pointer_o = 1'b1;
      end
    end else if (attribute == 2'd3) begin
      reason_o = tw_pkg::REASON_PBMT_RESERVED;
    end else if (napot && (level_i != '0 || ppn_o[3:0] != 4'd8)) begin
      reason_o = tw_pkg::REASON_NAPOT_RESERVED;
    end else if (misaligned) begin
      reason_o = tw_pkg::REASON_MISALIGNED;
    end else if (permission != tw_pkg::REASON_NONE) begin
      reason_o = permission;
    end else if (!flags[tw_pkg::FLAG_A] && !adue) begin
      reason_o = tw_pkg::REASON_ACCESSED_CLEAR;
    end else if (write && !flags[tw_pkg::FLAG_D] && !adue) begin
      reason_o = tw_pkg::REASON_DIRTY_CLEAR;
    end else if (!flags[tw_pkg::FLAG_A] || (write && !flags[tw_pkg::FLAG_D])) begin
      retry_o = speculative_i;
      update_o = !speculative_i;
    end else begin
      translation_o = 1'b1;
    end
  end

  assign global_o = global_i || flags[tw_pkg::FLAG_G];
  assign page = ppn_o & ~{{(PpnBits-4){1'b0}}, {4{napot}}};
  assign leaf_o = translation_o ? {napot, attribute, level_i, flags[7:6], global_o, flags[4:0], page} : '0;

  // RSW means nothing to hardware.
  assign unused_signals = ^pte_i[9:8];

endmodule

`default_nettype wire
