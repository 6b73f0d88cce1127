// The L2 TLB, the walk cache, and fences on each structure: latencies, sweeps, what is revoked and what stays.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module l2_tb;

  `include "full.svh"

  localparam logic [63:0] OTHER = SATP ^ (64'd2 << 44);  // ASID 7

  function [63:0] page(input integer number);
    page = VA + 64'h1000 * number;
  endfunction

  task enter(input [63:0] satp);
    begin
      control(satp, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
      tick;
    end
  endtask

  // A load that must be answered after so many cycles: 1 from L1, L2_HIT, SHORT or WALK.
  task load(input [63:0] va, input integer cycles);
    begin
      ask(DATA, 4'd1, KIND_LOAD, va);
      after(cycles);
      check(data_rsp_valid && data_status == 2'd0, "the load is translated now");
      check(data_hit == (cycles == 1 ? 2'd1 : cycles == L2_HIT ? 2'd2 : 2'd0), "by the structure that takes so long");
    end
  endtask

  // Other pages, of the upper eight sets of L2, so that L1 keeps nothing of before. The last of them is page `recent`.
  integer recent = 63;
  integer asked = 0;  // the cycle of the last request

  task flush_l1;
    begin
      recent = (recent < 511) ? recent + 16 : 79;
      for (integer i = recent - 7; i <= recent; i = i + 1) touch(DATA, KIND_LOAD, page(i));
    end
  endtask

  initial begin
    #1;
    set_up;

    // A walk fills L2, which answers the other port, and the same port later; it stays through evictions from L1.
    load(page(0), WALK);
    load(page(1), SHORT);
    load(page(0), 1);
    ask(FETCH, 4'd2, KIND_FETCH, page(0));
    tick;
    check(events[1], "FETCH_MISS");
    tick;
    quiet(1);
    translated(FETCH, 4'd2, 56'h9000_0000, 3'd0, 8'hcf, 2'd2);
    check(events[14] && !events[15], "L2_HIT");
    flush_l1;
    load(page(0), L2_HIT);
    load(page(0), 1);

    // A hit in L2 that denies faults from there, and fills nothing.
    control(SATP, U_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    repeat (2) begin
      ask(FETCH, 4'd3, KIND_FETCH, page(recent));
      after(L2_HIT);
      faulted(FETCH, 4'd3, 5'd9, 5'd12, page(recent), 2'd2);
    end
    enter(SATP);

    // One lookup a cycle: three misses in a row, all in L2, answered in a row.
    flush_l1;
    load(page(2), SHORT);
    flush_l1;
    ask(DATA, 4'd4, KIND_LOAD, page(0));
    tick;
    ask(DATA, 4'd5, KIND_LOAD, page(1));
    tick;
    ask(DATA, 4'd6, KIND_LOAD, page(2));
    tick;
    translated(DATA, 4'd4, 56'h9000_0000, 3'd0, 8'hcf, 2'd2);
    tick;
    translated(DATA, 4'd5, 56'h9000_1000, 3'd0, 8'hcf, 2'd2);
    tick;
    translated(DATA, 4'd6, 56'h9000_2000, 3'd0, 8'hcf, 2'd2);

    // Four ways: a fifth page of one set (16 sets) evicts the least recently used one.
    for (integer i = 0; i < 4; i = i + 1) load(page(3 + 16 * i), SHORT);
    flush_l1;
    load(page(3), L2_HIT);
    load(page(3 + 64), SHORT);
    check(events[16], "L2_EVICT");
    flush_l1;
    load(page(3), L2_HIT);
    load(page(3 + 64), L2_HIT);
    load(page(3 + 16), L2_HIT);
    load(page(3 + 48), L2_HIT);
    flush_l1;
    load(page(3 + 32), SHORT);

    // The walk cache: a pointer of level 1 leaves one read, one of level 2 two.
    fence_all;
    load(VA, WALK);
    load(VA2, SHORT + 2);
    check(last_address == SECOND0, "the second level 0");
    load(VA2 + 64'h1000, SHORT);

    // Fences with an address: the page goes from L1 and L2, pointers stay; one set is swept, t+2.
    fence(1'b1, VA2, 1'b0, '0);
    tick;
    check(!fence_done && !fence_ready, "not in t+1");
    tick;
    check(fence_done && fence_ready, "but in t+2");
    load(VA2, SHORT);
    load(VA2 + 64'h1000, 1);
    flush_l1;
    load(VA2 + 64'h1000, L2_HIT);

    // Address and ASID: another ASID revokes nothing.
    fence(1'b1, VA2, 1'b1, 16'd7);
    tick;
    tick;
    check(fence_done, "t+2");
    load(VA2, L2_HIT);
    fence(1'b1, VA2, 1'b1, 16'd5);
    tick;
    tick;
    load(VA2, SHORT);

    // ASID alone: 16 sets, t+17; global pages stay, in the walk cache, too; other ASIDs as well.
    load(VA_GLOBAL, WALK);
    load(VA_MEGA, SHORT);
    enter(OTHER);
    load(VA_GLOBAL, 1);
    load(VA2, WALK);
    fence(1'b0, '0, 1'b1, 16'd5);
    tick;
    for (integer i = 1; i < 17; i = i + 1) begin
      check(!fence_done && !fence_ready, "the sweep goes on");
      tick;
    end
    check(fence_done && fence_ready, "t+17");
    load(VA2, 1);
    enter(SATP);
    load(VA_GLOBAL, 1);
    load(VA_GLOBAL + 64'h1000, SHORT);
    load(VA_MEGA, SHORT + 2);
    load(VA2, SHORT + 2);

    // Neither: everything, at once, t+1.
    fence_all;
    load(VA_GLOBAL, WALK);
    load(VA_MEGA, SHORT + 2);

    // A sweep stands the L2 TLB still, but hits in L1 go on; a search waits until it has ended.
    load(VA, SHORT + 2);
    flush_l1;
    load(page(recent), 1);
    fence(1'b0, '0, 1'b1, 16'd9);
    tick;
    ask(DATA, 4'd7, KIND_LOAD, VA);
    tick;
    check(!events[17], "nobody searches yet");
    ask(DATA, 4'd8, KIND_LOAD, page(recent));
    tick;
    check(events[17], "L2_STALL");
    translated(DATA, 4'd8, 56'h9000_0000 + 56'h1000 * recent, 3'd0, 8'hcf, 2'd1);
    for (integer i = 3; i < 17; i = i + 1) begin
      tick;
    end
    check(fence_done && events[17], "t+17");
    tick;
    quiet(1);
    translated(DATA, 4'd7, 56'h9000_0000, 3'd0, 8'hcf, 2'd2);

    // A walk that is decided during a sweep holds that up by a cycle for each decision; what it fills is swept if it is in a later set.
    fence_all;
    ask(DATA, 4'd9, KIND_LOAD, page(5));
    tick;
    tick;
    tick;
    tick;
    fence(1'b0, '0, 1'b1, 16'd9);  // in the cycle of the first request
    check(mem_req_valid, "the walk's first request");
    tick;
    quiet(5);
    translated(DATA, 4'd9, 56'h9000_5000, 3'd0, 8'hcf, 2'd0);
    for (integer i = 6; i < 19; i = i + 1) begin
      tick;
      check(!fence_done, "not yet");
    end
    tick;
    check(fence_done, "t+17 and three decisions");

    // A fence and a request of the same cycle: the request is older.
    fence(1'b0, '0, 1'b0, '0);
    ask(DATA, 4'd10, KIND_LOAD, page(5));
    tick;
    translated(DATA, 4'd10, 56'h9000_5000, 3'd0, 8'hcf, 2'd1);

    // A walk in flight is killed if what it has read last, reads, or is to read may be what is revoked: at its level, by its ASID.
    // Memory takes 4 cycles: the root's answer comes in t+8, level 1's in t+13, level 0's in t+18.
    latency = 4;
    kill_at(5, VA_GIGA, VA);                             // the root: the uppermost field alone counts
    kill_at(10, VA, VA2 + 64'h10_0000);                  // level 1
    kill_at(15, VA2 + 64'h1_0000, VA2 + 64'h0_f000);     // level 0: it may turn out to be a 64 KiB page
    latency = 1;
    passed;
  end

  // Fences `spares` and `kills` by address while a walk of VA2 is in flight; the first also by the walk's ASID, after another one.
  task kill_at(input integer cycles, input [63:0] spares, input [63:0] kills);
    begin
      fence_all;
      asked = cycle;
      ask(DATA, 4'd11, KIND_LOAD, VA2);
      repeat (cycles) tick;
      fence(1'b1, kills, 1'b1, 16'd6);
      tick;
      check(!events[12], "another ASID does not concern it");
      tick;
      fence(1'b1, spares, 1'b1, 16'd5);
      tick;
      check(!events[12], "nor does another page");
      while (!data_rsp_valid) tick;
      check(cycle - asked == 19, "it ends as if nothing had been");
      while (!fence_ready) tick;
      fence_all;
      reads = 0;
      asked = cycle;
      ask(DATA, 4'd11, KIND_LOAD, VA2);
      repeat (cycles) tick;
      fence(1'b1, kills, 1'b1, 16'd5);
      tick;
      check(events[12], "WALK_KILL");
      while (!data_rsp_valid) tick;
      translated(DATA, 4'd11, 56'h9020_0000, 3'd0, 8'hcf, 2'd0);
      check(cycle - asked > 19, "it began again");
    end
  endtask

endmodule

`default_nettype wire
