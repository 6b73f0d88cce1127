// The page-table walker: takes a port's slot, reads entry after entry, and ends in a translation or a fault (W1 to W3).
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_walker #(
  parameter  int Mode = 2,
  localparam int LevelBits = $clog2(tw_pkg::levels(Mode)),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // What kills a walk, whatever it is about.
  input  logic                            fence_i,
  input  logic                            satp_change_i,

  // The root is satp's of the request: had that changed, the slot would have been emptied (M8).
  input  logic [             PpnBits-1:0] root_i,

  // The slots.
  input  logic                            fetch_waits_i,
  input  logic                            fetch_cancel_i,
  input  logic [             VpnBits-1:0] fetch_vpn_i,
  input  logic [                     1:0] fetch_kind_i,
  input  logic                            fetch_user_i,
  input  logic                            fetch_sum_i,
  input  logic                            fetch_mxr_i,
  input  logic                            data_waits_i,
  input  logic                            data_cancel_i,
  input  logic [             VpnBits-1:0] data_vpn_i,
  input  logic [                     1:0] data_kind_i,
  input  logic                            data_user_i,
  input  logic                            data_sum_i,
  input  logic                            data_mxr_i,

  // The end of a walk, in the cycle of its last answer.
  output logic                            fetch_end_o,
  output logic                            data_end_o,
  output logic                            fill_o,        // it ended in a translation
  output logic [           LevelBits-1:0] fill_level_o,
  output logic [             PpnBits-1:0] fill_ppn_o,
  output logic [                     7:0] fill_flags_o,  // G accumulated

  // Its result, in the cycle after that, in which the port answers.
  output logic                            fetch_done_o,
  output logic                            data_done_o,
  output logic [                     4:0] reason_o,      // none: a translation
  output logic [           LevelBits-1:0] level_o,
  output logic [             PpnBits-1:0] ppn_o,
  output logic [                     7:0] flags_o,

  output logic                            mem_req_valid_o,
  input  logic                            mem_req_ready_i,
  output logic [     tw_pkg::ID_BITS-1:0] mem_req_id_o,
  output logic [                     1:0] mem_req_size_o,
  output logic [tw_pkg::PA_PORT_BITS-1:0] mem_req_addr_o,
  input  logic                            mem_rsp_valid_i,
  input  logic [     tw_pkg::ID_BITS-1:0] mem_rsp_id_i,
  input  logic                            mem_rsp_error_i,
  input  logic [                    63:0] mem_rsp_data_i,

  output logic                            event_begin_o,
  output logic                            event_step_o,
  output logic                            event_grant_o,
  output logic                            event_fault_o,
  output logic                            event_kill_o
);

  localparam int FieldBits = tw_pkg::field_bits(Mode);
  localparam int PteShift = tw_pkg::pte_shift(Mode);
  localparam int PadBits = tw_pkg::PAGE_SHIFT - PteShift - FieldBits;  // 0: a table is one page
  localparam int TopLevel = tw_pkg::levels(Mode) - 1;
  localparam logic [LevelBits-1:0] TOP_LEVEL = TopLevel[LevelBits-1:0];

  typedef enum logic [1:0] {
    // No walk: take a slot that waits.
    IDLE,
    // A request is on the memory port.
    REQUEST,
    // The request was accepted, its answer has not come.
    WAIT
  } state_e;

  state_e                      state_d, state_q;
  logic                        killed_d, killed_q;
  logic [tw_pkg::ID_BITS-1:0]  id_d, id_q;  // of the request that is next or on the port

  // The walk. In the cycle after its end these are its result: level, page (in table), flags.
  logic                        owner_q;     // 1: the data port
  logic [       LevelBits-1:0] level_q;
  logic [         PpnBits-1:0] table_q;
  logic                        global_q;
  logic [                 7:0] flags_q;
  logic [                 4:0] reason_q;
  logic                        fetch_done_q, data_done_q;
  logic [         VpnBits-1:0] vpn_q;       // shifted, so that the level's field is the uppermost
  logic [                 1:0] kind_q;
  logic                        user_q, sum_q, mxr_q;

  logic                        take, descend, finish, kill, dead, answered;
  logic                        pointer;
  logic [                 4:0] reason;
  logic [         PpnBits-1:0] pte_ppn;
  logic [                 7:0] pte_flags, flags;
  logic                        begin_q, step_q, kill_q;

  // A walk that is killed in this very cycle is as dead as one that was killed before.
  assign kill = state_q != IDLE && !killed_q &&
                (fence_i || satp_change_i || (owner_q ? data_cancel_i : fetch_cancel_i));
  assign dead = killed_q || kill;
  assign answered = mem_rsp_valid_i && mem_rsp_id_i == tw_pkg::ID_BITS'(id_q - 1'b1);

  always_comb begin
    state_d = state_q;
    killed_d = dead;
    id_d = id_q;
    take = 1'b0;
    descend = 1'b0;
    finish = 1'b0;
    unique case (state_q)
      // Whatever was killed is over.
      IDLE: begin
        killed_d = 1'b0;
        if (data_waits_i || fetch_waits_i) begin
          take = 1'b1;
          state_d = REQUEST;
        end
      end
      // A request once made stays (P25), also that of a killed walk.
      REQUEST: begin
        if (mem_req_ready_i) begin
          id_d = id_q + 1'b1;
          state_d = WAIT;
        end
      end
      // A killed walk throws its answer away.
      WAIT: begin
        if (answered) begin
          descend = !dead && pointer;
          finish = !dead && !pointer;
          if (descend) begin
            state_d = REQUEST;
          end else begin
            state_d = IDLE;
          end
        end
      end
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      killed_q <= 1'b0;
      id_q <= '0;
      fetch_done_q <= 1'b0;
      data_done_q <= 1'b0;
      begin_q <= 1'b0;
      step_q <= 1'b0;
      kill_q <= 1'b0;
    end else begin
      state_q <= state_d;
      killed_q <= killed_d;
      id_q <= id_d;
      fetch_done_q <= fetch_end_o;
      data_done_q <= data_end_o;
      begin_q <= take;
      step_q <= descend || finish;
      kill_q <= kill;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      owner_q <= data_waits_i;
      level_q <= TOP_LEVEL;
      global_q <= 1'b0;
      table_q <= root_i;
      vpn_q <= data_waits_i ? data_vpn_i : fetch_vpn_i;
      kind_q <= data_waits_i ? data_kind_i : fetch_kind_i;
      user_q <= data_waits_i ? data_user_i : fetch_user_i;
      sum_q <= data_waits_i ? data_sum_i : fetch_sum_i;
      mxr_q <= data_waits_i ? data_mxr_i : fetch_mxr_i;
    end else if (descend || finish) begin
      if (descend) begin
        level_q <= level_q - 1'b1;
        vpn_q <= vpn_q << FieldBits;
      end
      global_q <= flags[tw_pkg::FLAG_G];
      table_q <= pte_ppn;
      flags_q <= flags;
      reason_q <= reason;
    end
  end

  tw_pte_check #(
    .Mode(Mode)
  ) i_pte_check (
    .error_i  (mem_rsp_error_i),
    .pte_i    (mem_rsp_data_i),
    .level_i  (level_q),
    .kind_i   (kind_q),
    .user_i   (user_q),
    .sum_i    (sum_q),
    .mxr_i    (mxr_q),
    .pointer_o(pointer),
    .reason_o (reason),
    .flags_o  (pte_flags),
    .ppn_o    (pte_ppn)
  );

  assign flags = {pte_flags[7:6], pte_flags[tw_pkg::FLAG_G] || global_q, pte_flags[4:0]};

  assign fetch_end_o = finish && !owner_q;
  assign data_end_o = finish && owner_q;
  assign fill_o = finish && reason == tw_pkg::REASON_NONE;
  assign fill_level_o = level_q;
  assign fill_ppn_o = pte_ppn;
  assign fill_flags_o = flags;

  assign fetch_done_o = fetch_done_q;
  assign data_done_o = data_done_q;
  assign reason_o = reason_q;
  assign level_o = level_q;
  assign ppn_o = table_q;
  assign flags_o = flags_q;

  assign mem_req_valid_o = state_q == REQUEST;

  always_comb begin
    mem_req_id_o = '0;
    mem_req_size_o = '0;
    mem_req_addr_o = '0;
    if (mem_req_valid_o) begin
      mem_req_id_o = id_q;
      mem_req_size_o = 2'(PteShift);
      mem_req_addr_o = tw_pkg::PA_PORT_BITS'({table_q, vpn_q[VpnBits-1 -: FieldBits], PteShift'(0)});
    end
  end

  // Registers like all events: what happened in the cycle before.
  assign event_begin_o = begin_q;
  assign event_step_o = step_q;
  assign event_grant_o = (fetch_done_q || data_done_q) && reason_q == tw_pkg::REASON_NONE;
  assign event_fault_o = (fetch_done_q || data_done_q) && reason_q != tw_pkg::REASON_NONE;
  assign event_kill_o = kill_q;

