// The tags of a fully associative structure: match, fence, place of a fill, replacement (M5, M6, M7).
//
// What an entry translates to is the owner's, kept at the same index. An entry's mask has a 1 for each VPN bit that is compared;
// with FixedLevel all entries are of one level, and the mask is a constant.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_tags #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int AsidBits = 16,
  parameter  int FixedLevel = -1,
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int IndexBits = tw_pkg::index_bits(Entries),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [AsidWidth-1:0] asid_i,  // satp's: of lookups and of fills

  input  logic                 lookup_i,
  input  logic [  VpnBits-1:0] lookup_vpn_i,
  input  logic                 use_i,  // what matched counts as used
  output logic                 match_o,
  output logic [IndexBits-1:0] index_o,
  output logic                 global_o,

  input  logic                 fence_i,  // one that has an effect
  input  logic                 fence_has_va_i,
  input  logic [  VpnBits-1:0] fence_vpn_i,
  input  logic                 fence_has_asid_i,
  input  logic [AsidWidth-1:0] fence_asid_i,

  input  logic                 fill_i,
  input  logic [  VpnBits-1:0] fill_vpn_i,
  input  logic [  VpnBits-1:0] fill_mask_i,
  input  logic                 fill_global_i,
  output logic [IndexBits-1:0] fill_index_o,
  output logic                 evict_o
);

  localparam int Nodes = (Entries == 1) ? 1 : 1 << IndexBits;
  localparam logic [VpnBits-1:0] FixedMask =
      {VpnBits{1'b1}} << (((FixedLevel < 0) ? 0 : FixedLevel) * tw_pkg::field_bits(Mode));

  logic [  Entries-1:0] valid_d, valid_q, global_q;
  logic [  VpnBits-1:0] vpn_q  [0:Entries-1];
  logic [  VpnBits-1:0] mask_q [0:Entries-1];
  logic [AsidWidth-1:0] asid_q [0:Entries-1];
  logic [    Nodes-1:0] tree_d, tree_q;

  logic [  Entries-1:0] match, same, fenced, match_first, same_first, free_first, fill_place;
  logic [IndexBits-1:0] victim, fill_found;

  // Lookup: the lowest index wins. Of most entries the VPN differs, so a simulator looks at that alone first.
  always_comb begin
    match = '0;
    if (lookup_i) begin
      for (int e = 0; e < Entries; e++) begin
        if (((vpn_q[e] ^ lookup_vpn_i) & ((FixedLevel < 0) ? mask_q[e] : FixedMask)) == '0) begin
          match[e] = valid_q[e] && (global_q[e] || asid_q[e] == asid_i);
        end
      end
    end
  end

  assign match_first = match & (~match + 1'b1);
  assign match_o = |match;

  tw_index #(
    .Count(Entries)
  ) i_match_index (
    .one_hot_i(match_first),
    .index_o  (index_o)
  );

  assign global_o = |(match_first & global_q);

  // Fill: over the entry that translates the same already, else where there is none, else over the tree's victim.
  always_comb begin
    same = '0;
    if (fill_i) begin
      for (int e = 0; e < Entries; e++) begin
        if (((vpn_q[e] ^ fill_vpn_i) & ((FixedLevel < 0) ? mask_q[e] : FixedMask)) == '0) begin
          same[e] = valid_q[e] && (global_q[e] || asid_q[e] == asid_i);
        end
      end
    end
  end

  assign same_first = same & (~same + 1'b1);
  assign free_first = ~valid_q & (valid_q + 1'b1);

  tw_index #(
    .Count(Entries)
  ) i_fill_index (
    .one_hot_i((|same) ? same_first : free_first),
    .index_o  (fill_found)
  );

  assign fill_index_o = (!(|same) && (&valid_q)) ? victim : fill_found;
  assign fill_place = fill_i ? Entries'(64'd1 << fill_index_o) : '0;
  assign evict_o = fill_i && !(|same) && (&valid_q);

  // Fence.
  always_comb begin
    fenced = '0;
    if (fence_i) begin
      for (int e = 0; e < Entries; e++) begin
        fenced[e] = (!fence_has_va_i ||
                     ((vpn_q[e] ^ fence_vpn_i) & ((FixedLevel < 0) ? mask_q[e] : FixedMask)) == '0) &&
                    (!fence_has_asid_i || (!global_q[e] && asid_q[e] == fence_asid_i));
      end
    end
  end

  // A fill in the cycle of a fence comes from a walk that the fence did not kill.
  assign valid_d = (valid_q & ~fenced & ~same) | fill_place;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      tree_q <= '0;
    end else begin
      valid_q <= valid_d;
      tree_q <= tree_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      vpn_q[fill_index_o] <= fill_vpn_i;
      mask_q[fill_index_o] <= fill_mask_i;
      asid_q[fill_index_o] <= asid_i;
      global_q[fill_index_o] <= fill_global_i;
    end
  end

  tw_plru #(
    .Entries(Entries)
  ) i_plru (
    .tree_i        (tree_q),
    .first_use_i   (use_i),
    .first_index_i (index_o),
    .second_use_i  (fill_i),
    .second_index_i(fill_index_o),
    .tree_o        (tree_d),
    .victim_o      (victim)
  );

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!use_i || match_o);
      assert (!fill_i || 32'(fill_index_o) < Entries);
      assert ($onehot0(fill_place));
      assert (!fill_i || !fence_i || fence_has_va_i || fence_has_asid_i || FixedLevel >= 0);  // else the walk was killed
      assert (^{valid_q, tree_q, match_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
