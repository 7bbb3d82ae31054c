/*
 * target.h - the fuzz targets: each is the body of LLVMFuzzerTestOneInput
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int fuzz_registers(const uint8_t *data, size_t size);
int fuzz_descriptors(const uint8_t *data, size_t size);
int fuzz_saves(const uint8_t *data, size_t size);

#endif
