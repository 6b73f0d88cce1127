// The control registers: satp, and what of mstatus and the privilege concerns translation (M1, M2).
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_control #(
  parameter  int Mode = 2,
  parameter  int AsidBits = 16,
  localparam int AsidWidth = tw_pkg::asid_width(AsidBits),
  localparam int PpnBits = tw_pkg::ppn_bits(Mode)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 write_i,
  input  logic [         63:0] satp_i,
  input  logic [          1:0] privilege_i,
  input  logic                 mprv_i,
  input  logic [          1:0] mpp_i,
  input  logic                 sum_i,
  input  logic                 mxr_i,
  output logic                 satp_change_o,      // a write in this very cycle changes the stored satp
  output logic                 satp_changed_o,     // one in the cycle before did
  output logic                 fetch_translate_o,  // neither Bare nor effective privilege M
  output logic                 fetch_user_o,
  output logic                 data_translate_o,
  output logic                 data_user_o,
  output logic                 sum_o,
  output logic                 mxr_o,
  output logic [AsidWidth-1:0] asid_o,
  output logic [  PpnBits-1:0] root_o
);

  localparam int Xlen = tw_pkg::xlen(Mode);
  localparam int ModeBits = tw_pkg::satp_mode_bits(Mode);
  localparam int ModeCode = tw_pkg::satp_mode_code(Mode);
  localparam logic [ModeBits-1:0] MODE_CODE = ModeCode[ModeBits-1:0];

  logic                 translating_d, translating_q;  // satp.MODE: this MMU's, else Bare
  logic [AsidWidth-1:0] asid_d, asid_q;
  logic [  PpnBits-1:0] root_d, root_q;
  logic [          1:0] privilege_q, mpp_q;
  logic                 mprv_q, sum_q, mxr_q;
  logic                 satp_changed_q;

  logic [ ModeBits-1:0] mode;
  logic [AsidWidth-1:0] asid;
  logic                 take_satp;
  logic [          1:0] data_privilege;
  /* verilator tracing_off */  // only there so that no input is unused
  logic                 unused_satp;
  /* verilator tracing_on */

  assign mode = satp_i[Xlen-1 -: ModeBits];
  assign asid = (AsidBits == 0) ? '0 : satp_i[PpnBits +: AsidWidth];
  assign take_satp = write_i && (mode == '0 || mode == MODE_CODE);

  assign translating_d = take_satp ? mode == MODE_CODE : translating_q;
  assign asid_d = take_satp ? asid : asid_q;
  assign root_d = take_satp ? satp_i[PpnBits-1:0] : root_q;
  assign satp_change_o = take_satp && {translating_d, asid_d, root_d} != {translating_q, asid_q, root_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      translating_q <= 1'b0;
      asid_q <= '0;
      root_q <= '0;
      privilege_q <= tw_pkg::PRIVILEGE_M;
      mprv_q <= 1'b0;
      mpp_q <= tw_pkg::PRIVILEGE_U;
      sum_q <= 1'b0;
      mxr_q <= 1'b0;
    end else if (write_i) begin
      translating_q <= translating_d;
      asid_q <= asid_d;
      root_q <= root_d;
      privilege_q <= privilege_i;
      mprv_q <= mprv_i;
      mpp_q <= mpp_i;
      sum_q <= sum_i;
      mxr_q <= mxr_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      satp_changed_q <= 1'b0;
    end else begin
      satp_changed_q <= satp_change_o;
    end
  end

  assign satp_changed_o = satp_changed_q;

  assign data_privilege = (privilege_q == tw_pkg::PRIVILEGE_M && mprv_q) ? mpp_q : privilege_q;

  assign fetch_translate_o = translating_q && privilege_q != tw_pkg::PRIVILEGE_M;
  assign fetch_user_o = privilege_q == tw_pkg::PRIVILEGE_U;
  assign data_translate_o = translating_q && data_privilege != tw_pkg::PRIVILEGE_M;
  assign data_user_o = data_privilege == tw_pkg::PRIVILEGE_U;
  assign sum_o = sum_q;
  assign mxr_o = mxr_q;
  assign asid_o = asid_q;
  assign root_o = root_q;

  // ASID bits that are not implemented, and on RV32 the upper half, are ignored (P7).
  assign unused_satp = ^satp_i;

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
      assert (write_i || {satp_i, privilege_i, mprv_i, mpp_i, sum_i, mxr_i} == '0);  // P5
      assert (AsidBits != 0 || asid_q == '0);
    end
  end
`endif

endmodule

`default_nettype wire
