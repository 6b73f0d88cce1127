// PMP registers and check alone, against a table of worked examples: address matching, granularity, locks, Smepmp.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module pmp_tb;

  localparam logic [1:0] CFG = 2'd0;
  localparam logic [1:0] ADDR = 2'd1;
  localparam logic [1:0] MSECCFG = 2'd2;
  localparam logic [7:0] TOR = 8'h08;
  localparam logic [7:0] NA4 = 8'h10;
  localparam logic [7:0] NAPOT = 8'h18;
  localparam logic [7:0] L = 8'h80;
  localparam logic [3:0] R = 4'd1, W = 4'd2, X = 4'd4;

  logic        clk = 1'b0, rst_n = 1'b0;
  logic        write = 1'b0;
  logic [ 1:0] kind = '0;
  logic [ 5:0] index = '0;
  logic [63:0] value = '0;
  logic [55:0] first = '0, last = '0;
  logic        machine = 1'b0, read = 1'b0, store = 1'b0, execute = 1'b0;

  // The same registers with byte granularity 4 and 32, without Smepmp, with 34 address bits, and with no entry at all.
  wire [4:0] granted;

  for (genvar g = 0; g < 5; g++) begin : gen_pmp

    localparam int Mode = (g == 3) ? 1 : 2;
    localparam int WordBits = (g == 3) ? 32 : 54;
    localparam int Entries = (g == 4) ? 0 : 16;

    wire       matched, whole, mml, mmwp;
    wire [7:0] cfg;

    tw_pmp #(
      .Mode   (Mode),
      .Entries(Entries),
      .Grain  (g == 1 ? 3 : 0),
      .Smepmp (g != 2),
      .Checks (1)
    ) i_pmp (
      .clk_i        (clk),
      .rst_ni       (rst_n),
      .write_i      (write),
      .write_kind_i (kind),
      .write_index_i(index),
      .write_value_i(value),
      .check_i      (1'b1),
      .first_i      (first[2 +: WordBits]),
      .last_i       (last[2 +: WordBits]),
      .matched_o    (matched),
      .whole_o      (whole),
      .cfg_o        (cfg),
      .mml_o        (mml),
      .mmwp_o       (mmwp)
    );

    tw_pmp_check #(
      .Entries(Entries)
    ) i_check (
      .matched_i(matched),
      .whole_i  (whole),
      .cfg_i    (cfg),
      .mml_i    (mml),
      .mmwp_i   (mmwp),
      .machine_i(machine),
      .read_i   (read),
      .write_i  (store),
      .execute_i(execute),
      .granted_o(granted[g])
    );

  end

  integer checks = 0;

  task check(input condition, input [1023:0] what);
    begin
      checks = checks + 1;
      if (condition !== 1'b1) begin
        $display("FAIL at %0t: %0s (address %h to %h, granted %b)", $time, what, first, last, granted);
        $fatal(1, "check failed");
      end
    end
  endtask

  task put(input [1:0] to, input [5:0] entry, input [63:0] what);
    begin
      {write, kind, index, value} = {1'b1, to, entry, what};
      #5 clk = 1'b1;
      #5 clk = 1'b0;
      {write, kind, index, value} = '0;
      #1;
    end
  endtask

  task restart;
    begin
      rst_n = 1'b0;
      put(ADDR, 6'd0, 64'd0);
      rst_n = 1'b1;
    end
  endtask

  // An access of `size` bytes by one of R, W, X, or R and W together.
  task try(input [55:0] address, input [6:0] size, input [3:0] how, input by_machine);
    begin
      first = address;
      last = address + size - 1;
      {execute, store, read} = how[2:0];
      machine = by_machine;
      #1;
    end
  endtask

  // In S-mode, by the first of the PMPs.
  task grants(input [55:0] address, input [6:0] size, input [3:0] how, input expected, input [1023:0] what);
    begin
      try(address, size, how, 1'b0);
      check(granted[0] == expected, what);
    end
  endtask

  // Smepmp's truth table: for each value of L R W X what M-mode may, and what S- and U-mode may, as X W R.
  function [5:0] truth(input [3:0] lrwx);
    case (lrwx)
      4'b0000: truth = {3'b000, 3'b000};
      4'b0001: truth = {3'b000, 3'b100};
      4'b0010: truth = {3'b011, 3'b001};
      4'b0011: truth = {3'b011, 3'b011};
      4'b0100: truth = {3'b000, 3'b001};
      4'b0101: truth = {3'b000, 3'b101};
      4'b0110: truth = {3'b000, 3'b011};
      4'b0111: truth = {3'b000, 3'b111};
      4'b1000: truth = {3'b000, 3'b000};
      4'b1001: truth = {3'b100, 3'b000};
      4'b1010: truth = {3'b100, 3'b100};
      4'b1011: truth = {3'b101, 3'b100};
      4'b1100: truth = {3'b001, 3'b000};
      4'b1101: truth = {3'b101, 3'b000};
      4'b1110: truth = {3'b011, 3'b000};
      default: truth = {3'b001, 3'b001};
    endcase
  endfunction

  reg [5:0] expected;

  initial begin
    // Without a match: M-mode is granted, the others denied; without entries everything is granted.
    restart;
    try(56'h1000, 7'd4, R, 1'b0);
    check(granted == 5'b10000, "S-mode, no match");
    try(56'h1000, 7'd4, R, 1'b1);
    check(granted == 5'b11111, "M-mode, no match");

    // NA4: four bytes.
    put(ADDR, 6'd0, 64'h1004 >> 2);
    put(CFG, 6'd0, NA4 | R);
    grants(56'h1004, 7'd4, R, 1'b1, "NA4, whole");
    grants(56'h1007, 7'd1, R, 1'b1, "its last byte");
    grants(56'h1000, 7'd4, R, 1'b0, "before it");
    grants(56'h1008, 7'd4, R, 1'b0, "behind it");
    grants(56'h1004, 7'd8, R, 1'b0, "half in it");
    grants(56'h1004, 7'd4, W, 1'b0, "R alone");
    // With a granularity of 32 bytes it became NAPOT: of 32 bytes.
    try(56'h1000, 7'd32, R, 1'b0);
    check(granted[1:0] == 2'b10, "NA4 is NAPOT of the granularity");
    try(56'h1020, 7'd1, R, 1'b0);
    check(granted[1:0] == 2'b00, "and no more");

    // NAPOT: 8 bytes, 4 KiB, everything.
    put(ADDR, 6'd0, (64'h2000 >> 2) | 64'h0);
    put(CFG, 6'd0, NAPOT | R | W);
    grants(56'h2000, 7'd8, R, 1'b1, "NAPOT of 8 bytes");
    grants(56'h2008, 7'd1, R, 1'b0, "behind");
    put(ADDR, 6'd0, (64'h4000 >> 2) | 64'h1ff);
    grants(56'h4fc0, 7'd64, W, 1'b1, "NAPOT of 4 KiB");
    grants(56'h5000, 7'd1, W, 1'b0, "behind");
    grants(56'h3fff, 7'd1, W, 1'b0, "before");
    grants(56'h4800, 7'd4, X, 1'b0, "no X");
    grants(56'h4800, 7'd4, R | W, 1'b1, "R and W for an amo");
    put(ADDR, 6'd0, 64'hffff_ffff_ffff_ffff);
    grants(56'hff_ffff_ffff_ffc0, 7'd64, R, 1'b1, "NAPOT of everything");
    grants(56'h0, 7'd64, R, 1'b1, "from 0 on");
    try(56'h3_ffff_ffc0, 7'd64, R, 1'b0);
    check(granted[3], "also with 34 bits");

    // TOR: from the entry before on, also if that is OFF; entry 0 from 0 on; without the top; granularity ignores low bits.
    restart;
    put(ADDR, 6'd0, 64'h1000 >> 2);
    put(ADDR, 6'd1, 64'h2000 >> 2);
    put(CFG, 6'd1, TOR | R);
    grants(56'h0fff, 7'd1, R, 1'b0, "below");
    grants(56'h1000, 7'd64, R, 1'b1, "from the lower bound on");
    grants(56'h1ffc, 7'd4, R, 1'b1, "up to the upper one");
    grants(56'h2000, 7'd1, R, 1'b0, "without it");
    grants(56'h0ffe, 7'd4, R, 1'b0, "over the lower bound");
    put(ADDR, 6'd0, 64'h1010 >> 2);
    grants(56'h1000, 7'd16, R, 1'b0, "the lower bound moves with the entry before");
    try(56'h1000, 7'd16, R, 1'b0);
    check(granted[1], "not with a granularity of 32 bytes");
    grants(56'h1010, 7'd16, R, 1'b1, "now from here on");
    put(ADDR, 6'd0, 64'h3000 >> 2);
    grants(56'h1800, 7'd4, R, 1'b0, "an empty range matches nothing");
    grants(56'h2800, 7'd4, R, 1'b0, "nor this way round");
    put(CFG, 6'd0, TOR | X);
    grants(56'h0, 7'd4, X, 1'b1, "entry 0 from 0 on");
    grants(56'h2ffc, 7'd4, X, 1'b1, "up to its address");

    // The lowest number that matches any byte decides.
    restart;
    put(ADDR, 6'd3, (64'h1000 >> 2) | 64'h1ff);
    put(CFG, 6'd3, NAPOT | R | W);
    put(ADDR, 6'd2, 64'h1100 >> 2);
    put(CFG, 6'd2, NA4);
    grants(56'h1100, 7'd4, R, 1'b0, "entry 2 denies");
    grants(56'h10fc, 7'd8, R, 1'b0, "and what it matches in part");
    grants(56'h10c0, 7'd64, R, 1'b1, "beside it entry 3");
    grants(56'h10e0, 7'd64, R, 1'b0, "though small and in the middle");

    // The reserved combination, OFF, entries that are not there.
    put(CFG, 6'd2, NA4 | W);
    grants(56'h1100, 7'd4, W, 1'b0, "W alone is nothing");
    put(CFG, 6'd2, R | W | X);
    grants(56'h1100, 7'd4, W, 1'b1, "OFF");
    put(CFG, 6'd18, NA4);
    put(ADDR, 6'd19, 64'd0);
    grants(56'h1100, 7'd4, W, 1'b1, "entry 18 is not entry 2");

    // Locks: against M-mode, too; cfg and addr stay, and the address below a locked TOR.
    put(ADDR, 6'd5, 64'h8000 >> 2);
    put(ADDR, 6'd6, 64'h9000 >> 2);
    put(CFG, 6'd6, L | TOR | R);
    put(CFG, 6'd6, NAPOT | R | W | X);
    put(ADDR, 6'd6, 64'ha000 >> 2);
    put(ADDR, 6'd5, 64'h7000 >> 2);
    try(56'h8000, 7'd4, W, 1'b1);
    check(granted[3:0] == 4'b0000, "locked: M-mode is bound");
    try(56'h8000, 7'd4, R, 1'b1);
    check(granted[3:0] == 4'b1111, "to R");
    try(56'h9000, 7'd4, W, 1'b1);
    check(granted[3:0] == 4'b1111, "the address has not changed");
    try(56'h7000, 7'd4, W, 1'b1);
    check(granted[3:0] == 4'b1111, "nor that of the entry before");
    // RLB cannot be set any more.
    put(MSECCFG, 6'd0, 64'h4);
    put(CFG, 6'd6, 64'h0);
    try(56'h8000, 7'd4, W, 1'b1);
    check(granted[3:0] == 4'b0000, "RLB stays 0");

    // RLB set in time: what is locked can be changed, until RLB falls.
    restart;
    put(MSECCFG, 6'd0, 64'h4);
    put(ADDR, 6'd0, 64'h1000 >> 2);
    put(CFG, 6'd0, L | NA4);
    put(CFG, 6'd0, L | NA4 | R);
    try(56'h1000, 7'd4, R, 1'b1);
    check(granted[2:0] == 3'b011, "changed; without Smepmp not");
    put(MSECCFG, 6'd0, 64'h0);
    put(MSECCFG, 6'd0, 64'h4);
    put(CFG, 6'd0, 64'h0);
    try(56'h1000, 7'd4, W, 1'b1);
    check(granted[0] == 1'b0, "RLB falls once");

    // MMWP: M-mode without a match is denied; it is sticky.
    restart;
    put(MSECCFG, 6'd0, 64'h2);
    put(MSECCFG, 6'd0, 64'h0);
    try(56'h1000, 7'd4, R, 1'b1);
    check(granted == 5'b10100, "MMWP; without Smepmp there is none");

    // MML: the truth table; without a match M-mode may not execute. RLB lets any rule be written.
    restart;
    put(MSECCFG, 6'd0, 64'h5);
    put(ADDR, 6'd0, (64'h1000 >> 2) | 64'h1ff);
    for (integer lrwx = 0; lrwx < 16; lrwx = lrwx + 1) begin
      expected = truth(lrwx[3:0]);
      put(CFG, 6'd0, {lrwx[3], 2'b00, 2'b11, lrwx[0], lrwx[1], lrwx[2]});
      for (integer how = 0; how < 3; how = how + 1) begin
        try(56'h1000, 7'd4, 4'd1 << how, 1'b1);
        check(granted[0] == expected[3+how], "truth table, M-mode");
        try(56'h1000, 7'd4, 4'd1 << how, 1'b0);
        check(granted[0] == expected[how], "truth table, S-mode");
      end
    end
    put(CFG, 6'd0, 64'h0);
    try(56'h1000, 7'd4, X, 1'b1);
    check(granted[0] == 1'b0, "no match: no execution in M-mode");
    try(56'h1000, 7'd4, W, 1'b1);
    check(granted[0] == 1'b1, "but data");

    // With MML and without RLB no rule can be added that lets M-mode execute.
    put(MSECCFG, 6'd0, 64'h1);
    for (integer lrwx = 8; lrwx < 16; lrwx = lrwx + 1) begin
      expected = truth(lrwx[3:0]);
      put(ADDR, {2'd0, lrwx[3:0]}, (64'h1_0000 + 64'h1000 * lrwx) >> 2 | 64'h1ff);
      put(CFG, {2'd0, lrwx[3:0]}, {lrwx[3], 2'b00, 2'b11, lrwx[0], lrwx[1], lrwx[2]});
      try(56'h1_0000 + 56'h1000 * lrwx, 7'd4, W, 1'b1);
      check(granted[0] == (expected[5] || expected[4]), "without the rule M-mode may write, with it as it says");
    end
    passed;
  end

  task passed;
    begin
      $display("PASS: %0d checks", checks);
      $finish;
    end
  endtask

endmodule

`default_nettype wire
