// What a 64-bit address pin means in this mode: the bits that count, and whether it is a virtual address at all.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_address #(
  parameter int Mode = 2
) (
  input  logic [63:0] va_i,
  output logic [63:0] va_o,        // RV32: bits 63..32 are ignored (P15)
  output logic        canonical_o  // all bits above the highest VPN bit are equal to it
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int VaBits = tw_pkg::PAGE_SHIFT + tw_pkg::vpn_bits(Mode);
  localparam logic [63:0] XLEN_MASK = 64'hffff_ffff_ffff_ffff >> (64 - Xlen);

  assign va_o = va_i & XLEN_MASK;
  assign canonical_o = (VaBits == Xlen) || (&va_i[63:VaBits-1]) || !(|va_i[63:VaBits-1]);

endmodule

`default_nettype wire
