/* Taking lines of text apart, by hand: there are millions of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_TEXT_H
#define TWINWALK_CAPTURE_TEXT_H

#include "twinwalk/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes what it is called after from *at and moves *at behind it; false, with *at anywhere, if it is not there. */
bool text_word(const char **at, const char *word);
/* Digits only, lower or upper case, at most 16. */
bool text_hex(const char **at, uint64_t *value);
/* ... and with 0x before them, if they have it. */
bool text_hex_prefixed(const char **at, uint64_t *value);
bool text_decimal(const char **at, uint64_t *value);
/* 0x and hexadecimal digits, or decimal digits; of the latter a minus before them makes the value negative. */
bool text_number(const char **at, uint64_t *value);
/* One blank or tab, or more. */
bool text_blank(const char **at);

/* Sets "expected WHAT, found `TEXT`", with what cannot be printed as dots; returns false. */
bool text_unexpected(const char *what, const char *text, tw_error *error);

#endif
