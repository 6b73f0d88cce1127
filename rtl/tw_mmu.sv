// A RISC-V MMU: two access ports with a TLB each, one page-table walker. The pins are those of docs/pins.md, the cycles
// those of docs/microarchitecture.md.
//
//   fetch port ──> tw_port ──┐                      control ──> tw_control
//                            ├──> tw_walker <──> page-table memory
//   data port ───> tw_port ──┘                      fence ──> both ports, walker
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_mmu #(
  parameter int Mode = 2,           // 1 Sv32, 2 Sv39, 3 Sv48, 4 Sv57
  parameter int FetchEntries = 16,  // 1 to 64, any number
  parameter int DataEntries = 16,   // 1 to 64, any number
  parameter int AsidBits = 16       // 0 to 9 in Sv32, else 0 to 16
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  input  logic                            control_valid_i,
  input  logic [                    63:0] control_satp_i,
  input  logic [                     1:0] control_privilege_i,
  input  logic                            control_mprv_i,
  input  logic [                     1:0] control_mpp_i,
  input  logic                            control_sum_i,
  input  logic                            control_mxr_i,

  input  logic                            fetch_req_valid_i,
  output logic                            fetch_req_ready_o,
  input  logic [    tw_pkg::TAG_BITS-1:0] fetch_req_tag_i,
  input  logic [                     2:0] fetch_req_kind_i,
  input  logic                            fetch_req_speculative_i,
  input  logic [                    63:0] fetch_req_va_i,
  input  logic                            fetch_cancel_valid_i,
  input  logic [    tw_pkg::TAG_BITS-1:0] fetch_cancel_tag_i,
  output logic                            fetch_rsp_valid_o,
  output logic [    tw_pkg::TAG_BITS-1:0] fetch_rsp_tag_o,
  output logic [                     1:0] fetch_rsp_status_o,
  output logic [                     4:0] fetch_rsp_reason_o,
  output logic [                     4:0] fetch_rsp_cause_o,
  output logic [                     2:0] fetch_rsp_level_o,
  output logic [                     7:0] fetch_rsp_flags_o,
  output logic                            fetch_rsp_hit_o,
  output logic [                     1:0] fetch_rsp_attribute_o,
  output logic                            fetch_rsp_implicit_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] fetch_rsp_pa_o,
  output logic [                    63:0] fetch_rsp_tval_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] fetch_rsp_gpa_o,

  input  logic                            data_req_valid_i,
  output logic                            data_req_ready_o,
  input  logic [    tw_pkg::TAG_BITS-1:0] data_req_tag_i,
  input  logic [                     2:0] data_req_kind_i,
  input  logic                            data_req_speculative_i,
  input  logic [                    63:0] data_req_va_i,
  input  logic                            data_cancel_valid_i,
  input  logic [    tw_pkg::TAG_BITS-1:0] data_cancel_tag_i,
  output logic                            data_rsp_valid_o,
  output logic [    tw_pkg::TAG_BITS-1:0] data_rsp_tag_o,
  output logic [                     1:0] data_rsp_status_o,
  output logic [                     4:0] data_rsp_reason_o,
  output logic [                     4:0] data_rsp_cause_o,
  output logic [                     2:0] data_rsp_level_o,
  output logic [                     7:0] data_rsp_flags_o,
  output logic                            data_rsp_hit_o,
  output logic [                     1:0] data_rsp_attribute_o,
  output logic                            data_rsp_implicit_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] data_rsp_pa_o,
  output logic [                    63:0] data_rsp_tval_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] data_rsp_gpa_o,

  input  logic                            fence_valid_i,
  output logic                            fence_ready_o,
  input  logic [                     1:0] fence_kind_i,
  input  logic                            fence_has_va_i,
  input  logic [                    63:0] fence_va_i,
  input  logic                            fence_has_asid_i,
  input  logic [                    15:0] fence_asid_i,
  output logic                            fence_done_o,

  output logic                            mem_req_valid_o,
  input  logic                            mem_req_ready_i,
  output logic [     tw_pkg::ID_BITS-1:0] mem_req_id_o,
  output logic                            mem_req_kind_o,
  output logic [                     1:0] mem_req_size_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] mem_req_addr_o,
  output logic [                    63:0] mem_req_expected_o,
  output logic [                    63:0] mem_req_desired_o,
  input  logic                            mem_rsp_valid_i,
  input  logic [     tw_pkg::ID_BITS-1:0] mem_rsp_id_i,
  input  logic                            mem_rsp_error_i,
  input  logic [                    63:0] mem_rsp_data_i,

  output logic [  tw_pkg::EVENT_BITS-1:0] event_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int LevelBits = $clog2(tw_pkg::levels(Mode));
  localparam int AsidWidth = tw_pkg::asid_width(AsidBits);
  localparam int PpnBits = tw_pkg::ppn_bits(Mode);
  localparam int VpnBits = tw_pkg::vpn_bits(Mode);

  // Control registers.
  logic satp_change, satp_changed, fetch_translate, fetch_user, data_translate, data_user, sum, mxr;
  logic [AsidWidth-1:0] asid;
  logic [PpnBits-1:0] root;

  tw_control #(
    .Mode    (Mode),
    .AsidBits(AsidBits)
  ) i_control (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .write_i          (control_valid_i),
    .satp_i           (control_satp_i),
    .privilege_i      (control_privilege_i),
    .mprv_i           (control_mprv_i),
    .mpp_i            (control_mpp_i),
    .sum_i            (control_sum_i),
    .mxr_i            (control_mxr_i),
    .satp_change_o    (satp_change),
    .satp_changed_o   (satp_changed),
    .fetch_translate_o(fetch_translate),
    .fetch_user_o     (fetch_user),
    .data_translate_o (data_translate),
    .data_user_o      (data_user),
    .sum_o            (sum),
    .mxr_o            (mxr),
    .asid_o           (asid),
    .root_o           (root)
  );

  // Fences (M7): always ready, done in the next cycle, without effect if the address is none (P23).
  logic fence_canonical, fence_effect, unused_fence;
  logic [VpnBits-1:0] fence_vpn;
  logic [AsidWidth-1:0] fence_asid;

  tw_canonical #(
    .Mode(Mode)
  ) i_fence_canonical (
    .va_i       (fence_va_i[Xlen-1:0]),
    .canonical_o(fence_canonical)
  );

  assign fence_ready_o = 1'b1;
  assign fence_effect = fence_valid_i && (!fence_has_va_i || fence_canonical);
  assign fence_vpn = fence_va_i[tw_pkg::PAGE_SHIFT +: VpnBits];
  assign fence_asid = (AsidBits == 0) ? '0 : fence_asid_i[AsidWidth-1:0];

  // Kinds of fences are reserved; a fence concerns pages, so the offset does not count, nor do ASID bits above the width.
  assign unused_fence = ^{fence_kind_i, fence_va_i, fence_asid_i};

  // Ports and walker.
  logic fetch_waits, fetch_cancel, fetch_slot_user, fetch_slot_sum, fetch_slot_mxr, fetch_end, fetch_done;
  logic data_waits, data_cancel, data_slot_user, data_slot_sum, data_slot_mxr, data_end, data_done;
  logic [1:0] fetch_slot_kind, data_slot_kind;
  logic [VpnBits-1:0] fetch_slot_vpn, data_slot_vpn;
  logic fill;
  logic [LevelBits-1:0] fill_level, walk_level;
  logic [PpnBits-1:0] fill_ppn, walk_ppn;
  logic [7:0] fill_flags, walk_flags;
  logic [4:0] walk_reason;

  logic fetch_hit, fetch_miss, fetch_evict, fetch_retry;
  logic data_hit, data_miss, data_evict, data_retry;
  logic walk_begin, walk_step, walk_grant, walk_fault, walk_kill;

  tw_port #(
    .Mode    (Mode),
    .Entries (FetchEntries),
    .AsidBits(AsidBits)
  ) i_fetch (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .req_valid_i      (fetch_req_valid_i),
    .req_ready_o      (fetch_req_ready_o),
    .req_tag_i        (fetch_req_tag_i),
    .req_kind_i       (fetch_req_kind_i),
    .req_speculative_i(fetch_req_speculative_i),
    .req_va_i         (fetch_req_va_i),
    .cancel_valid_i   (fetch_cancel_valid_i),
    .cancel_tag_i     (fetch_cancel_tag_i),
    .rsp_valid_o      (fetch_rsp_valid_o),
    .rsp_tag_o        (fetch_rsp_tag_o),
    .rsp_status_o     (fetch_rsp_status_o),
    .rsp_reason_o     (fetch_rsp_reason_o),
    .rsp_cause_o      (fetch_rsp_cause_o),
    .rsp_level_o      (fetch_rsp_level_o),
    .rsp_flags_o      (fetch_rsp_flags_o),
    .rsp_hit_o        (fetch_rsp_hit_o),
    .rsp_pa_o         (fetch_rsp_pa_o),
    .rsp_tval_o       (fetch_rsp_tval_o),
    .satp_change_i    (satp_change),
    .satp_changed_i   (satp_changed),
    .translate_i      (fetch_translate),
    .user_i           (fetch_user),
    .sum_i            (sum),
    .mxr_i            (mxr),
    .asid_i           (asid),
    .fence_i          (fence_effect),
    .fence_has_va_i   (fence_has_va_i),
    .fence_vpn_i      (fence_vpn),
    .fence_has_asid_i (fence_has_asid_i),
    .fence_asid_i     (fence_asid),
    .slot_waits_o     (fetch_waits),
    .slot_cancel_o    (fetch_cancel),
    .slot_vpn_o       (fetch_slot_vpn),
    .slot_kind_o      (fetch_slot_kind),
    .slot_user_o      (fetch_slot_user),
    .slot_sum_o       (fetch_slot_sum),
    .slot_mxr_o       (fetch_slot_mxr),
    .walk_end_i       (fetch_end),
    .fill_i           (fill),
    .fill_level_i     (fill_level),
    .fill_ppn_i       (fill_ppn),
    .fill_flags_i     (fill_flags),
    .walk_done_i      (fetch_done),
    .walk_reason_i    (walk_reason),
    .walk_level_i     (walk_level),
    .walk_ppn_i       (walk_ppn),
    .walk_flags_i     (walk_flags),
    .event_hit_o      (fetch_hit),
    .event_miss_o     (fetch_miss),
    .event_evict_o    (fetch_evict),
    .event_retry_o    (fetch_retry)
  );

  tw_port #(
    .Mode    (Mode),
    .Entries (DataEntries),
    .AsidBits(AsidBits)
  ) i_data (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .req_valid_i      (data_req_valid_i),
    .req_ready_o      (data_req_ready_o),
    .req_tag_i        (data_req_tag_i),
    .req_kind_i       (data_req_kind_i),
    .req_speculative_i(data_req_speculative_i),
    .req_va_i         (data_req_va_i),
    .cancel_valid_i   (data_cancel_valid_i),
    .cancel_tag_i     (data_cancel_tag_i),
    .rsp_valid_o      (data_rsp_valid_o),
    .rsp_tag_o        (data_rsp_tag_o),
    .rsp_status_o     (data_rsp_status_o),
    .rsp_reason_o     (data_rsp_reason_o),
    .rsp_cause_o      (data_rsp_cause_o),
    .rsp_level_o      (data_rsp_level_o),
    .rsp_flags_o      (data_rsp_flags_o),
    .rsp_hit_o        (data_rsp_hit_o),
    .rsp_pa_o         (data_rsp_pa_o),
    .rsp_tval_o       (data_rsp_tval_o),
    .satp_change_i    (satp_change),
    .satp_changed_i   (satp_changed),
    .translate_i      (data_translate),
    .user_i           (data_user),
    .sum_i            (sum),
    .mxr_i            (mxr),
    .asid_i           (asid),
    .fence_i          (fence_effect),
    .fence_has_va_i   (fence_has_va_i),
    .fence_vpn_i      (fence_vpn),
    .fence_has_asid_i (fence_has_asid_i),
    .fence_asid_i     (fence_asid),
    .slot_waits_o     (data_waits),
    .slot_cancel_o    (data_cancel),
    .slot_vpn_o       (data_slot_vpn),
    .slot_kind_o      (data_slot_kind),
    .slot_user_o      (data_slot_user),
    .slot_sum_o       (data_slot_sum),
    .slot_mxr_o       (data_slot_mxr),
    .walk_end_i       (data_end),
    .fill_i           (fill),
    .fill_level_i     (fill_level),
    .fill_ppn_i       (fill_ppn),
    .fill_flags_i     (fill_flags),
    .walk_done_i      (data_done),
    .walk_reason_i    (walk_reason),
    .walk_level_i     (walk_level),
    .walk_ppn_i       (walk_ppn),
    .walk_flags_i     (walk_flags),
    .event_hit_o      (data_hit),
    .event_miss_o     (data_miss),
    .event_evict_o    (data_evict),
    .event_retry_o    (data_retry)
  );

  tw_walker #(
    .Mode(Mode)
  ) i_walker (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .fence_i        (fence_effect),
    .satp_change_i  (satp_change),
    .root_i         (root),
    .fetch_waits_i  (fetch_waits),
    .fetch_cancel_i (fetch_cancel),
    .fetch_vpn_i    (fetch_slot_vpn),
    .fetch_kind_i   (fetch_slot_kind),
    .fetch_user_i   (fetch_slot_user),
    .fetch_sum_i    (fetch_slot_sum),
    .fetch_mxr_i    (fetch_slot_mxr),
    .data_waits_i   (data_waits),
    .data_cancel_i  (data_cancel),
    .data_vpn_i     (data_slot_vpn),
    .data_kind_i    (data_slot_kind),
    .data_user_i    (data_slot_user),
    .data_sum_i     (data_slot_sum),
    .data_mxr_i     (data_slot_mxr),
    .fetch_end_o    (fetch_end),
    .data_end_o     (data_end),
    .fill_o         (fill),
    .fill_level_o   (fill_level),
    .fill_ppn_o     (fill_ppn),
    .fill_flags_o   (fill_flags),
    .fetch_done_o   (fetch_done),
    .data_done_o    (data_done),
    .reason_o       (walk_reason),
    .level_o        (walk_level),
    .ppn_o          (walk_ppn),
    .flags_o        (walk_flags),
    .mem_req_valid_o(mem_req_valid_o),
    .mem_req_ready_i(mem_req_ready_i),
    .mem_req_id_o   (mem_req_id_o),
    .mem_req_size_o (mem_req_size_o),
    .mem_req_addr_o (mem_req_addr_o),
    .mem_rsp_valid_i(mem_rsp_valid_i),
    .mem_rsp_id_i   (mem_rsp_id_i),
    .mem_rsp_error_i(mem_rsp_error_i),
    .mem_rsp_data_i (mem_rsp_data_i),
    .event_begin_o  (walk_begin),
    .event_step_o   (walk_step),
    .event_grant_o  (walk_grant),
    .event_fault_o  (walk_fault),
    .event_kill_o   (walk_kill)
  );

  // That a fence was accepted is also all there is to its being done.
  logic fence_done_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fence_done_q <= 1'b0;
    end else begin
      fence_done_q <= fence_valid_i;
    end
  end

  assign fence_done_o = fence_done_q;

  // Events, the highest bit first (P30).
  assign event_o = {
    fence_done_q,
    walk_kill, walk_fault, walk_grant, walk_step, walk_begin,
    data_retry, data_evict, data_miss, data_hit,
    fetch_retry, fetch_evict, fetch_miss, fetch_hit
  };

  // Reserved.
  assign fetch_rsp_attribute_o = '0;
  assign fetch_rsp_implicit_o = 1'b0;
  assign fetch_rsp_gpa_o = '0;
  assign data_rsp_attribute_o = '0;
  assign data_rsp_implicit_o = 1'b0;
  assign data_rsp_gpa_o = '0;
  assign mem_req_kind_o = 1'b0;
  assign mem_req_expected_o = '0;
  assign mem_req_desired_o = '0;

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (fetch_req_kind_i == 3'(tw_pkg::KIND_FETCH));  // P12
      assert (!data_req_valid_i || data_req_kind_i != 3'(tw_pkg::KIND_FETCH));  // P12
      assert (fence_valid_i || {fence_kind_i, fence_has_va_i, fence_has_asid_i} == '0);  // P5
      assert (fence_has_va_i || fence_va_i == '0);  // P5
      assert (fence_has_asid_i || fence_asid_i == '0);  // P5
      assert (fence_kind_i == 2'd0);
      assert (!(walk_grant && walk_fault));
      assert (^event_o !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