`ifndef SYNTHESIS
  // Assertions.
  /* verilator tracing_off */  // no part of the design, and they would be a tenth of a waveform's changes
  logic                            past_q, past_stalled_q, past_dead_q;
  logic [     tw_pkg::ID_BITS-1:0] past_id_q;
  logic [tw_pkg::PA_PORT_BITS-1:0] past_addr_q;
  /* verilator tracing_on */

  initial assert (PadBits == 0);

  always @(posedge clk_i) begin
    past_q <= rst_ni;
    past_stalled_q <= mem_req_valid_o && !mem_req_ready_i;
    past_dead_q <= killed_q && state_q != IDLE;
    past_id_q <= mem_req_id_o;
    past_addr_q <= mem_req_addr_o;
    if (rst_ni) begin
      // What the other side owes.
      assert (mem_rsp_valid_i || {mem_rsp_id_i, mem_rsp_error_i, mem_rsp_data_i} == '0);  // P5
      assert (!mem_rsp_valid_i || (state_q == WAIT && answered));  // P26
      // What this side owes.
      assert (!past_q || !past_stalled_q ||
              (mem_req_valid_o && mem_req_id_o == past_id_q && mem_req_addr_o == past_addr_q));  // P25
      assert (mem_req_valid_o || {mem_req_id_o, mem_req_size_o, mem_req_addr_o} == '0);  // P5
      assert (state_q == IDLE || state_q == REQUEST || state_q == WAIT);
      assert (!(fetch_done_o && data_done_o));
      assert (!(fetch_done_o || data_done_o) || state_q == IDLE);
      assert (!(kill_q && step_q));
      assert (!past_q || !past_dead_q || state_q == IDLE || killed_q);
      assert (^{mem_req_valid_o, mem_req_id_o, mem_req_size_o, mem_req_addr_o, fetch_end_o, data_end_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
