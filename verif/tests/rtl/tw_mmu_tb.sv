// A small self-checking bench for tw_mmu in Sv39, without the cycle model: for Icarus, on the RTL and on a netlist of it.
// Both edges of every latency: not before, and exactly then. Prints PASS at the end, ends by $fatal at the first failure.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`timescale 1ns/1ns

module tw_mmu_tb;

  localparam logic [63:0] VA = 64'h0000_0000_4020_1abc;         // VPN 1, 1, 1
  localparam logic [63:0] VA_MEGA = 64'hffff_ffff_ffe5_4321;    // VPN 511, 511, 84: a 2 MiB page
  localparam logic [63:0] VA_BAD = 64'h0000_0040_0000_0010;     // not canonical
  localparam logic [63:0] VA_NONE = 64'h0000_0000_4020_2000;    // no entry at level 0
  localparam logic [63:0] SATP = {4'd8, 16'd5, 44'h80000};

  logic        clk = 1'b0, rst_n = 1'b0;
  logic        control_valid = 1'b0;
  logic [63:0] control_satp = '0;
  logic [ 1:0] control_privilege = '0;
  logic        fetch_valid = 1'b0;
  logic [ 3:0] fetch_tag = '0;
  logic [63:0] fetch_va = '0;
  logic        data_valid = 1'b0;
  logic [ 3:0] data_tag = '0;
  logic [ 2:0] data_kind = '0;
  logic [63:0] data_va = '0;
  logic        data_cancel_valid = 1'b0;
  logic [ 3:0] data_cancel_tag = '0;
  logic        fence_valid = 1'b0;
  logic        mem_rsp_valid = 1'b0;
  logic [ 3:0] mem_rsp_id = '0;
  logic [63:0] mem_rsp_data = '0;

  wire         fetch_ready, fetch_rsp_valid, fetch_hit, data_ready, data_rsp_valid, data_hit;
  wire  [ 3:0] fetch_rsp_tag, data_rsp_tag, mem_req_id;
  wire  [ 1:0] fetch_status, data_status, mem_req_size;
  wire  [ 4:0] fetch_reason, fetch_cause, data_reason, data_cause;
  wire  [ 2:0] fetch_level, data_level;
  wire  [ 7:0] fetch_flags, data_flags;
  wire  [55:0] fetch_pa, data_pa, mem_req_addr;
  wire  [63:0] fetch_tval, data_tval;
  wire         fence_ready, fence_done, mem_req_valid, mem_req_kind;
  wire  [13:0] events;

`ifdef NETLIST
  tw_mmu i_mmu (
`else
  tw_mmu #(
    .Mode        (2),
    .FetchEntries(7),
    .DataEntries (3),
    .AsidBits    (4)
  ) i_mmu (
`endif
    .clk_i                  (clk),
    .rst_ni                 (rst_n),
    .control_valid_i        (control_valid),
    .control_satp_i         (control_satp),
    .control_privilege_i    (control_privilege),
    .control_mprv_i         (1'b0),
    .control_mpp_i          (2'd0),
    .control_sum_i          (1'b0),
    .control_mxr_i          (1'b0),
    .fetch_req_valid_i      (fetch_valid),
    .fetch_req_ready_o      (fetch_ready),
    .fetch_req_tag_i        (fetch_tag),
    .fetch_req_kind_i       (3'd0),
    .fetch_req_speculative_i(1'b0),
    .fetch_req_va_i         (fetch_va),
    .fetch_cancel_valid_i   (1'b0),
    .fetch_cancel_tag_i     (4'd0),
    .fetch_rsp_valid_o      (fetch_rsp_valid),
    .fetch_rsp_tag_o        (fetch_rsp_tag),
    .fetch_rsp_status_o     (fetch_status),
    .fetch_rsp_reason_o     (fetch_reason),
    .fetch_rsp_cause_o      (fetch_cause),
    .fetch_rsp_level_o      (fetch_level),
    .fetch_rsp_flags_o      (fetch_flags),
    .fetch_rsp_hit_o        (fetch_hit),
    .fetch_rsp_attribute_o  (),
    .fetch_rsp_implicit_o   (),
    .fetch_rsp_pa_o         (fetch_pa),
    .fetch_rsp_tval_o       (fetch_tval),
    .fetch_rsp_gpa_o        (),
    .data_req_valid_i       (data_valid),
    .data_req_ready_o       (data_ready),
    .data_req_tag_i         (data_tag),
    .data_req_kind_i        (data_kind),
    .data_req_speculative_i (1'b0),
    .data_req_va_i          (data_va),
    .data_cancel_valid_i    (data_cancel_valid),
    .data_cancel_tag_i      (data_cancel_tag),
    .data_rsp_valid_o       (data_rsp_valid),
    .data_rsp_tag_o         (data_rsp_tag),
    .data_rsp_status_o      (data_status),
    .data_rsp_reason_o      (data_reason),
    .data_rsp_cause_o       (data_cause),
    .data_rsp_level_o       (data_level),
    .data_rsp_flags_o       (data_flags),
    .data_rsp_hit_o         (data_hit),
    .data_rsp_attribute_o   (),
    .data_rsp_implicit_o    (),
    .data_rsp_pa_o          (data_pa),
    .data_rsp_tval_o        (data_tval),
    .data_rsp_gpa_o         (),
    .fence_valid_i          (fence_valid),
    .fence_ready_o          (fence_ready),
    .fence_kind_i           (2'd0),
    .fence_has_va_i         (1'b0),
    .fence_va_i             (64'd0),
    .fence_has_asid_i       (1'b0),
    .fence_asid_i           (16'd0),
    .fence_done_o           (fence_done),
    .mem_req_valid_o        (mem_req_valid),
    .mem_req_ready_i        (1'b1),
    .mem_req_id_o           (mem_req_id),
    .mem_req_kind_o         (mem_req_kind),
    .mem_req_size_o         (mem_req_size),
    .mem_req_addr_o         (mem_req_addr),
    .mem_req_expected_o     (),
    .mem_req_desired_o      (),
    .mem_rsp_valid_i        (mem_rsp_valid),
    .mem_rsp_id_i           (mem_rsp_id),
    .mem_rsp_error_i        (1'b0),
    .mem_rsp_data_i         (mem_rsp_data),
    .event_o                (events)
  );

  wire [88:0] data_payload = {data_rsp_tag, data_status, data_reason, data_cause, data_level, data_flags, data_hit,
                              data_pa, data_tval[4:0]};

  integer checks = 0;

  task check(input condition, input [1023:0] what);
    begin
      checks = checks + 1;
      if (condition !== 1'b1) begin
        $display("FAIL at %0t: %0s", $time, what);
        $fatal(1, "check failed");
      end
    end
  endtask

  // A memory that answers in the next cycle.
  function [63:0] entry(input [55:0] address);
    case (address)
      56'h80000008: entry = {10'd0, 44'h80001, 10'h001};  // pointer
      56'h80000ff8: entry = {10'd0, 44'h80003, 10'h021};  // pointer, global
      56'h80001008: entry = {10'd0, 44'h80002, 10'h001};  // pointer
      56'h80002008: entry = {10'd0, 44'h12345, 10'h0cf};  // leaf D A X W R
      56'h80003ff8: entry = {10'd0, 44'h7fe00, 10'h3c7};  // leaf D A W R, software bits set
      default: entry = 64'd0;
    endcase
  endfunction

  // One cycle: the inputs were set, the outputs were looked at, now the edge; then inputs fall back to nothing.
  task tick;
    reg        asked;
    reg [ 3:0] id;
    reg [55:0] address;
    begin
      if (rst_n && !data_rsp_valid) check(data_payload == '0 && data_tval == '0, "no payload without an answer");
      asked = mem_req_valid;
      id = mem_req_id;
      address = mem_req_addr;
      if (asked) check(mem_req_size == 2'd3 && !mem_req_kind, "reads of 8 bytes");
      #5 clk = 1'b1;
      #5 clk = 1'b0;
      control_valid = 1'b0;
      control_satp = '0;
      control_privilege = '0;
      fetch_valid = 1'b0;
      fetch_tag = '0;
      fetch_va = '0;
      data_valid = 1'b0;
      data_tag = '0;
      data_kind = '0;
      data_va = '0;
      data_cancel_valid = 1'b0;
      data_cancel_tag = '0;
      fence_valid = 1'b0;
      mem_rsp_valid = asked && rst_n;
      mem_rsp_id = mem_rsp_valid ? id : 4'd0;
      mem_rsp_data = mem_rsp_valid ? entry(address) : 64'd0;
      #1;
    end
  endtask

  task quiet(input integer cycles);
    begin
      repeat (cycles) begin
        check(!data_rsp_valid && !fetch_rsp_valid, "no answer yet");
        tick;
      end
    end
  endtask

  task load(input [3:0] tag, input [63:0] va);
    begin
      data_valid = 1'b1;
      data_tag = tag;
      data_kind = 3'd1;
      data_va = va;
      check(data_ready, "the data port is ready");
    end
  endtask

  task translated(input [3:0] tag, input [55:0] pa, input [2:0] level, input [7:0] flags, input hit);
    begin
      check(data_rsp_valid && data_rsp_tag == tag, "the load is answered in this cycle");
      check(data_status == 2'd0 && data_reason == 5'd0 && data_cause == 5'd0 && data_tval == 64'd0, "with a translation");
      check(data_pa == pa && data_level == level && data_flags == flags, "the right one");
      check(data_hit == hit, "hit or walk");
    end
  endtask

  task faulted(input [3:0] tag, input [4:0] reason, input [4:0] cause, input [63:0] va);
    begin
      check(data_rsp_valid && data_rsp_tag == tag, "the load is answered in this cycle");
      check(data_status == 2'd1 && data_reason == reason && data_cause == cause && data_tval == va, "with its fault");
      check(data_pa == 56'd0 && data_level == 3'd0 && data_flags == 8'd0, "and nothing else");
    end
  endtask

  initial begin
    #1;
    repeat (3) tick;
    rst_n = 1'b1;
    check(data_ready && fetch_ready && fence_ready, "ready after reset");
    check(!fence_done && !mem_req_valid && !fetch_rsp_valid && !data_rsp_valid && events == 14'd0, "quiet after reset");

    // Bare: answered at t+1. The wide address has no physical counterpart.
    load(4'd1, 64'h00ab_cdef_0123_4567);
    tick;
    translated(4'd1, 56'hab_cdef_0123_4567, 3'd0, 8'h00, 1'b0);
    load(4'd2, 64'h0100_0000_0000_0000);
    tick;
    faulted(4'd2, 5'd16, 5'd5, 64'h0100_0000_0000_0000);

    // Sv39 in S-mode.
    control_valid = 1'b1;
    control_satp = SATP;
    control_privilege = 2'd1;
    tick;

    // A walk of three steps: accepted at t, answered at t+8 and not before.
    load(4'd3, VA);
    tick;
    check(!data_ready, "the slot is full");
    quiet(7);
    translated(4'd3, 56'h12345abc, 3'd0, 8'hcf, 1'b0);

    // In that very cycle a hit is possible, answered one later; a store too.
    load(4'd4, VA + 64'd4);
    tick;
    translated(4'd4, 56'h12345ac0, 3'd0, 8'hcf, 1'b1);
    check(events[7:4] == 4'b0001, "DATA_HIT");

    // Not canonical: t+1.
    load(4'd5, VA_BAD);
    tick;
    faulted(4'd5, 5'd1, 5'd13, VA_BAD);

    // A fence is done at t+1, for one cycle; a load in its cycle still hits, the next one walks.
    fence_valid = 1'b1;
    load(4'd6, VA);
    tick;
    check(fence_done && events[13], "the fence is done in the next cycle");
    translated(4'd6, 56'h12345abc, 3'd0, 8'hcf, 1'b1);
    load(4'd7, VA);
    tick;
    check(!fence_done, "and for one cycle");
    check(events[7:4] == 4'b0010, "DATA_MISS");
    quiet(7);
    translated(4'd7, 56'h12345abc, 3'd0, 8'hcf, 1'b0);

    // A global superpage: two steps, t+6; then a hit elsewhere in it.
    load(4'd8, VA_MEGA);
    tick;
    quiet(5);
    translated(4'd8, 56'h7fe54321, 3'd1, 8'he7, 1'b0);
    load(4'd9, VA_MEGA - 64'h1000);
    tick;
    translated(4'd9, 56'h7fe53321, 3'd1, 8'he7, 1'b1);

    // The fetch port has its own TLB; a fault of the walk fills nothing.
    fetch_valid = 1'b1;
    fetch_tag = 4'd1;
    fetch_va = VA_NONE;
    tick;
    quiet(7);
    check(fetch_rsp_valid && fetch_rsp_tag == 4'd1 && fetch_status == 2'd1 && !fetch_hit, "the fetch faults at t+8");
    check(fetch_reason == 5'd3 && fetch_cause == 5'd12 && fetch_tval == VA_NONE && fetch_pa == 56'd0, "invalid");
    check(fetch_level == 3'd0 && fetch_flags == 8'd0 && events[11], "WALK_FAULT");

    // Both ports miss at once: the data port goes first, the fetch follows, n(1+m) + 1 after it.
    fence_valid = 1'b1;
    tick;
    load(4'd10, VA);
    fetch_valid = 1'b1;
    fetch_tag = 4'd2;
    fetch_va = VA;
    tick;
    quiet(7);
    translated(4'd10, 56'h12345abc, 3'd0, 8'hcf, 1'b0);
    check(!fetch_rsp_valid, "the fetch waits");
    tick;
    quiet(6);
    check(fetch_rsp_valid && fetch_rsp_tag == 4'd2 && fetch_status == 2'd0 && fetch_pa == 56'h12345abc, "the fetch");

    // A cancel empties the slot; the killed walk is not answered.
    load(4'd11, VA_NONE);
    tick;
    tick;
    data_cancel_valid = 1'b1;
    data_cancel_tag = 4'd11;
    tick;
    check(data_ready && events[12], "ready, and WALK_KILL");
    quiet(10);

    // A change of satp answers RETRY at t+1; a fence would have begun the walk again.
    load(4'd12, VA_NONE);
    tick;
    tick;
    fence_valid = 1'b1;
    tick;
    check(!data_ready && events[12], "the slot stays full");
    tick;
    control_valid = 1'b1;
    control_satp = SATP ^ 64'd1;
    control_privilege = 2'd1;
    tick;
    check(data_rsp_valid && data_rsp_tag == 4'd12 && data_status == 2'd2 && events[7], "RETRY");
    check(data_reason == 5'd0 && data_pa == 56'd0 && data_tval == 64'd0 && !data_hit && data_ready, "and nothing else");
    tick;
    quiet(10);

    // Reset in the middle of a walk.
    load(4'd13, VA_NONE);
    tick;
    tick;
    tick;
    rst_n = 1'b0;
    tick;
    check(data_ready && !mem_req_valid && events == 14'd0, "reset");
    rst_n = 1'b1;
    quiet(10);

    $display("PASS: %0d checks", checks);
    $finish;
  end

endmodule

`default_nettype wire
