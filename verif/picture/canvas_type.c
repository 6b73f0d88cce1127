/* How much room texts take. Advances are those of DejaVu Sans, the widest of the fonts that the pictures ask for.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "canvas.h"

#define MONO_ADVANCE 0.62 /* of an em; no common fixed-width font is wider */
#define BOLD_FACTOR 1.24  /* of the plain advance, at most */
#define ASCENT 0.76       /* of an em, above the base line */
#define DESCENT 0.22

/* Of the characters from ' ' to '~', in thousandths of an em. */
static const unsigned short ADVANCES[] = {
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361,  318, 337, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531, 1000, 685, 687, 699, 771, 632,
    576, 775, 752, 295, 295, 656, 558, 863, 749, 788, 604, 788, 695, 635,  611, 732, 685, 989, 686,
    611, 686, 391, 337, 391, 838, 500, 500, 613, 635, 550, 635, 616, 353,  635, 634, 278, 278, 580,
    278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592,  525, 637, 337, 637, 838};

double tw_text_width(const tw_type *type, const char *text) {
  double width = 0;
  if (type->mono) return (double)strlen(text) * MONO_ADVANCE * type->size;
  for (const char *c = text; *c; c++) width += *c < ' ' || *c > '~' ? 1000 : ADVANCES[*c - ' '];
  return width * type->size / 1000.0 * (type->bold ? BOLD_FACTOR : 1.0);
}

void tw_text_fit(const tw_type *type, double width, char *text) {
  size_t length = strlen(text);
  while (length > 3 && tw_text_width(type, text) > width) {
    memcpy(text + length - 4, "...", 4);
    length--;
  }
}

tw_box tw_shape_text_box(const tw_shape *shape) {
  const tw_type *type = &shape->type;
  const double width = tw_text_width(type, shape->text);
  double left = shape->points[0].x;
  if (type->anchor == TW_ANCHOR_MIDDLE) left -= width / 2;
  if (type->anchor == TW_ANCHOR_END) left -= width;
  return (tw_box){left, shape->points[0].y - ASCENT * type->size, left + width,
                  shape->points[0].y + DESCENT * type->size};
}
