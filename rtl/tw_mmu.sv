// A RISC-V MMU: two access ports, an L2 TLB, page-table walkers, PMP and PMA. The pins are those of docs/pins.md, the cycles
// those of docs/microarchitecture.md.
//
//   fetch port ──> tw_port ──┐                      control write ──> tw_control
//                            ├──> tw_l2             PMP write ──> tw_pmp <──> both ports, walkers
//   data port ───> tw_port ──┤                      fence ──> tw_fence ──> every structure
//                            └──> tw_walkers <──> page-table memory
//
// The slots of both ports have one order: the data port's come first.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_mmu #(
  parameter int Mode = 2,             // the deepest: 1 Sv32, 2 Sv39, 3 Sv48, 4 Sv57
  parameter int Extensions = 0,
  parameter int PaBits = 56,          // 32 to 56, Sv32: 32 to 34
  parameter int AsidBits = 16,        // 0 to 9 in Sv32, else 0 to 16
  parameter int FetchEntries = 16,    // 1 to 64, any number
  parameter int DataEntries = 16,     // 1 to 64, any number
  parameter int FetchSlots = 1,       // 1 to 8
  parameter int DataSlots = 1,        // 1 to 8
  parameter int L2Entries = 0,        // 0, or 16 to 4096
  parameter int L2Ways = 0,           // 1 to 16; 0 without an L2 TLB, as what follows
  parameter int L2Latency = 0,        // 1 to 8
  parameter int L2Random = 0,         // replacement: 0 pseudo-LRU, 1 random
  parameter int L2SuperEntries = 0,   // 0 to 64
  parameter int WalkEntries = 0,      // 0 to 64, at each level
  parameter int Walkers = 1,          // 1 to 8
  parameter int PmpEntries = 0,       // 0, 16 or 64
  parameter int PmpGrain = 0,         // 0 to 20
  parameter int RegionCount = 0,      // 0 to 8; region r is at place r from the lowest bits up
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_BASE_BITS-1:0] RegionBase = '0,
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_SIZE_BITS-1:0] RegionSize = '0,  // log2 of bytes
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_KIND_BITS-1:0] RegionKind = '0   // bits: I/O, tables, updates
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,

  input  logic                         control_valid_i,
  input  logic [                 63:0] control_satp_i,
  input  logic [                  1:0] control_privilege_i,
  input  logic                         control_mprv_i,
  input  logic [                  1:0] control_mpp_i,
  input  logic                         control_sum_i,
  input  logic                         control_mxr_i,
  input  logic                         control_adue_i,
  input  logic                         control_pbmte_i,

  input  logic                         pmp_valid_i,
  input  logic [                  1:0] pmp_kind_i,
  input  logic [                  5:0] pmp_index_i,
  input  logic [                 63:0] pmp_value_i,

  input  logic                         fetch_req_valid_i,
  output logic                         fetch_req_ready_o,
  input  logic [ tw_pkg::TAG_BITS-1:0] fetch_req_tag_i,
  input  logic [                  2:0] fetch_req_kind_i,
  input  logic [tw_pkg::SIZE_BITS-1:0] fetch_req_size_i,
  input  logic                         fetch_req_speculative_i,
  input  logic [                 63:0] fetch_req_va_i,
  input  logic                         fetch_cancel_valid_i,
  input  logic [ tw_pkg::TAG_BITS-1:0] fetch_cancel_tag_i,
  output logic                         fetch_rsp_valid_o,
  output logic [ tw_pkg::TAG_BITS-1:0] fetch_rsp_tag_o,
  output logic [                  1:0] fetch_rsp_status_o,
  output logic [                  4:0] fetch_rsp_reason_o,
  output logic [                  4:0] fetch_rsp_cause_o,
  output logic [                  2:0] fetch_rsp_level_o,
  output logic [                  7:0] fetch_rsp_flags_o,
  output logic                         fetch_rsp_napot_o,
  output logic [                  1:0] fetch_rsp_hit_o,
  output logic [                  1:0] fetch_rsp_attribute_o,
  output logic                         fetch_rsp_implicit_o,
  output logic [  tw_pkg::PA_BITS-1:0] fetch_rsp_pa_o,
  output logic [                 63:0] fetch_rsp_tval_o,
  output logic [  tw_pkg::PA_BITS-1:0] fetch_rsp_gpa_o,

  input  logic                         data_req_valid_i,
  output logic                         data_req_ready_o,
  input  logic [ tw_pkg::TAG_BITS-1:0] data_req_tag_i,
  input  logic [                  2:0] data_req_kind_i,
  input  logic [tw_pkg::SIZE_BITS-1:0] data_req_size_i,
  input  logic                         data_req_speculative_i,
  input  logic [                 63:0] data_req_va_i,
  input  logic                         data_cancel_valid_i,
  input  logic [ tw_pkg::TAG_BITS-1:0] data_cancel_tag_i,
  output logic                         data_rsp_valid_o,
  output logic [ tw_pkg::TAG_BITS-1:0] data_rsp_tag_o,
  output logic [                  1:0] data_rsp_status_o,
  output logic [                  4:0] data_rsp_reason_o,
  output logic [                  4:0] data_rsp_cause_o,
  output logic [                  2:0] data_rsp_level_o,
  output logic [                  7:0] data_rsp_flags_o,
  output logic                         data_rsp_napot_o,
  output logic [                  1:0] data_rsp_hit_o,
  output logic [                  1:0] data_rsp_attribute_o,
  output logic                         data_rsp_implicit_o,
  output logic [  tw_pkg::PA_BITS-1:0] data_rsp_pa_o,
  output logic [                 63:0] data_rsp_tval_o,
  output logic [  tw_pkg::PA_BITS-1:0] data_rsp_gpa_o,

  input  logic                         fence_valid_i,
  output logic                         fence_ready_o,
  input  logic [                  2:0] fence_kind_i,
  input  logic                         fence_has_va_i,
  input  logic [                 63:0] fence_va_i,
  input  logic                         fence_has_asid_i,
  input  logic [                 15:0] fence_asid_i,
  output logic                         fence_done_o,

  output logic                         mem_req_valid_o,
  input  logic                         mem_req_ready_i,
  output logic [  tw_pkg::ID_BITS-1:0] mem_req_id_o,
  output logic                         mem_req_kind_o,
  output logic [                  1:0] mem_req_size_o,
  output logic [  tw_pkg::PA_BITS-1:0] mem_req_addr_o,
  output logic [                 63:0] mem_req_expected_o,
  output logic [                 63:0] mem_req_desired_o,
  input  logic                         mem_rsp_valid_i,
  input  logic [  tw_pkg::ID_BITS-1:0] mem_rsp_id_i,
  input  logic                         mem_rsp_error_i,
  input  logic [                 63:0] mem_rsp_data_i,

  output logic [tw_pkg::EVENT_BITS-1:0] event_o,
  output logic [                   3:0] event_walkers_o
);

  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits);
  localparam int PpnBits = tw_pkg::ppn_bits(Mode);
  localparam int VpnBits = tw_pkg::vpn_bits(Mode);
  localparam int LeafBits = tw_pkg::leaf_bits(Mode);
  localparam int MissBits = tw_pkg::miss_bits(Mode);
  localparam int WordBits = tw_pkg::word_bits(Mode);
  localparam int Slots = DataSlots + FetchSlots;
  localparam int L2Sets = (L2Entries == 0) ? 0 : L2Entries / tw_pkg::at_least_one(L2Ways);
  localparam int SetBits = tw_pkg::index_bits(L2Sets);

  // Places of those who have an address checked.
  localparam int CheckFetch = 0;
  localparam int CheckData = 1;
  localparam int CheckTable = 2;
  localparam int Checks = 3;

  logic [tw_pkg::EVENT_BITS-1:0] events, events_q;
  logic [                   3:0] busy_walkers, busy_walkers_q;
  logic                          fetch_retry, data_retry;

  // Control registers.
  logic satp_change, fetch_machine, data_machine;
  logic [tw_pkg::CONTEXT_BITS-1:0] fetch_context, data_context;
  logic [tw_pkg::LEVEL_BITS-1:0] top;
  logic [AsidWidth-1:0] asid;
  logic [PpnBits-1:0] root;

  tw_control #(
    .Mode      (Mode),
    .Extensions(Extensions),
    .AsidBits  (AsidBits)
  ) i_control (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .write_i        (control_valid_i),
    .satp_i         (control_satp_i),
    .privilege_i    (control_privilege_i),
    .mprv_i         (control_mprv_i),
    .mpp_i          (control_mpp_i),
    .sum_i          (control_sum_i),
    .mxr_i          (control_mxr_i),
    .adue_i         (control_adue_i),
    .pbmte_i        (control_pbmte_i),
    .satp_change_o  (satp_change),
    .fetch_machine_o(fetch_machine),
    .data_machine_o (data_machine),
    .fetch_context_o(fetch_context),
    .data_context_o (data_context),
    .top_o          (top),
    .asid_o         (asid),
    .root_o         (root)
  );

  // PMP registers.
  logic [Checks-1:0] check, check_matched, check_whole;
  logic [Checks*WordBits-1:0] check_first, check_last;
  logic [Checks*8-1:0] check_cfg;
  logic mml, mmwp;

  tw_pmp #(
    .Mode   (Mode),
    .Entries(PmpEntries),
    .Grain  (PmpGrain),
    .Smepmp (Extensions[tw_pkg::EXTENSION_SMEPMP]),
    .Checks (Checks)
  ) i_pmp (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .write_i      (pmp_valid_i),
    .write_kind_i (pmp_kind_i),
    .write_index_i(pmp_index_i),
    .write_value_i(pmp_value_i),
    .check_i      (check),
    .first_i      (check_first),
    .last_i       (check_last),
    .matched_o    (check_matched),
    .whole_o      (check_whole),
    .cfg_o        (check_cfg),
    .mml_o        (mml),
    .mmwp_o       (mmwp)
  );

  // Fences.
  logic fence_effect, fence_flush, fence_has_va, fence_has_asid;
  logic [VpnBits-1:0] fence_vpn, sweep_vpn;
  logic [AsidWidth-1:0] fence_asid, sweep_asid;
  logic sweeping, sweep, sweep_has_va, sweep_has_asid, decide, overtaken;
  logic [SetBits-1:0] sweep_set;

  tw_fence #(
    .Mode    (Mode),
    .AsidBits(AsidBits),
    .Sets    (L2Sets)
  ) i_fence (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .valid_i         (fence_valid_i),
    .ready_o         (fence_ready_o),
    .kind_i          (fence_kind_i),
    .has_va_i        (fence_has_va_i),
    .va_i            (fence_va_i),
    .has_asid_i      (fence_has_asid_i),
    .asid_i          (fence_asid_i),
    .done_o          (fence_done_o),
    .overtaken_i     (overtaken),
    .accept_o        (events[tw_pkg::EVENT_FENCE]),
    .effect_o        (fence_effect),
    .flush_o         (fence_flush),
    .has_va_o        (fence_has_va),
    .vpn_o           (fence_vpn),
    .has_asid_o      (fence_has_asid),
    .asid_o          (fence_asid),
    .pause_i         (decide),
    .sweeping_o      (sweeping),
    .sweep_o         (sweep),
    .sweep_set_o     (sweep_set),
    .sweep_has_va_o  (sweep_has_va),
    .sweep_vpn_o     (sweep_vpn),
    .sweep_has_asid_o(sweep_has_asid),
    .sweep_asid_o    (sweep_asid),
    .event_stall_o   (events[tw_pkg::EVENT_FENCE_STALL])
  );

  // Ports. A miss has one outcome, by the walkers or by the L2 TLB, which stands still when the walkers decide.
  logic [Slots-1:0] slot_cancel, slot_search, slot_searching, slot_waiting;
  logic [Slots-1:0] slot_granted, slot_missed, slot_taken, slot_released, slot_outcome;
  logic [Slots*MissBits-1:0] misses;
  logic [1:0] outcome_status, outcome_hit;
  logic outcome_fill;
  logic [4:0] outcome_reason;
  logic [LeafBits-1:0] outcome_leaf;
  logic [VpnBits-1:0] outcome_vpn;

  tw_port #(
    .Mode       (Mode),
    .PaBits     (PaBits),
    .AsidBits   (AsidBits),
    .Entries    (FetchEntries),
    .Slots      (FetchSlots),
    .Searches   (L2Entries != 0),
    .PmpEntries (PmpEntries),
    .RegionCount(RegionCount),
    .RegionBase (RegionBase),
    .RegionSize (RegionSize),
    .RegionKind (RegionKind)
  ) i_fetch (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .req_valid_i      (fetch_req_valid_i),
    .req_ready_o      (fetch_req_ready_o),
    .req_tag_i        (fetch_req_tag_i),
    .req_kind_i       (fetch_req_kind_i),
    .req_size_i       (fetch_req_size_i),
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
    .rsp_napot_o      (fetch_rsp_napot_o),
    .rsp_hit_o        (fetch_rsp_hit_o),
    .rsp_attribute_o  (fetch_rsp_attribute_o),
    .rsp_pa_o         (fetch_rsp_pa_o),
    .rsp_tval_o       (fetch_rsp_tval_o),
    .satp_change_i    (satp_change),
    .machine_i        (fetch_machine),
    .context_i        (fetch_context),
    .top_i            (top),
    .asid_i           (asid),
    .fence_i          (fence_effect),
    .fence_has_va_i   (fence_has_va),
    .fence_vpn_i      (fence_vpn),
    .fence_has_asid_i (fence_has_asid),
    .fence_asid_i     (fence_asid),
    .cancel_o         (slot_cancel[DataSlots +: FetchSlots]),
    .search_o         (slot_search[DataSlots +: FetchSlots]),
    .searching_o      (slot_searching[DataSlots +: FetchSlots]),
    .waiting_o        (slot_waiting[DataSlots +: FetchSlots]),
    .misses_o         (misses[DataSlots*MissBits +: FetchSlots*MissBits]),
    .granted_i        (slot_granted[DataSlots +: FetchSlots]),
    .missed_i         (slot_missed[DataSlots +: FetchSlots]),
    .taken_i          (slot_taken[DataSlots +: FetchSlots]),
    .released_i       (slot_released[DataSlots +: FetchSlots]),
    .outcome_i        (slot_outcome[DataSlots +: FetchSlots]),
    .outcome_status_i (outcome_status),
    .outcome_fill_i   (outcome_fill),
    .outcome_reason_i (outcome_reason),
    .outcome_hit_i    (outcome_hit),
    .outcome_leaf_i   (outcome_leaf),
    .outcome_vpn_i    (outcome_vpn),
    .check_o          (check[CheckFetch]),
    .check_first_o    (check_first[CheckFetch*WordBits +: WordBits]),
    .check_last_o     (check_last[CheckFetch*WordBits +: WordBits]),
    .check_matched_i  (check_matched[CheckFetch]),
    .check_whole_i    (check_whole[CheckFetch]),
    .check_cfg_i      (check_cfg[CheckFetch*8 +: 8]),
    .mml_i            (mml),
    .mmwp_i           (mmwp),
    .event_hit_o      (events[tw_pkg::EVENT_HIT]),
    .event_miss_o     (events[tw_pkg::EVENT_MISS]),
    .event_evict_o    (events[tw_pkg::EVENT_EVICT]),
    .event_stall_o    (events[tw_pkg::EVENT_FETCH_STALL]),
    .retry_o          (fetch_retry)
  );

  tw_port #(
    .Mode       (Mode),
    .PaBits     (PaBits),
    .AsidBits   (AsidBits),
    .Entries    (DataEntries),
    .Slots      (DataSlots),
    .Searches   (L2Entries != 0),
    .PmpEntries (PmpEntries),
    .RegionCount(RegionCount),
    .RegionBase (RegionBase),
    .RegionSize (RegionSize),
    .RegionKind (RegionKind)
  ) i_data (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .req_valid_i      (data_req_valid_i),
    .req_ready_o      (data_req_ready_o),
    .req_tag_i        (data_req_tag_i),
    .req_kind_i       (data_req_kind_i),
    .req_size_i       (data_req_size_i),
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
    .rsp_napot_o      (data_rsp_napot_o),
    .rsp_hit_o        (data_rsp_hit_o),
    .rsp_attribute_o  (data_rsp_attribute_o),
    .rsp_pa_o         (data_rsp_pa_o),
    .rsp_tval_o       (data_rsp_tval_o),
    .satp_change_i    (satp_change),
    .machine_i        (data_machine),
    .context_i        (data_context),
    .top_i            (top),
    .asid_i           (asid),
    .fence_i          (fence_effect),
    .fence_has_va_i   (fence_has_va),
    .fence_vpn_i      (fence_vpn),
    .fence_has_asid_i (fence_has_asid),
    .fence_asid_i     (fence_asid),
    .cancel_o         (slot_cancel[0 +: DataSlots]),
    .search_o         (slot_search[0 +: DataSlots]),
    .searching_o      (slot_searching[0 +: DataSlots]),
    .waiting_o        (slot_waiting[0 +: DataSlots]),
    .misses_o         (misses[0 +: DataSlots*MissBits]),
    .granted_i        (slot_granted[0 +: DataSlots]),
    .missed_i         (slot_missed[0 +: DataSlots]),
    .taken_i          (slot_taken[0 +: DataSlots]),
    .released_i       (slot_released[0 +: DataSlots]),
    .outcome_i        (slot_outcome[0 +: DataSlots]),
    .outcome_status_i (outcome_status),
    .outcome_fill_i   (outcome_fill),
    .outcome_reason_i (outcome_reason),
    .outcome_hit_i    (outcome_hit),
    .outcome_leaf_i   (outcome_leaf),
    .outcome_vpn_i    (outcome_vpn),
    .check_o          (check[CheckData]),
    .check_first_o    (check_first[CheckData*WordBits +: WordBits]),
    .check_last_o     (check_last[CheckData*WordBits +: WordBits]),
    .check_matched_i  (check_matched[CheckData]),
    .check_whole_i    (check_whole[CheckData]),
    .check_cfg_i      (check_cfg[CheckData*8 +: 8]),
    .mml_i            (mml),
    .mmwp_i           (mmwp),
    .event_hit_o      (events[tw_pkg::EVENT_PORT + tw_pkg::EVENT_HIT]),
    .event_miss_o     (events[tw_pkg::EVENT_PORT + tw_pkg::EVENT_MISS]),
    .event_evict_o    (events[tw_pkg::EVENT_PORT + tw_pkg::EVENT_EVICT]),
    .event_stall_o    (events[tw_pkg::EVENT_DATA_STALL]),
    .retry_o          (data_retry)
  );

  assign fetch_rsp_implicit_o = 1'b0;
  assign fetch_rsp_gpa_o = '0;
  assign data_rsp_implicit_o = 1'b0;
  assign data_rsp_gpa_o = '0;

  // The L2 TLB, which translations by walks fill.
  logic l2_still;
  logic [Slots-1:0] walk_outcome;
  logic [1:0] walk_status;
  logic walk_fill;
  logic [4:0] walk_reason;
  logic [LeafBits-1:0] walk_leaf;
  logic [VpnBits-1:0] walk_vpn;
  logic [Slots-1:0] l2_outcome;
  logic [1:0] l2_status;
  logic [4:0] l2_reason;
  logic [LeafBits-1:0] l2_leaf;
  logic [VpnBits-1:0] l2_vpn;

  assign l2_status = (l2_reason == tw_pkg::REASON_NONE) ? tw_pkg::STATUS_TRANSLATED : tw_pkg::STATUS_FAULT;
  assign l2_still = fence_effect || sweeping || decide || satp_change;

  tw_l2 #(
    .Mode        (Mode),
    .AsidBits    (AsidBits),
    .Slots       (Slots),
    .Entries     (L2Entries),
    .Ways        (L2Ways),
    .Latency     (L2Latency),
    .Random      (L2Random != 0),
    .SuperEntries(L2SuperEntries)
  ) i_l2 (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .asid_i          (asid),
    .still_i         (l2_still),
    .empty_i         (satp_change),
    .search_i        (slot_search),
    .cancel_i        (slot_cancel),
    .misses_i        (misses),
    .granted_o       (slot_granted),
    .missed_o        (slot_missed),
    .outcome_o       (l2_outcome),
    .reason_o        (l2_reason),
    .leaf_o          (l2_leaf),
    .vpn_o           (l2_vpn),
    .fence_i         (fence_effect),
    .flush_i         (fence_flush),
    .fence_has_va_i  (fence_has_va),
    .fence_vpn_i     (fence_vpn),
    .fence_has_asid_i(fence_has_asid),
    .fence_asid_i    (fence_asid),
    .sweep_i         (sweep),
    .sweep_set_i     (sweep_set),
    .sweep_has_va_i  (sweep_has_va),
    .sweep_vpn_i     (sweep_vpn),
    .sweep_has_asid_i(sweep_has_asid),
    .sweep_asid_i    (sweep_asid),
    .fill_i          ((|walk_outcome) && walk_fill),
    .fill_vpn_i      (walk_vpn),
    .fill_leaf_i     (walk_leaf),
    .event_evict_o   (events[tw_pkg::EVENT_L2_EVICT])
  );

  assign events[tw_pkg::EVENT_L2_HIT] = |l2_outcome;
  assign events[tw_pkg::EVENT_L2_MISS] = |slot_missed;
  assign events[tw_pkg::EVENT_L2_STALL] = l2_still && (|(slot_search | slot_searching));

  // The walkers.
  tw_walkers #(
    .Mode       (Mode),
    .Extensions (Extensions),
    .PaBits     (PaBits),
    .AsidBits   (AsidBits),
    .Slots      (Slots),
    .Walkers    (Walkers),
    .WalkEntries(WalkEntries),
    .PmpEntries (PmpEntries),
    .RegionCount(RegionCount),
    .RegionBase (RegionBase),
    .RegionSize (RegionSize),
    .RegionKind (RegionKind)
  ) i_walkers (
    .clk_i               (clk_i),
    .rst_ni              (rst_ni),
    .satp_change_i       (satp_change),
    .top_i               (top),
    .asid_i              (asid),
    .root_i              (root),
    .pbmte_i             (fetch_context[tw_pkg::CONTEXT_BITS-1]),
    .fence_i             (fence_effect),
    .fence_has_va_i      (fence_has_va),
    .fence_vpn_i         (fence_vpn),
    .fence_has_asid_i    (fence_has_asid),
    .fence_asid_i        (fence_asid),
    .waiting_i           (slot_waiting),
    .cancel_i            (slot_cancel),
    .misses_i            (misses),
    .taken_o             (slot_taken),
    .released_o          (slot_released),
    .outcome_o           (walk_outcome),
    .decide_o            (decide),
    .status_o            (walk_status),
    .fill_o              (walk_fill),
    .reason_o            (walk_reason),
    .leaf_o              (walk_leaf),
    .vpn_o               (walk_vpn),
    .overtaken_o         (overtaken),
    .check_o             (check[CheckTable]),
    .check_first_o       (check_first[CheckTable*WordBits +: WordBits]),
    .check_last_o        (check_last[CheckTable*WordBits +: WordBits]),
    .check_matched_i     (check_matched[CheckTable]),
    .check_whole_i       (check_whole[CheckTable]),
    .check_cfg_i         (check_cfg[CheckTable*8 +: 8]),
    .mml_i               (mml),
    .mmwp_i              (mmwp),
    .mem_req_valid_o     (mem_req_valid_o),
    .mem_req_ready_i     (mem_req_ready_i),
    .mem_req_id_o        (mem_req_id_o),
    .mem_req_kind_o      (mem_req_kind_o),
    .mem_req_size_o      (mem_req_size_o),
    .mem_req_addr_o      (mem_req_addr_o),
    .mem_req_expected_o  (mem_req_expected_o),
    .mem_req_desired_o   (mem_req_desired_o),
    .mem_rsp_valid_i     (mem_rsp_valid_i),
    .mem_rsp_id_i        (mem_rsp_id_i),
    .mem_rsp_error_i     (mem_rsp_error_i),
    .mem_rsp_data_i      (mem_rsp_data_i),
    .busy_count_o        (busy_walkers),
    .event_begin_o       (events[tw_pkg::EVENT_WALK_BEGIN]),
    .event_step_o        (events[tw_pkg::EVENT_WALK_STEP]),
    .event_grant_o       (events[tw_pkg::EVENT_WALK_GRANT]),
    .event_fault_o       (events[tw_pkg::EVENT_WALK_FAULT]),
    .event_kill_o        (events[tw_pkg::EVENT_WALK_KILL]),
    .event_cache_hit_o   (events[tw_pkg::EVENT_WALK_CACHE_HIT]),
    .event_cache_evict_o (events[tw_pkg::EVENT_WALK_CACHE_EVICT]),
    .event_merge_o       (events[tw_pkg::EVENT_WALK_MERGE]),
    .event_update_o      (events[tw_pkg::EVENT_UPDATE]),
    .event_lost_o        (events[tw_pkg::EVENT_UPDATE_LOST]),
    .event_denied_o      (events[tw_pkg::EVENT_TABLE_DENIED]),
    .event_walker_stall_o(events[tw_pkg::EVENT_WALKER_STALL]),
    .event_mem_stall_o   (events[tw_pkg::EVENT_MEM_STALL])
  );

  // What the port gets.
  assign slot_outcome = walk_outcome | l2_outcome;

  assign outcome_fill = decide ? walk_fill : l2_status == tw_pkg::STATUS_TRANSLATED;
  assign outcome_status = decide ? walk_status : l2_status;
  assign outcome_reason = decide ? walk_reason : l2_reason;
  assign outcome_hit = decide ? tw_pkg::HIT_NONE : tw_pkg::HIT_L2;
  assign outcome_leaf = decide ? walk_leaf : l2_leaf;
  assign outcome_vpn = decide ? walk_vpn : l2_vpn;

  // Events are of the cycle before (P30); a RETRY is visible in that cycle itself.
  assign events[tw_pkg::EVENT_RETRY] = 1'b0;
  assign events[tw_pkg::EVENT_PORT + tw_pkg::EVENT_RETRY] = 1'b0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      events_q <= '0;
      busy_walkers_q <= '0;
    end else begin
      events_q <= events;
      busy_walkers_q <= busy_walkers;
    end
  end

  always_comb begin
    event_o = events_q;
    event_o[tw_pkg::EVENT_RETRY] = fetch_retry;
    event_o[tw_pkg::EVENT_PORT + tw_pkg::EVENT_RETRY] = data_retry;
  end

  assign event_walkers_o = busy_walkers_q;

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!((|walk_outcome) && (|l2_outcome)));
      assert (!fence_done_o || fence_ready_o);
      assert (^{event_o, event_walkers_o, fence_ready_o, fence_done_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
