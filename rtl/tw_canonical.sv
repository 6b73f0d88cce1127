// Says whether an address is a virtual address of a mode: all bits above its highest VPN bit are equal to that.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_canonical #(
  parameter  int Mode = 2,
  localparam int Xlen = tw_pkg::xlen(Mode)
) (
  input  logic [              Xlen-1:0] va_i,
  input  logic [tw_pkg::LEVEL_BITS-1:0] top_i,       // the level at which the mode's root is read
  output logic                          canonical_o
);

  if (Xlen == 32) begin : gen_narrow

    logic unused_inputs;

    assign canonical_o = 1'b1;
    assign unused_inputs = ^{va_i, top_i};

  end else begin : gen_wide

    logic canonical39, canonical48, canonical57, unused_offset;

    assign canonical39 = (&va_i[63:38]) || !(|va_i[63:38]);
    assign canonical48 = (&va_i[63:47]) || !(|va_i[63:47]);
    assign canonical57 = (&va_i[63:56]) || !(|va_i[63:56]);
    assign canonical_o = (top_i == 3'd2) ? canonical39 : (top_i == 3'd3) ? canonical48 : canonical57;
    assign unused_offset = ^va_i[37:0];

  end

endmodule

`default_nettype wire
