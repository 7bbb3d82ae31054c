/*
 * saves.c - fuzz target: blobs that nobody has saved
 *
 *   kind 1      bit 0: what follows the program is a whole blob; else only its fields, and header and
 *               checks are made to fit. bit 1: a device with link and rings loads it, not a new one.
 *   n 2         bytes of a program for the device that has loaded it
 *   program n   steps as in guest.h
 *   blob        the rest
 */
#include "guest.h"

#include <string.h>

#define HEADER 20u
#define CHECK 4u

static uint8_t sealed[E1000_STORAGE_BYTES];

static size_t seal(const uint8_t *data, size_t size)
{
    e1000_save(guest_device(), sealed, sizeof sealed); /* for its header */
    if (size > sizeof sealed - HEADER - CHECK)
        size = sizeof sealed - HEADER - CHECK;
    memcpy(sealed + HEADER, data, size);
    put32(sealed + 16, (uint32_t)(HEADER + size + CHECK));
    put32(sealed + HEADER + size, e1000_crc32(sealed, HEADER + size));
    return HEADER + size + CHECK;
}

static void load(const uint8_t *data, size_t size)
{
    static struct e1000 before;
    struct e1000 *const dev = guest_device();

    memcpy(&before, dev, sizeof before);
    if (!e1000_load(dev, data, size)) {
        if (memcmp(&before, dev, sizeof before) != 0)
            broken("a blob that is refused changes nothing");
    }
}

int fuzz_saves(const uint8_t *data, size_t size)
{
    const unsigned kind = size > 0 ? data[0] : 0;
    size_t program = size > 2 ? get16(data + 1) : 0;

    if (size < 3)
        return 0;
    data += 3;
    size -= 3;
    if (program > size)
        program = size;
    guest_power(0, 0);
    guest_trust();
    if ((kind & 2) != 0) {
        guest_pci();
        guest_link_up();
    }
    if ((kind & 1) != 0)
        load(data + program, size - program);
    else
        load(sealed, seal(data + program, size - program));
    guest_check();
    guest_steps(data, program);
    return 0;
}
