/* Canvases: what is checked, what is written, and what plots draw.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plot.h"

static const tw_type PLAIN = {10, TW_INK, TW_ANCHOR_START, false, false, false};

static void texts_that_leave_the_picture_are_found(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_error error = {0};
  tw_canvas_init(&canvas);
  canvas.width = 100;
  canvas.height = 20;
  tw_canvas_text(&canvas, (tw_point){2, 12}, &PLAIN, "%s", "short");
  assert_true(tw_canvas_check(&canvas, &error));
  tw_canvas_text(&canvas, (tw_point){60, 12}, &PLAIN, "%s", "much too long");
  assert_false(tw_canvas_check(&canvas, &error));
  assert_non_null(strstr(error.text, "\"much too long\""));
  assert_non_null(strstr(error.text, "leaves the picture"));
  tw_canvas_free(&canvas);
}

static void texts_that_overlap_are_found(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_error error = {0};
  tw_canvas_init(&canvas);
  canvas.width = canvas.height = 200;
  tw_canvas_text(&canvas, (tw_point){2, 12}, &PLAIN, "first");
  tw_canvas_text(&canvas, (tw_point){2, 24}, &PLAIN, "below");
  assert_true(tw_canvas_check(&canvas, &error));
  tw_canvas_text(&canvas, (tw_point){10, 30}, &PLAIN, "upon");
  assert_false(tw_canvas_check(&canvas, &error));
  assert_non_null(strstr(error.text, "\"below\" and \"upon\" overlap"));
  tw_canvas_free(&canvas);
}

static void empty_pictures_are_found(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_error error = {0};
  tw_canvas_init(&canvas);
  assert_false(tw_canvas_check(&canvas, &error));
  assert_string_equal(error.text, "the picture is empty");
}

static void texts_are_cut_to_a_width(void **state) {
  (void)state;
  char text[] = "a long name that does not fit";
  tw_text_fit(&PLAIN, 60, text);
  assert_true(tw_text_width(&PLAIN, text) <= 60);
  assert_string_equal(text + strlen(text) - 3, "...");
  char short_one[] = "fits";
  tw_text_fit(&PLAIN, 60, short_one);
  assert_string_equal(short_one, "fits");
}

static char *svg_of(const tw_canvas *canvas) {
  char *text = NULL;
  size_t size = 0;
  tw_error error;
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  assert_true(tw_canvas_svg(canvas, "a <title> & more", stream, &error));
  assert_int_equal(fclose(stream), 0);
  return text;
}

static void names_are_escaped_and_made_plain(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_canvas_init(&canvas);
  tw_canvas_text(&canvas, (tw_point){0, 10}, &PLAIN, "%s", "<a & \"b\">\x01\xff");
  char *svg = svg_of(&canvas);
  assert_non_null(strstr(svg, ">&lt;a &amp; &quot;b&quot;&gt;\?\?</text>"));
  assert_non_null(strstr(svg, "<title>a &lt;title&gt; &amp; more</title>"));
  free(svg);
  tw_canvas_free(&canvas);
}

static void numbers_have_one_digit_and_no_minus_zero(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_canvas_init(&canvas);
  const tw_box box = {-0.01, 1.25, 10, 3.3333};
  const tw_paint paint = {0x123456, TW_NO_COLOUR, 0, false};
  tw_canvas_rect(&canvas, &box, &paint);
  char *svg = svg_of(&canvas);
  assert_non_null(strstr(svg, "<rect x=\"0\" y=\"1.3\" width=\"10\" height=\"2.1\" fill=\"#123456\"/>"));
  free(svg);
  tw_canvas_free(&canvas);
}

static void pictures_that_cannot_be_written_leave_nothing(void **state) {
  (void)state;
  tw_canvas canvas;
  tw_error error = {0};
  char path[] = "picture_test_XXXXXX";
  assert_non_null(mkdtemp(path));
  char name[64];
  snprintf(name, sizeof name, "%s/no/such/folder.svg", path);
  tw_canvas_init(&canvas);
  tw_canvas_text(&canvas, (tw_point){0, 10}, &PLAIN, "text");
  assert_false(tw_canvas_save(&canvas, "title", name, &error));
  assert_non_null(strstr(error.text, name));
  assert_int_equal(rmdir(path), 0); /* it is empty */
  tw_canvas_free(&canvas);
}

static void numbers_are_short(void **state) {
  (void)state;
  char text[32];
  const struct {
    double value;
    const char *wanted;
  } rows[] = {{0, "0"}, {-0.0, "0"}, {250, "250"}, {1500, "1.5k"}, {20e6, "20M"}, {0.25, "0.25"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    tw_number_format(rows[i].value, text, sizeof text);
    assert_string_equal(text, rows[i].wanted);
  }
}

/* Draws a plot into a picture of its own and has that checked. */
static void plot_check(const tw_plot *plot, double width, double height) {
  tw_canvas canvas;
  tw_error error = {0};
  tw_canvas_init(&canvas);
  canvas.width = width;
  canvas.height = height;
  const tw_box box = {0, 0, width, height};
  tw_plot_draw(&canvas, &box, plot);
  if (!tw_canvas_check(&canvas, &error)) fail_msg("%s", error.text);
  tw_canvas_free(&canvas);
}

static void plots_of_any_range_keep_their_labels_apart(void **state) {
  (void)state;
  for (double most = 0.001; most < 1e12; most *= 7) {
    const double x[] = {0, most / 3, most}, y[] = {most, 0, most * 2};
    const tw_series series[] = {{"one", 0x3b6fb6, x, y, 3}, {"another", 0xe0852c, x, y, 3}};
    tw_plot plot = {"A plot", {"along", 0, 0, false}, {"up", 0, 0, false}, series, 2, false};
    plot_check(&plot, 560, 200);
    plot.stacked = true;
    plot_check(&plot, 560, 200);
    plot.x.logarithmic = true;
    plot_check(&plot, 560, 200);
  }
}

static void plots_of_one_point_or_none_are_drawn(void **state) {
  (void)state;
  const double x[] = {5}, y[] = {0};
  const tw_series series[] = {{"", 0x3b6fb6, x, y, 1}};
  tw_plot plot = {"A plot", {"along", 0, 0, false}, {"up", 0, 0, false}, series, 1, false};
  plot_check(&plot, 300, 150);
  plot.count = 0;
  plot_check(&plot, 300, 150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_that_leave_the_picture_are_found),
      cmocka_unit_test(texts_that_overlap_are_found),
      cmocka_unit_test(empty_pictures_are_found),
      cmocka_unit_test(texts_are_cut_to_a_width),
      cmocka_unit_test(names_are_escaped_and_made_plain),
      cmocka_unit_test(numbers_have_one_digit_and_no_minus_zero),
      cmocka_unit_test(pictures_that_cannot_be_written_leave_nothing),
      cmocka_unit_test(numbers_are_short),
      cmocka_unit_test(plots_of_any_range_keep_their_labels_apart),
      cmocka_unit_test(plots_of_one_point_or_none_are_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
