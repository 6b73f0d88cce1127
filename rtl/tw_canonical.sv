// Says whether an address is a virtual address of this mode: all bits above its highest VPN bit are equal to that.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_canonical #(
  parameter  int Mode = 2,
  localparam int Xlen = tw_pkg::xlen(Mode)
) (
  input  logic [Xlen-1:0] va_i,
  output logic            canonical_o
);

  localparam int VaBits = tw_pkg::PAGE_SHIFT + tw_pkg::vpn_bits(Mode);

  /* verilator tracing_off */  // only there so that no input is unused
  logic unused_va;
  /* verilator tracing_on */

  assign canonical_o = (VaBits == Xlen) || (&va_i[Xlen-1:VaBits-1]) || !(|va_i[Xlen-1:VaBits-1]);
  assign unused_va = ^va_i;

endmodule

`default_nettype wire
