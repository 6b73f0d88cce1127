// Checks of physical addresses: implemented width, regions, PMP; of the answer (F1 to F3) and of page-table requests (T1 to T3).
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module protection_tb;

  `include "full.svh"

  function [63:0] page(input integer number);
    page = VA + 64'h1000 * number;
  endfunction

  initial begin
    #1;
    set_up;

    // Final check: the width (40 bits), then regions, then PMP.
    write_leaf(TABLE0 + 8 * 1, 44'h1000_0000, LEAF, 10'd0);
    write_leaf(TABLE0 + 8 * 2, 44'h0_6000_0, LEAF, 10'd0);
    write_leaf(TABLE0 + 8 * 3, 44'h0_1ffff, LEAF, 10'd0);
    ask(DATA, 4'd1, KIND_LOAD, page(1));
    after(WALK);
    faulted(DATA, 4'd1, 5'd16, 5'd5, page(1), 2'd0);
    check(events[10], "for the walk it was a translation");
    ask(DATA, 4'd1, KIND_STORE, page(1));
    tick;
    faulted(DATA, 4'd1, 5'd16, 5'd7, page(1), 2'd1);
    ask(FETCH, 4'd1, KIND_FETCH, page(2));
    after(SHORT);
    faulted(FETCH, 4'd1, 5'd23, 5'd1, page(2), 2'd0);
    ask(DATA, 4'd1, KIND_LOAD, page(2));
    after(L2_HIT);
    faulted(DATA, 4'd1, 5'd23, 5'd5, page(2), 2'd2);
    ask_sized(DATA, 4'd1, KIND_LOAD, page(3) + 64'hfc0, 7'd64, 1'b0);
    after(SHORT);
    translated(DATA, 4'd1, 56'h1fff_ffc0, 3'd0, 8'hcf, 2'd0);

    // PMP entry 0 covers 16 bytes: what lies in it wholly goes by it, what lies in it in part is denied, what lies beside it is not
    // concerned. Judged in the cycle of the answer.
    touch(DATA, KIND_LOAD, page(4));
    pmp_write(2'd1, 6'd0, 64'h9000_4100 >> 2 | 64'h1);
    pmp_write(2'd0, 6'd0, 64'h1a);  // W alone is reserved: nothing
    pmp_write(2'd0, 6'd0, 64'h19);
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h100, 7'd16, 1'b0);
    tick;
    translated(DATA, 4'd2, 56'h9000_4100, 3'd0, 8'hcf, 2'd1);
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h10f, 7'd2, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd5, page(4) + 64'h10f, 2'd1);
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h0e0, 7'd64, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd5, page(4) + 64'h0e0, 2'd1);
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h0ff, 7'd1, 1'b0);
    tick;
    translated(DATA, 4'd2, 56'h9000_40ff, 3'd0, 8'hcf, 2'd1);
    ask_sized(DATA, 4'd2, KIND_STORE, page(4) + 64'h110, 7'd8, 1'b0);
    tick;
    translated(DATA, 4'd2, 56'h9000_4110, 3'd0, 8'hcf, 2'd1);
    ask_sized(DATA, 4'd2, KIND_STORE, page(4) + 64'h10c, 7'd4, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd7, page(4) + 64'h10c, 2'd1);
    ask_sized(DATA, 4'd2, KIND_AMO, page(4) + 64'h108, 7'd4, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd7, page(4) + 64'h108, 2'd1);
    // A write in the request's cycle is in force when the answer is visible; one in the answer's cycle is not.
    ask_sized(DATA, 4'd2, KIND_AMO, page(4) + 64'h108, 7'd4, 1'b0);
    pmp_write(2'd0, 6'd0, 64'h1b);
    translated(DATA, 4'd2, 56'h9000_4108, 3'd0, 8'hcf, 2'd1);
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h108, 7'd4, 1'b0);
    tick;
    {pmp_valid, pmp_kind, pmp_index, pmp_value} = {1'b1, 2'd0, 6'd0, 64'h18};
    #1;
    translated(DATA, 4'd2, 56'h9000_4108, 3'd0, 8'hcf, 2'd1);
    tick;
    ask_sized(DATA, 4'd2, KIND_LOAD, page(4) + 64'h108, 7'd4, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd5, page(4) + 64'h108, 2'd1);
    // M-mode is not bound by what is not locked; but a partial match denies it, too.
    control(SATP, M_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    ask_sized(DATA, 4'd2, KIND_STORE, 64'h9000_4108, 7'd4, 1'b0);
    tick;
    translated(DATA, 4'd2, 56'h9000_4108, 3'd0, 8'h00, 2'd0);
    ask_sized(DATA, 4'd2, KIND_STORE, 64'h9000_410c, 7'd8, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd24, 5'd7, 64'h9000_410c, 2'd0);
    ask_sized(DATA, 4'd2, KIND_STORE, 64'h0000_0000_6000_0000, 7'd8, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd23, 5'd7, 64'h6000_0000, 2'd0);
    ask_sized(DATA, 4'd2, KIND_STORE, 64'h8000_0000_8000_0000, 7'd8, 1'b0);
    tick;
    faulted(DATA, 4'd2, 5'd16, 5'd7, 64'h8000_0000_8000_0000, 2'd0);
    control(SATP, S_MODE, 1'b0, 1'b0, 1'b0, 1'b0);
    tick;
    pmp_write(2'd0, 6'd0, 64'h00);

    // Table check: a pointer to where there is nothing, where there are no tables, beyond the width.
    write_leaf(TABLE1 + 8 * 8, 44'h0_1000_0000, POINTER, 10'd0);
    write_leaf(TABLE1 + 8 * 9, 44'h0_0006_0000, POINTER, 10'd0);
    write_leaf(TABLE1 + 8 * 10, 44'h0_0001_0000, POINTER, 10'd0);
    write_leaf(TABLE1 + 8 * 11, 44'h0_0010_0000, POINTER, 10'd0);
    reads = 0;
    ask(DATA, 4'd3, KIND_LOAD, 64'h4100_0000);
    after(SHORT + 1);
    check(events[23] && !data_rsp_valid, "TABLE_DENIED");
    tick;
    faulted(DATA, 4'd3, 5'd17, 5'd5, 64'h4100_0000, 2'd0);
    check(reads == 1, "only the pointer was read");
    for (integer i = 9; i < 12; i = i + 1) begin
      ask(FETCH, 4'd3, KIND_FETCH, 64'h4000_0000 + 64'h20_0000 * i);
      after(SHORT + 2);
      faulted(FETCH, 4'd3, 5'd18, 5'd1, 64'h4000_0000 + 64'h20_0000 * i, 2'd0);
    end

    // The PMP denies the entry of a walk, here the first half of one.
    pmp_write(2'd1, 6'd1, TABLE0[55:2] + 54'd2 * 54'd5);
    pmp_write(2'd0, 6'd1, 64'h11);  // NA4, R
    ask(DATA, 4'd4, KIND_STORE, page(5));
    after(SHORT + 2);
    faulted(DATA, 4'd4, 5'd19, 5'd7, page(5), 2'd0);
    ask(DATA, 4'd4, KIND_STORE, page(6));
    after(SHORT);
    translated(DATA, 4'd4, 56'h9000_6000, 3'd0, 8'hcf, 2'd0);
    pmp_write(2'd0, 6'd1, 64'h00);

    // A request that was offered is made, whatever PMP says by now.
    mem_ready = 1'b0;
    ask(DATA, 4'd5, KIND_LOAD, page(7));
    repeat (4) tick;
    check(mem_req_valid, "offered");
    tick;
    pmp_write(2'd0, 6'd15, 64'h00);
    check(mem_req_valid, "still offered, although PMP denies it now");
    pmp_write(2'd0, 6'd15, 64'h1f);
    mem_ready = 1'b1;
    #1;
    quiet(2);
    translated(DATA, 4'd5, 56'h9000_7000, 3'd0, 8'hcf, 2'd0);
    // Without a matching entry S-mode is denied.
    pmp_write(2'd0, 6'd15, 64'h00);
    ask(DATA, 4'd5, KIND_LOAD, page(7));
    tick;
    faulted(DATA, 4'd5, 5'd24, 5'd5, page(7), 2'd1);
    passed;
  end

endmodule

`default_nettype wire
