// Page sizes and attributes: 64 KiB pages (Svnapot), superpages, memory types (Svpbmt), reserved bits, and where they are kept.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module pages_tb;

  `include "full.svh"

  localparam logic [9:0] N = 10'h200;   // bit 63
  localparam logic [9:0] NC = 10'h080;  // PBMT 1
  localparam logic [9:0] IO = 10'h100;  // PBMT 2
  localparam logic [63:0] VA_NAPOT = VA + 64'h1_0000;  // pages 16 to 31

  initial begin
    #1;
    set_up;
    for (integer i = 16; i < 32; i = i + 1) write_leaf(TABLE0 + 8 * i, 44'h91238, LEAF, N);

    // A 64 KiB page: its lowest 16 bits are the address's; the four lowest PPN bits say its size.
    ask(DATA, 4'd1, KIND_LOAD, VA_NAPOT + 64'h5678);
    after(WALK);
    translated_as(DATA, 4'd1, 56'h9123_5678, 3'd0, 8'hcf, 2'd0, 1'b1, 2'd0);
    reads = 0;
    ask(DATA, 4'd2, KIND_STORE, VA_NAPOT + 64'hfffc);
    tick;
    translated_as(DATA, 4'd2, 56'h9123_fffc, 3'd0, 8'hcf, 2'd1, 1'b1, 2'd0);
    // L2 has it, too, in its part for superpages.
    ask(FETCH, 4'd3, KIND_FETCH, VA_NAPOT + 64'h2000);
    after(L2_HIT);
    translated_as(FETCH, 4'd3, 56'h9123_2000, 3'd0, 8'hcf, 2'd2, 1'b1, 2'd0);
    check(reads == 0, "without a walk");
    // The pages beside it are others.
    ask(DATA, 4'd4, KIND_LOAD, VA_NAPOT - 64'h1000);
    after(SHORT);
    translated(DATA, 4'd4, 56'h9000_f000, 3'd0, 8'hcf, 2'd0);
    // A fence of any address in it takes it away, in L1 and in L2.
    fence(1'b1, VA_NAPOT + 64'h9000, 1'b0, '0);
    tick;
    check(!fence_done && !fence_ready, "the sweep of one set");
    tick;
    check(fence_done && fence_ready, "is done in t+2");
    ask(DATA, 4'd5, KIND_LOAD, VA_NAPOT);
    after(SHORT);
    translated_as(DATA, 4'd5, 56'h9123_0000, 3'd0, 8'hcf, 2'd0, 1'b1, 2'd0);

    // Other sizes are reserved, and so is N above level 0; with N, level 1 does not look at alignment first.
    write_leaf(TABLE0 + 8 * 40, 44'h91234, LEAF, N);
    ask(DATA, 4'd6, KIND_LOAD, VA + 64'h2_8000);
    after(SHORT);
    faulted(DATA, 4'd6, 5'd25, 5'd13, VA + 64'h2_8000, 2'd0);
    write_leaf(TABLE1 + 8 * 4, 44'h90408, LEAF, N);
    ask(DATA, 4'd6, KIND_LOAD, 64'h4080_0000);
    after(SHORT);
    faulted(DATA, 4'd6, 5'd25, 5'd13, 64'h4080_0000, 2'd0);
    // N of a pointer.
    write_leaf(TABLE1 + 8 * 4, 44'h80003, POINTER, N);
    ask(DATA, 4'd6, KIND_LOAD, 64'h4080_0000);
    after(SHORT);
    faulted(DATA, 4'd6, 5'd6, 5'd13, 64'h4080_0000, 2'd0);

    // Superpages: 2 MiB and 1 GiB; misaligned ones.
    ask(DATA, 4'd7, KIND_LOAD, VA_MEGA + 64'h12_3456);
    after(SHORT);
    translated(DATA, 4'd7, 56'h9052_3456, 3'd1, 8'hcf, 2'd0);
    ask(DATA, 4'd7, KIND_LOAD, VA_GIGA + 64'h3412_3456);
    after(SHORT);
    translated(DATA, 4'd7, 56'hb412_3456, 3'd2, 8'hcf, 2'd0);
    ask(FETCH, 4'd7, KIND_FETCH, VA_GIGA + 64'h1000_0000);
    after(L2_HIT);
    translated(FETCH, 4'd7, 56'h9000_0000, 3'd2, 8'hcf, 2'd2);
    write_leaf(TABLE1 + 8 * 4, 44'h90401, LEAF, 10'd0);
    ask(DATA, 4'd7, KIND_LOAD, 64'h4080_0000);
    after(SHORT);
    faulted(DATA, 4'd7, 5'd8, 5'd13, 64'h4080_0000, 2'd0);

    // Memory types: reserved without PBMTE, whether leaf or pointer.
    write_leaf(TABLE0 + 8 * 50, 44'h90050, LEAF, NC);
    write_leaf(TABLE0 + 8 * 51, 44'h90051, LEAF, IO);
    write_leaf(TABLE0 + 8 * 52, 44'h90052, LEAF, NC | IO);
    ask(DATA, 4'd8, KIND_LOAD, VA + 64'h3_2000);
    after(SHORT);
    faulted(DATA, 4'd8, 5'd5, 5'd13, VA + 64'h3_2000, 2'd0);
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b1);
    tick;
    ask(DATA, 4'd8, KIND_LOAD, VA + 64'h3_2000);
    after(SHORT);
    translated_as(DATA, 4'd8, 56'h9005_0000, 3'd0, 8'hcf, 2'd0, 1'b0, 2'd1);
    ask(DATA, 4'd8, KIND_LOAD, VA + 64'h3_3000);
    after(SHORT);
    translated_as(DATA, 4'd8, 56'h9005_1000, 3'd0, 8'hcf, 2'd0, 1'b0, 2'd2);
    ask(DATA, 4'd8, KIND_LOAD, VA + 64'h3_4000);
    after(SHORT);
    faulted(DATA, 4'd8, 5'd26, 5'd13, VA + 64'h3_4000, 2'd0);
    write_leaf(TABLE1 + 8 * 4, 44'h80003, POINTER, NC);
    ask(DATA, 4'd8, KIND_LOAD, 64'h4080_0000);
    after(SHORT);
    faulted(DATA, 4'd8, 5'd6, 5'd13, 64'h4080_0000, 2'd0);
    // What is in a TLB keeps its attribute when PBMTE falls, in L1 and on its way from L2.
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    ask(DATA, 4'd9, KIND_LOAD, VA + 64'h3_2000);
    tick;
    translated_as(DATA, 4'd9, 56'h9005_0000, 3'd0, 8'hcf, 2'd1, 1'b0, 2'd1);
    ask(FETCH, 4'd9, KIND_FETCH, VA + 64'h3_3000);
    after(L2_HIT);
    translated_as(FETCH, 4'd9, 56'h9005_1000, 3'd0, 8'hcf, 2'd2, 1'b0, 2'd2);
    ask(FETCH, 4'd9, KIND_FETCH, VA + 64'h3_3004);
    tick;
    translated_as(FETCH, 4'd9, 56'h9005_1004, 3'd0, 8'hcf, 2'd1, 1'b0, 2'd2);

    // Bits 60 and 59 are software's with Svrsw60t59b; 58 to 54 stay reserved, each of them.
    write_leaf(TABLE0 + 8 * 60, 44'h90060, LEAF, 10'h060);
    ask(DATA, 4'd10, KIND_LOAD, VA + 64'h3_c000);
    after(SHORT);
    translated(DATA, 4'd10, 56'h9006_0000, 3'd0, 8'hcf, 2'd0);
    for (integer bit_number = 0; bit_number < 5; bit_number = bit_number + 1) begin
      write_leaf(TABLE0 + 8 * 61, 44'h90061, LEAF, 10'd1 << bit_number);
      ask(DATA, 4'd10, KIND_LOAD, VA + 64'h3_d000);
      after(SHORT);
      faulted(DATA, 4'd10, 5'd5, 5'd13, VA + 64'h3_d000, 2'd0);
    end

    // A level-0 entry that is no leaf; V=0, R=0 with W=1.
    write_leaf(TABLE0 + 8 * 61, 44'h80003, POINTER, 10'd0);
    ask(DATA, 4'd11, KIND_LOAD, VA + 64'h3_d000);
    after(SHORT);
    faulted(DATA, 4'd11, 5'd7, 5'd13, VA + 64'h3_d000, 2'd0);
    write_leaf(TABLE0 + 8 * 61, 44'h90061, LEAF & ~10'h002, 10'h3ff);
    ask(FETCH, 4'd11, KIND_FETCH, VA + 64'h3_d000);
    after(SHORT);
    faulted(FETCH, 4'd11, 5'd4, 5'd12, VA + 64'h3_d000, 2'd0);
    write_leaf(TABLE0 + 8 * 61, 44'h90061, LEAF & ~10'h003, 10'h3ff);
    ask(DATA, 4'd11, KIND_AMO, VA + 64'h3_d000);
    after(SHORT);
    faulted(DATA, 4'd11, 5'd3, 5'd15, VA + 64'h3_d000, 2'd0);

    // G of a pointer is that of the leaf, and makes it one of every ASID.
    ask(DATA, 4'd12, KIND_LOAD, VA_GLOBAL);
    after(WALK);
    translated(DATA, 4'd12, 56'h9000_0000, 3'd0, 8'hef, 2'd0);
    control(SATP ^ (64'd1 << 44), S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    ask(DATA, 4'd12, KIND_LOAD, VA_GLOBAL);
    tick;
    translated(DATA, 4'd12, 56'h9000_0000, 3'd0, 8'hef, 2'd1);
    ask(DATA, 4'd12, KIND_LOAD, VA);
    after(WALK);
    translated(DATA, 4'd12, 56'h9000_0000, 3'd0, 8'hcf, 2'd0);
    passed;
  end

endmodule

`default_nettype wire
