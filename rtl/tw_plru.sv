// A tree of pseudo-LRU bits over any number of entries (M5): says which entry to replace.
//
//   Entries = 3            node 1                     Node n has the children 2n and 2n+1; leaf e is node P+e, with P the
//                       0/      \1                    power of two that holds all entries. A node's bit says where the
//                    node 2     node 3                victim is; the way to the entry that is used is turned away from it.
//                   0/   \1    0/   \1                Where a right half has no entry, the way is always left.
//                  e0    e1   e2    -
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_plru #(
  parameter  int Entries = 16,
  localparam int IndexBits = (Entries == 1) ? 1 : $clog2(Entries)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 use_i,
  input  logic [IndexBits-1:0] index_i,
  output logic [IndexBits-1:0] victim_o
);

  if (Entries == 1) begin : gen_single

    logic unused_inputs;

    assign victim_o = '0;
    assign unused_inputs = ^{clk_i, rst_ni, use_i, index_i};

  end else begin : gen_tree

    localparam int Leaves = 1 << IndexBits;

    logic [Leaves-1:0] tree_d, tree_q;  // by node; there is no node 0
    logic              unused_node;

    // On depth d the node of leaf e is the 1 that stands for the root, followed by the upper d bits of e.
    always_comb begin
      tree_d = tree_q;
      if (use_i) begin
        for (int d = 0; d < IndexBits; d++) begin
          tree_d[IndexBits'((1 << d) | (32'(index_i) >> (IndexBits - d)))] = !index_i[IndexBits-1-d];
        end
      end
    end

    always_comb begin
      victim_o = '0;
      for (int d = 0; d < IndexBits; d++) begin
        victim_o[IndexBits-1-d] = tree_q[IndexBits'((1 << d) | (32'(victim_o) >> (IndexBits - d)))] &&
                                  (32'(victim_o) | (Leaves >> (d + 1))) < Entries;
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        tree_q <= '0;
      end else begin
        tree_q <= tree_d;
      end
    end

    assign unused_node = tree_q[0];

`ifndef SYNTHESIS
    // Assertions.
    always @(posedge clk_i) begin
      if (rst_ni) begin
        assert (32'(victim_o) < Entries);
        assert (!use_i || 32'(index_i) < Entries);
      end
    end
`endif

  end

`ifndef SYNTHESIS
  initial assert (Entries >= 1 && Entries <= 64);
`endif

endmodule

`default_nettype wire
