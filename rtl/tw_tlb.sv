// One translation look-aside buffer: storage, match, fence, fill and replacement (M5, M6, M7).
//
// A lookup takes two cycles: in the first all entries are compared, in the second the one that matched is read and counts as
// used. What it reads cannot have changed: a fill never comes in a lookup's first cycle (the port's slot is full until the
// walk has ended) nor in its second (a walk takes longer), and a fence clears valid bits alone.
// The comparisons stand in the clocked process, so that a simulator makes them once a cycle, and only if asked to.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_tlb #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int AsidBits = 16,
  localparam int LevelBits = $clog2(tw_pkg::levels(Mode)),
  localparam int AsidWidth = tw_pkg::asid_width(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 lookup_i,
  input  logic [  VpnBits-1:0] lookup_vpn_i,
  input  logic [AsidWidth-1:0] lookup_asid_i,

  // The second cycle of a lookup. The entry is 0 if none matched.
  input  logic                 use_i,        // the match counts: it is a hit
  output logic                 match_o,
  output logic [LevelBits-1:0] hit_level_o,
  output logic [  PpnBits-1:0] hit_ppn_o,
  output logic [          7:0] hit_flags_o,

  input  logic                 fence_i,      // one that has an effect
  input  logic                 fence_has_va_i,
  input  logic [  VpnBits-1:0] fence_vpn_i,
  input  logic                 fence_has_asid_i,
  input  logic [AsidWidth-1:0] fence_asid_i,

  input  logic                 fill_i,
  input  logic [  VpnBits-1:0] fill_vpn_i,
  input  logic [AsidWidth-1:0] fill_asid_i,
  input  logic [LevelBits-1:0] fill_level_i,
  input  logic [  PpnBits-1:0] fill_ppn_i,
  input  logic [          7:0] fill_flags_i,
  output logic                 evict_o
);

  localparam int Levels = tw_pkg::levels(Mode);
  localparam int FieldBits = tw_pkg::field_bits(Mode);
  localparam int IndexBits = (Entries == 1) ? 1 : $clog2(Entries);

  // An entry. V and A were 1 when it was filled and are not kept. Of the level a thermometer is kept: bit f says that VPN
  // field f lies below it.
  logic [  Entries-1:0] valid_q, global_q;
  logic [  VpnBits-1:0] vpn_q    [0:Entries-1];
  logic [AsidWidth-1:0] asid_q   [0:Entries-1];
  logic [   Levels-2:0] below_q  [0:Entries-1];
  logic [          4:0] flags_q  [0:Entries-1];  // D U X W R
  logic [  PpnBits-1:0] ppn_q    [0:Entries-1];

  logic [  Entries-1:0] match_q, match_first, free_first;
  logic [IndexBits-1:0] hit_index, free_index, tree_index, fill_index, use_index;
  logic                 full, hit_global;
  logic [  PpnBits-1:0] hit_ppn;
  logic [   Levels-2:0] fill_below, hit_below;
  logic [          4:0] hit_flags;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                 unused_flags;
  /* verilator tracing_on */

  // Whether all VPN fields are equal that do not lie below the entry's level.
  function automatic same_page(input [VpnBits-1:0] difference, input [Levels-2:0] below);
    same_page = difference[VpnBits-1 -: FieldBits] == '0;
    for (int f = 0; f < Levels - 1; f++) begin
      same_page = same_page && (below[f] || difference[f*FieldBits +: FieldBits] == '0);
    end
  endfunction

  // Lookup, first cycle.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      match_q <= '0;
    end else begin
      match_q <= '0;
      if (lookup_i) begin
        for (int e = 0; e < Entries; e++) begin
          match_q[e] <= valid_q[e] && (global_q[e] || asid_q[e] == lookup_asid_i) &&
                        same_page(vpn_q[e] ^ lookup_vpn_i, below_q[e]);
        end
      end
    end
  end

  // Lookup, second cycle: the lowest index wins.
  assign match_o = |match_q;
  assign match_first = match_q & (~match_q + 1'b1);
  assign free_first = ~valid_q & (valid_q + 1'b1);

  for (genvar b = 0; b < IndexBits; b++) begin : gen_index
    // The entries whose index has bit b.
    localparam logic [63:0] WITH_BIT = {(32 >> b) {{(1 << b) {1'b1}}, {(1 << b) {1'b0}}}};

    assign hit_index[b] = |(match_first & WITH_BIT[Entries-1:0]);
    assign free_index[b] = |(free_first & WITH_BIT[Entries-1:0]);
  end

  assign hit_below = below_q[hit_index];
  assign hit_flags = flags_q[hit_index];
  assign hit_ppn = ppn_q[hit_index];
  assign hit_global = global_q[hit_index];

  always_comb begin
    hit_level_o = '0;
    hit_ppn_o = '0;
    hit_flags_o = '0;
    if (match_o) begin
      for (int f = 0; f < Levels - 1; f++) begin
        if (hit_below[f]) hit_level_o = LevelBits'(f + 1);
      end
      hit_ppn_o = hit_ppn;
      hit_flags_o = {hit_flags[4], 1'b1, hit_global, hit_flags[3:0], 1'b1};
    end
  end

  // Fill (the walk of which a fence with effect would have killed): the lowest invalid entry, else the tree's victim.
  assign full = &valid_q;
  assign fill_index = full ? tree_index : free_index;
  assign evict_o = fill_i && full;

  always_comb begin
    for (int f = 0; f < Levels - 1; f++) begin
      fill_below[f] = 32'(fill_level_i) > f;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (fill_i) begin
      valid_q[fill_index] <= 1'b1;
    end else if (fence_i) begin
      for (int e = 0; e < Entries; e++) begin
        if ((!fence_has_va_i || same_page(vpn_q[e] ^ fence_vpn_i, below_q[e])) &&
            (!fence_has_asid_i || (!global_q[e] && asid_q[e] == fence_asid_i))) begin
          valid_q[e] <= 1'b0;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      vpn_q[fill_index] <= fill_vpn_i;
      asid_q[fill_index] <= fill_asid_i;
      below_q[fill_index] <= fill_below;
      global_q[fill_index] <= fill_flags_i[tw_pkg::FLAG_G];
      flags_q[fill_index] <= {fill_flags_i[tw_pkg::FLAG_D], fill_flags_i[4:1]};
      ppn_q[fill_index] <= fill_ppn_i;
    end
  end

  assign use_index = fill_i ? fill_index : hit_index;
  assign unused_flags = ^{fill_flags_i[tw_pkg::FLAG_A], fill_flags_i[tw_pkg::FLAG_V]};

  tw_plru #(
    .Entries(Entries)
  ) i_plru (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .use_i   (use_i || fill_i),
    .index_i (use_index),
    .victim_o(tree_index)
  );

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!(fill_i && lookup_i));
      assert (!(fill_i && match_o));
      assert (!use_i || match_o);
      assert (!(fill_i && fence_i));
      assert (!fill_i || (fill_flags_i[tw_pkg::FLAG_A] && fill_flags_i[tw_pkg::FLAG_V]));
      assert (!fill_i || 32'(fill_index) < Entries);
      assert (^{valid_q, match_q, hit_level_o, hit_ppn_o, hit_flags_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
