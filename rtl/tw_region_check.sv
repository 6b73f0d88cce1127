// Physical memory attributes: which region holds an address, and what that takes. Regions are naturally aligned and at least as
// large as a page, so that what does not cross a page lies in one region with its first byte.
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module tw_region_check #(
  parameter int Count = 0,
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_BASE_BITS-1:0] Base = '0,
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_SIZE_BITS-1:0] Size = '0,
  parameter logic [tw_pkg::REGION_LIMIT*tw_pkg::REGION_KIND_BITS-1:0] Kind = '0
) (
  input  logic [tw_pkg::PA_BITS-1:0] pa_i,
  output logic                       held_o,     // without regions everything is main memory
  output logic                       tables_o,   // page tables may be read there
  output logic                       updates_o   // and their A and D updated
);

  if (Count == 0) begin : gen_none

    logic unused_pa;

    assign {held_o, tables_o, updates_o} = '1;
    assign unused_pa = ^pa_i;

  end else begin : gen_regions

    logic [Count-1:0] held, tables, updates;
    /* verilator tracing_off */  // only there so that no input is unused
    logic             unused_offset;
    /* verilator tracing_on */

    for (genvar r = 0; r < Count; r++) begin : gen_region

      localparam logic [55:0] RegionBase = Base[r*tw_pkg::REGION_BASE_BITS +: tw_pkg::REGION_BASE_BITS];
      localparam logic [5:0] RegionSize = Size[r*tw_pkg::REGION_SIZE_BITS +: tw_pkg::REGION_SIZE_BITS];
      localparam logic [2:0] RegionKind = Kind[r*tw_pkg::REGION_KIND_BITS +: tw_pkg::REGION_KIND_BITS];

      assign held[r] = (pa_i >> RegionSize) == (RegionBase >> RegionSize);
      assign tables[r] = held[r] && RegionKind[tw_pkg::REGION_TABLES];
      assign updates[r] = held[r] && RegionKind[tw_pkg::REGION_UPDATES];

`ifndef SYNTHESIS
      initial assert (RegionSize >= 6'd12 && RegionSize <= 6'd56);
`endif

    end

    assign held_o = |held;
    assign tables_o = |tables;
    assign updates_o = |updates;
    assign unused_offset = ^pa_i;

  end

`ifndef SYNTHESIS
  initial assert (Count >= 0 && Count <= tw_pkg::REGION_LIMIT);
`endif

endmodule

`default_nettype wire
