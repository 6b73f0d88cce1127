// The place of the one bit that is set; 0 if there is none.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_index #(
  parameter  int Count = 16,  // 1 to 64
  localparam int IndexBits = tw_pkg::index_bits(Count)
) (
  input  logic [    Count-1:0] one_hot_i,
  output logic [IndexBits-1:0] index_o
);

  for (genvar b = 0; b < IndexBits; b++) begin : gen_bit
    // The places whose number has bit b.
    localparam logic [63:0] WITH_BIT = {(32 >> b) {{(1 << b) {1'b1}}, {(1 << b) {1'b0}}}};

    assign index_o[b] = |(one_hot_i & WITH_BIT[Count-1:0]);
  end

endmodule

`default_nettype wire
