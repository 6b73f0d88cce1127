// The VPN bits that tell one page from another: those at and above its level, of a 64 KiB page all but the four lowest.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_page_mask #(
  parameter  int Mode = 2,
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic [tw_pkg::LEVEL_BITS-1:0] level_i,
  input  logic                          napot_i,
  output logic [           VpnBits-1:0] mask_o
);

  localparam int FieldBits = tw_pkg::field_bits(Mode);

  assign mask_o = ({VpnBits{1'b1}} << (32'(level_i) * FieldBits)) & ~{{(VpnBits-4){1'b0}}, {4{napot_i}}};

endmodule

`default_nettype wire
