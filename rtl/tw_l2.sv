// The L2 TLB that both ports share: one lookup granted and one decided in a cycle, in the Latency-th cycle of each.
//
//   slots that search ──> round robin ──> pipeline (Latency - 1 registers) ──> sets, superpages ──> hit check ──> outcome or miss
//
// In a cycle in which it stands still nothing moves, but what is cancelled leaves the pipeline all the same.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_l2 #(
  parameter  int Mode = 2,
  parameter  int AsidBits = 16,
  parameter  int Slots = 2,
  parameter  int Entries = 0,
  parameter  int Ways = 0,
  parameter  int Latency = 0,
  parameter  logic Random = 1'b0,
  parameter  int SuperEntries = 0,
  localparam int SetBits = tw_pkg::index_bits((Entries == 0) ? 0 : Entries / ((Ways == 0) ? 1 : Ways)),
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode),
  localparam int MissBits = tw_pkg::miss_bits(Mode)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [     AsidWidth-1:0] asid_i,
  input  logic                      still_i,  // stands still in this cycle
  input  logic                      empty_i,  // satp changes: no lookup in the pipeline is wanted any more

  // The slots.
  input  logic [         Slots-1:0] search_i,
  input  logic [         Slots-1:0] cancel_i,
  input  logic [Slots*MissBits-1:0] misses_i,
  output logic [         Slots-1:0] granted_o,
  output logic [         Slots-1:0] missed_o,
  output logic [         Slots-1:0] outcome_o,
  output logic [               4:0] reason_o,   // of the outcome, or none
  output logic [      LeafBits-1:0] leaf_o,     // 0 unless that is none
  output logic [       VpnBits-1:0] vpn_o,      // of the slot that is decided

  // Fences.
  input  logic                      fence_i,
  input  logic                      flush_i,
  input  logic                      fence_has_va_i,
  input  logic [       VpnBits-1:0] fence_vpn_i,
  input  logic                      fence_has_asid_i,
  input  logic [     AsidWidth-1:0] fence_asid_i,
  input  logic                      sweep_i,
  input  logic [       SetBits-1:0] sweep_set_i,
  input  logic                      sweep_has_va_i,
  input  logic [       VpnBits-1:0] sweep_vpn_i,
  input  logic                      sweep_has_asid_i,
  input  logic [     AsidWidth-1:0] sweep_asid_i,

  // A translation by a walk.
  input  logic                      fill_i,
  input  logic [       VpnBits-1:0] fill_vpn_i,
  input  logic [      LeafBits-1:0] fill_leaf_i,
  output logic                      event_evict_o
);

  if (Entries == 0) begin : gen_none

    logic unused_inputs;

    assign {granted_o, missed_o, outcome_o, reason_o, leaf_o, vpn_o, event_evict_o} = '0;
    assign unused_inputs = ^{
      clk_i, rst_ni, asid_i, still_i, empty_i, search_i, cancel_i, misses_i, fence_i, flush_i, fence_has_va_i, fence_vpn_i,
      fence_has_asid_i, fence_asid_i, sweep_i, sweep_set_i, sweep_has_va_i, sweep_vpn_i, sweep_has_asid_i, sweep_asid_i,
      fill_i, fill_vpn_i, fill_leaf_i
    };

  end else begin : gen_l2

    localparam int PpnBits = tw_pkg::ppn_bits(Mode);
    localparam int SlotBits = tw_pkg::index_bits(Slots);

    logic [          Slots-1:0] decided, grant;
    logic [       SlotBits-1:0] slot;
    logic [       MissBits-1:0] miss;
    logic                       lookup, speculative, hit;
    logic [                1:0] kind;
    logic [tw_pkg::CONTEXT_BITS-1:0] context_bits;
    logic                       set_match, super_match, set_evict, super_evict, base_page;
    logic [       LeafBits-1:0] set_leaf, super_leaf, leaf;
    logic [                4:0] reason;
    /* verilator tracing_off */  // only there so that no signal is unused
    logic                       unused_miss;
    /* verilator tracing_on */

    tw_round_robin #(
      .Count(Slots)
    ) i_round_robin (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .request_i(still_i ? '0 : search_i & ~cancel_i),
      .grant_o  (grant),
      .move_i   (grant)
    );

    assign granted_o = grant;

    if (Latency == 1) begin : gen_direct

      logic unused_empty;

      assign decided = grant;
      assign unused_empty = empty_i;

    end else begin : gen_pipeline

      localparam int Stages = Latency - 1;

      // A stage holds the slot whose lookup is there, one-hot; the last one is uppermost.
      logic [Stages*Slots-1:0] stage_d, stage_q;

      assign decided = still_i ? '0 : stage_q[(Stages-1)*Slots +: Slots] & ~cancel_i;

      always_comb begin
        if (empty_i) begin
          stage_d = '0;
        end else if (still_i) begin
          stage_d = stage_q & ~{Stages{cancel_i}};
        end else begin
          stage_d = (stage_q & ~{Stages{cancel_i}}) << Slots;
          stage_d[Slots-1:0] = grant;
        end
      end

      always_ff @(posedge clk_i) begin
        if (!rst_ni) begin
          stage_q <= '0;
        end else begin
          stage_q <= stage_d;
        end
      end

    end

    assign lookup = |decided;

    tw_index #(
      .Count(Slots)
    ) i_slot (
      .one_hot_i(decided),
      .index_o  (slot)
    );

    assign miss = misses_i[32'(slot)*MissBits +: MissBits];
    assign {vpn_o, speculative, kind, context_bits} = miss;
    assign unused_miss = speculative;

    // What is not a page of 4 KiB, or a 64 KiB one, is in the part for superpages.
    assign base_page = !fill_leaf_i[LeafBits-1] && fill_leaf_i[PpnBits+8 +: tw_pkg::LEVEL_BITS] == '0;

    tw_l2_sets #(
      .Mode    (Mode),
      .AsidBits(AsidBits),
      .Entries (Entries),
      .Ways    (Ways),
      .Random  (Random)
    ) i_sets (
      .clk_i           (clk_i),
      .rst_ni          (rst_ni),
      .asid_i          (asid_i),
      .lookup_i        (lookup),
      .lookup_vpn_i    (vpn_o),
      .use_i           (hit && set_match),
      .match_o         (set_match),
      .leaf_o          (set_leaf),
      .flush_i         (flush_i),
      .sweep_i         (sweep_i),
      .sweep_set_i     (sweep_set_i),
      .sweep_has_va_i  (sweep_has_va_i),
      .sweep_vpn_i     (sweep_vpn_i),
      .sweep_has_asid_i(sweep_has_asid_i),
      .sweep_asid_i    (sweep_asid_i),
      .fill_i          (fill_i && base_page),
      .fill_vpn_i      (fill_vpn_i),
      .fill_leaf_i     (fill_leaf_i),
      .evict_o         (set_evict)
    );

    if (SuperEntries == 0) begin : gen_no_super

      logic unused_fence;

      assign {super_match, super_leaf, super_evict} = '0;
      assign unused_fence = ^{fence_i, fence_has_va_i, fence_vpn_i, fence_has_asid_i, fence_asid_i};

    end else begin : gen_super

      tw_tlb #(
        .Mode    (Mode),
        .Entries (SuperEntries),
        .AsidBits(AsidBits)
      ) i_super (
        .clk_i           (clk_i),
        .rst_ni          (rst_ni),
        .asid_i          (asid_i),
        .lookup_i        (lookup),
        .lookup_vpn_i    (vpn_o),
        .use_i           (hit && !set_match),
        .match_o         (super_match),
        .leaf_o          (super_leaf),
        .fence_i         (fence_i),
        .fence_has_va_i  (fence_has_va_i),
        .fence_vpn_i     (fence_vpn_i),
        .fence_has_asid_i(fence_has_asid_i),
        .fence_asid_i    (fence_asid_i),
        .fill_i          (fill_i && !base_page),
        .fill_vpn_i      (fill_vpn_i),
        .fill_leaf_i     (fill_leaf_i),
        .evict_o         (super_evict)
      );

    end

    assign leaf = set_match ? set_leaf : super_leaf;

    tw_hit_check i_hit_check (
      .match_i  (set_match || super_match),
      .flags_i  (leaf[PpnBits +: 8]),
      .kind_i   (kind),
      .context_i(context_bits),
      .hit_o    (hit),
      .reason_o (reason)
    );

    assign outcome_o = hit ? decided : '0;
    assign missed_o = hit ? '0 : decided;
    assign reason_o = reason;
    assign leaf_o = (hit && reason == tw_pkg::REASON_NONE) ? leaf : '0;
    assign event_evict_o = set_evict || super_evict;

`ifndef SYNTHESIS
    // Assertions.
    always @(posedge clk_i) begin
      if (rst_ni) begin
        assert ($onehot0(decided));
        assert (!(lookup && fill_i));
        assert (!empty_i || still_i);
        assert (!(hit && !lookup));
      end
    end
`endif

  end

`ifndef SYNTHESIS
  initial begin
    assert (Entries != 0 || (Ways == 0 && Latency == 0 && SuperEntries == 0));
    assert (Entries == 0 || (Latency >= 1 && Latency <= 8));
    assert (SuperEntries >= 0 && SuperEntries <= 64);
  end
`endif

endmodule

`default_nettype wire
