// The VPN bits that lie below a leaf's level, and so are part of the offset in its page.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_page_mask #(
  parameter  int Mode = 2,
  localparam int Levels = tw_pkg::levels(Mode),
  localparam int LevelBits = $clog2(Levels),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic [LevelBits-1:0] level_i,
  output logic [  VpnBits-1:0] mask_o
);

  localparam int FieldBits = tw_pkg::field_bits(Mode);

  for (genvar f = 0; f < Levels; f++) begin : gen_field
    assign mask_o[f*FieldBits +: FieldBits] = {FieldBits{32'(level_i) > f}};
  end

endmodule

`default_nettype wire
