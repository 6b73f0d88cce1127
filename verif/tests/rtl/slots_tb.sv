// Many misses at a time: slots, hits under misses, walkers that share a page, answers that collide, cancels, changes of satp.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module slots_tb;

  `include "full.svh"

  function [63:0] page(input integer number);
    page = VA + 64'h1000 * number;
  endfunction

  initial begin
    #1;
    set_up;
    touch(DATA, KIND_LOAD, page(0));

    // Three loads of one page: one walk, answered one after the other, in the order of their slots.
    latency = 2;
    reads = 0;
    ask(DATA, 4'd1, KIND_LOAD, page(1));
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(1) + 64'd16);
    tick;
    ask(DATA, 4'd3, KIND_STORE, page(1) + 64'd32);
    tick;
    quiet(4);
    translated(DATA, 4'd1, 56'h9000_1000, 3'd0, 8'hcf, 2'd0);
    tick;
    translated(DATA, 4'd2, 56'h9000_1010, 3'd0, 8'hcf, 2'd0);
    tick;
    translated(DATA, 4'd3, 56'h9000_1020, 3'd0, 8'hcf, 2'd0);
    check(reads == 1, "one read for all three");
    latency = 1;
    tick;

    // Each by its own context: a fetch of the page that a load has begun to walk, and that is not executable.
    write_leaf(TABLE0 + 8 * 2, 44'h90002, LEAF & ~10'h008, 10'd0);
    reads = 0;
    ask(DATA, 4'd1, KIND_LOAD, page(2));
    tick;
    ask(FETCH, 4'd2, KIND_FETCH, page(2) + 64'd4);
    tick;
    quiet(4);
    translated(DATA, 4'd1, 56'h9000_2000, 3'd0, 8'hc7, 2'd0);
    tick;
    faulted(FETCH, 4'd2, 5'd13, 5'd12, page(2) + 64'd4, 2'd0);
    check(reads == 1 && events[11], "one read; WALK_FAULT for the fetch");
    // A bus error is everybody's.
    error_next = 1'b1;
    ask(DATA, 4'd1, KIND_LOAD, page(3));
    tick;
    ask(FETCH, 4'd2, KIND_FETCH, page(3) + 64'd4);
    tick;
    quiet(4);
    faulted(DATA, 4'd1, 5'd2, 5'd5, page(3), 2'd0);
    tick;
    faulted(FETCH, 4'd2, 5'd2, 5'd1, page(3) + 64'd4, 2'd0);

    // Two walkers at a time, one port: the second requests a cycle later. A third miss of another page waits.
    ask(DATA, 4'd1, KIND_LOAD, page(4));
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(5));
    tick;
    ask(DATA, 4'd3, KIND_LOAD, page(6));
    tick;
    check(!events[24], "none waits yet");
    quiet(3);
    check(walkers == 4'd2 && events[24], "both work; WALKER_STALL");
    translated(DATA, 4'd1, 56'h9000_4000, 3'd0, 8'hcf, 2'd0);
    tick;
    translated(DATA, 4'd2, 56'h9000_5000, 3'd0, 8'hcf, 2'd0);
    tick;
    quiet(1);
    translated(DATA, 4'd3, 56'h9000_6000, 3'd0, 8'hcf, 2'd0);

    // Answers in any order: the second walk ends first.
    withheld = 16'h000f;
    ask(DATA, 4'd1, KIND_LOAD, page(8));
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(9));
    tick;
    while (outstanding[3:0] == 4'd0 || !mem_req_valid) quiet(1);
    withheld = ~(16'd1 << mem_req_id);
    quiet(2);
    translated(DATA, 4'd2, 56'h9000_9000, 3'd0, 8'hcf, 2'd0);
    // Hits under the miss, one a cycle.
    ask(DATA, 4'd3, KIND_LOAD, page(9));
    tick;
    translated(DATA, 4'd3, 56'h9000_9000, 3'd0, 8'hcf, 2'd1);
    ask(DATA, 4'd4, KIND_LOAD, page(6));
    tick;
    translated(DATA, 4'd4, 56'h9000_6000, 3'd0, 8'hcf, 2'd1);
    withheld = '0;
    tick;
    // A hit and an outcome in one cycle: the outcome waits (DONE), and the port takes nothing until it is answered.
    check(mem_rsp_valid, "the answer");
    ask(DATA, 4'd5, KIND_LOAD, page(9));
    tick;
    translated(DATA, 4'd5, 56'h9000_9000, 3'd0, 8'hcf, 2'd1);
    check(!data_ready, "not ready: a slot is DONE");
    tick;
    translated(DATA, 4'd1, 56'h9000_8000, 3'd0, 8'hcf, 2'd0);
    check(data_ready, "ready again");

    // Four slots and no more; the fetch port has its own two.
    withheld = '1;
    for (integer i = 0; i < 4; i = i + 1) begin
      ask(DATA, i[3:0], KIND_LOAD, page(10 + i));
      tick;
    end
    check(!data_ready && fetch_ready, "four misses");
    data_valid = 1'b1;
    data_kind = KIND_LOAD;
    {data_tag, data_va, data_size} = {4'd9, page(9), 7'd4};
    tick;
    check(events[27] && !events[4], "DATA_STALL, and no lookup");
    cancel(DATA, 4'd2);
    {data_valid, data_kind, data_tag, data_va, data_size} = {1'b1, KIND_LOAD, 4'd9, page(9), 7'd4};
    tick;
    check(data_ready && !events[12], "the one that waited is gone, and no walk is killed");
    ask(DATA, 4'd9, KIND_LOAD, page(9));
    tick;
    translated(DATA, 4'd9, 56'h9000_9000, 3'd0, 8'hcf, 2'd1);

    // A change of satp answers them all with RETRY, one a cycle, a new lookup before them.
    ask(FETCH, 4'd6, KIND_FETCH, page(20));
    tick;
    control(SATP | 64'h10_0000_0000, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    retried(DATA, 4'd0);
    retried(FETCH, 4'd6);
    check(events[12] && !data_ready, "WALK_KILL");
    tick;
    retried(DATA, 4'd1);
    cancel(DATA, 4'd3);
    tick;
    check(!data_rsp_valid && data_ready, "the last one was cancelled while it was DONE");
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    withheld = '0;
    tick;
    repeat (4) tick;
    check(walkers == 4'd0, "the killed walks have drained");

    // Cancels: an attached slot leaves, and the walk goes on; the owner leaves, and the attached one walks anew.
    latency = 3;
    reads = 0;
    ask(DATA, 4'd1, KIND_LOAD, page(24));
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(24));
    tick;
    repeat (3) tick;
    cancel(DATA, 4'd2);
    tick;
    check(!events[12], "no walk is killed");
    quiet(2);
    translated(DATA, 4'd1, 56'h9001_8000, 3'd0, 8'hcf, 2'd0);
    tick;
    quiet(8);
    check(reads == 1, "one read");
    reads = 0;
    ask(DATA, 4'd1, KIND_LOAD, page(25));
    tick;
    ask(DATA, 4'd2, KIND_LOAD, page(25));
    tick;
    repeat (3) tick;
    cancel(DATA, 4'd1);
    tick;
    check(events[12], "WALK_KILL");
    while (!data_rsp_valid) tick;
    translated(DATA, 4'd2, 56'h9001_9000, 3'd0, 8'hcf, 2'd0);
    check(reads == 2, "it read again");
    latency = 1;

    // A tag is free in the cycle after its cancel; what was cancelled in its first cycle is not taken by a cancel of the same cycle.
    tick;
    cancel(DATA, 4'd7);
    ask(DATA, 4'd7, KIND_LOAD, page(26));
    tick;
    check(events[5], "DATA_MISS");
    quiet(5);
    translated(DATA, 4'd7, 56'h9001_a000, 3'd0, 8'hcf, 2'd0);
    ask(DATA, 4'd7, KIND_LOAD, page(27));
    tick;
    cancel(DATA, 4'd7);
    tick;
    ask(DATA, 4'd7, KIND_LOAD, page(28));
    tick;
    quiet(5);
    translated(DATA, 4'd7, 56'h9001_c000, 3'd0, 8'hcf, 2'd0);

    // The context of a request is that of its cycle, also in its walk.
    ask(DATA, 4'd8, KIND_LOAD, page(29));
    tick;
    control(SATP, U_MODE, 1'b1, 1'b1, 1'b1, 1'b0);
    tick;
    quiet(4);
    translated(DATA, 4'd8, 56'h9001_d000, 3'd0, 8'hcf, 2'd0);
    ask(DATA, 4'd8, KIND_LOAD, page(29));
    tick;
    faulted(DATA, 4'd8, 5'd9, 5'd13, page(29), 2'd1);

    // A walk that ends under another PBMTE than it began with answers, and fills nothing, neither L1 nor L2.
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    ask(DATA, 4'd8, KIND_LOAD, page(30));
    tick;
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b1);
    tick;
    quiet(4);
    translated(DATA, 4'd8, 56'h9001_e000, 3'd0, 8'hcf, 2'd0);
    ask(DATA, 4'd8, KIND_LOAD, page(30));
    after(SHORT);
    translated(DATA, 4'd8, 56'h9001_e000, 3'd0, 8'hcf, 2'd0);
    ask(DATA, 4'd8, KIND_LOAD, page(30));
    tick;
    translated(DATA, 4'd8, 56'h9001_e000, 3'd0, 8'hcf, 2'd1);
    passed;
  end

endmodule

`default_nettype wire
