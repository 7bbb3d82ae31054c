/*
 * registers.c - fuzz target: accesses of all kinds to a device that has just been switched on
 */
#include "guest.h"

int fuzz_registers(const uint8_t *data, size_t size)
{
    guest_play(data, size, NULL);
    return 0;
}
