// What an entry that a TLB found means for an access: lines L3 to L6, the same in L1 and in L2.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_hit_check (
  input  logic                            match_i,
  input  logic [                     7:0] flags_i,
  input  logic [                     1:0] kind_i,
  input  logic [tw_pkg::CONTEXT_BITS-1:0] context_i,
  output logic                            hit_o,    // the entry answers; otherwise a miss
  output logic [                     4:0] reason_o  // with a fault, or none
);

  logic pbmte, adue, mxr, sum, user, write, stale;
  logic [4:0] denied;
  /* verilator tracing_off */  // only there so that no input is unused
  logic unused_context;
  /* verilator tracing_on */

  assign {pbmte, adue, mxr, sum, user} = context_i;
  assign unused_context = pbmte;

  tw_permission i_permission (
    .kind_i  (kind_i),
    .user_i  (user),
    .sum_i   (sum),
    .mxr_i   (mxr),
    .flags_i (flags_i),
    .write_o (write),
    .reason_o(denied)
  );

  // A first store must set D: by a fault, or by a walk.
  assign stale = denied == tw_pkg::REASON_NONE && write && !flags_i[tw_pkg::FLAG_D];
  assign hit_o = match_i && !(stale && adue);
  assign reason_o = stale ? tw_pkg::REASON_DIRTY_CLEAR : denied;

endmodule

`default_nettype wire
