// The page-table walkers: take and attach misses, read entries over the one page-table port, decide (W1 to W4, M7, M8, M9).
//
//              slot ──W1──> REQUEST ──W2──> WAIT ──W3──┬──W4──> the owner's outcome; IDLE, or DECIDE for an attached slot
//                              ▲  │           │        │
//              pointer, lost   │  └─ denied ──┼──> DECIDE
//                update ───────┴──────────────┘        └─> UPDATE ──W2──> UPDATE_WAIT ──W3──> as an entry that was read
//
// A state is a bit in the vector of its name; IDLE is none of them. The owner and the attached slots of a walk that was killed are
// not its own any more; it only finishes what it has on the port.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_walkers #(
  parameter  int Mode = 2,
  parameter  int Extensions = 0,
  parameter  int PaBits = 56,
  parameter  int AsidBits = 16,
  parameter  int Slots = 2,
  parameter  int Walkers = 1,
  parameter  int WalkEntries = 0,
  parameter  int PmpEntries = 0,
  parameter  int RegionCount = 0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_BASE_BITS-1:0] RegionBase = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_SIZE_BITS-1:0] RegionSize = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_KIND_BITS-1:0] RegionKind = '0,
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode),
  localparam int MissBits = tw_pkg::miss_bits(Mode),
  localparam int WordBits = tw_pkg::word_bits(Mode)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  // satp's: of all walks, since a change kills them.
  input  logic                          satp_change_i,
  input  logic [tw_pkg::LEVEL_BITS-1:0] top_i,
  input  logic [         AsidWidth-1:0] asid_i,
  input  logic [           PpnBits-1:0] root_i,
  input  logic                          pbmte_i,  // in force

  input  logic                          fence_i,  // one that has an effect
  input  logic                          fence_has_va_i,
  input  logic [           VpnBits-1:0] fence_vpn_i,
  input  logic                          fence_has_asid_i,
  input  logic [         AsidWidth-1:0] fence_asid_i,

  // The slots.
  input  logic [             Slots-1:0] waiting_i,
  input  logic [             Slots-1:0] cancel_i,
  input  logic [    Slots*MissBits-1:0] misses_i,
  output logic [             Slots-1:0] taken_o,
  output logic [             Slots-1:0] released_o,
  output logic [             Slots-1:0] outcome_o,
  output logic                          decide_o,  // the decision unit is used
  output logic [                   1:0] status_o,
  output logic                          fill_o,    // a translation, which the TLBs keep
  output logic [                   4:0] reason_o,
  output logic [          LeafBits-1:0] leaf_o,    // 0 unless translated
  output logic [           VpnBits-1:0] vpn_o,
  output logic                          overtaken_o,  // an update of a killed walk is still to reach memory

  // PMP.
  output logic                          check_o,
  output logic [          WordBits-1:0] check_first_o,
  output logic [          WordBits-1:0] check_last_o,
  input  logic                          check_matched_i,
  input  logic                          check_whole_i,
  input  logic [                   7:0] check_cfg_i,
  input  logic                          mml_i,
  input  logic                          mmwp_i,

  output logic                          mem_req_valid_o,
  input  logic                          mem_req_ready_i,
  output logic [   tw_pkg::ID_BITS-1:0] mem_req_id_o,
  output logic                          mem_req_kind_o,
  output logic [                   1:0] mem_req_size_o,
  output logic [   tw_pkg::PA_BITS-1:0] mem_req_addr_o,
  output logic [                  63:0] mem_req_expected_o,
  output logic [                  63:0] mem_req_desired_o,
  input  logic                          mem_rsp_valid_i,
  input  logic [   tw_pkg::ID_BITS-1:0] mem_rsp_id_i,
  input  logic                          mem_rsp_error_i,
  input  logic [                  63:0] mem_rsp_data_i,

  output logic [                   3:0] busy_count_o,  // walkers that are not IDLE
  output logic                          event_begin_o,
  output logic                          event_step_o,
  output logic                          event_grant_o,
  output logic                          event_fault_o,
  output logic                          event_kill_o,
  output logic                          event_cache_hit_o,
  output logic                          event_cache_evict_o,
  output logic                          event_merge_o,
  output logic                          event_update_o,
  output logic                          event_lost_o,
  output logic                          event_denied_o,
  output logic                          event_walker_stall_o,
  output logic                          event_mem_stall_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);  // an entry is as wide as a register
  localparam int FieldBits = tw_pkg::field_bits(Mode);
  localparam int PteShift = tw_pkg::pte_shift(Mode);
  localparam int SlotBits = tw_pkg::index_bits(Slots);
  localparam int WalkerBits = tw_pkg::index_bits(Walkers);
  localparam logic Svnapot = Extensions[tw_pkg::EXTENSION_SVNAPOT] && Mode != tw_pkg::MODE_SV32;

  logic [           Walkers-1:0] request_d, request_q, wait_d, wait_q, update_d, update_q;
  logic [           Walkers-1:0] update_wait_d, update_wait_q, decide_d, decide_q, killed_d, killed_q;
  logic [           Walkers-1:0] phase_q;  // of the next request, or the one on the port
  logic [           Walkers-1:0] held_d, held_q;  // the one whose request stays on the port
  logic [           Walkers-1:0] global_q, pbmte_q;
  logic [           Walkers-1:0] writes_q;  // the owner wrote when it came to an update
  logic [          SlotBits-1:0] owner_q    [0:Walkers-1];
  logic [             Slots-1:0] attached_q [0:Walkers-1];
  logic [           VpnBits-1:0] vpn_q      [0:Walkers-1];
  logic [tw_pkg::LEVEL_BITS-1:0] level_q    [0:Walkers-1];
  logic [           PpnBits-1:0] table_q    [0:Walkers-1];
  logic [              Xlen-1:0] entry_q    [0:Walkers-1];
  logic [                   4:0] reason_q   [0:Walkers-1];

  logic [           Walkers-1:0] busy, idle;

  assign busy = request_q | wait_q | update_q | update_wait_q | decide_q;
  assign idle = ~busy;

  // What kills walks.
  localparam int ShiftBits = 6;
  logic [Walkers-1:0] fenced, owner_cancelled, kill, dead;
  logic [Walkers*ShiftBits-1:0] below;

  // VPN bits that do not matter: those below the level; of a level 0 that may turn out to be a 64 KiB page, four.
  for (genvar w = 0; w < Walkers; w++) begin : gen_below
    assign below[w*ShiftBits +: ShiftBits] = (Svnapot && level_q[w] == '0) ? ShiftBits'(4) :
                                             ShiftBits'(32'(level_q[w]) * FieldBits);
  end

  always_comb begin
    fenced = '0;
    if (fence_i) begin
      for (int w = 0; w < Walkers; w++) begin
        fenced[w] = (!fence_has_va_i || ((vpn_q[w] ^ fence_vpn_i) >> below[w*ShiftBits +: ShiftBits]) == '0) &&
                    (!fence_has_asid_i || (!global_q[w] && asid_i == fence_asid_i));
      end
    end
  end

  always_comb begin
    owner_cancelled = '0;
    if (|cancel_i) begin
      for (int w = 0; w < Walkers; w++) begin
        owner_cancelled[w] = cancel_i[owner_q[w]];
      end
    end
  end

  assign kill = busy & ~killed_q & (fenced | owner_cancelled | {Walkers{satp_change_i}});
  assign dead = killed_q | kill;

  // W2: the page-table port.
  logic [Walkers-1:0] turn, chosen, offered, denied, handshake;
  logic [WalkerBits-1:0] port;
  logic port_update, checking, refused, wide, held, tables, updates, granted;
  logic [tw_pkg::LEVEL_BITS-1:0] port_level;
  logic [FieldBits-1:0] port_field;
  logic [63:0] port_address;
  logic [Xlen-1:0] port_entry, port_desired;
  logic [4:0] port_reason;

  tw_round_robin #(
    .Count(Walkers)
  ) i_port_turn (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .request_i(request_q | update_q),
    .grant_o  (turn),
    .move_i   (denied | handshake)
  );

  assign chosen = (|held_q) ? held_q : (|decide_q) ? '0 : turn;

  tw_index #(
    .Count(Walkers)
  ) i_port (
    .one_hot_i(chosen),
    .index_o  (port)
  );

  assign port_update = |(chosen & update_q);
  assign port_level = level_q[port];
  assign port_field = FieldBits'(vpn_q[port] >> (32'(port_level) * FieldBits));
  assign port_address = 64'({table_q[port], port_field, {PteShift{1'b0}}});
  assign port_entry = entry_q[port];
  assign port_desired = with_flags(port_entry, writes_q[port]);

  // The entry with A set, and with D for a write.
  function automatic [Xlen-1:0] with_flags(input [Xlen-1:0] pte, input write);
    with_flags = pte;
    with_flags[tw_pkg::FLAG_A] = 1'b1;
    if (write) with_flags[tw_pkg::FLAG_D] = 1'b1;
  endfunction

  assign checking = (|chosen) && !(|held_q);
  assign wide = |(port_address >> PaBits);
  assign check_o = checking;
  assign check_first_o = port_address[2 +: WordBits];
  assign check_last_o = port_address[2 +: WordBits] | WordBits'((1 << (PteShift - 2)) - 1);

  tw_region_check #(
    .Count(RegionCount),
    .Base (RegionBase),
    .Size (RegionSize),
    .Kind (RegionKind)
  ) i_region_check (
    .pa_i     (port_address[tw_pkg::PA_BITS-1:0]),
    .held_o   (held),
    .tables_o (tables),
    .updates_o(updates)
  );

  // As S-mode (rule pmp_check_pagetable_access); an update is a write.
  tw_pmp_check #(
    .Entries(PmpEntries)
  ) i_pmp_check (
    .matched_i(check_matched_i),
    .whole_i  (check_whole_i),
    .cfg_i    (check_cfg_i),
    .mml_i    (mml_i),
    .mmwp_i   (mmwp_i),
    .machine_i(1'b0),
    .read_i   (!port_update),
    .write_i  (port_update),
    .execute_i(1'b0),
    .granted_o(granted)
  );

  always_comb begin
    port_reason = tw_pkg::REASON_NONE;
    if (wide) begin
      port_reason = tw_pkg::REASON_TABLE_RANGE;
    end else if (!(held && (port_update ? updates : tables))) begin
      port_reason = port_update ? tw_pkg::REASON_UPDATE_PMA : tw_pkg::REASON_TABLE_PMA;
    end else if (!granted) begin
      port_reason = port_update ? tw_pkg::REASON_UPDATE_PMP : tw_pkg::REASON_TABLE_PMP;
    end
  end

  assign refused = checking && port_reason != tw_pkg::REASON_NONE;
  assign denied = refused ? chosen : '0;
  assign offered = refused ? '0 : chosen;
  assign mem_req_valid_o = |offered;
  assign handshake = mem_req_ready_i ? offered : '0;
  assign held_d = mem_req_ready_i ? '0 : offered;

  always_comb begin
    mem_req_id_o = '0;
    mem_req_kind_o = 1'b0;
    mem_req_size_o = '0;
    mem_req_addr_o = '0;
    mem_req_expected_o = '0;
    mem_req_desired_o = '0;
    if (mem_req_valid_o) begin
      mem_req_id_o = {3'(port), |(chosen & phase_q)};
      mem_req_kind_o = port_update;
      mem_req_size_o = 2'(PteShift);
      mem_req_addr_o = port_address[tw_pkg::PA_BITS-1:0];
      if (port_update) begin
        mem_req_expected_o = 64'(port_entry);
        mem_req_desired_o = 64'(port_desired);
      end
    end
  end

  // W3: the answer.
  logic [Walkers-1:0] answered;
  logic [WalkerBits-1:0] answer;
  logic live, answer_update, lost, use_answer;

  always_comb begin
    answered = '0;
    if (mem_rsp_valid_i) begin
      for (int w = 0; w < Walkers; w++) begin
        answered[w] = (wait_q[w] || update_wait_q[w]) && 32'(mem_rsp_id_i[3:1]) == w && mem_rsp_id_i[0] != phase_q[w];
      end
    end
  end


  tw_index #(
    .Count(Walkers)
  ) i_answer (
    .one_hot_i(answered),
    .index_o  (answer)
  );

  assign live = |(answered & ~dead);
  assign answer_update = |(answered & update_wait_q);
  assign lost = live && answer_update && !mem_rsp_error_i && mem_rsp_data_i[Xlen-1:0] != entry_q[answer];
  assign use_answer = live && !lost;

  // The walker that the decision unit is used for, and what it has.
  logic [Walkers-1:0] ready, decided;
  logic [WalkerBits-1:0] walker;
  logic [SlotBits-1:0] owner;
  logic [MissBits-1:0] miss;
  logic [VpnBits-1:0] miss_vpn;
  logic miss_speculative;
  logic [1:0] miss_kind;
  logic [tw_pkg::CONTEXT_BITS-1:0] miss_context;
  logic [Xlen-1:0] entry;
  logic [4:0] reason, verdict;
  logic pointer, retry, update, translation, pointer_global;
  logic [PpnBits-1:0] pointer_table;

  assign ready = decide_q & ~kill;
  assign decided = use_answer ? answered : ready & (~ready + 1'b1);
  assign decide_o = |decided;

  tw_index #(
    .Count(Walkers)
  ) i_walker (
    .one_hot_i(decided),
    .index_o  (walker)
  );

  assign owner = owner_q[walker];
  assign miss = misses_i[32'(owner)*MissBits +: MissBits];
  assign {miss_vpn, miss_speculative, miss_kind, miss_context} = miss;

  always_comb begin
    entry = entry_q[walker];
    reason = reason_q[walker];
    if (use_answer) begin
      if (mem_rsp_error_i) begin
        reason = answer_update ? tw_pkg::REASON_UPDATE_BUS_ERROR : tw_pkg::REASON_TABLE_BUS_ERROR;
      end else begin
        entry = answer_update ? with_flags(entry_q[walker], writes_q[walker]) : mem_rsp_data_i[Xlen-1:0];
      end
    end
  end

  tw_pte_check #(
    .Mode      (Mode),
    .Extensions(Extensions)
  ) i_pte_check (
    .reason_i     (reason),
    .pte_i        (entry),
    .level_i      (level_q[walker]),
    .global_i     (global_q[walker]),
    .kind_i       (miss_kind),
    .speculative_i(miss_speculative),
    .context_i    (miss_context),
    .pointer_o    (pointer),
    .retry_o      (retry),
    .update_o     (update),
    .translation_o(translation),
    .reason_o     (verdict),
    .ppn_o        (pointer_table),
    .global_o     (pointer_global),
    .leaf_o       (leaf_o)
  );

  // W4: the outcome of the owner, and who comes next.
  logic outcome, own_fault, goes_on;
  logic [Slots-1:0] attached, heir;
  logic [SlotBits-1:0] heir_slot;
  logic [Walkers-1:0] descending, updating, passing, ending;

  assign outcome = decide_o && !pointer && !update;
  assign outcome_o = outcome ? Slots'(64'd1 << owner) : '0;
  assign fill_o = translation && miss_context[tw_pkg::CONTEXT_BITS-1] == pbmte_i;
  assign status_o = retry ? tw_pkg::STATUS_RETRY : translation ? tw_pkg::STATUS_TRANSLATED : tw_pkg::STATUS_FAULT;
  assign reason_o = verdict;
  assign vpn_o = miss_vpn;
  assign overtaken_o = |(killed_q & (update_q | update_wait_q));

  // What happened to an update is the owner's own matter: the others begin again.
  assign own_fault = reason >= tw_pkg::REASON_UPDATE_PMA && reason <= tw_pkg::REASON_UPDATE_BUS_ERROR;
  assign attached = attached_q[walker] & ~cancel_i;
  assign heir = attached & (~attached + 1'b1);

  tw_index #(
    .Count(Slots)
  ) i_heir (
    .one_hot_i(heir),
    .index_o  (heir_slot)
  );

  assign goes_on = outcome && (|attached) && !own_fault;

  assign descending = (decide_o && pointer) ? decided : '0;
  assign updating = (decide_o && update) ? decided : '0;
  assign passing = goes_on ? decided : '0;
  assign ending = (outcome && !goes_on) ? decided : '0;

  // A slot that is released and cancelled, or that satp's change answers, is no concern of the walkers.
  always_comb begin
    released_o = (|ending) ? attached : '0;
    if (|kill) begin
      for (int w = 0; w < Walkers; w++) begin
        if (kill[w]) released_o = released_o | Slots'(64'd1 << owner_q[w]) | attached_q[w];
      end
    end
  end

  // W1: take, or attach.
  logic blocked;
  logic [Slots-1:0] asking, attachable, eligible, taken;
  logic [Walkers-1:0] joinable, same, join_walker, take;
  logic [SlotBits-1:0] taker;
  logic [VpnBits-1:0] take_vpn;
  logic take_pbmte;
  logic cache_hit, cache_global;
  logic [tw_pkg::LEVEL_BITS-1:0] cache_level;
  logic [PpnBits-1:0] cache_table;

  assign blocked = fence_i || satp_change_i;
  assign asking = blocked ? '0 : waiting_i & ~cancel_i;
  assign joinable = (request_q | wait_q) & ~dead & ~answered;

  // Only with no walker IDLE it matters before the grant.
  always_comb begin
    attachable = '0;
    if (!(|idle)) begin
      for (int s = 0; s < Slots; s++) begin
        if (asking[s]) begin
          for (int w = 0; w < Walkers; w++) begin
            if (joinable[w] && vpn_q[w] == misses_i[(s+1)*MissBits-1 -: VpnBits] &&
                pbmte_q[w] == misses_i[s*MissBits+tw_pkg::CONTEXT_BITS-1]) attachable[s] = 1'b1;
          end
        end
      end
    end
  end

  assign eligible = (|idle) ? asking : attachable;

  tw_round_robin #(
    .Count(Slots)
  ) i_take_turn (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .request_i(eligible),
    .grant_o  (taken),
    .move_i   (taken)
  );

  assign taken_o = taken;

  tw_index #(
    .Count(Slots)
  ) i_taker (
    .one_hot_i(taken),
    .index_o  (taker)
  );

  assign take_vpn = misses_i[32'(taker)*MissBits+MissBits-1 -: VpnBits];
  assign take_pbmte = misses_i[32'(taker)*MissBits+tw_pkg::CONTEXT_BITS-1];

  always_comb begin
    same = '0;
    if (|taken) begin
      for (int w = 0; w < Walkers; w++) begin
        same[w] = joinable[w] && vpn_q[w] == take_vpn && pbmte_q[w] == take_pbmte;
      end
    end
  end

  assign join_walker = same & (~same + 1'b1);
  assign take = (|taken && !(|same)) ? idle & (~idle + 1'b1) : '0;

  tw_walk_cache #(
    .Mode    (Mode),
    .AsidBits(AsidBits),
    .Entries (WalkEntries)
  ) i_cache (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .asid_i          (asid_i),
    .top_i           (top_i),
    .lookup_i        (|take),
    .lookup_vpn_i    (take_vpn),
    .hit_o           (cache_hit),
    .level_o         (cache_level),
    .table_o         (cache_table),
    .global_o        (cache_global),
    .fence_i         (fence_i && !fence_has_va_i),
    .fence_has_asid_i(fence_has_asid_i),
    .fence_asid_i    (fence_asid_i),
    .fill_i          (|descending),
    .fill_level_i    (level_q[walker]),
    .fill_vpn_i      (vpn_q[walker]),
    .fill_table_i    (pointer_table),
    .fill_global_i   (pointer_global),
    .evict_o         (event_cache_evict_o)
  );

  // States.
  logic [Walkers-1:0] drop;

  // A killed walk is over unless its request is on the port or its answer to come.
  assign drop = (kill & ~offered & ~wait_q & ~update_wait_q) | (answered & dead) | ending;

  assign request_d = (request_q & ~handshake & ~denied & ~drop) | take | descending | (lost ? answered : '0);
  assign wait_d = (wait_q & ~answered) | (request_q & handshake);
  assign update_d = (update_q & ~handshake & ~denied & ~drop) | updating;
  assign update_wait_d = (update_wait_q & ~answered) | (update_q & handshake);
  assign decide_d = (decide_q & ~decided & ~drop) | (denied & ~kill) | passing;
  assign killed_d = dead & ~drop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      request_q <= '0;
      wait_q <= '0;
      update_q <= '0;
      update_wait_q <= '0;
      decide_q <= '0;
      killed_q <= '0;
      phase_q <= '0;
      held_q <= '0;
    end else begin
      request_q <= request_d;
      wait_q <= wait_d;
      update_q <= update_d;
      update_wait_q <= update_wait_d;
      decide_q <= decide_d;
      killed_q <= killed_d;
      phase_q <= phase_q ^ handshake;
      held_q <= held_d;
    end
  end

  for (genvar w = 0; w < Walkers; w++) begin : gen_walker

    always_ff @(posedge clk_i) begin
      if (take[w]) begin
        owner_q[w] <= taker;
      end else if (passing[w]) begin
        owner_q[w] <= heir_slot;
      end
    end

    always_ff @(posedge clk_i) begin
      if (take[w]) begin
        attached_q[w] <= '0;
      end else begin
        attached_q[w] <= (attached_q[w] & ~cancel_i & ~(passing[w] ? heir : '0)) | (join_walker[w] ? taken : '0);
      end
    end

    always_ff @(posedge clk_i) begin
      if (take[w]) begin
        vpn_q[w] <= take_vpn;
        pbmte_q[w] <= take_pbmte;
      end
    end

    always_ff @(posedge clk_i) begin
      if (take[w]) begin
        level_q[w] <= cache_hit ? cache_level : top_i;
        table_q[w] <= cache_hit ? cache_table : root_i;
        global_q[w] <= cache_hit && cache_global;
      end else if (descending[w]) begin
        level_q[w] <= level_q[w] - 1'b1;
        table_q[w] <= pointer_table;
        global_q[w] <= pointer_global;
      end
    end

    always_ff @(posedge clk_i) begin
      if (decided[w]) begin
        entry_q[w] <= entry;
      end
      if (updating[w]) begin
        writes_q[w] <= miss_kind == tw_pkg::KIND_STORE || miss_kind == tw_pkg::KIND_AMO;
      end
      if (take[w]) begin
        reason_q[w] <= tw_pkg::REASON_NONE;
      end else if (denied[w]) begin
        reason_q[w] <= port_reason;
      end else if (decided[w]) begin
        reason_q[w] <= reason;
      end
    end

  end

  // Events.
  always_comb begin
    busy_count_o = 4'd0;
    for (int w = 0; w < Walkers; w++) begin
      busy_count_o = busy_count_o + {3'd0, busy[w]};
    end
  end

  assign event_begin_o = |take;
  assign event_step_o = use_answer && !answer_update;
  assign event_grant_o = decide_o && translation;
  assign event_fault_o = decide_o && verdict != tw_pkg::REASON_NONE;
  assign event_kill_o = |kill;
  assign event_cache_hit_o = (|take) && cache_hit;
  assign event_merge_o = |join_walker;
  assign event_update_o = use_answer && answer_update && !mem_rsp_error_i;
  assign event_lost_o = lost;
  assign event_denied_o = refused;
  assign event_walker_stall_o = (|waiting_i) && !(|taken);
  assign event_mem_stall_o = mem_req_valid_o && !mem_req_ready_i;

`ifndef SYNTHESIS
  // Assertions.
  /* verilator tracing_off */  // no part of the design, and they would be a tenth of a waveform's changes
  localparam int RequestBits = tw_pkg::ID_BITS + tw_pkg::PA_BITS + 131;
  logic                   past_q, past_stalled_q;
  logic [RequestBits-1:0] offer, past_offer_q;
  logic [      Slots-1:0] worked, twice;
  /* verilator tracing_on */

  assign offer = {mem_req_id_o, mem_req_kind_o, mem_req_size_o, mem_req_addr_o, mem_req_expected_o, mem_req_desired_o};

  // A slot belongs to one walk.
  always_comb begin
    worked = '0;
    twice = '0;
    for (int w = 0; w < Walkers; w++) begin
      if (busy[w] && !killed_q[w]) begin
        twice = twice | (worked & (Slots'(64'd1 << owner_q[w]) | attached_q[w])) |
                (Slots'(64'd1 << owner_q[w]) & attached_q[w]);
        worked = worked | Slots'(64'd1 << owner_q[w]) | attached_q[w];
      end
    end
  end

  initial assert (Walkers >= 1 && Walkers <= 8);

  always @(posedge clk_i) begin
    past_q <= rst_ni;
    past_stalled_q <= mem_req_valid_o && !mem_req_ready_i;
    past_offer_q <= offer;
    if (rst_ni) begin
      // What the other side owes.
      assert (mem_rsp_valid_i || {mem_rsp_id_i, mem_rsp_error_i, mem_rsp_data_i} == '0);  // P5
      assert (!mem_rsp_valid_i || (|answered));  // P26
      // What this side owes.
      assert (!past_q || !past_stalled_q || (mem_req_valid_o && offer == past_offer_q));  // P25
      assert (mem_req_valid_o || offer == '0);  // P5
      assert (mem_req_kind_o || {mem_req_expected_o, mem_req_desired_o} == '0);  // P5
      assert (!mem_req_valid_o || (|held_q) || (!wide && held && granted && (port_update ? updates : tables)));  // P33
      assert (!mem_req_kind_o || ((mem_req_desired_o ^ mem_req_expected_o) & ~64'hc0) == 64'd0);  // P34
      assert (!mem_req_kind_o || mem_req_desired_o != mem_req_expected_o);
      assert ((request_q & wait_q) == '0 && (update_q & update_wait_q) == '0);
      assert (((request_q | wait_q) & (update_q | update_wait_q | decide_q)) == '0);
      assert (((update_q | update_wait_q) & decide_q) == '0);
      assert ((killed_q & ~(held_q | wait_q | update_wait_q)) == '0);
      assert ((held_q & ~(request_q | update_q)) == '0);
      assert ($onehot0(held_q) && $onehot0(answered) && $onehot0(decided) && $onehot0(take) && $onehot0(join_walker));
      assert (!(|take && |join_walker));
      assert (twice == '0);
      assert ((worked & waiting_i) == '0);
      assert (!decide_o || miss_vpn == vpn_q[walker]);
      assert (!decide_o || 32'(level_q[walker]) < tw_pkg::levels(Mode));
      assert ($onehot0({pointer, retry, update, translation}));
      assert (!outcome || {retry, translation, verdict != tw_pkg::REASON_NONE} != 3'b000);
      assert (^{mem_req_valid_o, offer, outcome_o, released_o, taken_o, decide_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
