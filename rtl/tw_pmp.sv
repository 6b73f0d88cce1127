// The PMP registers: writes by the architecture's rules, and for each of three addresses the entry that decides.
//
// What an entry covers is worked out at the write and kept, since it is compared in every cycle; but for TOR, which begins at the
// address of the entry before. pmpaddr counts as 0 until it is written, so that a reset need not touch it.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_pmp #(
  parameter  int Mode = 2,
  parameter  int Entries = 16,
  parameter  int Grain = 0,
  parameter  logic Smepmp = 1'b0,
  parameter  int Checks = 3,
  localparam int WordBits = tw_pkg::word_bits(Mode)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,

  input  logic                       write_i,
  input  logic [                1:0] write_kind_i,
  input  logic [                5:0] write_index_i,
  input  logic [               63:0] write_value_i,

  // The first and the last word of an access.
  input  logic [         Checks-1:0] check_i,
  input  logic [Checks*WordBits-1:0] first_i,
  input  logic [Checks*WordBits-1:0] last_i,
  output logic [         Checks-1:0] matched_o,
  output logic [         Checks-1:0] whole_o,
  output logic [       Checks*8-1:0] cfg_o,
  output logic                       mml_o,
  output logic                       mmwp_o
);

  if (Entries == 0) begin : gen_none

    logic unused_inputs;

    assign {matched_o, whole_o, cfg_o, mml_o, mmwp_o} = '0;
    assign unused_inputs = ^{clk_i, rst_ni, write_i, write_kind_i, write_index_i, write_value_i, check_i, first_i, last_i};

  end else begin : gen_entries

    localparam int IndexBits = $clog2(Entries);
    localparam logic [63:0] TorMask = 64'hffff_ffff_ffff_ffff << Grain;

    logic [Entries*8-1:0] cfg_q;
    logic [  Entries-1:0] active_q;  // A is not OFF
    logic [  Entries-1:0] tor_q;     // A is TOR
    logic [  Entries-1:0] written_q;
    logic                 mml_q, mmwp_q, rlb_q;
    logic [ WordBits-1:0] addr_q  [0:Entries-1];
    logic [ WordBits-1:0] lower_q [0:Entries-1];
    logic [   WordBits:0] limit_q [0:Entries-1];

    logic                 there, locked, next_there, next_locked, any_locked, executes, write_cfg, write_addr;
    logic [IndexBits-1:0] index, next_index;
    logic [          7:0] cfg_old, cfg_next, cfg_new, cfg;
    logic [ WordBits-1:0] addr_old, addr, lower;
    logic [   WordBits:0] limit;
    /* verilator tracing_off */  // only there so that no input is unused
    logic                 unused_inputs;
    /* verilator tracing_on */

    assign there = 32'(write_index_i) < Entries;
    assign index = write_index_i[IndexBits-1:0];
    assign next_there = 32'(write_index_i) + 1 < Entries;
    assign next_index = index + 1'b1;
    assign cfg_old = cfg_q[{index, 3'd0} +: 8];
    assign cfg_next = cfg_q[{next_index, 3'd0} +: 8];
    assign locked = cfg_old[7] && !rlb_q;
    assign next_locked = next_there && cfg_next[7] && cfg_next[4:3] == tw_pkg::PMP_TOR && !rlb_q;

    // pmpcfg is WARL: no NA4 on a coarser granularity, no W without R unless that has a meaning.
    assign cfg_new = {
      write_value_i[7],
      2'd0,
      (Grain > 0 && write_value_i[4:3] == tw_pkg::PMP_NA4) ? tw_pkg::PMP_NAPOT : write_value_i[4:3],
      write_value_i[2],
      write_value_i[1] && (write_value_i[0] || mml_q),
      write_value_i[0]
    };
    // Grants execution to M-mode: locked, and X without W or W without R.
    assign executes = cfg_new[7] && ((cfg_new[1] && !cfg_new[0]) || (cfg_new[2] && !(cfg_new[1] && cfg_new[0])));

    assign write_cfg = write_i && write_kind_i == tw_pkg::PMP_CFG && there && !locked && !(mml_q && !rlb_q && executes);
    assign write_addr = write_i && write_kind_i == tw_pkg::PMP_ADDR && there && !locked && !next_locked;

    always_comb begin
      any_locked = 1'b0;
      if (write_i) begin
        for (int e = 0; e < Entries; e++) begin
          if (cfg_q[e*8 + 7]) any_locked = 1'b1;
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        mml_q <= 1'b0;
        mmwp_q <= 1'b0;
        rlb_q <= 1'b0;
      end else if (Smepmp && write_i && write_kind_i == tw_pkg::PMP_MSECCFG) begin
        mml_q <= mml_q || write_value_i[0];
        mmwp_q <= mmwp_q || write_value_i[1];
        rlb_q <= (rlb_q || !any_locked) && write_value_i[2];
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        cfg_q <= '0;
        active_q <= '0;
        tor_q <= '0;
      end else if (write_cfg) begin
        cfg_q[{index, 3'd0} +: 8] <= cfg_new;
        active_q[index] <= cfg_new[4:3] != tw_pkg::PMP_OFF;
        tor_q[index] <= cfg_new[4:3] == tw_pkg::PMP_TOR;
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        written_q <= '0;
      end else if (write_addr) begin
        written_q[index] <= 1'b1;
      end
    end

    // Bounds of the entry that is written.
    assign addr_old = written_q[index] ? addr_q[index] : '0;
    assign addr = write_addr ? write_value_i[WordBits-1:0] : addr_old;
    assign cfg = write_cfg ? cfg_new : cfg_old;

    tw_pmp_bounds #(
      .WordBits(WordBits),
      .Grain   (Grain)
    ) i_bounds (
      .mode_i (cfg[4:3]),
      .addr_i (addr),
      .lower_o(lower),
      .limit_o(limit)
    );

    always_ff @(posedge clk_i) begin
      if (write_addr) begin
        addr_q[index] <= write_value_i[WordBits-1:0];
      end
      if (write_cfg || write_addr) begin
        lower_q[index] <= lower;
        limit_q[index] <= limit;
      end
    end

    // The entry with the lowest number that matches any byte decides.
    for (genvar c = 0; c < Checks; c++) begin : gen_check

      logic [WordBits-1:0] first, last, bottom;
      logic                matched, whole;
      logic [         7:0] found;

      assign first = first_i[c*WordBits +: WordBits];
      assign last = last_i[c*WordBits +: WordBits];

      always_comb begin
        matched = 1'b0;
        whole = 1'b0;
        found = 8'd0;
        bottom = '0;
        if (check_i[c]) begin
          for (int e = Entries - 1; e >= 0; e--) begin
            if (active_q[e]) begin
              bottom = lower_q[e];
              if (tor_q[e] && e > 0 && written_q[(e == 0) ? 0 : e-1]) begin
                bottom = addr_q[(e == 0) ? 0 : e-1] & TorMask[WordBits-1:0];
              end
              if (bottom <= last && limit_q[e] > {1'b0, first} && limit_q[e] > {1'b0, bottom}) begin
                matched = 1'b1;
                whole = bottom <= first && limit_q[e] > {1'b0, last};
                found = cfg_q[e*8 +: 8];
              end
            end
          end
        end
      end

      assign matched_o[c] = matched;
      assign whole_o[c] = whole;
      assign cfg_o[c*8 +: 8] = found;

    end

    assign mml_o = mml_q;
    assign mmwp_o = mmwp_q;
    assign unused_inputs = ^{write_index_i, write_value_i, cfg[7:5], cfg[2:0], cfg_next[6:5], cfg_next[2:0]};

`ifndef SYNTHESIS
    // Assertions.
    always @(posedge clk_i) begin
      if (rst_ni) begin
        assert (write_i || {write_kind_i, write_index_i, write_value_i} == '0);  // P5
        assert (Smepmp || {mml_q, mmwp_q, rlb_q} == 3'b000);
        assert ((matched_o | whole_o) == matched_o);
        assert (^{cfg_q, active_q, mml_q, mmwp_q, rlb_q} !== 1'bx);
      end
    end
`endif

  end

`ifndef SYNTHESIS
  initial begin
    assert (Entries == 0 || Entries == 16 || Entries == 64);
    assert (Grain >= 0 && Grain <= 20);
  end
`endif

endmodule

`default_nettype wire
