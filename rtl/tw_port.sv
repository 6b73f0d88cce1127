// One access port: lookup (L1 to L6), the miss slot, and the answers.
//
//   request ──> tw_address ──> tw_tlb ──> tw_permission ──┬──> answer register ──> response
//                                │ miss                   │
//                                └──> slot ──> walker ────┘
//
// The slot is full while a request waits for its walk, and then no request is accepted: so an answer belongs to the slot if
// that is full, else to the request of this cycle.
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
  input  logic                            satp_change_i,
  input  logic                            translate_i,
  input  logic                            user_i,
  input  logic                            sum_i,
  input  logic                            mxr_i,
  input  logic [           AsidWidth-1:0] asid_i,
  input  logic [             PpnBits-1:0] root_i,

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
  output logic [             PpnBits-1:0] slot_root_o,

  // The end of the slot's walk.
  input  logic                            walk_done_i,
  input  logic [                     4:0] walk_reason_i,  // none: a translation
  input  logic [           LevelBits-1:0] walk_level_i,
  input  logic [             VpnBits-1:0] walk_mask_i,
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

  // The slot. Its address is canonical, so the bits above VaBits are the sign's.
  logic                        slot_full_d, slot_full_q;
  logic [tw_pkg::TAG_BITS-1:0] slot_tag_q;
  logic [                 1:0] slot_kind_q;
  logic [          VaBits-1:0] slot_va_q;
  logic                        slot_user_q, slot_sum_q, slot_mxr_q;
  logic [       AsidWidth-1:0] slot_asid_q;
  logic [         PpnBits-1:0] slot_root_q;

  // The answer; all 0 unless valid.
  logic                        rsp_valid_d, rsp_valid_q;
  logic [tw_pkg::TAG_BITS-1:0] rsp_tag_d, rsp_tag_q;
  logic [                 1:0] rsp_status_d, rsp_status_q;
  logic [                 4:0] rsp_reason_d, rsp_reason_q;
  logic [                 4:0] rsp_cause_d, rsp_cause_q;
  logic [       LevelBits-1:0] rsp_level_d, rsp_level_q;
  logic [                 7:0] rsp_flags_d, rsp_flags_q;
  logic                        rsp_hit_d, rsp_hit_q;
  logic [          PaBits-1:0] rsp_pa_d, rsp_pa_q;
  logic [            Xlen-1:0] rsp_tval_d, rsp_tval_q;

  logic                        accept, lookup, miss, slot_cancel, slot_retry;
  logic [                63:0] req_va;
  logic                        canonical, physical;
  logic                        hit;
  logic [       LevelBits-1:0] hit_level;
  logic [         VpnBits-1:0] hit_mask;
  logic [         PpnBits-1:0] hit_ppn;
  logic [                 7:0] hit_flags;
  logic [                 4:0] hit_reason;
  logic                        unused_request;

  assign req_ready_o = !slot_full_q;
  assign accept = req_valid_i && !slot_full_q;

  tw_address #(
    .Mode(Mode)
  ) i_address (
    .va_i       (req_va_i),
    .va_o       (req_va),
    .canonical_o(canonical)
  );

  assign physical = !(|(req_va >> PaBits));
  assign lookup = accept && translate_i && canonical;
  assign miss = lookup && !hit;

  tw_tlb #(
    .Mode    (Mode),
    .Entries (Entries),
    .AsidBits(AsidBits)
  ) i_tlb (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .lookup_i        (lookup),
    .lookup_vpn_i    (req_va[VaBits-1:PageShift]),
    .lookup_asid_i   (asid_i),
    .hit_o           (hit),
    .hit_level_o     (hit_level),
    .hit_mask_o      (hit_mask),
    .hit_ppn_o       (hit_ppn),
    .hit_flags_o     (hit_flags),
    .fence_i         (fence_i),
    .fence_has_va_i  (fence_has_va_i),
    .fence_vpn_i     (fence_vpn_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (walk_done_i && walk_reason_i == tw_pkg::REASON_NONE),
    .fill_vpn_i      (slot_va_q[VaBits-1:PageShift]),
    .fill_asid_i     (slot_asid_q),
    .fill_level_i    (walk_level_i),
    .fill_ppn_i      (walk_ppn_i),
    .fill_flags_i    (walk_flags_i),
    .evict_o         (event_evict_o)
  );

  tw_permission i_permission (
    .kind_i  (req_kind_i[1:0]),
    .user_i  (user_i),
    .sum_i   (sum_i),
    .mxr_i   (mxr_i),
    .flags_i (hit_flags),
    .reason_o(hit_reason)
  );

  // The slot. A cancel comes before a change of satp, and that before the walk's end (which it has killed).
  assign slot_cancel = cancel_valid_i && slot_full_q && cancel_tag_i == slot_tag_q;
  assign slot_retry = slot_full_q && satp_change_i && !slot_cancel;

  assign slot_full_d = slot_full_q ? !(slot_cancel || slot_retry || walk_done_i) : miss && !satp_change_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      slot_full_q <= 1'b0;
    end else begin
      slot_full_q <= slot_full_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (miss) begin
      slot_tag_q <= req_tag_i;
      slot_kind_q <= req_kind_i[1:0];
      slot_va_q <= req_va[VaBits-1:0];
      slot_user_q <= user_i;
      slot_sum_q <= sum_i;
      slot_mxr_q <= mxr_i;
      slot_asid_q <= asid_i;
      slot_root_q <= root_i;
    end
  end

  assign slot_waits_o = slot_full_q && !slot_cancel && !satp_change_i;
  assign slot_cancel_o = slot_cancel;
  assign slot_vpn_o = slot_va_q[VaBits-1:PageShift];
  assign slot_kind_o = slot_kind_q;
  assign slot_user_o = slot_user_q;
  assign slot_sum_o = slot_sum_q;
  assign slot_mxr_o = slot_mxr_q;
  assign slot_root_o = slot_root_q;

  assign event_hit_o = hit;
  assign event_miss_o = miss;
  assign event_retry_o = slot_retry || (miss && satp_change_i);

  // The answer. First who is answered with what; then how that looks on the pins.
  logic [          1:0] kind;
  logic [     Xlen-1:0] va;
  logic [   PaBits-1:0] untranslated;
  logic                 through_entry;
  logic [LevelBits-1:0] level;
  logic [  VpnBits-1:0] mask;
  logic [  PpnBits-1:0] ppn;
  logic [          7:0] flags;

  assign rsp_valid_d = walk_done_i || event_retry_o || (accept && !miss);

  assign kind = slot_full_q ? slot_kind_q : req_kind_i[1:0];
  assign level = slot_full_q ? walk_level_i : hit_level;
  assign mask = slot_full_q ? walk_mask_i : hit_mask;
  assign ppn = slot_full_q ? walk_ppn_i : hit_ppn;
  assign flags = slot_full_q ? walk_flags_i : hit_flags;
  assign untranslated = PaBits'(va);
  assign through_entry = slot_full_q || hit;

  always_comb begin
    va = req_va[Xlen-1:0];
    if (slot_full_q) begin
      va = Xlen'({{64{slot_va_q[VaBits-1]}}, slot_va_q});
    end
  end

  always_comb begin
    rsp_tag_d = '0;
    rsp_status_d = '0;
    rsp_reason_d = '0;
    rsp_cause_d = '0;
    rsp_level_d = '0;
    rsp_flags_d = '0;
    rsp_hit_d = 1'b0;
    rsp_pa_d = '0;
    rsp_tval_d = '0;
    if (rsp_valid_d) begin
      rsp_tag_d = slot_full_q ? slot_tag_q : req_tag_i;
      rsp_hit_d = hit;
      if (event_retry_o) begin
        rsp_status_d = tw_pkg::STATUS_RETRY;
      end else begin
        if (slot_full_q) begin
          rsp_reason_d = walk_reason_i;
        end else if (!translate_i) begin
          rsp_reason_d = physical ? tw_pkg::REASON_NONE : tw_pkg::REASON_PHYSICAL_RANGE;
        end else begin
          rsp_reason_d = canonical ? hit_reason : tw_pkg::REASON_NOT_CANONICAL;
        end
        if (rsp_reason_d != tw_pkg::REASON_NONE) begin
          rsp_status_d = tw_pkg::STATUS_FAULT;
          rsp_cause_d = tw_pkg::cause(rsp_reason_d, kind);
          rsp_tval_d = va;
        end else begin
          rsp_status_d = tw_pkg::STATUS_TRANSLATED;
          if (through_entry) begin
            rsp_level_d = level;
            rsp_flags_d = flags;
            rsp_pa_d = {ppn, PageShift'(0)} | (untranslated & PaBits'({mask, {PageShift{1'b1}}}));
          end else begin
            rsp_pa_d = untranslated;
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rsp_valid_q <= 1'b0;
      rsp_tag_q <= '0;
      rsp_status_q <= '0;
      rsp_reason_q <= '0;
      rsp_cause_q <= '0;
      rsp_level_q <= '0;
      rsp_flags_q <= '0;
      rsp_hit_q <= 1'b0;
      rsp_pa_q <= '0;
      rsp_tval_q <= '0;
    end else begin
      rsp_valid_q <= rsp_valid_d;
      rsp_tag_q <= rsp_tag_d;
      rsp_status_q <= rsp_status_d;
      rsp_reason_q <= rsp_reason_d;
      rsp_cause_q <= rsp_cause_d;
      rsp_level_q <= rsp_level_d;
      rsp_flags_q <= rsp_flags_d;
      rsp_hit_q <= rsp_hit_d;
      rsp_pa_q <= rsp_pa_d;
      rsp_tval_q <= rsp_tval_d;
    end
  end

  assign rsp_valid_o = rsp_valid_q;
  assign rsp_tag_o = rsp_tag_q;
  assign rsp_status_o = rsp_status_q;
  assign rsp_reason_o = rsp_reason_q;
  assign rsp_cause_o = rsp_cause_q;
  assign rsp_level_o = 3'(rsp_level_q);
  assign rsp_flags_o = rsp_flags_q;
  assign rsp_hit_o = rsp_hit_q;
  assign rsp_pa_o = tw_pkg::PA_PORT_BITS'(rsp_pa_q);
  assign rsp_tval_o = 64'(rsp_tval_q);

  // The flag changes no answer (P14); kinds above 3 are reserved.
  assign unused_request = ^{req_speculative_i, req_kind_i[2]};

`ifndef SYNTHESIS
  // Assertions.
  logic                         past_q, past_stalled_q;
  logic [tw_pkg::TAG_BITS+67:0] past_request_q;

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
      assert (!(slot_full_q && accept));
      assert (!walk_done_i || slot_waits_o);
      assert (^{req_ready_o, rsp_valid_o, rsp_tag_o, rsp_status_o, rsp_reason_o, rsp_cause_o, rsp_level_o, rsp_flags_o,
                rsp_hit_o, rsp_pa_o, rsp_tval_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
