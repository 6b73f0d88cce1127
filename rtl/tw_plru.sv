// A tree of pseudo-LRU bits over any number of entries (M5): says which entry to replace, and what a use makes of the tree.
//
//   Entries = 3            node 1                     Node n has the children 2n and 2n+1; leaf e is node P+e, with P the
//                       0/      \1                    power of two that holds all entries. A node's bit says where the
//                    node 2     node 3                victim is; the way to the entry that is used is turned away from it.
//                   0/   \1    0/   \1                Where a right half has no entry, the way is always left.
//                  e0    e1   e2    -
//
// The bits are the caller's: registers, or a row of a memory.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_plru #(
  parameter  int Entries = 16,
  localparam int IndexBits = tw_pkg::index_bits(Entries),
  localparam int Nodes = (Entries == 1) ? 1 : 1 << IndexBits  // with node 0, which is none
) (
  input  logic [    Nodes-1:0] tree_i,
  input  logic                 first_use_i,     // applied first
  input  logic [IndexBits-1:0] first_index_i,
  input  logic                 second_use_i,
  input  logic [IndexBits-1:0] second_index_i,
  output logic [    Nodes-1:0] tree_o,
  output logic [IndexBits-1:0] victim_o         // by the tree as it came
);

  if (Entries == 1) begin : gen_single

    logic unused_inputs;

    assign tree_o = '0;
    assign victim_o = '0;
    assign unused_inputs = ^{tree_i, first_use_i, first_index_i, second_use_i, second_index_i};

  end else begin : gen_tree

    // On depth d the node of leaf e is the 1 that stands for the root, followed by the upper d bits of e.
    always_comb begin
      tree_o = tree_i;
      if (first_use_i) begin
        for (int d = 0; d < IndexBits; d++) begin
          tree_o[IndexBits'((1 << d) | (32'(first_index_i) >> (IndexBits - d)))] = !first_index_i[IndexBits-1-d];
        end
      end
      if (second_use_i) begin
        for (int d = 0; d < IndexBits; d++) begin
          tree_o[IndexBits'((1 << d) | (32'(second_index_i) >> (IndexBits - d)))] = !second_index_i[IndexBits-1-d];
        end
      end
    end

    always_comb begin
      victim_o = '0;
      for (int d = 0; d < IndexBits; d++) begin
        victim_o[IndexBits-1-d] = tree_i[IndexBits'((1 << d) | (32'(victim_o) >> (IndexBits - d)))] &&
                                  (32'(victim_o) | (Nodes >> (d + 1))) < Entries;
      end
    end

  end

`ifndef SYNTHESIS
  initial assert (Entries >= 1 && Entries <= 64);
`endif

endmodule

`default_nettype wire
