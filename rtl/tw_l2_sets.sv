// The set-associative part of the L2 TLB: pages of 4 KiB, one set at a time.
//
// One set is read in a cycle: for a lookup, for a fill, or for the sweep of a fence; never for two of them. Keys and data of a
// way are memories. So that neither a flush nor a reset has to write them, a set counts as empty until it is filled after a flush,
// and its tree as all 0 until it is used after a reset.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_l2_sets #(
  parameter  int Mode = 2,
  parameter  int AsidBits = 16,
  parameter  int Entries = 16,
  parameter  int Ways = 4,
  parameter  logic Random = 1'b0,
  localparam int Sets = Entries / Ways,
  localparam int SetBits = tw_pkg::index_bits(Sets),
  localparam int AsidWidth = tw_pkg::at_least_one(AsidBits),
  localparam int VpnBits = tw_pkg::vpn_bits(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [AsidWidth-1:0] asid_i,  // satp's: of lookups and of fills

  input  logic                 lookup_i,
  input  logic [  VpnBits-1:0] lookup_vpn_i,
  input  logic                 use_i,
  output logic                 match_o,
  output logic [ LeafBits-1:0] leaf_o,

  input  logic                 flush_i,
  input  logic                 sweep_i,
  input  logic [  SetBits-1:0] sweep_set_i,
  input  logic                 sweep_has_va_i,
  input  logic [  VpnBits-1:0] sweep_vpn_i,
  input  logic                 sweep_has_asid_i,
  input  logic [AsidWidth-1:0] sweep_asid_i,

  input  logic                 fill_i,
  input  logic [  VpnBits-1:0] fill_vpn_i,
  input  logic [ LeafBits-1:0] fill_leaf_i,
  output logic                 evict_o
);

  localparam int PpnBits = tw_pkg::ppn_bits(Mode);
  localparam int WayBits = tw_pkg::index_bits(Ways);
  localparam int TagLow = (Sets == 1) ? 0 : SetBits;  // VPN bits that the set says already
  localparam int TagBits = VpnBits - TagLow;
  localparam int KeyBits = 1 + AsidWidth + TagBits;  // global, ASID, tag
  localparam int DataBits = 7 + PpnBits;             // attribute, D U X W R, PPN
  localparam int Nodes = (Ways == 1) ? 1 : 1 << WayBits;

  logic [   Sets-1:0] live_q;                // filled since the last flush
  logic [   Sets-1:0] touched_q;             // used since reset
  logic [   Ways-1:0] valid_q [0:Sets-1];
  logic [  Nodes-1:0] tree_q  [0:Sets-1];

  logic               access;
  logic [VpnBits-1:0] vpn;
  logic [SetBits-1:0] set;
  logic [   Ways-1:0] valid, match, swept, first, free, place;
  logic [   Ways-1:0] way_global;
  logic [ Ways*DataBits-1:0] way_data;
  logic [DataBits-1:0] data, fill_data;
  logic [ KeyBits-1:0] fill_key;
  logic [  Nodes-1:0] tree, tree_next;
  logic [WayBits-1:0] match_way, free_way, fill_way, victim, tree_victim;
  logic [        7:0] fill_flags;
  logic               match_global;
  /* verilator tracing_off */  // only there so that no input is unused
  logic               unused_leaf;
  /* verilator tracing_on */

  assign access = lookup_i || fill_i || sweep_i;
  assign vpn = fill_i ? fill_vpn_i : lookup_vpn_i;

  if (Sets == 1) begin : gen_one_set
    logic unused_set;
    assign set = '0;
    assign unused_set = ^sweep_set_i;
  end else begin : gen_sets
    assign set = sweep_i ? sweep_set_i : vpn[SetBits-1:0];
  end

  assign valid = (access && live_q[set]) ? valid_q[set] : '0;

  // Each way.
  assign fill_flags = fill_leaf_i[PpnBits +: 8];
  assign fill_key = {fill_flags[tw_pkg::FLAG_G], asid_i, fill_vpn_i[VpnBits-1:TagLow]};
  assign fill_data = {
    fill_leaf_i[PpnBits+8+tw_pkg::LEVEL_BITS +: 2], fill_flags[tw_pkg::FLAG_D], fill_flags[4:1], fill_leaf_i[PpnBits-1:0]
  };

  for (genvar w = 0; w < Ways; w++) begin : gen_way

    logic [  KeyBits-1:0] key_q  [0:Sets-1];
    logic [ DataBits-1:0] data_q [0:Sets-1];
    logic                 key_global;
    logic [AsidWidth-1:0] key_asid;
    logic [  TagBits-1:0] key_tag;

    assign {key_global, key_asid, key_tag} = key_q[set];
    assign way_global[w] = key_global;
    assign way_data[w*DataBits +: DataBits] = data_q[set];

    always_comb begin
      match[w] = 1'b0;
      swept[w] = 1'b0;
      if (sweep_i) begin
        swept[w] = (!sweep_has_va_i || key_tag == sweep_vpn_i[VpnBits-1:TagLow]) &&
                   (!sweep_has_asid_i || (!key_global && key_asid == sweep_asid_i));
      end else if (valid[w]) begin
        match[w] = (key_global || key_asid == asid_i) && key_tag == vpn[VpnBits-1:TagLow];
      end
    end

    always_ff @(posedge clk_i) begin
      if (place[w]) begin
        key_q[set] <= fill_key;
        data_q[set] <= fill_data;
      end
    end

  end

  // Lookup: the way with the lowest index.
  assign first = match & (~match + 1'b1);

  tw_index #(
    .Count(Ways)
  ) i_match_way (
    .one_hot_i(first),
    .index_o  (match_way)
  );

  assign match_global = |(first & way_global);
  assign data = way_data[32'(match_way)*DataBits +: DataBits];
  assign match_o = lookup_i && (|match);
  assign leaf_o = {
    1'b0, data[DataBits-1 -: 2], 3'd0, data[PpnBits+4], 1'b1, match_global, data[PpnBits +: 4], 1'b1, data[PpnBits-1:0]
  };

  // Fill (M6).
  assign free = ~valid & (valid + 1'b1);

  tw_index #(
    .Count(Ways)
  ) i_free_way (
    .one_hot_i(free),
    .index_o  (free_way)
  );

  assign fill_way = (|match) ? match_way : (&valid) ? victim : free_way;
  assign place = fill_i ? Ways'(64'd1 << fill_way) : '0;
  assign evict_o = fill_i && !(|match) && (&valid);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      live_q <= '0;
    end else if (fill_i) begin
      live_q[set] <= 1'b1;
    end
  end

  // What a set that is not live holds does not count, also if it is written.
  always_ff @(posedge clk_i) begin
    if (fill_i || sweep_i) begin
      valid_q[set] <= fill_i ? (valid & ~match) | place : valid & ~swept;
    end
  end

  // Replacement.
  assign tree = touched_q[set] ? tree_q[set] : '0;

  tw_plru #(
    .Entries(Ways)
  ) i_plru (
    .tree_i        (tree),
    .first_use_i   (use_i),
    .first_index_i (match_way),
    .second_use_i  (fill_i),
    .second_index_i(fill_way),
    .tree_o        (tree_next),
    .victim_o      (tree_victim)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      touched_q <= '0;
    end else if (use_i || fill_i) begin
      touched_q[set] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (use_i || fill_i) begin
      tree_q[set] <= tree_next;
    end
  end

  if (Random) begin : gen_random

    logic [15:0] lfsr_q;
    logic [12:0] product;
    logic        unused_victim;

    assign product = 13'(lfsr_q[7:0]) * 13'(Ways);
    assign victim = WayBits'(product >> 8);
    assign unused_victim = ^tree_victim;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        lfsr_q <= 16'hace1;
      end else if (evict_o) begin
        lfsr_q <= (lfsr_q >> 1) ^ (lfsr_q[0] ? 16'hb400 : 16'h0000);
      end
    end

  end else begin : gen_plru

    assign victim = tree_victim;

  end

  assign unused_leaf = ^{fill_leaf_i, sweep_vpn_i};

`ifndef SYNTHESIS
  // Assertions.
  initial begin
    assert (Entries >= 16 && Entries <= 4096 && Ways >= 1 && Ways <= 16);
    assert (Sets * Ways == Entries && (Sets & (Sets - 1)) == 0);
  end

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (32'(lookup_i) + 32'(fill_i) + 32'(sweep_i) <= 1);
      assert (!flush_i || !(fill_i || sweep_i || use_i));
      assert (!use_i || match_o);
      assert ($onehot0(place));
      assert (!fill_i || 32'(fill_way) < Ways);
      assert (!(fill_i || sweep_i || lookup_i) || (^valid) !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
