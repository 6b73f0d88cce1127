// An MMU of Sv57, which has Sv48 and Sv39, too: switching between them, how long their walks are, what is canonical.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

`define MMU_PARAMETERS .Mode(4), .PaBits(56), .AsidBits(8), .FetchEntries(3), .DataEntries(5), .WalkEntries(3)

module modes_tb;

  `include "harness.svh"

  // Tables at pages 0 to 4 of the memory; entry 1 of each points to the next, the last one's is a leaf. A root lies the deeper the
  // fewer levels its mode has.
  localparam logic [63:0] VA39 = 64'h4020_1000;
  localparam logic [63:0] VA48 = VA39 | 64'h0080_0000_0000;
  localparam logic [63:0] VA57 = VA48 | 64'h0001_0000_0000_0000;
  localparam logic [63:0] SATP39 = {4'd8, 16'd3, 44'h80002};
  localparam logic [63:0] SATP48 = {4'd9, 16'd4, 44'h80001};
  localparam logic [63:0] SATP57 = {4'd10, 16'd5, 44'h80000};

  task enter(input [63:0] satp);
    begin
      control(satp, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
      tick;
    end
  endtask

  task load(input [63:0] va, input integer cycles);
    begin
      ask(DATA, 4'd1, KIND_LOAD, va);
      tick;
      quiet(cycles - 1);
      translated(DATA, 4'd1, 56'h12345000 | va[11:0], 3'd0, 8'hcf, cycles == 1 ? 2'd1 : 2'd0);
    end
  endtask

  task not_canonical(input [63:0] va);
    begin
      ask(DATA, 4'd2, KIND_STORE, va);
      tick;
      faulted(DATA, 4'd2, 5'd1, 5'd15, va, 2'd0);
    end
  endtask

  initial begin
    for (integer i = 0; i < 4; i = i + 1) memory_write(56'h8000_0008 + 4096 * i, {10'd0, 44'h80001 + i, 10'h001});
    memory_write(56'h8000_4008, {10'd0, 44'h12345, 10'h0cf});
    // The upper half of Sv39's root: a page of 1 GiB; of Sv57's a page of 256 TiB.
    memory_write(56'h8000_2ff8, {10'd0, 44'h40000, 10'h0cf});
    memory_write(56'h8000_0ff8, {10'd0, 44'h100_0000_0000, 10'h0cf});
    #1;
    reset;

    // n(1+m) + 2: 8, 10 and 12 cycles; one read less for each pointer in the walk cache. An ASID of its own for each mode.
    enter(SATP39);
    load(VA39, 8);
    enter(SATP48);
    load(VA48, 10);
    enter(SATP57);
    load(VA57, 12);
    load(VA57 + 64'h8, 1);
    fence(1'b1, VA57, 1'b0, '0);
    tick;
    load(VA57, 4);
    enter(SATP39);
    load(VA39, 1);
    enter(SATP48);
    load(VA48, 1);

    // Canonical in one mode and not in another.
    not_canonical(VA57);
    not_canonical(64'h0000_8000_0000_0000);
    enter(SATP39);
    not_canonical(VA48);
    not_canonical(64'h0000_0040_0000_0000);
    enter(SATP57);
    not_canonical(64'h0100_0000_0000_0000);
    not_canonical(64'hfe00_0000_0000_0000);

    // Superpages of the modes' highest levels, in their upper halves.
    ask(DATA, 4'd3, KIND_LOAD, 64'hffff_1234_5678_9abc);
    tick;
    quiet(3);
    translated(DATA, 4'd3, 56'h10_1234_5678_9abc, 3'd4, 8'hcf, 2'd0);
    enter(SATP39);
    ask(DATA, 4'd3, KIND_LOAD, 64'hffff_ffff_f456_789a);
    tick;
    quiet(3);
    translated(DATA, 4'd3, 56'h7456_789a, 3'd2, 8'hcf, 2'd0);

    // A fence's address is judged in the deepest mode, whatever satp says; its VPN has all bits of it.
    fence(1'b1, VA48, 1'b0, '0);
    tick;
    fence(1'b1, 64'h0200_0000_0000_0000 | VA39, 1'b0, '0);
    tick;
    load(VA39, 1);
    enter(SATP48);
    load(VA48, 4);

    // A mode that is not there leaves satp alone; Bare does not translate, and faults nobody's address but one too wide.
    enter({4'd11, 16'd9, 44'd0});
    load(VA48, 1);
    enter({4'd1, 16'd9, 44'd0});
    load(VA48, 1);
    enter(64'd0);
    ask(DATA, 4'd4, KIND_LOAD, 64'h00ff_0123_4567_89ab);
    tick;
    translated(DATA, 4'd4, 56'hff_0123_4567_89ab, 3'd0, 8'h00, 2'd0);

    // ASID bits above the width, of which 8 are implemented, are no change of satp: the walk goes on.
    enter(SATP57);
    fence(1'b1, VA57, 1'b0, '0);
    tick;
    ask(DATA, 4'd5, KIND_LOAD, VA57);
    tick;
    enter(SATP57 | 64'h0ff0_0000_0000_0000);
    quiet(2);
    translated(DATA, 4'd5, 56'h12345000, 3'd0, 8'hcf, 2'd0);
    passed;
  end

endmodule

`default_nettype wire
