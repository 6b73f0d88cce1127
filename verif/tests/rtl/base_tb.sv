// The parts that every MMU has, without extensions: lookup, walk, faults, fence, cancel, control write, reset. Sv39, or Sv32 with SV32
// defined. Both edges of every latency: not before, and exactly then. Runs on the RTL and on a netlist of it.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

`ifdef SV32
`define MMU_PARAMETERS .Mode(1), .PaBits(34), .AsidBits(9), .FetchEntries(4), .DataEntries(4)
`else
`define MMU_PARAMETERS .Mode(2), .PaBits(56), .AsidBits(16), .FetchEntries(16), .DataEntries(16)
`endif

module base_tb;

  `include "harness.svh"

`ifdef SV32
  localparam int WALK = 5;                             // cycles without an answer in a walk to a 4 KiB page
  localparam int STEPS = 2;
  localparam logic [63:0] SATP = {32'd0, 1'b1, 9'd5, 22'h80000};
  localparam logic [63:0] VA = 64'h0040_1abc;          // VPN 1, 1
  localparam logic [63:0] VA_LARGE = 64'hffe5_4321;    // VPN 1023, 596: a 4 MiB page
  localparam logic [55:0] PA_LARGE = 56'h1_ffe5_4321;
`else
  localparam int WALK = 7;
  localparam int STEPS = 3;
  localparam logic [63:0] SATP = {4'd8, 16'd5, 44'h80000};
  localparam logic [63:0] VA = 64'h0000_0000_4020_1abc;        // VPN 1, 1, 1
  localparam logic [63:0] VA_LARGE = 64'hffff_ffff_ffe5_4321;  // VPN 511, 511, 84: a 2 MiB page
  localparam logic [55:0] PA_LARGE = 56'h7fe5_4321;
`endif
  localparam logic [63:0] VA_NONE = VA + 64'h1000;     // no entry at level 0

  initial begin
`ifdef SV32
    memory_write32(56'h80000004, {22'h80001, 10'h001});   // pointer
    memory_write32(56'h80000ffc, {22'h1ffc00, 10'h3e7});  // leaf D A G W R, software bits set
    memory_write32(56'h80001004, {22'h12345, 10'h0cf});   // leaf D A X W R
`else
    memory_write(56'h80000008, {10'd0, 44'h80001, 10'h001});  // pointer
    memory_write(56'h80000ff8, {10'd0, 44'h80003, 10'h021});  // pointer, global
    memory_write(56'h80001008, {10'd0, 44'h80002, 10'h001});  // pointer
    memory_write(56'h80002008, {10'd0, 44'h12345, 10'h0cf});  // leaf D A X W R
    memory_write(56'h80003ff8, {10'd0, 44'h7fe00, 10'h3c7});  // leaf D A W R, software bits set
`endif
    #1;
    reset;
    check(data_ready && fetch_ready && fence_ready, "ready after reset");
    check(!fence_done && !mem_req_valid && !fetch_rsp_valid && !data_rsp_valid && events == '0, "quiet after reset");

    // Machine mode: answered in t+1.
    ask(DATA, 4'd1, KIND_LOAD, 64'h0000_0000_0123_4567);
    tick;
    translated(DATA, 4'd1, 56'h0123_4567, 3'd0, 8'h00, 2'd0);
`ifdef SV32
    // RV32 has addresses of 32 bits.
    ask(DATA, 4'd2, KIND_LOAD, 64'hdead_beef_8000_0000);
    tick;
    translated(DATA, 4'd2, 56'h8000_0000, 3'd0, 8'h00, 2'd0);
`else
    // The wide address has no physical counterpart.
    ask(DATA, 4'd2, KIND_LOAD, 64'h0100_0000_0000_0000);
    tick;
    faulted(DATA, 4'd2, 5'd16, 5'd5, 64'h0100_0000_0000_0000, 2'd0);
`endif

    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;

    // A walk to a 4 KiB page; not before, and exactly then.
    ask(DATA, 4'd3, KIND_LOAD, VA);
    tick;
    check(!data_ready && events[7:4] == 4'b0010, "the slot is full, DATA_MISS");
    quiet(WALK);
    translated(DATA, 4'd3, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);
    check(reads == STEPS && events[10] && events[9], "one read for each level, WALK_GRANT, WALK_STEP");

    // In that very cycle a hit is possible, answered one later; and so on.
    ask(DATA, 4'd4, KIND_STORE, VA + 64'd4);
    tick;
    translated(DATA, 4'd4, 56'h1234_5ac0, 3'd0, 8'hcf, 2'd1);
    check(events[7:4] == 4'b0001, "DATA_HIT");
    ask(DATA, 4'd5, KIND_AMO, VA);
    tick;
    translated(DATA, 4'd5, 56'h1234_5abc, 3'd0, 8'hcf, 2'd1);

`ifndef SV32
    // Not canonical: t+1.
    ask(DATA, 4'd5, KIND_LOAD, 64'h0000_0040_0000_0010);
    tick;
    faulted(DATA, 4'd5, 5'd1, 5'd13, 64'h0000_0040_0000_0010, 2'd0);
`endif

    // A fence is done in t+1, for one cycle; a load in its cycle still hits, the next one walks.
    fence(1'b0, '0, 1'b0, '0);
    ask(DATA, 4'd6, KIND_LOAD, VA);
    tick;
    check(fence_done && events[13], "the fence is done in the next cycle");
    translated(DATA, 4'd6, 56'h1234_5abc, 3'd0, 8'hcf, 2'd1);
    ask(DATA, 4'd7, KIND_LOAD, VA);
    tick;
    check(!fence_done, "and for one cycle");
    quiet(WALK);
    translated(DATA, 4'd7, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);

    // Fences that revoke something else: another page, another ASID, none that is an address (or that invalidates nothing).
    fence(1'b1, VA + 64'h1000, 1'b0, '0);
    tick;
    fence(1'b0, '0, 1'b1, 16'd6);
    tick;
    check(fence_done, "one fence a cycle");
`ifndef SV32
    fence(1'b1, 64'h0000_0040_0000_0000 | VA, 1'b0, '0);
    tick;
`endif
    {fence_valid, fence_kind} = {1'b1, 3'd4};
    tick;
    {fence_valid, fence_kind} = {1'b1, 3'd5};
    tick;
    check(fence_done, "done all the same");
    ask(DATA, 4'd7, KIND_LOAD, VA);
    tick;
    translated(DATA, 4'd7, 56'h1234_5abc, 3'd0, 8'hcf, 2'd1);

    // A global superpage is one read shorter; then a hit elsewhere in it. A fence by ASID spares it, one by address does not.
    ask(DATA, 4'd8, KIND_LOAD, VA_LARGE);
    tick;
    quiet(WALK - 2);
    translated(DATA, 4'd8, PA_LARGE, 3'd1, 8'he7, 2'd0);
    fence(1'b0, '0, 1'b1, 16'd5);
    tick;
    ask(DATA, 4'd9, KIND_LOAD, VA_LARGE - 64'h1000);
    tick;
    translated(DATA, 4'd9, PA_LARGE - 56'h1000, 3'd1, 8'he7, 2'd1);
    fence(1'b1, VA_LARGE - 64'h2000, 1'b0, '0);
    tick;
    ask(DATA, 4'd9, KIND_LOAD, VA_LARGE);
    tick;
    quiet(WALK - 2);
    translated(DATA, 4'd9, PA_LARGE, 3'd1, 8'he7, 2'd0);

    // The fetch port has its own TLB; a fault of the walk fills nothing.
    repeat (2) begin
      ask(FETCH, 4'd1, KIND_FETCH, VA_NONE);
      tick;
      quiet(WALK);
      faulted(FETCH, 4'd1, 5'd3, 5'd12, VA_NONE, 2'd0);
      check(events[11] && !events[10], "WALK_FAULT");
    end

    // Both ports miss at once, with one walker: round robin, the fetch is due; the data follows n(1+m) + 1 after.
    fence(1'b0, '0, 1'b0, '0);
    tick;
    ask(DATA, 4'd10, KIND_LOAD, VA);
    ask(FETCH, 4'd2, KIND_FETCH, VA_LARGE);
    tick;
    quiet(WALK);
    translated(DATA, 4'd10, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);
    check(!fetch_rsp_valid, "the fetch waits");
    tick;
    quiet(WALK - 3);
    faulted(FETCH, 4'd2, 5'd13, 5'd12, VA_LARGE, 2'd0);

    // They walk the same page: merged, the second a cycle later.
    fence(1'b0, '0, 1'b0, '0);
    tick;
    ask(DATA, 4'd10, KIND_LOAD, VA);
    ask(FETCH, 4'd2, KIND_FETCH, VA);
    tick;
    tick;
    check(events[8] && !events[20], "WALK_BEGIN");
    tick;
    check(events[20] && walkers == 4'd1, "WALK_MERGE");
    quiet(WALK - 2);
    translated(DATA, 4'd10, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);
    tick;
    translated(FETCH, 4'd2, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);

    // A bus error on the first read; the entry's bits do not matter.
    error_next = 1'b1;
    ask(DATA, 4'd11, KIND_STORE, VA_NONE);
    tick;
    quiet(3);
    faulted(DATA, 4'd11, 5'd2, 5'd7, VA_NONE, 2'd0);

    // A page-table request waits for ready, and stays as it is; every cycle of waiting is one more.
    mem_ready = 1'b0;
    ask(DATA, 4'd11, KIND_LOAD, VA_NONE);
    tick;
    quiet(4);
    check(mem_req_valid && mem_req_addr == 56'h8000_0000 + (STEPS == 3 ? 56'd8 : 56'd4) && events[25], "MEM_STALL");
    mem_ready = 1'b1;
    #1;
    quiet(WALK - 1);
    faulted(DATA, 4'd11, 5'd3, 5'd13, VA_NONE, 2'd0);

    // A cancel empties the slot; the killed walk is not answered.
    ask(DATA, 4'd11, KIND_LOAD, VA_NONE);
    tick;
    tick;
    cancel(DATA, 4'd11);
    tick;
    check(data_ready && events[12], "ready, and WALK_KILL");
    quiet(10);

    // A fence begins the walk again; a change of satp answers RETRY in t+1.
    ask(DATA, 4'd12, KIND_LOAD, VA_NONE);
    tick;
    tick;
    fence(1'b0, '0, 1'b0, '0);
    tick;
    check(!data_ready && events[12], "the slot stays full");
    tick;
    control(SATP ^ 64'd1, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    retried(DATA, 4'd12);
    check(data_ready, "and the slot is free");
    tick;
    quiet(10);

    // A miss in the very cycle of the change fills no slot.
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    ask(DATA, 4'd12, KIND_LOAD, VA_NONE);
    tick;
    retried(DATA, 4'd12);
    check(data_ready && events[5], "DATA_MISS");
    tick;
    quiet(10);

    // A write that changes nothing, or a mode that is not there, disturbs nothing.
    ask(DATA, 4'd12, KIND_LOAD, VA_NONE);
    tick;
    control(SATP, S_MODE, 1'b1, 1'b0, 1'b0, 1'b0);
    tick;
    quiet(1);
`ifndef SV32
    control({4'd9, 16'd6, 44'd0}, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
`endif
    quiet(WALK - 2);
    faulted(DATA, 4'd12, 5'd3, 5'd13, VA_NONE, 2'd0);

    // MPRV lets the data port of M-mode translate, as MPP says; fetches are not concerned.
    control(SATP, M_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    control_mprv = 1'b1;
    control_mpp = S_MODE;
    tick;
    ask(DATA, 4'd13, KIND_LOAD, VA);
    ask(FETCH, 4'd3, KIND_FETCH, VA);
    tick;
    translated(FETCH, 4'd3, VA[55:0], 3'd0, 8'h00, 2'd0);
    tick;
    quiet(WALK - 1);
    translated(DATA, 4'd13, 56'h1234_5abc, 3'd0, 8'hcf, 2'd0);

    // Reset in the middle of a walk.
    ask(DATA, 4'd13, KIND_LOAD, VA_NONE);
    tick;
    tick;
    tick;
    rst_n = 1'b0;
    tick;
    check(data_ready && !mem_req_valid && events == '0, "reset");
    rst_n = 1'b1;
    quiet(10);
    passed;
  end

endmodule

`default_nettype wire
