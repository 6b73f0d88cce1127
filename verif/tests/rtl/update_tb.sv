// Updates of A and D (Svadu), and the faults in their place (Svade): the compare-and-swap, its loss, its errors.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module update_tb;

  `include "full.svh"

  localparam logic [9:0] A = 10'h040;
  localparam logic [9:0] D = 10'h080;

  function [63:0] page(input integer number);
    page = VA + 64'h1000 * number;
  endfunction

  initial begin
    #1;
    set_up;
    for (integer i = 0; i < 16; i = i + 1) write_leaf(TABLE0 + 8 * i, 44'h90000 + i, LEAF & ~A & ~D, 10'd0);
    write_leaf(TABLE0 + 8 * 5, 44'h90005, LEAF & ~D, 10'd0);

    // Svade: A=0 and D=0 fault; what faults is not kept.
    ask(DATA, 4'd1, KIND_LOAD, page(0));
    after(WALK);
    faulted(DATA, 4'd1, 5'd14, 5'd13, page(0), 2'd0);
    ask(DATA, 4'd1, KIND_STORE, page(5));
    after(SHORT);
    faulted(DATA, 4'd1, 5'd15, 5'd15, page(5), 2'd0);
    ask(DATA, 4'd1, KIND_LOAD, page(5));
    after(SHORT);
    translated(DATA, 4'd1, 56'h9000_5000, 3'd0, 8'h4f, 2'd0);
    // A store to what is there with D=0 faults from the TLB, L1 or L2.
    ask(DATA, 4'd1, KIND_AMO, page(5));
    tick;
    faulted(DATA, 4'd1, 5'd15, 5'd15, page(5), 2'd1);
    for (integer i = 32; i < 36; i = i + 1) touch(DATA, KIND_LOAD, page(i));
    ask(DATA, 4'd1, KIND_AMO, page(5));
    after(L2_HIT);
    faulted(DATA, 4'd1, 5'd15, 5'd15, page(5), 2'd2);
    check(swaps == 0, "no update so far");

    // Svadu: one more request, 1 + m cycles more; a load sets A alone.
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b1, 1'b0);
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(1));
    tick;
    quiet(5);
    check(mem_req_valid && mem_req_kind && mem_req_size == 2'd3 && mem_req_addr == TABLE0 + 8, "the swap, at the entry");
    check(mem_req_expected == {10'd0, 44'h90001, LEAF & ~A & ~D}, "expects what was read");
    check(mem_req_desired == {10'd0, 44'h90001, LEAF & ~D}, "and wants A set");
    quiet(2);
    translated(DATA, 4'd2, 56'h9000_1000, 3'd0, 8'h4f, 2'd0);
    check(events[21] && memory[1024+1][7:6] == 2'b01, "UPDATE");
    // A store sets A and D; what was in the TLBs with D=0 is written over, not doubled.
    ask(DATA, 4'd2, KIND_STORE, page(2));
    after(SHORT + 2);
    translated(DATA, 4'd2, 56'h9000_2000, 3'd0, 8'hcf, 2'd0);
    ask(DATA, 4'd2, KIND_STORE, page(1));
    tick;
    check(events[7:4] == 4'b0010, "DATA_MISS: an update of D is due");
    quiet(WALK - 3);
    translated(DATA, 4'd2, 56'h9000_1000, 3'd0, 8'hcf, 2'd0);
    check(!events[6] && !events[16], "nothing is evicted");
    ask(DATA, 4'd2, KIND_STORE, page(1));
    tick;
    translated(DATA, 4'd2, 56'h9000_1000, 3'd0, 8'hcf, 2'd1);

    // A lost swap: the entry is read again; here somebody else has set A meanwhile, so that nothing is left to do.
    lose_next = 1'b1;
    ask(DATA, 4'd3, KIND_LOAD, page(3));
    after(SHORT + 4);
    translated(DATA, 4'd3, 56'h9000_3000, 3'd0, 8'h4f, 2'd0);
    check(!events[21], "no UPDATE");
    lose_next = 1'b1;
    reads = 0;
    swaps = 0;
    ask(DATA, 4'd3, KIND_STORE, page(4));
    tick;
    quiet(7);
    check(events[22], "UPDATE_LOST");
    quiet(4);
    translated(DATA, 4'd3, 56'h9000_4000, 3'd0, 8'hcf, 2'd0);
    check(reads == 2 && swaps == 2, "read, lost, read, swapped");

    // A bus error of the swap; the entry stays, and is not kept.
    ask(DATA, 4'd4, KIND_STORE, page(6));
    tick;
    quiet(5);
    check(mem_req_kind, "the swap");
    error_next = 1'b1;
    quiet(2);
    faulted(DATA, 4'd4, 5'd22, 5'd7, page(6), 2'd0);
    check(memory[1024+6][7:6] == 2'b00, "nothing was written");

    // A speculative request updates nothing: RETRY. Then the same, meant.
    swaps = 0;
    ask_sized(DATA, 4'd5, KIND_LOAD, page(7), 7'd8, 1'b1);
    after(SHORT);
    retried(DATA, 4'd5);
    check(swaps == 0, "no swap");
    ask_sized(DATA, 4'd5, KIND_LOAD, page(7), 7'd8, 1'b0);
    after(SHORT + 2);
    translated(DATA, 4'd5, 56'h9000_7000, 3'd0, 8'h4f, 2'd0);
    ask_sized(DATA, 4'd5, KIND_STORE, page(7), 7'd8, 1'b1);
    after(SHORT);
    retried(DATA, 4'd5);
    ask_sized(DATA, 4'd5, KIND_LOAD, page(7), 7'd8, 1'b1);
    tick;
    translated(DATA, 4'd5, 56'h9000_7000, 3'd0, 8'h4f, 2'd1);

    // What denies the access comes before: no update.
    write_leaf(TABLE0 + 8 * 8, 44'h90008, LEAF & ~A & ~D & ~10'h004, 10'd0);
    swaps = 0;
    ask(DATA, 4'd6, KIND_STORE, page(8));
    after(SHORT);
    faulted(DATA, 4'd6, 5'd12, 5'd15, page(8), 2'd0);
    check(swaps == 0, "no swap");

    // PMP: tables may be read, not written.
    pmp_write(2'd1, 6'd0, 64'h2000_0fff);  // NAPOT, 0x8000_0000 to 0x8000_7fff
    pmp_write(2'd0, 6'd0, 64'h19);
    ask(DATA, 4'd7, KIND_LOAD, page(9));
    after(SHORT + 1);
    check(events[23] && !data_rsp_valid, "TABLE_DENIED");
    tick;
    faulted(DATA, 4'd7, 5'd21, 5'd5, page(9), 2'd0);
    pmp_write(2'd0, 6'd0, 64'h00);

    // A region that takes tables but no updates: the first level 0 once more, by another address.
    write_leaf(TABLE1 + 8 * 5, 44'hc0002, POINTER, 10'd0);
    ask(DATA, 4'd8, KIND_LOAD, 64'h40a0_e000);
    after(SHORT + 2 + 2);
    faulted(DATA, 4'd8, 5'd20, 5'd5, 64'h40a0_e000, 2'd0);
    ask(DATA, 4'd8, KIND_LOAD, 64'h40a0_7000);
    after(SHORT);
    translated(DATA, 4'd8, 56'h9000_7000, 3'd0, 8'h4f, 2'd0);

    // An attached store goes on where its owner, a load, has no update to make.
    write_leaf(TABLE0 + 8 * 10, 44'h9000a, LEAF & ~D, 10'd0);
    swaps = 0;
    ask(DATA, 4'd9, KIND_LOAD, page(10));
    tick;
    ask(DATA, 4'd10, KIND_STORE, page(10) + 64'd8);
    after(SHORT - 1);
    translated(DATA, 4'd9, 56'h9000_a000, 3'd0, 8'h4f, 2'd0);
    check(events[10], "WALK_GRANT");
    tick;
    check(mem_req_valid && mem_req_kind, "then its own update");
    quiet(2);
    translated(DATA, 4'd10, 56'h9000_a008, 3'd0, 8'hcf, 2'd0);
    check(swaps == 1, "of D alone");

    // What becomes of an update concerns its owner alone: the attached slot walks anew.
    reads = 0;
    ask(DATA, 4'd11, KIND_STORE, page(11));
    tick;
    ask(DATA, 4'd12, KIND_STORE, page(11) + 64'd8);
    tick;
    quiet(4);
    check(mem_req_kind, "the swap");
    error_next = 1'b1;
    quiet(2);
    faulted(DATA, 4'd11, 5'd22, 5'd7, page(11), 2'd0);
    tick;
    quiet(4);
    translated(DATA, 4'd12, 56'h9000_b008, 3'd0, 8'hcf, 2'd0);
    check(reads == 2, "each has read");

    // A killed walk's offered swap stays as it is, even if its slot belongs to another access by now (P25).
    mem_ready = 1'b0;
    touch_until_swap(4'd13, page(12));
    cancel(DATA, 4'd13);
    tick;
    ask(DATA, 4'd14, KIND_LOAD, page(13));
    tick;
    tick;
    check(mem_req_valid && mem_req_desired[7:6] == 2'b11, "A and D, as for the store that is gone");
    mem_ready = 1'b1;
    #1;
    tick;
    check(memory[1024+12][7:6] == 2'b11, "an update that was made stays made");
    while (!data_rsp_valid) tick;
    translated(DATA, 4'd14, 56'h9000_d000, 3'd0, 8'h4f, 2'd0);

    // A fence that overtakes an update is not done before that has reached memory (M11), and takes no other meanwhile.
    touch_until_swap(4'd1, page(14));
    fence(1'b0, '0, 1'b0, '0);
    tick;
    check(events[12] && mem_req_valid && mem_req_kind, "the walk is killed, its swap stays");
    repeat (3) begin
      check(!fence_done && !fence_ready, "the fence waits");
      tick;
    end
    mem_ready = 1'b1;
    #1;
    tick;
    check(!fence_done && !fence_ready && mem_rsp_valid, "the answer");
    tick;
    check(fence_done && fence_ready, "and the fence is done");
    tick;
    check(!fence_done, "once");
    while (!data_rsp_valid) tick;
    translated(DATA, 4'd1, 56'h9000_e000, 3'd0, 8'hcf, 2'd0);
    passed;
  end

  // Until a store's swap is offered and not accepted.
  task touch_until_swap(input [3:0] tag, input [63:0] va);
    begin
      ask(DATA, tag, KIND_STORE, va);
      tick;
      while (!mem_req_kind) begin
        mem_ready = !mem_req_valid || !mem_req_kind;
        #1;
        tick;
        mem_ready = 1'b1;
        #1;
      end
      mem_ready = 1'b0;
      #1;
      tick;
      check(mem_req_valid && mem_req_kind && events[25], "MEM_STALL");
    end
  endtask

endmodule

`default_nettype wire
