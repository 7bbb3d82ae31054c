/*
 * guest.h - a guest that an input plays: steps out of bytes, and what must hold whatever they are
 *
 * A program is a header and steps, as seeds.c writes them:
 *
 *   variant 1   what the second run has that the first has not, enum variant; both must show the same
 *   board 1     enum board
 *   steps       enum step, then its operands, little-endian; beyond the end of the input all is 0
 *
 * Checked after every step: no DMA but to descriptor rings and to buffers that a descriptor has named;
 * a bounded number of them a call; INTA# as the host was told; e1000_next_event() not in the past and
 * never in the way of time. At the end, and with RELOAD after steps: what the device saves it loads,
 * and saves it again as the same bytes. Asserts of the model trap.
 */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#include "../core.h"
#include "target.h"

enum variant {
    VARIANT_RELOAD = 1, /* saved, wiped, made anew and loaded after every step of the first, then of some */
    VARIANT_TRACE = 2,  /* somebody listens: no short ways */
    VARIANT_MAP = 4,    /* guest memory in place */
    VARIANT_FCS = 8,    /* the host appends the FCS */
    VARIANT_CHECKSUM = 16,
    VARIANT_TSO = 32, /* it sums up and cuts, if the rest that it needs for that is there, too */
    VARIANTS = 63
};

enum board {
    BOARD_LINE_RATE = 1,
    BOARD_BIG_EEPROM = 2,
    BOARD_NO_EEPROM = 4,
    BOARD_AUX_POWER = 8,
    BOARD_M66EN = 16,
    BOARD_BLANK = 32, /* EEPROM without a signature */
    BOARD_MSI = 64,
    BOARD_WIDE = 128, /* 64-bit BARs, flash */
};

enum step {
    STEP_TIME,         /* n 2, shift 1: n << shift % 25 ns */
    STEP_CONFIG_READ,  /* offset 1, size 1 */
    STEP_CONFIG_WRITE, /* offset 1, size 1, value 4 */
    STEP_BAR_READ,     /* bar 1, offset 4, size 1 */
    STEP_BAR_WRITE,    /* bar 1, offset 4, size 1, value 8 */
    STEP_READ,         /* offset 2 in BAR0; of no register: some register */
    STEP_WRITE,        /* offset 2, value 4 */
    STEP_IO,           /* offset 2, value 4: IOADDR, IODATA written and read */
    STEP_FRAME,        /* length 2, flags 1, n 1, n bytes; the rest is a pattern */
    STEP_PARTNER, /* bits 1, base page 2, speed 1, pairs 1, cable 1; with 80h role 1, next pages 1, two of them 2 each
                   */
    STEP_UNPLUG,
    STEP_PIN,       /* pin 1, level 1 */
    STEP_PHY_READ,  /* register 1: MDIC, and its time */
    STEP_PHY_WRITE, /* register 1, value 2 */
    STEP_EEPROM,    /* bits 1, value 4: shifted in over EECD, CS down behind them if bits has 80h */
    STEP_POKE,      /* address 2, n 1, n bytes: into guest memory */
    STEP_TX,        /* 16 bytes: the next transmit descriptor */
    STEP_RX,        /* 16 bytes: the next receive descriptor */
    STEP_TX_TAIL,   /* TDT to the next descriptor, plus 1 byte */
    STEP_RX_TAIL,
    STEP_REFUSE, /* address 2, length 2: the host refuses DMA there */
    STEP_WIRE,   /* what 1, attempts 1: a fault between frames, or from 4 on collisions, odd: late */
    STEPS
};

#define GUEST_BYTES 0x10000u /* of memory, at 0 and once more at the top of 64 bits */
#define GUEST_TX_RING 0x1000u
#define GUEST_RX_RING 0x3000u

struct guest;
extern struct guest guest;

/* Say what is wrong and end. */
void broken(const char *what) __attribute__((noreturn));

/* One run: a new device, prelude() if there is one, the steps. */
void guest_play(const uint8_t *data, size_t size, void (*prelude)(void));

/* The parts of it, for prelude() and for a target of its own kind. */
void guest_power(unsigned variant, unsigned board);
void guest_steps(const uint8_t *data, size_t size);
void guest_run(uint64_t ns);
void guest_write(uint32_t offset, uint32_t value);
void guest_link_up(void);
void guest_pci(void);
void guest_trust(void); /* descriptors may have come another way: DMA may go anywhere */
void guest_check(void);
struct e1000 *guest_device(void);

#endif
