// Decides what the answer to one page-table read means: lines D1 to D16 of docs/microarchitecture.md.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_pte_check #(
  parameter  int Mode = 2,
  localparam int LevelBits = $clog2(tw_pkg::levels(Mode)),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode)
) (
  input  logic                 error_i,
  input  logic [         63:0] pte_i,
  input  logic [LevelBits-1:0] level_i,
  input  logic [          1:0] kind_i,
  input  logic                 user_i,
  input  logic                 sum_i,
  input  logic                 mxr_i,
  output logic                 pointer_o,  // D7: go down; otherwise the walk ends
  output logic [          4:0] reason_o,   // of the fault; none: a pointer or a translation
  output logic [          7:0] flags_o,
  output logic [  PpnBits-1:0] ppn_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);  // an entry is as wide as a register
  localparam int VpnBits = tw_pkg::vpn_bits(Mode);
  localparam int ReservedFrom = 10 + PpnBits;
  localparam logic [63:0] PTE_MASK = 64'hffff_ffff_ffff_ffff >> (64 - Xlen);
  localparam logic [63:0] RESERVED_MASK = PTE_MASK & (64'hffff_ffff_ffff_ffff << ReservedFrom);

  logic [4:0] permission;
  logic [VpnBits-1:0] mask;
  logic leaf, readable, writable, misaligned, unused_software;

  assign flags_o = pte_i[7:0];
  assign ppn_o = pte_i[10 +: PpnBits];
  assign readable = flags_o[tw_pkg::FLAG_R];
  assign writable = flags_o[tw_pkg::FLAG_W];
  assign leaf = readable || flags_o[tw_pkg::FLAG_X];

  tw_page_mask #(
    .Mode(Mode)
  ) i_page_mask (
    .level_i(level_i),
    .mask_o (mask)
  );

  // The topmost PPN field never lies below a level, so a mask as wide as the VPN or the PPN covers all fields that can.
  assign misaligned = |(64'(ppn_o) & 64'(mask));

  tw_permission i_permission (
    .kind_i  (kind_i),
    .user_i  (user_i),
    .sum_i   (sum_i),
    .mxr_i   (mxr_i),
    .flags_i (flags_o),
    .reason_o(permission)
  );

  always_comb begin
    pointer_o = 1'b0;
    if (error_i) begin
      reason_o = tw_pkg::REASON_TABLE_BUS_ERROR;
    end else if (!flags_o[tw_pkg::FLAG_V]) begin
      reason_o = tw_pkg::REASON_INVALID;
    end else if (!readable && writable) begin
      reason_o = tw_pkg::REASON_WRITE_ONLY;
    end else if (|(pte_i & RESERVED_MASK)) begin
      reason_o = tw_pkg::REASON_RESERVED_BITS;
    end else if (!leaf) begin
      if (flags_o[tw_pkg::FLAG_D] || flags_o[tw_pkg::FLAG_A] || flags_o[tw_pkg::FLAG_U]) begin
        reason_o = tw_pkg::REASON_POINTER_RESERVED;
      end else if (level_i == '0) begin
        reason_o = tw_pkg::REASON_NO_LEAF;
      end else begin
        reason_o = tw_pkg::REASON_NONE;
        pointer_o = 1'b1;
      end
    end else if (misaligned) begin
      reason_o = tw_pkg::REASON_MISALIGNED;
    end else begin
      reason_o = permission;
    end
  end

  // RSW means nothing to hardware, and reads of 4 bytes answer in the lower half alone (P28).
  assign unused_software = ^{pte_i[9:8], pte_i & ~PTE_MASK};

endmodule

`default_nettype wire
