// The answer register of one port, and the final check of what is visible (M3, F1 to F3).
//
//   cycle t                        │ cycle t+1
//   lookup ──┐                     │
//            ├──> physical address │──> answer register ──> regions, PMP ──> pins
//   slot ────┘                     │
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_answer #(
  parameter  int Mode = 2,
  parameter  int PaBits = 56,
  parameter  int PmpEntries = 0,
  parameter  int RegionCount = 0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_BASE_BITS-1:0] RegionBase = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_SIZE_BITS-1:0] RegionSize = '0,
  parameter  logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_KIND_BITS-1:0] RegionKind = '0,
  localparam int Xlen = tw_pkg::xlen(Mode),
  localparam int LeafBits = tw_pkg::leaf_bits(Mode),
  localparam int WordBits = tw_pkg::word_bits(Mode)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,

  // What the port answers in the next cycle.
  input  logic                         answer_i,
  input  logic [ tw_pkg::TAG_BITS-1:0] tag_i,
  input  logic [                  1:0] kind_i,
  input  logic [tw_pkg::SIZE_BITS-1:0] size_i,
  input  logic [             Xlen-1:0] va_i,
  input  logic                         machine_i,
  input  logic                         bare_i,    // the physical address is the virtual one
  input  logic [                  1:0] status_i,
  input  logic [                  4:0] reason_i,
  input  logic [                  1:0] hit_i,
  input  logic [         LeafBits-1:0] leaf_i,    // 0 unless translated

  // The entry of the PMP that matches in this cycle.
  output logic                         check_o,
  output logic [         WordBits-1:0] first_o,
  output logic [         WordBits-1:0] last_o,
  input  logic                         matched_i,
  input  logic                         whole_i,
  input  logic [                  7:0] cfg_i,
  input  logic                         mml_i,
  input  logic                         mmwp_i,

  output logic                         rsp_valid_o,
  output logic [ tw_pkg::TAG_BITS-1:0] rsp_tag_o,
  output logic [                  1:0] rsp_status_o,
  output logic [                  4:0] rsp_reason_o,
  output logic [                  4:0] rsp_cause_o,
  output logic [                  2:0] rsp_level_o,
  output logic [                  7:0] rsp_flags_o,
  output logic                         rsp_napot_o,
  output logic [                  1:0] rsp_hit_o,
  output logic [                  1:0] rsp_attribute_o,
  output logic [  tw_pkg::PA_BITS-1:0] rsp_pa_o,
  output logic [                 63:0] rsp_tval_o,
  output logic                         retry_o
);

  localparam int PpnBits = tw_pkg::ppn_bits(Mode);
  localparam int VpnBits = tw_pkg::vpn_bits(Mode);
  localparam int PageShift = tw_pkg::PAGE_SHIFT;

  logic                          valid_q;
  logic [  tw_pkg::TAG_BITS-1:0] tag_q;
  logic [                   1:0] kind_q;
  logic [ tw_pkg::SIZE_BITS-1:0] size_q;
  logic [              Xlen-1:0] va_q;
  logic                          machine_q;
  logic [                   1:0] status_q;
  logic [                   4:0] reason_q;
  logic [                   1:0] hit_q;
  logic                          napot_q;
  logic [                   1:0] attribute_q;
  logic [tw_pkg::LEVEL_BITS-1:0] level_q;
  logic [                   7:0] flags_q;
  logic [                  63:0] pa_q;

  logic                          napot;
  logic [                   1:0] attribute;
  logic [tw_pkg::LEVEL_BITS-1:0] level;
  logic [                   7:0] flags;
  logic [           PpnBits-1:0] ppn;
  logic [           VpnBits-1:0] mask, offset;
  logic [ PpnBits+PageShift-1:0] page;

  logic                          checked, wide, held, tables, updates, granted, write, amo;
  logic [         PageShift-1:0] last;
  logic [                   4:0] reason;
  logic [                   1:0] status;
  /* verilator tracing_off */  // only there so that no signal is unused
  logic                          unused_signals;
  /* verilator tracing_on */

  // The part of the VPN below the leaf's level goes into the physical address: the PPN is 0 there.
  assign {napot, attribute, level, flags, ppn} = leaf_i;
  tw_page_mask #(
    .Mode(Mode)
  ) i_page_mask (
    .level_i(level),
    .napot_i(napot),
    .mask_o (mask)
  );

  assign offset = va_i[PageShift +: VpnBits] & ~mask;
  assign page = {ppn | PpnBits'(offset), va_i[PageShift-1:0]};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
    end else begin
      valid_q <= answer_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (answer_i) begin
      tag_q <= tag_i;
      kind_q <= kind_i;
      size_q <= size_i;
      va_q <= va_i;
      machine_q <= machine_i;
      status_q <= status_i;
      reason_q <= reason_i;
      hit_q <= hit_i;
      napot_q <= napot;
      attribute_q <= attribute;
      level_q <= level;
      flags_q <= flags;
      pa_q <= bare_i ? 64'(va_i) : 64'(page);
    end
  end

  // The final check. An access does not cross a page (P13).
  assign checked = valid_q && status_q == tw_pkg::STATUS_TRANSLATED;
  assign wide = |(pa_q >> PaBits);
  assign last = pa_q[PageShift-1:0] + {{(PageShift-tw_pkg::SIZE_BITS){1'b0}}, size_q} - 1'b1;
  assign check_o = checked;
  assign first_o = pa_q[2 +: WordBits];
  assign last_o = {pa_q[WordBits+1:PageShift], last[PageShift-1:2]};
  assign amo = kind_q == tw_pkg::KIND_AMO;
  assign write = kind_q == tw_pkg::KIND_STORE || amo;

  tw_region_check #(
    .Count(RegionCount),
    .Base (RegionBase),
    .Size (RegionSize),
    .Kind (RegionKind)
  ) i_region_check (
    .pa_i     (pa_q[tw_pkg::PA_BITS-1:0]),
    .held_o   (held),
    .tables_o (tables),
    .updates_o(updates)
  );

  tw_pmp_check #(
    .Entries(PmpEntries)
  ) i_pmp_check (
    .matched_i(matched_i),
    .whole_i  (whole_i),
    .cfg_i    (cfg_i),
    .mml_i    (mml_i),
    .mmwp_i   (mmwp_i),
    .machine_i(machine_q),
    .read_i   (kind_q == tw_pkg::KIND_LOAD || amo),
    .write_i  (write),
    .execute_i(kind_q == tw_pkg::KIND_FETCH),
    .granted_o(granted)
  );

  always_comb begin
    reason = reason_q;
    if (checked && wide) begin
      reason = tw_pkg::REASON_PHYSICAL_RANGE;
    end else if (checked && !held) begin
      reason = tw_pkg::REASON_PMA_DENIED;
    end else if (checked && !granted) begin
      reason = tw_pkg::REASON_PMP_DENIED;
    end
  end

  assign status = (reason != tw_pkg::REASON_NONE) ? tw_pkg::STATUS_FAULT : status_q;

  always_comb begin
    rsp_tag_o = '0;
    rsp_status_o = '0;
    rsp_reason_o = '0;
    rsp_cause_o = '0;
    rsp_level_o = '0;
    rsp_flags_o = '0;
    rsp_napot_o = 1'b0;
    rsp_hit_o = '0;
    rsp_attribute_o = '0;
    rsp_pa_o = '0;
    rsp_tval_o = '0;
    if (valid_q) begin
      rsp_tag_o = tag_q;
      rsp_status_o = status;
      rsp_hit_o = hit_q;
      if (status == tw_pkg::STATUS_FAULT) begin
        rsp_reason_o = reason;
        rsp_cause_o = tw_pkg::cause(reason, kind_q);
        rsp_tval_o = 64'(va_q);
      end else if (status == tw_pkg::STATUS_TRANSLATED) begin
        rsp_level_o = level_q;
        rsp_flags_o = flags_q;
        rsp_napot_o = napot_q;
        rsp_attribute_o = attribute_q;
        rsp_pa_o = pa_q[tw_pkg::PA_BITS-1:0];
      end
    end
  end

  assign rsp_valid_o = valid_q;
  assign retry_o = valid_q && status_q == tw_pkg::STATUS_RETRY;
  assign unused_signals = ^{pa_q, last[1:0], offset, tables, updates};

`ifndef SYNTHESIS
  // Assertions.
  initial assert (PaBits >= 32 && PaBits <= PpnBits + PageShift);

  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!answer_i || (status_i == tw_pkg::STATUS_FAULT) == (reason_i != tw_pkg::REASON_NONE));  // P17
      assert (!answer_i || status_i == tw_pkg::STATUS_TRANSLATED || leaf_i == '0);
      assert (!valid_q || status_q != 2'd3);
      assert (!checked || status == tw_pkg::STATUS_FAULT || (pa_q >> PaBits) == 64'd0);
      assert (^{rsp_valid_o, rsp_tag_o, rsp_status_o, rsp_reason_o, rsp_cause_o, rsp_level_o, rsp_flags_o, rsp_napot_o,
                rsp_hit_o, rsp_attribute_o, rsp_pa_o, rsp_tval_o} !== 1'bx);
    end
  end
`endif

endmodule

`default_nettype wire
