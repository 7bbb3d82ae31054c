/*
 * regs.h - the register table for people: e1000lab regs, decode and rules
 *
 * Functions that look something up return false with a message in why.
 */
#ifndef HARNESS_REGS_H
#define HARNESS_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void regs_print_all(FILE *to, bool todo_only);
bool regs_print_one(FILE *to, const char *name, char *why, size_t size);
bool regs_print_value(FILE *to, const char *name, const char *value, char *why, size_t size);
void regs_print_rules(FILE *to);

#endif
