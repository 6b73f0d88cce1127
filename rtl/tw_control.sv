// The control registers: satp, and what of privilege, mstatus and menvcfg concerns translation (M1, M2).
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_control #(
  parameter  int Mode = 2,
  parameter  int Extensions = 0,
  parameter  int AsidBits = 16,
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            write_i,
  input  logic [                    63:0] satp_i,
  input  logic [                     1:0] privilege_i,
  input  logic                            mprv_i,
  input  logic [                     1:0] mpp_i,
  input  logic                            sum_i,
  input  logic                            mxr_i,
  input  logic                            adue_i,
  input  logic                            pbmte_i,
  output logic                            satp_change_o,    // a write in this very cycle changes the stored satp
  output logic                            fetch_machine_o,  // effective privilege M
  output logic                            data_machine_o,
  output logic [tw_pkg::CONTEXT_BITS-1:0] fetch_context_o,
  output logic [tw_pkg::CONTEXT_BITS-1:0] data_context_o,
  output logic [  tw_pkg::LEVEL_BITS-1:0] top_o,            // the level at which the root is read; 0: Bare
  output logic [           AsidWidth-1:0] asid_o,
  output logic [             PpnBits-1:0] root_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int ModeBits = tw_pkg::satp_mode_bits(Mode);
  localparam logic Svpbmt = Extensions[tw_pkg::EXTENSION_SVPBMT];
  localparam logic Svadu = Extensions[tw_pkg::EXTENSION_SVADU];

  logic [tw_pkg::LEVEL_BITS-1:0] top_d, top_q;
  logic [         AsidWidth-1:0] asid_d, asid_q;
  logic [           PpnBits-1:0] root_d, root_q;
  logic [                   1:0] privilege_q, mpp_q;
  logic                          mprv_q, sum_q, mxr_q, adue_q, pbmte_q;

  logic [          ModeBits-1:0] mode;
  logic [         AsidWidth-1:0] asid;
  logic [tw_pkg::LEVEL_BITS-1:0] top;
  logic                          supported, take_satp;
  logic [                   1:0] data_privilege;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                          unused_inputs;
  /* verilator tracing_on */

  // MODE is 8 for Sv39, 9 for Sv48, 10 for Sv57: two more than six more than the level of the root.
  assign mode = satp_i[Xlen-1 -: ModeBits];
  assign asid = (AsidBits == 0) ? '0 : satp_i[PpnBits +: AsidWidth];

  if (Xlen == 32) begin : gen_narrow
    assign supported = 1'b1;
    assign top = {2'd0, mode};
  end else begin : gen_wide
    assign supported = mode == 4'd0 || (mode >= 4'd8 && 32'(mode) <= Mode + 6);
    assign top = (mode == 4'd0) ? 3'd0 : 3'(mode - 4'd6);
  end

  assign take_satp = write_i && supported;
  assign top_d = take_satp ? top : top_q;
  assign asid_d = take_satp ? asid : asid_q;
  assign root_d = take_satp ? satp_i[PpnBits-1:0] : root_q;
  assign satp_change_o = take_satp && {top_d, asid_d, root_d} != {top_q, asid_q, root_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      top_q <= '0;
      asid_q <= '0;
      root_q <= '0;
      privilege_q <= tw_pkg::PRIVILEGE_M;
      mprv_q <= 1'b0;
      mpp_q <= tw_pkg::PRIVILEGE_U;
      sum_q <= 1'b0;
      mxr_q <= 1'b0;
      adue_q <= 1'b0;
      pbmte_q <= 1'b0;
    end else if (write_i) begin
      top_q <= top_d;
      asid_q <= asid_d;
      root_q <= root_d;
      privilege_q <= privilege_i;
      mprv_q <= mprv_i;
      mpp_q <= mpp_i;
      sum_q <= sum_i;
      mxr_q <= mxr_i;
      adue_q <= Svadu && adue_i;
      pbmte_q <= Svpbmt && pbmte_i;
    end
  end

  assign data_privilege = (privilege_q == tw_pkg::PRIVILEGE_M && mprv_q) ? mpp_q : privilege_q;

  assign fetch_machine_o = privilege_q == tw_pkg::PRIVILEGE_M;
  assign data_machine_o = data_privilege == tw_pkg::PRIVILEGE_M;
  assign fetch_context_o = {pbmte_q, adue_q, mxr_q, sum_q, privilege_q == tw_pkg::PRIVILEGE_U};
  assign data_context_o = {pbmte_q, adue_q, mxr_q, sum_q, data_privilege == tw_pkg::PRIVILEGE_U};
  assign top_o = top_q;
  assign asid_o = asid_q;
  assign root_o = root_q;

  // ASID bits that are not implemented, and on RV32 the upper half, are ignored (P7), as are bits without their extension.
  assign unused_inputs = ^{satp_i, adue_i, pbmte_i};

`ifndef SYNTHESIS
  // Assertions.
  initial begin
    assert (Mode >= tw_pkg::MODE_SV32 && Mode <= tw_pkg::MODE_SV57);
    assert (AsidBits >= 0 && AsidBits <= tw_pkg::asid_max_bits(Mode));
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (privilege_i != 2'd2);  // P9
      assert (mpp_i != 2'd2);  // P9
      assert (write_i || {satp_i, privilege_i, mprv_i, mpp_i, sum_i, mxr_i, adue_i, pbmte_i} == '0);  // P5
      assert (AsidBits != 0 || asid_q == '0);
      assert (32'(top_q) < tw_pkg::levels(Mode));
    end
  end
`endif

endmodule

`default_nettype wire
