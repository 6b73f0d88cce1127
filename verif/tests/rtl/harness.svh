// What the benches of tw_mmu share: the pins, a page-table memory, and tasks that ask and expect. Included mapped a module, which
// has defined `MMU_PARAMETERS (not for a netlist, whose parameters are fixed).
//
// Inputs are set in a cycle, outputs looked at, then `tick` makes the edge, and the inputs fall back to nothing. So an expectation
// after n ticks is one about cycle t+n exactly. Every check counts; the first that fails ends the run.
//
// SPDX-License-Identifier: Apache-2.0

  localparam int FETCH = 0;
  localparam int DATA = 1;
  localparam logic [2:0] KIND_FETCH = 3'd0;
  localparam logic [2:0] KIND_LOAD = 3'd1;
  localparam logic [2:0] KIND_STORE = 3'd2;
  localparam logic [2:0] KIND_AMO = 3'd3;
  localparam logic [1:0] U_MODE = 2'd0;
  localparam logic [1:0] S_MODE = 2'd1;
  localparam logic [1:0] M_MODE = 2'd3;

  logic        clk = 1'b0, rst_n = 1'b0;
  logic        control_valid = 1'b0;
  logic [63:0] control_satp = '0;
  logic [ 1:0] control_privilege = '0, control_mpp = '0;
  logic        control_mprv = 1'b0, control_sum = 1'b0, control_mxr = 1'b0, control_adue = 1'b0, control_pbmte = 1'b0;
  logic        pmp_valid = 1'b0;
  logic [ 1:0] pmp_kind = '0;
  logic [ 5:0] pmp_index = '0;
  logic [63:0] pmp_value = '0;
  logic        fetch_valid = 1'b0, data_valid = 1'b0, fetch_speculative = 1'b0, data_speculative = 1'b0;
  logic [ 3:0] fetch_tag = '0, data_tag = '0;
  logic [ 2:0] fetch_kind = '0, data_kind = '0;
  logic [ 6:0] fetch_size = '0, data_size = '0;
  logic [63:0] fetch_va = '0, data_va = '0;
  logic        fetch_cancel = 1'b0, data_cancel = 1'b0;
  logic [ 3:0] fetch_cancel_tag = '0, data_cancel_tag = '0;
  logic        fence_valid = 1'b0, fence_has_va = 1'b0, fence_has_asid = 1'b0;
  logic [ 2:0] fence_kind = '0;
  logic [63:0] fence_va = '0;
  logic [15:0] fence_asid = '0;
  logic        mem_ready = 1'b1, mem_rsp_valid = 1'b0, mem_rsp_error = 1'b0;
  logic [ 3:0] mem_rsp_id = '0;
  logic [63:0] mem_rsp_data = '0;

  wire         fetch_ready, fetch_rsp_valid, fetch_napot, fetch_implicit;
  wire         data_ready, data_rsp_valid, data_napot, data_implicit;
  wire  [ 3:0] fetch_rsp_tag, data_rsp_tag, mem_req_id;
  wire  [ 1:0] fetch_status, data_status, fetch_hit, data_hit, fetch_attribute, data_attribute, mem_req_size;
  wire  [ 4:0] fetch_reason, fetch_cause, data_reason, data_cause;
  wire  [ 2:0] fetch_level, data_level;
  wire  [ 7:0] fetch_flags, data_flags;
  wire  [55:0] fetch_pa, data_pa, fetch_gpa, data_gpa, mem_req_addr;
  wire  [63:0] fetch_tval, data_tval, mem_req_expected, mem_req_desired;
  wire         fence_ready, fence_done, mem_req_valid, mem_req_kind;
  wire  [28:0] events;
  wire  [ 3:0] walkers;

  tw_mmu
`ifndef NETLIST
  #(`MMU_PARAMETERS)
