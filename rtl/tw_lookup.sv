// The lookup of one port, in the cycle of the request: lines L1 to L7, and the port's TLB.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_lookup #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int AsidBits = 16,
  localparam int Xlen = tw_pkg::xlen(Mode),
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  input  logic                            accept_i,
  input  logic [                     1:0] kind_i,
  input  logic [                Xlen-1:0] va_i,
  input  logic                            machine_i,
  input  logic [tw_pkg::CONTEXT_BITS-1:0] context_i,
  input  logic [  tw_pkg::LEVEL_BITS-1:0] top_i,  // 0: Bare
  input  logic [           AsidWidth-1:0] asid_i,

  output logic                            miss_o,
  output logic                            hit_o,     // an entry answers
  output logic                            bare_o,    // no translation
  output logic [                     4:0] reason_o,  // of a fault, or none
  output logic [            LeafBits-1:0] leaf_o,    // 0 if no entry answers

  input  logic                            fence_i,
  input  logic                            fence_has_va_i,
  input  logic [             VpnBits-1:0] fence_vpn_i,
  input  logic                            fence_has_asid_i,
  input  logic [           AsidWidth-1:0] fence_asid_i,

  input  logic                            fill_i,
  input  logic [             VpnBits-1:0] fill_vpn_i,
  input  logic [            LeafBits-1:0] fill_leaf_i,
  output logic                            evict_o
);

  localparam int FlagsAt = tw_pkg::ppn_bits(Mode);

  logic canonical, lookup, match, answers;
  logic [4:0] hit_reason;
  logic [LeafBits-1:0] leaf;

  tw_canonical #(
    .Mode(Mode)
  ) i_canonical (
    .va_i       (va_i),
    .top_i      (top_i),
    .canonical_o(canonical)
  );

  assign bare_o = machine_i || top_i == '0;
  assign lookup = accept_i && !bare_o && canonical;

  tw_tlb #(
    .Mode    (Mode),
    .Entries (Entries),
    .AsidBits(AsidBits)
  ) i_tlb (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .asid_i          (asid_i),
    .lookup_i        (lookup),
    .lookup_vpn_i    (va_i[tw_pkg::PAGE_SHIFT +: VpnBits]),
    .use_i           (hit_o),
    .match_o         (match),
    .leaf_o          (leaf),
    .fence_i         (fence_i),
    .fence_has_va_i  (fence_has_va_i),
    .fence_vpn_i     (fence_vpn_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (fill_i),
    .fill_vpn_i      (fill_vpn_i),
    .fill_leaf_i     (fill_leaf_i),
    .evict_o         (evict_o)
  );

  tw_hit_check i_hit_check (
    .match_i  (match),
    .flags_i  (leaf[FlagsAt +: 8]),
    .kind_i   (kind_i),
    .context_i(context_i),
    .hit_o    (answers),
    .reason_o (hit_reason)
  );

  assign hit_o = lookup && answers;
  assign miss_o = lookup && !answers;
  assign leaf_o = hit_o ? leaf : '0;

  always_comb begin
    if (bare_o) begin
      reason_o = tw_pkg::REASON_NONE;
    end else if (!canonical) begin
      reason_o = tw_pkg::REASON_NOT_CANONICAL;
    end else begin
      reason_o = hit_reason;
    end
  end

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!(hit_o && miss_o));
    end
  end
`endif

endmodule

`default_nettype wire
