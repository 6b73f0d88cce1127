// One access port: lookup, miss slots, answer register.
//
//   request ──> tw_lookup ──┬── answer ───────────┐
//                           │ miss                ├──> tw_answer ──> response
//                           ▼                     │
//                        tw_slots ── outcome ─────┘
//                         │   ▲
//                         ▼   │
//                   L2 TLB, walkers
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_port #(
  parameter  int Mode = 2,
  parameter  int PaBits = 56,
  parameter  int AsidBits = 16,
  parameter  int Entries = 16,
  parameter  int Slots = 1,
  parameter  logic Searches = 1'b0,  // there is an L2 TLB
  parameter  int PmpEntries = 0,
  parameter  int RegionCount = 0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_BASE_BITS-1:0] RegionBase = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_SIZE_BITS-1:0] RegionSize = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_KIND_BITS-1:0] RegionKind = '0,
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode),
  localparam int MissBits = tw_pkg::miss_bits(Mode),
  localparam int WordBits = tw_pkg::word_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  input  logic                            req_valid_i,
  output logic                            req_ready_o,
  input  logic [    tw_pkg::TAG_BITS-1:0] req_tag_i,
  input  logic [                     2:0] req_kind_i,
  input  logic [   tw_pkg::SIZE_BITS-1:0] req_size_i,
  input  logic                            req_speculative_i,
  input  logic [                    63:0] req_va_i,
  input  logic                            cancel_valid_i,
  input  logic [    tw_pkg::TAG_BITS-1:0] cancel_tag_i,
  output logic                            rsp_valid_o,
  output logic [    tw_pkg::TAG_BITS-1:0] rsp_tag_o,
  output logic [                     1:0] rsp_status_o,
  output logic [                     4:0] rsp_reason_o,
  output logic [                     4:0] rsp_cause_o,
  output logic [                     2:0] rsp_level_o,
  output logic [                     7:0] rsp_flags_o,
  output logic                            rsp_napot_o,
  output logic [                     1:0] rsp_hit_o,
  output logic [                     1:0] rsp_attribute_o,
  output logic [     tw_pkg::PA_BITS-1:0] rsp_pa_o,
  output logic [                    63:0] rsp_tval_o,

  // Control registers.
  input  logic                            satp_change_i,
  input  logic                            machine_i,
  input  logic [tw_pkg::CONTEXT_BITS-1:0] context_i,
  input  logic [  tw_pkg::LEVEL_BITS-1:0] top_i,
  input  logic [           AsidWidth-1:0] asid_i,

  input  logic                            fence_i,  // one that has an effect
  input  logic                            fence_has_va_i,
  input  logic [             VpnBits-1:0] fence_vpn_i,
  input  logic                            fence_has_asid_i,
  input  logic [           AsidWidth-1:0] fence_asid_i,

  // The slots, towards L2 TLB and walkers.
  output logic [               Slots-1:0] cancel_o,
  output logic [               Slots-1:0] search_o,
  output logic [               Slots-1:0] searching_o,
  output logic [               Slots-1:0] waiting_o,
  output logic [      Slots*MissBits-1:0] misses_o,
  input  logic [               Slots-1:0] granted_i,
  input  logic [               Slots-1:0] missed_i,
  input  logic [               Slots-1:0] taken_i,
  input  logic [               Slots-1:0] released_i,
  input  logic [               Slots-1:0] outcome_i,
  input  logic [                     1:0] outcome_status_i,
  input  logic                            outcome_fill_i,  // a translation that fills the TLB
  input  logic [                     4:0] outcome_reason_i,
  input  logic [                     1:0] outcome_hit_i,
  input  logic [            LeafBits-1:0] outcome_leaf_i,
  input  logic [             VpnBits-1:0] outcome_vpn_i,

  // PMP.
  output logic                            check_o,
  output logic [            WordBits-1:0] check_first_o,
  output logic [            WordBits-1:0] check_last_o,
  input  logic                            check_matched_i,
  input  logic                            check_whole_i,
  input  logic [                     7:0] check_cfg_i,
  input  logic                            mml_i,
  input  logic                            mmwp_i,

  output logic                            event_hit_o,
  output logic                            event_miss_o,
  output logic                            event_evict_o,
  output logic                            event_stall_o,
  output logic                            retry_o          // the answer that is visible is RETRY
);

  localparam int Xlen = tw_pkg::xlen(Mode);

  logic                         accept, miss, hit, bare, lookup_answers, slot_answers;
  logic [                  4:0] lookup_reason;
  logic [                  1:0] lookup_status;
  logic [         LeafBits-1:0] lookup_leaf;

  logic [ tw_pkg::TAG_BITS-1:0] slot_tag;
  logic [                  1:0] slot_kind, slot_status, slot_hit;
  logic [tw_pkg::SIZE_BITS-1:0] slot_size;
  logic [             Xlen-1:0] slot_va;
  logic [                  4:0] slot_reason;
  logic [         LeafBits-1:0] slot_leaf;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                         unused_request;
  /* verilator tracing_on */

  assign accept = req_valid_i && req_ready_o;

  tw_lookup #(
    .Mode    (Mode),
    .Entries (Entries),
    .AsidBits(AsidBits)
  ) i_lookup (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .accept_i        (accept),
    .kind_i          (req_kind_i[1:0]),
    .va_i            (req_va_i[Xlen-1:0]),
    .machine_i       (machine_i),
    .context_i       (context_i),
    .top_i           (top_i),
    .asid_i          (asid_i),
    .miss_o          (miss),
    .hit_o           (hit),
    .bare_o          (bare),
    .reason_o        (lookup_reason),
    .leaf_o          (lookup_leaf),
    .fence_i         (fence_i),
    .fence_has_va_i  (fence_has_va_i),
    .fence_vpn_i     (fence_vpn_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (|outcome_i && outcome_fill_i),
    .fill_vpn_i      (outcome_vpn_i),
    .fill_leaf_i     (outcome_leaf_i),
    .evict_o         (event_evict_o)
  );

  tw_slots #(
    .Mode    (Mode),
    .Slots   (Slots),
    .Searches(Searches)
  ) i_slots (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .ready_o           (req_ready_o),
    .fill_i            (miss && !satp_change_i),
    .fill_tag_i        (req_tag_i),
    .fill_kind_i       (req_kind_i[1:0]),
    .fill_size_i       (req_size_i),
    .fill_speculative_i(req_speculative_i),
    .fill_va_i         (req_va_i[Xlen-1:0]),
    .fill_context_i    (context_i),
    .cancel_i          (cancel_valid_i),
    .cancel_tag_i      (cancel_tag_i),
    .satp_change_i     (satp_change_i),
    .cancel_o          (cancel_o),
    .search_o          (search_o),
    .searching_o       (searching_o),
    .waiting_o         (waiting_o),
    .misses_o          (misses_o),
    .granted_i         (granted_i),
    .missed_i          (missed_i),
    .taken_i           (taken_i),
    .released_i        (released_i),
    .outcome_i         (outcome_i),
    .outcome_status_i  (outcome_status_i),
    .outcome_reason_i  (outcome_reason_i),
    .outcome_hit_i     (outcome_hit_i),
    .outcome_leaf_i    (outcome_leaf_i),
    .busy_i            (lookup_answers),
    .answer_o          (slot_answers),
    .answer_tag_o      (slot_tag),
    .answer_kind_o     (slot_kind),
    .answer_size_o     (slot_size),
    .answer_va_o       (slot_va),
    .answer_status_o   (slot_status),
    .answer_reason_o   (slot_reason),
    .answer_hit_o      (slot_hit),
    .answer_leaf_o     (slot_leaf)
  );

  // A lookup answers unless it fills a slot. What misses while satp changes is to be asked again (M8).
  assign lookup_answers = accept && (!miss || satp_change_i);

  always_comb begin
    if (miss) begin
      lookup_status = tw_pkg::STATUS_RETRY;
    end else begin
      lookup_status = (lookup_reason == tw_pkg::REASON_NONE) ? tw_pkg::STATUS_TRANSLATED : tw_pkg::STATUS_FAULT;
    end
  end

  tw_answer #(
    .Mode       (Mode),
    .PaBits     (PaBits),
    .PmpEntries (PmpEntries),
    .RegionCount(RegionCount),
    .RegionBase (RegionBase),
    .RegionSize (RegionSize),
    .RegionKind (RegionKind)
  ) i_answer (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .answer_i       (lookup_answers || slot_answers),
    .tag_i          (lookup_answers ? req_tag_i : slot_tag),
    .kind_i         (lookup_answers ? req_kind_i[1:0] : slot_kind),
    .size_i         (lookup_answers ? req_size_i : slot_size),
    .va_i           (lookup_answers ? req_va_i[Xlen-1:0] : slot_va),
    .machine_i      (lookup_answers && machine_i),
    .bare_i         (lookup_answers && bare),
    .status_i       (lookup_answers ? lookup_status : slot_status),
    .reason_i       (lookup_answers ? (miss ? tw_pkg::REASON_NONE : lookup_reason) : slot_reason),
    .hit_i          (lookup_answers ? (hit ? tw_pkg::HIT_L1 : tw_pkg::HIT_NONE) : slot_hit),
    .leaf_i         (lookup_answers ? (lookup_reason == tw_pkg::REASON_NONE ? lookup_leaf : '0) : slot_leaf),
    .check_o        (check_o),
    .first_o        (check_first_o),
    .last_o         (check_last_o),
    .matched_i      (check_matched_i),
    .whole_i        (check_whole_i),
    .cfg_i          (check_cfg_i),
    .mml_i          (mml_i),
    .mmwp_i         (mmwp_i),
    .rsp_valid_o    (rsp_valid_o),
    .rsp_tag_o      (rsp_tag_o),
    .rsp_status_o   (rsp_status_o),
    .rsp_reason_o   (rsp_reason_o),
    .rsp_cause_o    (rsp_cause_o),
    .rsp_level_o    (rsp_level_o),
    .rsp_flags_o    (rsp_flags_o),
    .rsp_napot_o    (rsp_napot_o),
    .rsp_hit_o      (rsp_hit_o),
    .rsp_attribute_o(rsp_attribute_o),
    .rsp_pa_o       (rsp_pa_o),
    .rsp_tval_o     (rsp_tval_o),
    .retry_o        (retry_o)
  );

  assign event_hit_o = hit;
  assign event_miss_o = miss;
  assign event_stall_o = req_valid_i && !req_ready_o;

  // Kinds above 3 are reserved; RV32 has addresses of 32 bits (P15).
  assign unused_request = ^{req_kind_i[2], req_va_i};

`ifndef SYNTHESIS
  // Assertions.
  /* verilator tracing_off */  // no part of the design, and they would be a tenth of a waveform's changes
  localparam int RequestBits = tw_pkg::TAG_BITS + tw_pkg::SIZE_BITS + 68;
  logic                   past_q, past_stalled_q;
  logic [RequestBits-1:0] request, past_request_q;
  /* verilator tracing_on */

  assign request = {req_tag_i, req_kind_i, req_size_i, req_speculative_i, req_va_i};

  initial assert (Slots >= 1 && Slots <= 8);

  always @(posedge clk_i) begin
    past_q <= rst_ni;
    past_stalled_q <= req_valid_i && !req_ready_o;
    past_request_q <= request;
    if (rst_ni) begin
      // What the other side owes.
      assert (req_valid_i || request == '0);  // P5
      assert (cancel_valid_i || cancel_tag_i == '0);  // P5
      assert (!past_q || !past_stalled_q || (req_valid_i && request == past_request_q));  // P10
      assert (!req_kind_i[2]);  // P12
      assert (!req_valid_i || (req_size_i >= 7'd1 && req_size_i <= 7'd64));  // P13
      assert (!req_valid_i || 32'(req_va_i[11:0]) + 32'(req_size_i) <= 4096);  // P13
      // What this side owes.
      assert (rsp_valid_o || {rsp_tag_o, rsp_status_o, rsp_hit_o} == '0);  // P5
      assert ((rsp_valid_o && rsp_status_o == tw_pkg::STATUS_TRANSLATED) ||
              {rsp_level_o, rsp_flags_o, rsp_napot_o, rsp_attribute_o, rsp_pa_o} == '0);  // P5
      assert ((rsp_valid_o && rsp_status_o == tw_pkg::STATUS_FAULT) ||
              {rsp_reason_o, rsp_cause_o, rsp_tval_o} == '0);  // P5
      assert (rsp_status_o != tw_pkg::STATUS_FAULT || rsp_reason_o != tw_pkg::REASON_NONE);  // P17
      assert (!(lookup_answers && slot_answers));
      assert (req_ready_o !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
