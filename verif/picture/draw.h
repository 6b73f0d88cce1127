/* The parts of a drawn map: what they share. Every function draws from `at` on, `width` wide, and returns the height
 * that it took.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_DRAW_H
#define TWINWALK_DRAW_H

#include "canvas.h"
#include "words.h"

#define DRAW_PANEL 572.0 /* width of one process in one state */

typedef struct drawing {
  tw_canvas *canvas;
  const tw_map *map;
} drawing;

/* Colours: of what a region is for, of how a page is, of a process. */
uint32_t draw_use_colour(tw_region_use use);
uint32_t draw_page_colour(tw_page_state state);
uint32_t draw_process_colour(size_t n);
#define DRAW_SEVERAL 0x1f2a44u /* frames of several processes */
#define DRAW_TABLES 0x8d99a6u  /* frames of page tables */
#define DRAW_KERNEL 0xd3d6dau
/* A colour nearer to white, by a part of 1. */
uint32_t draw_lighter(uint32_t colour, double part);

/* One process in one state, with its rows and its tables. */
double draw_process(const drawing *to, tw_point at, const tw_map_rows *rows, unsigned which, size_t n);
/* The same regions on a scale that folds gaps, `height` high, and from each of them a fan to its row. `tops` are the
 * tops of the rows; `bottoms` where their texts end. */
void draw_scale(const drawing *to, const tw_box *box, const tw_map_rows *rows, unsigned which, const double *tops,
                const double *bottoms);
/* The page tables as a tree. */
double draw_tree(const drawing *to, tw_point at, unsigned which, size_t n);
/* All frames of the machine, and whose they are. */
double draw_frames(const drawing *to, tw_point at, double width, unsigned which);
/* Who shares what. */
double draw_shares(const drawing *to, tw_point at, double width);
/* The blocks of a process's heap, and how it broke up over time. 0 if it has none. */
double draw_heap(const drawing *to, tw_point at, double width, size_t n);

#endif
