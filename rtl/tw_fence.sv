// Fences: whether one has an effect, the sweep through the L2 TLB, and when it is done (M7, M11, P20 to P23).
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_fence #(
  parameter  int Mode = 2,
  parameter  int AsidBits = 16,
  parameter  int Sets = 0,  // of the L2 TLB; 0: there is none
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int SetBits = tw_pkg::index_bits(Sets)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 valid_i,
  output logic                 ready_o,
  input  logic [          2:0] kind_i,
  input  logic                 has_va_i,
  input  logic [         63:0] va_i,
  input  logic                 has_asid_i,
  input  logic [         15:0] asid_i,
  output logic                 done_o,
  input  logic                 overtaken_i,  // an update of a killed walk is still to reach memory

  output logic                 accept_o,
  output logic                 effect_o,    // one that invalidates something, in the cycle of its handshake
  output logic                 flush_o,     // neither address nor ASID
  output logic                 has_va_o,
  output logic [  VpnBits-1:0] vpn_o,
  output logic                 has_asid_o,
  output logic [AsidWidth-1:0] asid_o,

  // The sweep.
  input  logic                 pause_i,           // the decision unit is used: no set is treated
  output logic                 sweeping_o,        // in progress
  output logic                 sweep_o,           // a set is treated in this cycle
  output logic [  SetBits-1:0] sweep_set_o,
  output logic                 sweep_has_va_o,
  output logic [  VpnBits-1:0] sweep_vpn_o,
  output logic                 sweep_has_asid_o,
  output logic [AsidWidth-1:0] sweep_asid_o,
  output logic                 event_stall_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int TopLevel = tw_pkg::levels(Mode) - 1;

  logic canonical, treated, treated_q;
  /* verilator tracing_off */  // only there so that no input is unused
  logic unused_inputs;
  /* verilator tracing_on */

  // In the deepest mode, whatever satp says.
  tw_canonical #(
    .Mode(Mode)
  ) i_canonical (
    .va_i       (va_i[Xlen-1:0]),
    .top_i      (3'(TopLevel)),
    .canonical_o(canonical)
  );

  assign ready_o = !sweeping_o && !(treated_q && overtaken_i);
  assign accept_o = valid_i && ready_o;
  assign effect_o = accept_o && (kind_i == tw_pkg::FENCE_SFENCE_VMA || kind_i == tw_pkg::FENCE_SINVAL_VMA) &&
                    (!has_va_i || canonical);
  assign flush_o = effect_o && !has_va_i && !has_asid_i;
  assign has_va_o = has_va_i;
  assign vpn_o = va_i[tw_pkg::PAGE_SHIFT +: VpnBits];
  assign has_asid_o = has_asid_i;
  assign asid_o = (AsidBits == 0) ? '0 : asid_i[AsidWidth-1:0];

  if (Sets == 0) begin : gen_no_sweep

    logic unused_pause;

    assign {sweeping_o, sweep_o, sweep_set_o, sweep_has_va_o, sweep_vpn_o, sweep_has_asid_o, sweep_asid_o} = '0;
    assign treated = accept_o;
    assign unused_pause = pause_i;

  end else begin : gen_sweep

    localparam int LastSet = Sets - 1;

    logic start, last, sweeping_q, has_va_q, has_asid_q;
    logic [SetBits-1:0] set_q;
    logic [VpnBits-1:0] vpn_q;
    logic [AsidWidth-1:0] asid_q;

    // With an address there is one set that can hold its page.
    assign start = effect_o && !flush_o;
    assign sweep_o = sweeping_q && !pause_i;
    assign last = sweep_o && (has_va_q || set_q == LastSet[SetBits-1:0]);
    assign treated = (accept_o && !start) || last;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        sweeping_q <= 1'b0;
      end else begin
        sweeping_q <= start || (sweeping_q && !last);
      end
    end

    always_ff @(posedge clk_i) begin
      if (start) begin
        has_va_q <= has_va_o;
        vpn_q <= vpn_o;
        has_asid_q <= has_asid_o;
        asid_q <= asid_o;
        set_q <= (has_va_o && Sets > 1) ? vpn_o[SetBits-1:0] : '0;
      end else if (sweep_o) begin
        set_q <= set_q + 1'b1;
      end
    end

    assign sweeping_o = sweeping_q;
    assign sweep_set_o = set_q;
    assign sweep_has_va_o = has_va_q;
    assign sweep_vpn_o = vpn_q;
    assign sweep_has_asid_o = has_asid_q;
    assign sweep_asid_o = asid_q;

`ifndef SYNTHESIS
    always @(posedge clk_i) begin
      if (rst_ni) begin
        assert (!sweeping_q || has_va_q || has_asid_q);
        assert (!sweeping_q || 32'(set_q) < Sets);
        assert (!(sweeping_q && effect_o));
      end
    end
`endif

  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      treated_q <= 1'b0;
    end else begin
      treated_q <= treated || (treated_q && overtaken_i);
    end
  end

  assign done_o = treated_q && !overtaken_i;
  assign event_stall_o = valid_i && !ready_o;

  // A fence concerns pages, so the offset does not count, nor do ASID bits above the width.
  assign unused_inputs = ^{va_i, asid_i};

`ifndef SYNTHESIS
  // Assertions.
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (valid_i || {kind_i, has_va_i, va_i, has_asid_i, asid_i} == '0);  // P5
      assert ((has_va_i || va_i == '0) && (has_asid_i || asid_i == '0));  // P5
      assert (!(kind_i == 3'd2 || kind_i == 3'd3));  // reserved
      assert (!(treated && sweeping_o && accept_o));
      assert (!(treated && treated_q && overtaken_i));
    end
  end
`endif

endmodule

`default_nettype wire
