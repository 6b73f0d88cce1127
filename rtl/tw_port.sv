// One access port: lookup (L1 to L6), the miss slot, and the answers.
//
//   cycle t                          │ cycle t+1
//   request ──┬──────────────────> request registers ──┬──> L1 to L6 ──┬──────────> answer
//             └──> all entries ──> match registers ────┘               │ miss     ▲
//                  compared                                            ▼          │
//                                                             slot full ──> walker
//
// The request registers are the slot: a request that missed stays in them until its walk has ended, and until then no other is
// accepted. So there is only one request that an answer can belong to.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_port #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int AsidBits = 16,
  localparam int LevelBits = $clog2(tw_pkg::levels(Mode)),
  localparam int AsidWidth = tw_pkg::asid_width(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  input  logic                            req_valid_i,
  output logic                            req_ready_o,
  input  logic [    tw_pkg::TAG_BITS-1:0] req_tag_i,
  input  logic [                     2:0] req_kind_i,
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
  output logic                            rsp_hit_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] rsp_pa_o,
  output logic [                    63:0] rsp_tval_o,

  // Control registers.
  input  logic                            satp_change_i,   // in this cycle
  input  logic                            satp_changed_i,  // in the cycle before
  input  logic                            translate_i,
  input  logic                            user_i,
  input  logic                            sum_i,
  input  logic                            mxr_i,
  input  logic [           AsidWidth-1:0] asid_i,

  input  logic                            fence_i,      // one that has an effect
  input  logic                            fence_has_va_i,
  input  logic [             VpnBits-1:0] fence_vpn_i,
  input  logic                            fence_has_asid_i,
  input  logic [           AsidWidth-1:0] fence_asid_i,

  // The slot, towards the walker.
  output logic                            slot_waits_o,  // full, and not emptied in this cycle by M8 or M9
  output logic                            slot_cancel_o, // emptied in this cycle by M9
  output logic [             VpnBits-1:0] slot_vpn_o,
  output logic [                     1:0] slot_kind_o,
  output logic                            slot_user_o,
  output logic                            slot_sum_o,
  output logic                            slot_mxr_o,

  // The end of the slot's walk, and what the TLB gets of it.
  input  logic                            walk_end_i,
  input  logic                            fill_i,
  input  logic [           LevelBits-1:0] fill_level_i,
  input  logic [             PpnBits-1:0] fill_ppn_i,
  input  logic [                     7:0] fill_flags_i,

  // Its result, in the cycle after that.
  input  logic                            walk_done_i,
  input  logic [                     4:0] walk_reason_i,  // none: a translation
  input  logic [           LevelBits-1:0] walk_level_i,
  input  logic [             PpnBits-1:0] walk_ppn_i,
  input  logic [                     7:0] walk_flags_i,

  output logic                            event_hit_o,
  output logic                            event_miss_o,
  output logic                            event_evict_o,
  output logic                            event_retry_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int PageShift = tw_pkg::PAGE_SHIFT;
  localparam int VaBits = PageShift + VpnBits;
  localparam int PaBits = PageShift + PpnBits;

  // The request: of the cycle before, or in the slot.
  logic                        asked_q;    // a request was accepted in the cycle before
  logic                        waiting_q;  // the slot was full in the cycle before, and nothing emptied it
  logic                        retry_q;    // a change of satp emptied it
  logic                        evict_q;
  logic [tw_pkg::TAG_BITS-1:0] tag_q;
  logic [                 1:0] kind_q;
  logic [            Xlen-1:0] va_q;
  logic                        translate_q, user_q, sum_q, mxr_q;

  logic                        accept, slot_full, slot_cancel, slot_retry;
  logic                        canonical, physical, match, hit, miss, evict;
  logic [         VpnBits-1:0] slot_vpn, mask;
  logic [       LevelBits-1:0] hit_level, level;
  logic [         PpnBits-1:0] hit_ppn, ppn;
  logic [                 7:0] hit_flags, flags;
  logic [                 4:0] hit_reason, reason;
  logic [          PaBits-1:0] untranslated, pa;
  logic                        retry;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                        unused_request;
  /* verilator tracing_on */

  // Cycle t: accept and compare. The context is the control registers' (P8).
  assign req_ready_o = !slot_full;
  assign accept = req_valid_i && !slot_full;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      asked_q <= 1'b0;
    end else begin
      asked_q <= accept;
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      tag_q <= req_tag_i;
      kind_q <= req_kind_i[1:0];
      va_q <= req_va_i[Xlen-1:0];
      translate_q <= translate_i;
      user_q <= user_i;
      sum_q <= sum_i;
      mxr_q <= mxr_i;
    end
  end

  // The ASID of a fill is that of the request: had satp changed, the slot would have been emptied (M8).
  tw_tlb #(
    .Mode    (Mode),
    .Entries (Entries),
    .AsidBits(AsidBits)
  ) i_tlb (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .lookup_i        (accept && translate_i),
    .lookup_vpn_i    (req_va_i[VaBits-1:PageShift]),
    .lookup_asid_i   (asid_i),
    .use_i           (hit),
    .match_o         (match),
    .hit_level_o     (hit_level),
    .hit_ppn_o       (hit_ppn),
    .hit_flags_o     (hit_flags),
    .fence_i         (fence_i),
    .fence_has_va_i  (fence_has_va_i),
    .fence_vpn_i     (fence_vpn_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (walk_end_i && fill_i),
    .fill_vpn_i      (slot_vpn),
    .fill_asid_i     (asid_i),
    .fill_level_i    (fill_level_i),
    .fill_ppn_i      (fill_ppn_i),
    .fill_flags_i    (fill_flags_i),
    .evict_o         (evict)
  );

  // Cycle t+1: what the lookup found.
  tw_canonical #(
    .Mode(Mode)
  ) i_canonical (
    .va_i       (va_q),
    .canonical_o(canonical)
  );

  assign physical = !(|(64'(va_q) >> PaBits));
  assign hit = asked_q && translate_q && canonical && match;
  assign miss = asked_q && translate_q && canonical && !match;

  tw_permission i_permission (
    .kind_i  (kind_q),
    .user_i  (user_q),
    .sum_i   (sum_q),
    .mxr_i   (mxr_q),
    .flags_i (hit_flags),
    .reason_o(hit_reason)
  );

  // The slot. A cancel comes before a change of satp, and that before the walk's end (which it has killed). A change of satp
  // in the cycle of the request itself keeps it from the slot.
  assign slot_full = waiting_q || (miss && !satp_changed_i);
  assign slot_cancel = cancel_valid_i && slot_full && cancel_tag_i == tag_q;
  assign slot_retry = slot_full && satp_change_i && !slot_cancel;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      waiting_q <= 1'b0;
      retry_q <= 1'b0;
      evict_q <= 1'b0;
    end else begin
      waiting_q <= slot_full && !slot_cancel && !slot_retry && !walk_end_i;
      retry_q <= slot_retry;
      evict_q <= evict;
    end
  end

  assign slot_vpn = va_q[VaBits-1:PageShift];

  assign slot_waits_o = slot_full && !slot_cancel && !slot_retry;
  assign slot_cancel_o = slot_cancel;
  assign slot_vpn_o = slot_vpn;
  assign slot_kind_o = kind_q;
  assign slot_user_o = user_q;
  assign slot_sum_o = sum_q;
  assign slot_mxr_o = mxr_q;

  // The answer.
  assign retry = retry_q || (miss && satp_changed_i);
  assign level = walk_done_i ? walk_level_i : hit_level;
  assign ppn = walk_done_i ? walk_ppn_i : hit_ppn;
  assign flags = walk_done_i ? walk_flags_i : hit_flags;
  assign untranslated = PaBits'(va_q);
  assign pa = {ppn, PageShift'(0)} | (untranslated & PaBits'({mask, {PageShift{1'b1}}}));

  tw_page_mask #(
    .Mode(Mode)
  ) i_page_mask (
    .level_i(level),
    .mask_o (mask)
  );

  always_comb begin
    if (walk_done_i) begin
      reason = walk_reason_i;
    end else if (!translate_q) begin
      reason = physical ? tw_pkg::REASON_NONE : tw_pkg::REASON_PHYSICAL_RANGE;
    end else begin
      reason = canonical ? hit_reason : tw_pkg::REASON_NOT_CANONICAL;
    end
  end

  assign rsp_valid_o = walk_done_i || retry || (asked_q && !miss);

  always_comb begin
    rsp_tag_o = '0;
    rsp_status_o = '0;
    rsp_reason_o = '0;
    rsp_cause_o = '0;
    rsp_level_o = '0;
    rsp_flags_o = '0;
    rsp_hit_o = 1'b0;
    rsp_pa_o = '0;
    rsp_tval_o = '0;
    if (rsp_valid_o) begin
      rsp_tag_o = tag_q;
      rsp_hit_o = hit;
      if (retry) begin
        rsp_status_o = tw_pkg::STATUS_RETRY;
      end else if (reason != tw_pkg::REASON_NONE) begin
        rsp_status_o = tw_pkg::STATUS_FAULT;
        rsp_reason_o = reason;
        rsp_cause_o = tw_pkg::cause(reason, kind_q);
        rsp_tval_o = 64'(va_q);
      end else begin
        rsp_status_o = tw_pkg::STATUS_TRANSLATED;
        if (translate_q) begin
          rsp_level_o = 3'(level);
          rsp_flags_o = flags;
          rsp_pa_o = tw_pkg::PA_PORT_BITS'(pa);
        end else begin
          rsp_pa_o = tw_pkg::PA_PORT_BITS'(untranslated);
        end
      end
    end
  end

  assign event_hit_o = hit;
  assign event_miss_o = miss;
  assign event_evict_o = evict_q;
  assign event_retry_o = retry;

  // The flag changes no answer (P14); kinds above 3 are reserved; RV32 has addresses of 32 bits (P15).
  assign unused_request = ^{req_speculative_i, req_kind_i[2], req_va_i};

`ifndef SYNTHESIS
  // Assertions.
  /* verilator tracing_off */  // no part of the design, and they would be a tenth of a waveform's changes
  logic                         past_q, past_stalled_q;
  logic [tw_pkg::TAG_BITS+67:0] past_request_q;
  /* verilator tracing_on */

  always @(posedge clk_i) begin
    past_q <= rst_ni;
    past_stalled_q <= req_valid_i && !req_ready_o;
    past_request_q <= {req_tag_i, req_kind_i, req_speculative_i, req_va_i};
    if (rst_ni) begin
      // What the other side owes.
      assert (req_valid_i || {req_tag_i, req_kind_i, req_speculative_i, req_va_i} == '0);  // P5
      assert (cancel_valid_i || cancel_tag_i == '0);  // P5
      assert (!past_q || !past_stalled_q || req_valid_i);  // P10
      assert (!past_q || !past_stalled_q ||
              {req_tag_i, req_kind_i, req_speculative_i, req_va_i} == past_request_q);  // P10
      assert (!req_kind_i[2]);  // P12
      // What this side owes.
      assert (rsp_valid_o || {rsp_tag_o, rsp_status_o, rsp_hit_o} == '0);  // P5
      assert ((rsp_valid_o && rsp_status_o == tw_pkg::STATUS_TRANSLATED) ||
              {rsp_level_o, rsp_flags_o, rsp_pa_o} == '0);  // P5
      assert ((rsp_valid_o && rsp_status_o == tw_pkg::STATUS_FAULT) ||
              {rsp_reason_o, rsp_cause_o, rsp_tval_o} == '0);  // P5
      assert (rsp_status_o != tw_pkg::STATUS_FAULT || rsp_reason_o != tw_pkg::REASON_NONE);  // P17
      assert (rsp_status_o != 2'd3);
      assert (!(asked_q && waiting_q));
      assert (!(walk_done_i && (asked_q || waiting_q || retry)));
      assert (!walk_end_i || (waiting_q && slot_waits_o));
      assert (^{req_ready_o, rsp_valid_o, rsp_tag_o, rsp_status_o, rsp_reason_o, rsp_cause_o, rsp_level_o, rsp_flags_o,
                rsp_hit_o, rsp_pa_o, rsp_tval_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
