// One fully associative translation look-aside buffer, of any page sizes: tags, and the leaves that belong to them.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_tlb #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int AsidBits = 16,
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [AsidWidth-1:0] asid_i,  // satp's: of lookups and of fills

  input  logic                 lookup_i,
  input  logic [  VpnBits-1:0] lookup_vpn_i,
  input  logic                 use_i,
  output logic                 match_o,
  output logic [ LeafBits-1:0] leaf_o,  // meaningless without a match

  input  logic                 fence_i,  // one that has an effect
  input  logic                 fence_has_va_i,
  input  logic [  VpnBits-1:0] fence_vpn_i,
  input  logic                 fence_has_asid_i,
  input  logic [AsidWidth-1:0] fence_asid_i,

  input  logic                 fill_i,
  input  logic [  VpnBits-1:0] fill_vpn_i,
  input  logic [ LeafBits-1:0] fill_leaf_i,
  output logic                 evict_o
);

  localparam int IndexBits = tw_pkg::index_bits(Entries);

  // An entry. V and A were 1 when it was filled and are not kept; G is with the tags.
  logic [                   2:0] kind_q  [0:Entries-1];  // napot, attribute
  logic [tw_pkg::LEVEL_BITS-1:0] level_q [0:Entries-1];
  logic [                   4:0] flags_q [0:Entries-1];  // D U X W R
  logic [           PpnBits-1:0] ppn_q   [0:Entries-1];

  logic [         IndexBits-1:0] index, fill_index;
  logic                          match_global;
  logic [                   4:0] match_flags;
  logic [                   2:0] fill_kind;
  logic [tw_pkg::LEVEL_BITS-1:0] fill_level;
  logic [                   7:0] fill_flags;
  logic [           PpnBits-1:0] fill_ppn;
  logic [           VpnBits-1:0] fill_mask;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                          unused_flags;
  /* verilator tracing_on */

  assign {fill_kind, fill_level, fill_flags, fill_ppn} = fill_leaf_i;
  assign unused_flags = ^{fill_flags[tw_pkg::FLAG_A], fill_flags[tw_pkg::FLAG_V]};

  tw_page_mask #(
    .Mode(Mode)
  ) i_fill_mask (
    .level_i(fill_level),
    .napot_i(fill_kind[2]),
    .mask_o (fill_mask)
  );

  tw_tags #(
    .Mode    (Mode),
    .Entries (Entries),
    .AsidBits(AsidBits)
  ) i_tags (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .asid_i          (asid_i),
    .lookup_i        (lookup_i),
    .lookup_vpn_i    (lookup_vpn_i),
    .use_i           (use_i),
    .match_o         (match_o),
    .index_o         (index),
    .global_o        (match_global),
    .fence_i         (fence_i),
    .fence_has_va_i  (fence_has_va_i),
    .fence_vpn_i     (fence_vpn_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (fill_i),
    .fill_vpn_i      (fill_vpn_i),
    .fill_mask_i     (fill_mask),
    .fill_global_i   (fill_flags[tw_pkg::FLAG_G]),
    .fill_index_o    (fill_index),
    .evict_o         (evict_o)
  );

  assign match_flags = flags_q[index];
  assign leaf_o = {
    kind_q[index], level_q[index], match_flags[4], 1'b1, match_global, match_flags[3:0], 1'b1, ppn_q[index]
  };

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      kind_q[fill_index] <= fill_kind;
      level_q[fill_index] <= fill_level;
      flags_q[fill_index] <= {fill_flags[tw_pkg::FLAG_D], fill_flags[4:1]};
      ppn_q[fill_index] <= fill_ppn;
    end
  end

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!fill_i || (fill_flags[tw_pkg::FLAG_A] && fill_flags[tw_pkg::FLAG_V]));
      assert (!fill_i || 32'(fill_level) < tw_pkg::levels(Mode));
      assert (!fill_i || !fill_kind[2] || (fill_level == '0 && fill_ppn[3:0] == 4'd0));
    end
  end
`endif

endmodule

`default_nettype wire
