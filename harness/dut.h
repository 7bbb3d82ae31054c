/*
 * dut.h - the device under test, as the lab sees it
 *
 * One table of functions for everything that a machine can do to a network card. The in-process
 * model is one implementation (dut_model.c); a card behind a protocol is another. A scenario does
 * not know which one it runs on. What a device cannot do it leaves out of caps, and the runner
 * skips a scenario that needs it, with that as the reason.
 */
#ifndef DUT_H
#define DUT_H

#include "../model/e1000.h"
#include "../model/e1000_trace.h"

struct memory_share; /* memory.h */

enum dut_caps {
    DUT_VIRTUAL_TIME = 1 << 0, /* time is ours: advance() */
    DUT_EVENTS = 1 << 1,       /* reports what happens inside it (machine.trace) */
    DUT_POWER = 1 << 2,        /* LAN_PWR_GOOD, RST#, AUX_POWER and SDP pins */
    DUT_PARTNER = 1 << 3,      /* link partner and cable */
    DUT_EEPROM = 1 << 4,       /* EEPROM contents can be chosen */
    DUT_PINS = 1 << 5,         /* output pins can be looked at: LEDs, SDP, PME# */
    DUT_FLASH = 1 << 6,        /* a flash part can be fitted: board->flash is used in place */
    DUT_RELOAD = 1 << 7,       /* NAME:reload saves itself and loads again around every call */
    DUT_BOARD = 1 << 8,        /* the rest of e1000_config can be chosen; what the EEPROM holds can be looked at */
    DUT_FRAMES = 1 << 9,       /* frames come and go */
    DUT_WIRE = 1 << 10,        /* and are as they were on the wire: with their FCS, with what the PHY said of them */
    DUT_DMA = 1 << 11,         /* every DMA passes through the machine and is judged */
    DUT_REFUSAL = 1 << 12,     /* and the card knows at once that one is refused */
    DUT_MEMORY = 1 << 13,      /* guest memory is at hand: a frame is in it within the card's own step */
};
#define DUT_ALL_OF_A_CARD                                                                                              \
    (DUT_VIRTUAL_TIME | DUT_EVENTS | DUT_POWER | DUT_PARTNER | DUT_EEPROM | DUT_PINS | DUT_FLASH | DUT_BOARD |         \
     DUT_FRAMES | DUT_WIRE | DUT_DMA | DUT_REFUSAL | DUT_MEMORY)

/* What the machine offers a device. The functions may be called from inside any dut call. */
struct machine {
    void *ctx;
    bool (*dma_read)(void *ctx, uint64_t addr, void *to, size_t len);
    bool (*dma_write)(void *ctx, uint64_t addr, const void *from, size_t len);
    void (*frame_out)(void *ctx, const uint8_t *frame, size_t len, uint32_t flags);
    void (*irq_line)(void *ctx, bool asserted);
    void (*msi)(void *ctx, uint64_t addr, uint32_t data);
    void (*pme)(void *ctx, bool asserted);
    void (*trace)(void *ctx, const struct e1000_event *event);
    /* Called in open(): the device works in guest memory by itself. */
    void (*share)(void *ctx, const struct memory_share *share);
};

#define DUT_RELOAD_ARG "reload"
#define DUT_DEFER_ARG "defer"    /* of the model: DMA waits for the end of the call */
#define DUT_REPLAY_ARG "replay"  /* of the model: record the run, and live it again in the end */
#define DUT_RECORD_ARG "record=" /* of the model: record the run to the file behind it */

struct dut;

struct dut_ops {
    const char *name;
    unsigned caps;
    unsigned (*caps_of)(const char *arg); /* if they depend on it; else NULL */
    /* NULL with a message in why (size bytes) if the device cannot be had. arg: what follows the
       colon of --dut NAME:ARG, or NULL. */
    struct dut *(*open)(const char *arg, const struct machine *machine, const struct e1000_config *board, char *why,
                        size_t size);
    void (*close)(struct dut *dut);
    uint32_t (*config_read)(struct dut *dut, unsigned offset, unsigned size);
    void (*config_write)(struct dut *dut, unsigned offset, unsigned size, uint32_t value);
    uint64_t (*bar_read)(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size);
    void (*bar_write)(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value);
    void (*frame_in)(struct dut *dut, const void *frame, size_t len, uint32_t flags);
    void (*partner)(struct dut *dut, const struct e1000_partner *partner);
    void (*power_good)(struct dut *dut, bool level);
    void (*pci_reset)(struct dut *dut, bool asserted);
    void (*aux_power)(struct dut *dut, bool level);
    void (*sdp)(struct dut *dut, unsigned pin, bool level);
    void (*wire_fault)(struct dut *dut, enum e1000_wire_fault fault); /* with DUT_PARTNER; may be NULL */
    void (*collide)(struct dut *dut, uint32_t attempts, bool late);   /* the same */
    uint32_t (*leds)(struct dut *dut);                                /* these three with DUT_PINS */
    uint64_t (*leds_next)(struct dut *dut);
    uint32_t (*sdp_out)(struct dut *dut);
    bool (*pme)(struct dut *dut); /* with DUT_PINS; NULL: machine.pme tells each change */
    size_t (*eeprom)(struct dut *dut, uint16_t *words, size_t max);
    bool (*irq)(struct dut *dut);
    void (*advance)(struct dut *dut, uint64_t now_ns);
    uint64_t (*next_event)(struct dut *dut);

    /* For a device that is not in this process; both may be NULL. */
    void (*settle)(struct dut *dut);         /* all that it has been asked for has been done */
    const char *(*trouble)(struct dut *dut); /* NULL, or a sentence: it cannot be used any more */
};

struct dut {
    const struct dut_ops *ops;
};

static inline unsigned dut_caps(const struct dut_ops *ops, const char *arg)
{
    return ops->caps_of != NULL ? ops->caps_of(arg) : ops->caps;
}

extern const struct dut_ops dut_model, dut_vfio_user;

#endif
