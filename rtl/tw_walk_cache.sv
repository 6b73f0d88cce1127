// The walk cache: pointers to tables, fully associative at each level from 1 to that of the deepest mode's root.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_walk_cache #(
  parameter  int Mode = 2,
  parameter  int AsidBits = 16,
  parameter  int Entries = 0,  // at each level
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic [         AsidWidth-1:0] asid_i,
  input  logic [tw_pkg::LEVEL_BITS-1:0] top_i,    // the level at which satp's root is read

  input  logic                          lookup_i,
  input  logic [           VpnBits-1:0] lookup_vpn_i,
  output logic                          hit_o,
  output logic [tw_pkg::LEVEL_BITS-1:0] level_o,  // of the entries in the table; meaningless without a hit, as what follows
  output logic [           PpnBits-1:0] table_o,
  output logic                          global_o,

  input  logic                          fence_i,  // one that has an effect, and no address
  input  logic                          fence_has_asid_i,
  input  logic [         AsidWidth-1:0] fence_asid_i,

  input  logic                          fill_i,
  input  logic [tw_pkg::LEVEL_BITS-1:0] fill_level_i,
  input  logic [           VpnBits-1:0] fill_vpn_i,
  input  logic [           PpnBits-1:0] fill_table_i,
  input  logic                          fill_global_i,
  output logic                          evict_o
);

  if (Entries == 0) begin : gen_none

    logic unused_inputs;

    assign {hit_o, level_o, table_o, global_o, evict_o} = '0;
    assign unused_inputs = ^{
      clk_i, rst_ni, asid_i, top_i, lookup_i, lookup_vpn_i, fence_i, fence_has_asid_i, fence_asid_i, fill_i, fill_level_i,
      fill_vpn_i, fill_table_i, fill_global_i
    };

  end else begin : gen_cache

    localparam int Levels = tw_pkg::levels(Mode);
    localparam int IndexBits = tw_pkg::index_bits(Entries);

    // By level; place 0 is level 1.
    logic [          Levels-2:0] match, first, match_global, evict;
    logic [(Levels-1)*PpnBits-1:0] tables;
    logic [tw_pkg::index_bits(Levels-1)-1:0] place;

    for (genvar l = 1; l < Levels; l++) begin : gen_level

      logic [  PpnBits-1:0] table_q [0:Entries-1];
      logic [IndexBits-1:0] index, fill_index;
      logic                 fill, found;

      assign fill = fill_i && 32'(fill_level_i) == l;

      tw_tags #(
        .Mode      (Mode),
        .Entries   (Entries),
        .AsidBits  (AsidBits),
        .FixedLevel(l)
      ) i_tags (
        .clk_i           (clk_i),
        .rst_ni          (rst_ni),
        .asid_i          (asid_i),
        .lookup_i        (lookup_i && 32'(top_i) >= l),
        .lookup_vpn_i    (lookup_vpn_i),
        .use_i           (first[l-1]),
        .match_o         (found),
        .index_o         (index),
        .global_o        (match_global[l-1]),
        .fence_i         (fence_i),
        .fence_has_va_i  (1'b0),
        .fence_vpn_i     ({VpnBits{1'b0}}),
        .fence_has_asid_i(fence_has_asid_i),
        .fence_asid_i    (fence_asid_i),
        .fill_i          (fill),
        .fill_vpn_i      (fill_vpn_i),
        .fill_mask_i     ({VpnBits{1'b1}}),
        .fill_global_i   (fill_global_i),
        .fill_index_o    (fill_index),
        .evict_o         (evict[l-1])
      );

      always_ff @(posedge clk_i) begin
        if (fill) begin
          table_q[fill_index] <= fill_table_i;
        end
      end

      assign match[l-1] = found;
      assign tables[(l-1)*PpnBits +: PpnBits] = first[l-1] ? table_q[index] : '0;

    end

    // The lowest level saves most.
    assign first = match & (~match + 1'b1);

    tw_index #(
      .Count(Levels - 1)
    ) i_place (
      .one_hot_i(first),
      .index_o  (place)
    );

    assign hit_o = |match;
    assign level_o = 3'(place);
    assign global_o = |(first & match_global);
    assign evict_o = |evict;

    always_comb begin
      table_o = '0;
      for (int l = 0; l < Levels - 1; l++) begin
        table_o = table_o | tables[l*PpnBits +: PpnBits];
      end
    end

`ifndef SYNTHESIS
    // Assertions.
    always @(posedge clk_i) begin
      if (rst_ni) begin
        assert ($onehot0(first));
        assert (!fill_i || (fill_level_i != '0 && 32'(fill_level_i) <= 32'(top_i)));
        assert (!hit_o || 32'(level_o) < 32'(top_i));
      end
    end
`endif

  end

`ifndef SYNTHESIS
  initial assert (Entries >= 0 && Entries <= 64);
`endif

endmodule

`default_nettype wire