`endif
  i_mmu (
    .clk_i                  (clk),
    .rst_ni                 (rst_n),
    .control_valid_i        (control_valid),
    .control_satp_i         (control_satp),
    .control_privilege_i    (control_privilege),
    .control_mprv_i         (control_mprv),
    .control_mpp_i          (control_mpp),
    .control_sum_i          (control_sum),
    .control_mxr_i          (control_mxr),
    .control_adue_i         (control_adue),
    .control_pbmte_i        (control_pbmte),
    .pmp_valid_i            (pmp_valid),
    .pmp_kind_i             (pmp_kind),
    .pmp_index_i            (pmp_index),
    .pmp_value_i            (pmp_value),
    .fetch_req_valid_i      (fetch_valid),
    .fetch_req_ready_o      (fetch_ready),
    .fetch_req_tag_i        (fetch_tag),
    .fetch_req_kind_i       (fetch_kind),
    .fetch_req_size_i       (fetch_size),
    .fetch_req_speculative_i(fetch_speculative),
    .fetch_req_va_i         (fetch_va),
    .fetch_cancel_valid_i   (fetch_cancel),
    .fetch_cancel_tag_i     (fetch_cancel_tag),
    .fetch_rsp_valid_o      (fetch_rsp_valid),
    .fetch_rsp_tag_o        (fetch_rsp_tag),
    .fetch_rsp_status_o     (fetch_status),
    .fetch_rsp_reason_o     (fetch_reason),
    .fetch_rsp_cause_o      (fetch_cause),
    .fetch_rsp_level_o      (fetch_level),
    .fetch_rsp_flags_o      (fetch_flags),
    .fetch_rsp_napot_o      (fetch_napot),
    .fetch_rsp_hit_o        (fetch_hit),
    .fetch_rsp_attribute_o  (fetch_attribute),
    .fetch_rsp_implicit_o   (fetch_implicit),
    .fetch_rsp_pa_o         (fetch_pa),
    .fetch_rsp_tval_o       (fetch_tval),
    .fetch_rsp_gpa_o        (fetch_gpa),
    .data_req_valid_i       (data_valid),
    .data_req_ready_o       (data_ready),
    .data_req_tag_i         (data_tag),
    .data_req_kind_i        (data_kind),
    .data_req_size_i        (data_size),
    .data_req_speculative_i (data_speculative),
    .data_req_va_i          (data_va),
    .data_cancel_valid_i    (data_cancel),
    .data_cancel_tag_i      (data_cancel_tag),
    .data_rsp_valid_o       (data_rsp_valid),
    .data_rsp_tag_o         (data_rsp_tag),
    .data_rsp_status_o      (data_status),
    .data_rsp_reason_o      (data_reason),
    .data_rsp_cause_o       (data_cause),
    .data_rsp_level_o       (data_level),
    .data_rsp_flags_o       (data_flags),
    .data_rsp_napot_o       (data_napot),
    .data_rsp_hit_o         (data_hit),
    .data_rsp_attribute_o   (data_attribute),
    .data_rsp_implicit_o    (data_implicit),
    .data_rsp_pa_o          (data_pa),
    .data_rsp_tval_o        (data_tval),
    .data_rsp_gpa_o         (data_gpa),
    .fence_valid_i          (fence_valid),
    .fence_ready_o          (fence_ready),
    .fence_kind_i           (fence_kind),
    .fence_has_va_i         (fence_has_va),
    .fence_va_i             (fence_va),
    .fence_has_asid_i       (fence_has_asid),
    .fence_asid_i           (fence_asid),
    .fence_done_o           (fence_done),
    .mem_req_valid_o        (mem_req_valid),
    .mem_req_ready_i        (mem_ready),
    .mem_req_id_o           (mem_req_id),
    .mem_req_kind_o         (mem_req_kind),
    .mem_req_size_o         (mem_req_size),
    .mem_req_addr_o         (mem_req_addr),
    .mem_req_expected_o     (mem_req_expected),
    .mem_req_desired_o      (mem_req_desired),
    .mem_rsp_valid_i        (mem_rsp_valid),
    .mem_rsp_id_i           (mem_rsp_id),
    .mem_rsp_error_i        (mem_rsp_error),
    .mem_rsp_data_i         (mem_rsp_data),
    .event_o                (events),
    .event_walkers_o        (walkers)
  );

  integer checks = 0;

  task check(input condition, input [1023:0] what);
    begin
      checks = checks + 1;
      if (condition !== 1'b1) begin
        $display("FAIL in cycle %0d: %0s", cycle, what);
        $display("  fetch: valid %b tag %0d status %0d reason %0d cause %0d level %0d flags %h napot %b hit %0d attribute %0d pa %h tval %h",
                 fetch_rsp_valid, fetch_rsp_tag, fetch_status, fetch_reason, fetch_cause, fetch_level, fetch_flags, fetch_napot,
                 fetch_hit, fetch_attribute, fetch_pa, fetch_tval);
        $display("  data:  valid %b tag %0d status %0d reason %0d cause %0d level %0d flags %h napot %b hit %0d attribute %0d pa %h tval %h",
                 data_rsp_valid, data_rsp_tag, data_status, data_reason, data_cause, data_level, data_flags, data_napot,
                 data_hit, data_attribute, data_pa, data_tval);
        $display("  mem:   valid %b id %0d kind %b address %h   ready: fetch %b data %b fence %b   done %b events %b walkers %0d",
                 mem_req_valid, mem_req_id, mem_req_kind, mem_req_addr, fetch_ready, data_ready, fence_ready, fence_done, events,
                 walkers);
        $fatal(1, "check failed");
      end
    end
  endtask

  // The page-table memory: 64 KiB from MEMORY on, and the same again 1 GiB above it; it answers `latency` cycles after the
  // handshake, the longest due first. What is addressed elsewhere reads 0. An answer for which `withheld` has the id's bit is kept back.
  localparam logic [55:0] MEMORY = 56'h8000_0000;
  integer      cycle = 0;
  integer      latency = 1;
  logic [63:0] memory[0:8191];
  logic [15:0] outstanding = '0, withheld = '0;
  integer      due[0:15];
  logic        answer_error[0:15];
  logic [63:0] answer_data[0:15];
  logic        error_next = 1'b0;  // the next request is answered with a bus error
  logic        lose_next = 1'b0;  // before the next compare-and-swap, somebody else sets A
  integer      reads = 0, swaps = 0;
  logic [55:0] last_address = '0;

  initial begin
    for (integer i = 0; i < 8192; i = i + 1) memory[i] = 64'd0;
    for (integer i = 0; i < 16; i = i + 1) due[i] = 0;
  end

  task memory_write(input [55:0] address, input [63:0] value);
    begin
      memory[(address-MEMORY)/8] = value;
    end
  endtask

  task memory_write32(input [55:0] address, input [31:0] value);
    begin
      if (address[2]) memory[(address-MEMORY)/8][63:32] = value;
      else memory[(address-MEMORY)/8][31:0] = value;
    end
  endtask

  // A request's handshake: everything is decided now, only the answer comes later.
  task memory_take;
    reg [12:0] word;
    reg        mapped;
    reg [63:0] found;
    begin
      mapped = mem_req_addr[55:16] == MEMORY[55:16] || mem_req_addr[55:16] == 40'hc000;
      word = mem_req_addr[15:3];
      check(!outstanding[mem_req_id], "P27: the id is free");
      check(mem_req_addr[1:0] == 2'd0 && (mem_req_size == 2'd2 || mem_req_addr[2] == 1'b0), "the address is aligned");
      if (mem_req_kind && lose_next) begin
        memory[word][6] = 1'b1;
        lose_next = 1'b0;
      end
      found = mapped ? memory[word] : 64'd0;
      if (mem_req_size == 2'd2) found = {32'd0, mem_req_addr[2] ? found[63:32] : found[31:0]};
      if (mem_req_kind && mapped && !error_next && found == mem_req_expected) begin
        if (mem_req_size == 2'd3) memory[word] = mem_req_desired;
        else memory_write32(mem_req_addr, mem_req_desired[31:0]);
      end
      outstanding[mem_req_id] = 1'b1;
      due[mem_req_id] = cycle + latency;
      answer_error[mem_req_id] = error_next;
      answer_data[mem_req_id] = error_next ? 64'hffff_ffff_ffff_ffff : found;
      error_next = 1'b0;
      last_address = mem_req_addr;
      if (mem_req_kind) swaps = swaps + 1;
      else reads = reads + 1;
    end
  endtask

  task memory_answer;
    integer best;
    begin
      best = -1;
      for (integer i = 0; i < 16; i = i + 1) begin
        if (outstanding[i] && !withheld[i] && due[i] <= cycle && (best < 0 || due[i] < due[best])) best = i;
      end
      mem_rsp_valid = best >= 0;
      mem_rsp_id = 4'd0;
      mem_rsp_error = 1'b0;
      mem_rsp_data = 64'd0;
      if (best >= 0) begin
        mem_rsp_id = best[3:0];
        mem_rsp_error = answer_error[best];
        mem_rsp_data = answer_data[best];
        outstanding[best] = 1'b0;
      end
    end
  endtask

  // One cycle.
  task tick;
    begin
      if (rst_n) begin
        check(fetch_rsp_valid ||
              {fetch_rsp_tag, fetch_status, fetch_reason, fetch_cause, fetch_level, fetch_flags, fetch_napot, fetch_hit,
               fetch_attribute, fetch_pa, fetch_tval} == '0, "P5: no payload without an answer, fetch port");
        check(data_rsp_valid ||
              {data_rsp_tag, data_status, data_reason, data_cause, data_level, data_flags, data_napot, data_hit,
               data_attribute, data_pa, data_tval} == '0, "P5: no payload without an answer, data port");
        check(mem_req_valid ||
              {mem_req_id, mem_req_kind, mem_req_size, mem_req_addr, mem_req_expected, mem_req_desired} == '0,
              "P5: no payload without a page-table request");
        check({fetch_implicit, fetch_gpa, data_implicit, data_gpa} == '0, "reserved pins are 0");
        if (mem_req_valid && mem_ready) memory_take;
      end else begin
        outstanding = '0;
      end
      #5 clk = 1'b1;
      #5 clk = 1'b0;
      cycle = cycle + 1;
      control_valid = 1'b0;
      control_satp = '0;
      {control_privilege, control_mpp, control_mprv, control_sum, control_mxr, control_adue, control_pbmte} = '0;
      {pmp_valid, pmp_kind, pmp_index, pmp_value} = '0;
      {fetch_valid, fetch_tag, fetch_kind, fetch_size, fetch_speculative, fetch_va, fetch_cancel, fetch_cancel_tag} = '0;
      {data_valid, data_tag, data_kind, data_size, data_speculative, data_va, data_cancel, data_cancel_tag} = '0;
      {fence_valid, fence_kind, fence_has_va, fence_has_asid, fence_va, fence_asid} = '0;
      memory_answer;
      #1;
    end
  endtask

  task reset;
    begin
      rst_n = 1'b0;
      repeat (2) tick;
      rst_n = 1'b1;
      #1;
    end
  endtask

  // So many cycles without an answer on either port.
  task quiet(input integer cycles);
    begin
      repeat (cycles) begin
        check(!data_rsp_valid && !fetch_rsp_valid, "no answer yet");
        tick;
      end
    end
  endtask

  // The context of further requests; SUM, MXR, ADUE and PBMTE as given.
  task control(input [63:0] satp, input [1:0] privilege, input sum, input mxr, input adue, input pbmte);
    begin
      control_valid = 1'b1;
      control_satp = satp;
      control_privilege = privilege;
      control_sum = sum;
      control_mxr = mxr;
      control_adue = adue;
      control_pbmte = pbmte;
    end
  endtask

  task pmp_write(input [1:0] kind, input [5:0] index, input [63:0] value);
    begin
      pmp_valid = 1'b1;
      pmp_kind = kind;
      pmp_index = index;
      pmp_value = value;
      tick;
    end
  endtask

  task ask_sized(input integer port, input [3:0] tag, input [2:0] kind, input [63:0] va, input [6:0] size, input speculative);
    begin
      if (port == FETCH) begin
        check(fetch_ready, "the fetch port is ready");
        {fetch_valid, fetch_tag, fetch_kind, fetch_size, fetch_speculative, fetch_va} = {1'b1, tag, kind, size, speculative, va};
      end else begin
        check(data_ready, "the data port is ready");
        {data_valid, data_tag, data_kind, data_size, data_speculative, data_va} = {1'b1, tag, kind, size, speculative, va};
      end
    end
  endtask

  task ask(input integer port, input [3:0] tag, input [2:0] kind, input [63:0] va);
    begin
      ask_sized(port, tag, kind, va, 7'd4, 1'b0);
    end
  endtask

  task translated_as(input integer port, input [3:0] tag, input [55:0] pa, input [2:0] level, input [7:0] flags, input [1:0] hit,
                     input napot, input [1:0] attribute);
    begin
      if (port == FETCH) begin
        check(fetch_rsp_valid && fetch_rsp_tag == tag && fetch_status == 2'd0, "the fetch is translated in this cycle");
        check({fetch_reason, fetch_cause, fetch_tval} == '0, "without a fault");
        check(fetch_pa == pa && fetch_level == level && fetch_flags == flags, "to this");
        check(fetch_hit == hit && fetch_napot == napot && fetch_attribute == attribute, "by this structure, with this attribute");
      end else begin
        check(data_rsp_valid && data_rsp_tag == tag && data_status == 2'd0, "the access is translated in this cycle");
        check({data_reason, data_cause, data_tval} == '0, "without a fault");
        check(data_pa == pa && data_level == level && data_flags == flags, "to this");
        check(data_hit == hit && data_napot == napot && data_attribute == attribute, "by this structure, with this attribute");
      end
    end
  endtask

  task translated(input integer port, input [3:0] tag, input [55:0] pa, input [2:0] level, input [7:0] flags, input [1:0] hit);
    begin
      translated_as(port, tag, pa, level, flags, hit, 1'b0, 2'd0);
    end
  endtask

  task faulted(input integer port, input [3:0] tag, input [4:0] reason, input [4:0] cause, input [63:0] va, input [1:0] hit);
    begin
      if (port == FETCH) begin
        check(fetch_rsp_valid && fetch_rsp_tag == tag && fetch_status == 2'd1, "the fetch faults in this cycle");
        check(fetch_reason == reason && fetch_cause == cause && fetch_tval == va && fetch_hit == hit, "for this reason");
        check({fetch_pa, fetch_level, fetch_flags, fetch_napot, fetch_attribute} == '0, "and nothing else is shown");
      end else begin
        check(data_rsp_valid && data_rsp_tag == tag && data_status == 2'd1, "the access faults in this cycle");
        check(data_reason == reason && data_cause == cause && data_tval == va && data_hit == hit, "for this reason");
        check({data_pa, data_level, data_flags, data_napot, data_attribute} == '0, "and nothing else is shown");
      end
    end
  endtask

  task retried(input integer port, input [3:0] tag);
    begin
      if (port == FETCH) begin
        check(fetch_rsp_valid && fetch_rsp_tag == tag && fetch_status == 2'd2 && events[3], "the fetch is to be asked again");
        check({fetch_reason, fetch_cause, fetch_tval, fetch_hit, fetch_pa, fetch_level, fetch_flags} == '0, "and nothing else");
      end else begin
        check(data_rsp_valid && data_rsp_tag == tag && data_status == 2'd2 && events[7], "the access is to be asked again");
        check({data_reason, data_cause, data_tval, data_hit, data_pa, data_level, data_flags} == '0, "and nothing else");
      end
    end
  endtask

  task cancel(input integer port, input [3:0] tag);
    begin
      if (port == FETCH) {fetch_cancel, fetch_cancel_tag} = {1'b1, tag};
      else {data_cancel, data_cancel_tag} = {1'b1, tag};
    end
  endtask

  task fence(input has_va, input [63:0] va, input has_asid, input [15:0] asid);
    begin
      check(fence_ready, "a fence is taken");
      {fence_valid, fence_kind, fence_has_va, fence_va, fence_has_asid, fence_asid} = {1'b1, 3'd0, has_va, va, has_asid, asid};
    end
  endtask

  task passed;
    begin
      $display("PASS: %0d checks in %0d cycles", checks, cycle);
      $finish;
    end
  endtask
