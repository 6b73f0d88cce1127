// An MMU with everything, small enough that structures fill up, and page tables for it: what the benches of single parts share.
//
//   0x8000_0000 root    1 ──> 1 GiB of tables      2: leaf of 1 GiB      511 ──> global, as 1
//   0x8000_1000 level 1 1 ──> level 0              2: leaf of 2 MiB      3 ──> a second level 0
//   0x8000_2000 level 0                            0x8000_3000 the second level 0
//
// SPDX-License-Identifier: Apache-2.0
`define MMU_PARAMETERS .Mode(2), .Extensions(127), .PaBits(40), .AsidBits(16), .FetchEntries(4), .DataEntries(4), \
    .FetchSlots(2), .DataSlots(4), .L2Entries(64), .L2Ways(4), .L2Latency(2), .L2SuperEntries(4), .WalkEntries(2), \
    .Walkers(2), .PmpEntries(16), .RegionCount(4), \
    .RegionBase({224'd0, 56'h0_c000_0000, 56'h1_0000_0000, 56'h0_1000_0000, 56'h0_8000_0000}), \
    .RegionSize({24'd0, 6'd30, 6'd32, 6'd28, 6'd30}), \
    .RegionKind({12'd0, 3'b010, 3'b000, 3'b001, 3'b110})

  `include "harness.svh"

  localparam logic [63:0] SATP = {4'd8, 16'd5, 44'h80000};
  localparam logic [55:0] ROOT = 56'h8000_0000;
  localparam logic [55:0] TABLE1 = 56'h8000_1000;
  localparam logic [55:0] TABLE0 = 56'h8000_2000;
  localparam logic [55:0] SECOND0 = 56'h8000_3000;
  localparam logic [63:0] VA = 64'h4020_0000;      // page 0 of the first level 0
  localparam logic [63:0] VA2 = 64'h4060_0000;     // page 0 of the second
  localparam logic [63:0] VA_MEGA = 64'h4040_0000;
  localparam logic [63:0] VA_GIGA = 64'h8000_0000;
  localparam logic [63:0] VA_GLOBAL = 64'hffff_ffff_c020_0000;
  localparam int L2_HIT = 3;    // cycles to the answer
  localparam int WALK = 10;     // of a walk of three reads with L2 TLB
  localparam int SHORT = 6;     // of one that the walk cache leaves one read of
  localparam logic [9:0] POINTER = 10'h001;
  localparam logic [9:0] LEAF = 10'h0cf;  // D A X W R V

  task write_leaf(input [55:0] place, input [43:0] ppn, input [9:0] flags, input [9:0] high);
    begin
      memory_write(place, {high, ppn, flags});
    end
  endtask

  // Page i of the first level 0 is at frame 0x90000 + i, page i of the second at 0x90200 + i.
  task set_up;
    begin
      for (integer i = 0; i < 512; i = i + 1) begin
        write_leaf(TABLE0 + 8 * i, 44'h90000 + i, LEAF, 10'd0);
        write_leaf(SECOND0 + 8 * i, 44'h90200 + i, LEAF, 10'd0);
      end
      write_leaf(ROOT + 8, 44'h80001, POINTER, 10'd0);
      write_leaf(ROOT + 16, 44'h80000, LEAF, 10'd0);
      write_leaf(ROOT + 8 * 511, 44'h80001, POINTER | 10'h020, 10'd0);
      write_leaf(TABLE1 + 8, 44'h80002, POINTER, 10'd0);
      write_leaf(TABLE1 + 16, 44'h90400, LEAF, 10'd0);
      write_leaf(TABLE1 + 24, 44'h80003, POINTER, 10'd0);
      reset;
      // The last PMP entry grants everything.
      pmp_write(2'd1, 6'd15, 64'hffff_ffff_ffff_ffff);
      pmp_write(2'd0, 6'd15, 64'h1f);
      control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
      tick;
    end
  endtask

  // Asks and waits, whatever comes, at most so long.
  task touch(input integer port, input [2:0] kind, input [63:0] va);
    integer waited;
    begin
      ask(port, 4'd15, kind, va);
      tick;
      waited = 0;
      while (!((port == FETCH) ? fetch_rsp_valid : data_rsp_valid)) begin
        waited = waited + 1;
        check(waited < 200, "the access is answered at all");
        tick;
      end
    end
  endtask

  // As many cycles without an answer as it takes until cycle t+`cycles`, for a request of cycle t.
  task after(input integer cycles);
    begin
      tick;
      quiet(cycles - 1);
    end
  endtask

  task fence_all;
    begin
      fence(1'b0, '0, 1'b0, '0);
      tick;
      check(fence_done, "a fence of everything is done in t+1");
    end
  endtask
