// The words that a PMP entry covers, as far as it says so itself: from the lower bound on, up to and without the limit. That of TOR
// begins where the entry before ends; here it is 0.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_pmp_bounds #(
  parameter int WordBits = 54,
  parameter int Grain = 0
) (
  input  logic [         1:0] mode_i,      // pmpcfg.A
  input  logic [WordBits-1:0] addr_i,      // pmpaddr
  output logic [WordBits-1:0] lower_o,
  output logic [  WordBits:0] limit_o
);

  // TOR does not see bits below the granularity; in NAPOT all of them but the uppermost are ones.
  localparam logic [63:0] TorMask = 64'hffff_ffff_ffff_ffff << Grain;
  localparam logic [63:0] NapotOnes = (64'd1 << ((Grain == 0) ? 0 : Grain - 1)) - 64'd1;

  logic [WordBits-1:0] ones, next;

  assign ones = addr_i | NapotOnes[WordBits-1:0];
  assign next = ones + 1'b1;

  always_comb begin
    lower_o = '0;
    limit_o = '0;
    unique case (mode_i)
      tw_pkg::PMP_TOR: begin
        limit_o = {1'b0, addr_i & TorMask[WordBits-1:0]};
      end
      tw_pkg::PMP_NA4: begin
        lower_o = addr_i;
        limit_o = {1'b0, addr_i} + 1'b1;
      end
      // The trailing ones and the zero above them are the offset in the region.
      tw_pkg::PMP_NAPOT: begin
        lower_o = ones & next;
        limit_o = {1'b0, ones | next} + 1'b1;
      end
      default: ;
    endcase
  end

endmodule

`default_nettype wire
