/*
 * descriptors.c - fuzz target: a driver with rings, link and bus mastering, then anything
 */
#include "guest.h"

static void driver(void)
{
    guest_pci();
    guest_link_up();
    guest_write(E1000_TDBAL, GUEST_TX_RING);
    guest_write(E1000_TDLEN, 256);
    guest_write(E1000_RDBAL, GUEST_RX_RING);
    guest_write(E1000_RDLEN, 256);
    guest_write(E1000_IMS, 0xffffffff);
    guest_write(E1000_RCTL, 0x0400801a); /* EN, UPE, MPE, BAM, SECRC */
    guest_write(E1000_TCTL, 0x0000000a); /* EN, PSP */
}

int fuzz_descriptors(const uint8_t *data, size_t size)
{
    guest_play(data, size, driver);
    return 0;
}
