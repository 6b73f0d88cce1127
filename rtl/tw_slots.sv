// The miss slots of one port: their states, what they hold, and which of them the port answers.
//
//   miss ──> SEARCH ──> SEARCHING ──┬──> WAITING <──> WALKING ──┬──> answered in this cycle: EMPTY
//             (with an L2 TLB)      └────── outcome ────────────┴──> else DONE, until it is answered
//
// A state is a bit in the vector of its name; EMPTY is none of them. When several things meet a slot, a cancel comes first, then a
// change of satp, then what L2 TLB and walkers say.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_slots #(
  parameter  int Mode = 2,
  parameter  int Slots = 1,
  parameter  logic Searches = 1'b0,  // there is an L2 TLB
  localparam int Xlen = tw_pkg::xlen(Mode),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode),
  localparam int MissBits = tw_pkg::miss_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  output logic                            ready_o,

  // A miss.
  input  logic                            fill_i,
  input  logic [    tw_pkg::TAG_BITS-1:0] fill_tag_i,
  input  logic [                     1:0] fill_kind_i,
  input  logic [   tw_pkg::SIZE_BITS-1:0] fill_size_i,
  input  logic                            fill_speculative_i,
  input  logic [                Xlen-1:0] fill_va_i,
  input  logic [tw_pkg::CONTEXT_BITS-1:0] fill_context_i,

  input  logic                            cancel_i,
  input  logic [    tw_pkg::TAG_BITS-1:0] cancel_tag_i,
  input  logic                            satp_change_i,

  // Towards L2 TLB and walkers.
  output logic [               Slots-1:0] cancel_o,     // cancelled in this cycle
  output logic [               Slots-1:0] search_o,
  output logic [               Slots-1:0] searching_o,
  output logic [               Slots-1:0] waiting_o,
  output logic [      Slots*MissBits-1:0] misses_o,
  input  logic [               Slots-1:0] granted_i,    // the L2 lookup begins
  input  logic [               Slots-1:0] missed_i,     // it found nothing
  input  logic [               Slots-1:0] taken_i,      // a walker has it now
  input  logic [               Slots-1:0] released_i,   // no walker has it any more
  input  logic [               Slots-1:0] outcome_i,    // it gets this outcome
  input  logic [                     1:0] outcome_status_i,
  input  logic [                     4:0] outcome_reason_i,
  input  logic [                     1:0] outcome_hit_i,
  input  logic [            LeafBits-1:0] outcome_leaf_i,

  // The answer.
  input  logic                            busy_i,       // the port answers something else in this cycle
  output logic                            answer_o,
  output logic [    tw_pkg::TAG_BITS-1:0] answer_tag_o,
  output logic [                     1:0] answer_kind_o,
  output logic [   tw_pkg::SIZE_BITS-1:0] answer_size_o,
  output logic [                Xlen-1:0] answer_va_o,
  output logic [                     1:0] answer_status_o,
  output logic [                     4:0] answer_reason_o,
  output logic [                     1:0] answer_hit_o,
  output logic [            LeafBits-1:0] answer_leaf_o
);

  localparam int IndexBits = tw_pkg::index_bits(Slots);
  localparam int ResultBits = 9 + LeafBits;

  logic [               Slots-1:0] search_d, search_q, searching_d, searching_q, waiting_d, waiting_q;
  logic [               Slots-1:0] walking_d, walking_q, done_d, done_q;

  logic [    tw_pkg::TAG_BITS-1:0] tag_q         [0:Slots-1];
  logic [                     1:0] kind_q        [0:Slots-1];
  logic [   tw_pkg::SIZE_BITS-1:0] size_q        [0:Slots-1];
  logic [               Slots-1:0] speculative_q;
  logic [                Xlen-1:0] va_q          [0:Slots-1];
  logic [tw_pkg::CONTEXT_BITS-1:0] context_q     [0:Slots-1];
  logic [          ResultBits-1:0] result_q      [0:Slots-1];

  logic [               Slots-1:0] pending, full, place, cancel, retry, gone, ready, answered;
  logic [           IndexBits-1:0] place_index, answer_index;
  logic [          ResultBits-1:0] result;

  assign pending = search_q | searching_q | waiting_q | walking_q;
  assign full = pending | done_q;
  assign ready_o = !(&full) && !(|done_q);

  // The lowest that is EMPTY.
  assign place = fill_i ? ~full & (full + 1'b1) : '0;

  tw_index #(
    .Count(Slots)
  ) i_place_index (
    .one_hot_i(place),
    .index_o  (place_index)
  );

  always_comb begin
    cancel = '0;
    if (cancel_i) begin
      for (int s = 0; s < Slots; s++) begin
        cancel[s] = full[s] && tag_q[s] == cancel_tag_i;
      end
    end
  end

  assign retry = satp_change_i ? pending & ~cancel : '0;
  assign gone = cancel | retry | outcome_i;

  // The lowest whose outcome is there.
  assign ready = (done_q & ~cancel) | retry | outcome_i;
  assign answered = busy_i ? '0 : ready & (~ready + 1'b1);

  tw_index #(
    .Count(Slots)
  ) i_answer_index (
    .one_hot_i(answered),
    .index_o  (answer_index)
  );

  assign search_d = (search_q & ~granted_i & ~gone) | (Searches ? place : '0);
  assign searching_d = (searching_q | granted_i) & ~missed_i & ~gone;
  assign waiting_d = ((waiting_q | missed_i | released_i) & ~taken_i & ~gone) | (Searches ? '0 : place);
  assign walking_d = (walking_q | taken_i) & ~released_i & ~gone;
  assign done_d = ready & ~answered;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      search_q <= '0;
      searching_q <= '0;
      waiting_q <= '0;
      walking_q <= '0;
      done_q <= '0;
    end else begin
      search_q <= search_d;
      searching_q <= searching_d;
      waiting_q <= waiting_d;
      walking_q <= walking_d;
      done_q <= done_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      tag_q[place_index] <= fill_tag_i;
      kind_q[place_index] <= fill_kind_i;
      size_q[place_index] <= fill_size_i;
      speculative_q[place_index] <= fill_speculative_i;
      va_q[place_index] <= fill_va_i;
      context_q[place_index] <= fill_context_i;
    end
  end

  assign result = {
    satp_change_i ? tw_pkg::STATUS_RETRY : outcome_status_i, satp_change_i ? 5'd0 : outcome_reason_i,
    satp_change_i ? tw_pkg::HIT_NONE : outcome_hit_i, satp_change_i ? LeafBits'(0) : outcome_leaf_i
  };

  for (genvar s = 0; s < Slots; s++) begin : gen_slot

    always_ff @(posedge clk_i) begin
      if (retry[s] || outcome_i[s]) begin
        result_q[s] <= result;
      end
    end

    assign misses_o[s*MissBits +: MissBits] = {
      va_q[s][tw_pkg::PAGE_SHIFT +: VpnBits], speculative_q[s], kind_q[s], context_q[s]
    };

  end

  assign cancel_o = cancel;
  assign search_o = search_q;
  assign searching_o = searching_q;
  assign waiting_o = waiting_q;

  assign answer_o = |answered;
  assign answer_tag_o = tag_q[answer_index];
  assign answer_kind_o = kind_q[answer_index];
  assign answer_size_o = size_q[answer_index];
  assign answer_va_o = va_q[answer_index];
  assign {answer_status_o, answer_reason_o, answer_hit_o, answer_leaf_o} =
      (|(answered & done_q)) ? result_q[answer_index] : result;

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert ((search_q & searching_q) == '0 && (waiting_q & walking_q) == '0);
      assert (((search_q | searching_q) & (waiting_q | walking_q)) == '0 && (pending & done_q) == '0);
      assert (Searches || (search_q | searching_q) == '0);
      assert (!fill_i || (ready_o && !satp_change_i));
      assert ($onehot0(place));
      assert ($onehot0(answered));
      assert ($onehot0(outcome_i));
      assert ((outcome_i & cancel) == '0 && (outcome_i & retry) == '0);
      assert ((outcome_i & ~(search_q | searching_q | walking_q)) == '0);
      assert ((granted_i & ~(search_q & ~cancel)) == '0);
      assert ((missed_i & ~((searching_q | granted_i) & ~cancel)) == '0);
      assert ((taken_i & ~(waiting_q & ~cancel)) == '0);
      assert ((released_i & ~walking_q) == '0);
      assert ($onehot0(cancel));  // P11
      assert (!(|outcome_i) || outcome_status_i != 2'd3);
    end
  end
`endif

endmodule

`default_nettype wire
