// Round robin over any number of things: grants the first that asks, from the pointer on and round again.
//
// The pointer p is kept as a mask of the places p and above. It moves only when it is told to.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_round_robin #(
  parameter int Count = 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Count-1:0] request_i,
  output logic [Count-1:0] grant_o,  // one-hot, or none
  input  logic [Count-1:0] move_i    // one-hot: to behind this one; none: the pointer stays
);

  logic [Count-1:0] from_d, from_q, ahead;

  assign ahead = request_i & from_q;
  assign grant_o = (|ahead) ? ahead & (~ahead + 1'b1) : request_i & (~request_i + 1'b1);

  // Behind the last one there is nothing: from the first on.
  assign from_d = ~(move_i | (move_i - 1'b1));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      from_q <= '1;
    end else if (|move_i) begin
      from_q <= (|from_d) ? from_d : '1;
    end
  end

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert ($onehot0(grant_o));
      assert ($onehot0(move_i));
      assert ((grant_o & ~request_i) == '0);
      assert (from_q[Count-1]);
    end
  end
`endif

endmodule

`default_nettype wire
