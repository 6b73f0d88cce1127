// Whether the PMP entry that matches an access grants it, or what holds without one; with Smepmp's truth table.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_pmp_check #(
  parameter int Entries = 16
) (
  input  logic       matched_i,  // an entry matches one byte of the access, at least
  input  logic       whole_i,    // it matches all
  input  logic [7:0] cfg_i,      // of this entry
  input  logic       mml_i,
  input  logic       mmwp_i,
  input  logic       machine_i,  // effective privilege M
  input  logic       read_i,
  input  logic       write_i,
  input  logic       execute_i,
  output logic       granted_o
);

  logic locked, r, w, x, readable, writable, executable, fitting, uncovered;
  /* verilator tracing_off */  // only there so that no input is unused
  logic unused_inputs;
  /* verilator tracing_on */

  assign {locked, x, w, r} = {cfg_i[7], cfg_i[2:0]};

  always_comb begin
    {readable, writable, executable} = 3'b000;
    if (!mml_i) begin
      {readable, writable, executable} = (machine_i && !locked) ? 3'b111 : {r, w, x};
    end else if (!r && w) begin
      // A shared region: of data, or if locked of code.
      if (locked) begin
        readable = machine_i && x;
        executable = 1'b1;
      end else begin
        readable = 1'b1;
        writable = machine_i || x;
      end
    end else if (locked && r && w && x) begin
      // Shared, for reading alone.
      readable = 1'b1;
    end else if (locked == machine_i) begin
      {readable, writable, executable} = {r, w, x};
    end
  end

  assign fitting = whole_i && (readable || !read_i) && (writable || !write_i) && (executable || !execute_i);
  assign uncovered = machine_i && !mmwp_i && !(mml_i && execute_i);
  assign granted_o = (Entries == 0) ? 1'b1 : matched_i ? fitting : uncovered;
  assign unused_inputs = ^cfg_i;

endmodule

`default_nettype wire
