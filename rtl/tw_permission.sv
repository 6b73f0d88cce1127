// Says whether a leaf's flags grant an access: D11 to D15, the same for a walk and for a hit. A and D are another matter.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_permission (
  input  logic [1:0] kind_i,
  input  logic       user_i,   // effective privilege U; otherwise S
  input  logic       sum_i,
  input  logic       mxr_i,
  input  logic [7:0] flags_i,  // D A G U X W R V
  output logic       write_o,  // the access writes
  output logic [4:0] reason_o  // the first in the specification's order, or none
);

  logic fetch, load;
  /* verilator tracing_off */  // only there so that no input is unused
  logic unused_flags;
  /* verilator tracing_on */

  assign fetch = kind_i == tw_pkg::KIND_FETCH;
  assign load = kind_i == tw_pkg::KIND_LOAD;
  assign write_o = kind_i == tw_pkg::KIND_STORE || kind_i == tw_pkg::KIND_AMO;

  always_comb begin
    if (user_i && !flags_i[tw_pkg::FLAG_U]) begin
      reason_o = tw_pkg::REASON_USER_DENIED;
    end else if (!user_i && flags_i[tw_pkg::FLAG_U] && (fetch || !sum_i)) begin
      reason_o = tw_pkg::REASON_SUPERVISOR_DENIED;
    end else if (load && !flags_i[tw_pkg::FLAG_R] && !(mxr_i && flags_i[tw_pkg::FLAG_X])) begin
      reason_o = tw_pkg::REASON_READ_DENIED;
    end else if (write_o && !flags_i[tw_pkg::FLAG_W]) begin
      reason_o = tw_pkg::REASON_WRITE_DENIED;
    end else if (fetch && !flags_i[tw_pkg::FLAG_X]) begin
      reason_o = tw_pkg::REASON_EXECUTE_DENIED;
    end else begin
      reason_o = tw_pkg::REASON_NONE;
    end
  end

  assign unused_flags = ^{flags_i[tw_pkg::FLAG_D], flags_i[tw_pkg::FLAG_A], flags_i[tw_pkg::FLAG_G], flags_i[tw_pkg::FLAG_V]};

endmodule

`default_nettype wire
