/*
 * e1000.h - an Intel 82540EM Gigabit Ethernet Controller as a library
 *
 * The public face of libe1000: storage, what the device asks of its host, and one function for each
 * thing that can happen to the device. Section numbers are those of Intel's "PCI/PCI-X Family of
 * Gigabit Ethernet Controllers Software Developer's Manual", 317453-006, revision 4.0.
 *
 * The library is freestanding C11: no allocation, no globals, no clock. One device is one block of
 * storage that the caller owns. Calls on one device must not overlap; different devices share
 * nothing. Host callbacks run inside the call that caused them and must not call back into the same
 * device, except for the functions marked "from a callback".
 *
 * Time enters by e1000_advance() alone, in nanoseconds from an origin of the caller's choice.
 */
#ifndef E1000_H
#define E1000_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct e1000;
struct e1000_event;

/* ---- storage ------------------------------------------------------------------------------- */

/* Bytes that one device needs, at any alignment that malloc would give. */
#define E1000_STORAGE_BYTES (208u * 1024u)

/* ---- what the device asks of its host -------------------------------------------------------- */

struct e1000_iov {
    const void *base;
    size_t len;
};

/*
 * Work that a host may take over or do without. A host that declares none gets finished frames, FCS
 * included, and finished receive descriptors; with or without, the same bytes go on the wire.
 */
enum e1000_offload {
    E1000_OFFLOAD_FCS = 1u << 0, /* the host appends the frame check sequence, or its medium has none */
    /*
     * The device leaves the packet checksum of received frames at 0, which saves a look at every byte of
     * them. For hosts whose guests do not use it: Linux does not. IP, TCP and UDP results are not affected.
     */
    E1000_OFFLOAD_PACKET_CHECKSUM = 1u << 1,
    /*
     * These two need E1000_OFFLOAD_FCS and dma_map, TSO needs CHECKSUM as well, and they are used for frames that
     * nobody traces and that leave at once. What the host gets is what the next table says; everything else, counters
     * included, is as if the device had done the work.
     *
     * CHECKSUM: one checksum of a frame is left to the host: the sum from byte csum_start to the end, its
     * complement stored at csum_start + csum_offset, where the pseudo-header's sum already stands. A host may
     * send FFFFh for a result of 0.
     * TSO: consecutive segments of one TCP segmentation [3.5] leave as one packet of up to 64 KiB, to be cut
     * every segment bytes of payload. Its IP length and checksum, and the pseudo-header's sum in the TCP
     * checksum, are those of the whole packet; the checksum fields of E1000_OFFLOAD_CHECKSUM hold as well.
     * Of the pieces, the first has this packet's IPv4 identification and each later one the next number;
     * FIN and PSH belong to the last. The pseudo-header's sum is the driver's, right or wrong.
     */
    E1000_OFFLOAD_CHECKSUM = 1u << 2,
    E1000_OFFLOAD_TSO = 1u << 3,
};

enum e1000_frame_flag {
    E1000_FRAME_FCS = 1u << 0,     /* the last four bytes are the frame check sequence */
    E1000_FRAME_RX_ER = 1u << 1,   /* in: the PHY signalled RX_ER during the frame [3.2.3.2 RXE] */
    E1000_FRAME_ALIGN = 1u << 2,   /* in: not a whole number of bytes [13.7.2] */
    E1000_FRAME_CEXT = 1u << 3,    /* in: carrier extension error [13.7.14] */
    E1000_FRAME_LATER = 1u << 4,   /* in, with defer_dma: it waits in the receive FIFO for e1000_dma() */
    E1000_FRAME_CHECKED = 1u << 5, /* in: the host vouches for the TCP or UDP checksum, whatever it looks like */
};

/* A frame leaves, destination address first. Everything here is the device's until the call returns. */
struct e1000_frame {
    const struct e1000_iov *iov;
    unsigned iovcnt;
    uint32_t length;                  /* bytes in all of iov */
    uint32_t flags;                   /* enum e1000_frame_flag */
    uint32_t offloads;                /* enum e1000_offload: what is still to be done by the host */
    uint16_t csum_start, csum_offset; /* with E1000_OFFLOAD_CHECKSUM */
    uint16_t segment;                 /* with E1000_OFFLOAD_TSO: payload bytes of each piece */
    uint16_t header;                  /*   bytes in front of the payload */
    uint8_t ip;                       /*   4 or 6 */
};

/*
 * Everything the device asks of the outside. dma_read, dma_write and frame_out are required, the
 * rest may be NULL. DMA addresses are bus addresses of 64 bits [4.2].
 */
struct e1000_host {
    void *ctx;
    uint32_t offloads; /* enum e1000_offload that the host does, or does without */

    /* Move bytes between guest memory and the device; false is a master abort [4.1, Status bit 13]. */
    bool (*dma_read)(void *ctx, uint64_t addr, void *to, size_t len);
    bool (*dma_write)(void *ctx, uint64_t addr, const void *from, size_t len);

    /*
     * Guest memory in place: a pointer to len bytes that stays good until the host's next call into
     * the device returns, or NULL where that is not possible (dma_read and dma_write serve then).
     */
    void *(*dma_map)(void *ctx, uint64_t addr, size_t len, bool for_write);

    void (*frame_out)(void *ctx, const struct e1000_frame *frame);
    void (*irq_line)(void *ctx, bool asserted);                /* INTA#, true = asserted */
    void (*msi)(void *ctx, uint64_t addr, uint32_t data);      /* one message [4.1.3] */
    void (*pme)(void *ctx, bool asserted);                     /* PME# [6.3.3] */
    void (*trace)(void *ctx, const struct e1000_event *event); /* NULL costs one branch an event */
};

/* How the board is made. The EEPROM's words are read during e1000_init() only, the flash is used in place. */
struct e1000_config {
    const uint16_t *eeprom; /* words as a programmer would list them; NULL: blank, all FFFFh */
    unsigned eeprom_words;  /* 64 (93C46), 256 (93C66), or 0: none fitted [5.3] */
    uint16_t device_id;     /* of the silicon, 0 for 100Eh; EEPROM word 0Dh may replace it [5.6.10] */
    uint8_t revision;       /* PCI revision ID; boards show 02h */
    bool aux_power;         /* AUX_POWER pin [6.3] */
    bool m66en;             /* 66 MHz bus, STATUS.PCI66 */
    bool line_rate;         /* frames take their time on the wire; false: they leave at once */
    bool defer_dma;         /* guest memory is touched in e1000_dma() and e1000_frame_in() only */
    uint8_t *flash;         /* the serial flash: the caller's storage as long as the device lives; NULL: none [7] */
    uint32_t flash_bytes;   /* its size; a power of two, or the largest one below counts [B.2.1] */
};

/*
 * Make a device in storage (E1000_STORAGE_BYTES or more) and apply power: it is in D0u with its
 * first EEPROM read under way [6.3.1]. Returns NULL if the storage is too small or misaligned, or
 * if a required callback is missing. Nothing is to be freed: the storage is the caller's.
 */
struct e1000 *e1000_init(void *storage, size_t bytes, const struct e1000_host *host, const struct e1000_config *config);

/* ---- time ------------------------------------------------------------------------------------ */

#define E1000_NEVER UINT64_MAX

void e1000_advance(struct e1000 *dev, uint64_t now_ns); /* time never goes back: earlier is ignored */
uint64_t e1000_next_event(const struct e1000 *dev);     /* when it next wants e1000_advance() */
uint64_t e1000_now(const struct e1000 *dev);

/*
 * For a host that cannot serve DMA in the middle of an access: with defer_dma, what accesses, time and
 * pins would move to or from guest memory waits for e1000_dma(), and what the driver has asked for
 * meanwhile is done at once. One call takes a bounded share of a long ring; ask again afterwards.
 */
bool e1000_dma_waits(const struct e1000 *dev);
void e1000_dma(struct e1000 *dev);

/* ---- the PCI side [4, 13.2] ------------------------------------------------------------------- */

enum e1000_bar { E1000_BAR_MEM, E1000_BAR_FLASH, E1000_BAR_IO, E1000_BAR_ROM, E1000_BARS };

/* What configuration space says of a BAR now. size 0: the board does not have it. */
struct e1000_bar_info {
    uint8_t config_offset; /* of its (low) dword */
    bool io, wide;         /* I/O space; 64-bit layout */
    bool enabled;          /* decoded now: Command bit, power state, non-zero base where demanded */
    uint64_t base;
    uint32_t size;
};

uint32_t e1000_config_read(struct e1000 *dev, unsigned offset, unsigned size); /* size 1, 2 or 4 */
void e1000_config_write(struct e1000 *dev, unsigned offset, unsigned size, uint32_t value);
void e1000_bar_info(const struct e1000 *dev, enum e1000_bar bar, struct e1000_bar_info *info);

/*
 * Access at an offset into a BAR; size 1, 2, 4 or (memory) 8. A BAR that is not decoded answers
 * reads with all ones and takes no writes, as a master abort does.
 */
uint64_t e1000_bar_read(struct e1000 *dev, enum e1000_bar bar, uint32_t offset, unsigned size);
void e1000_bar_write(struct e1000 *dev, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value);

/* The same for one aligned dword of BAR0, without a detour. */
uint32_t e1000_read32(struct e1000 *dev, uint32_t offset);
void e1000_write32(struct e1000 *dev, uint32_t offset, uint32_t value);

/* ---- pins [6.3, 14.7] -------------------------------------------------------------------------- */

void e1000_lan_power_good(struct e1000 *dev, bool level); /* LAN_PWR_GOOD: false holds in reset */
void e1000_pci_reset(struct e1000 *dev, bool asserted);   /* RST#: true while the pin is low */
void e1000_aux_power(struct e1000 *dev, bool level);
void e1000_sdp(struct e1000 *dev, unsigned pin, bool level); /* software-definable pin 0, 1, 6 or 7 */

/* Outputs, as they are now. Both may be called from a callback. */
uint32_t e1000_leds(const struct e1000 *dev); /* bit n: level of pin LEDn; low lights a LED as boards wire it [10.1] */
uint32_t e1000_sdp_out(const struct e1000 *dev); /* bit n: level at pin SDPn; bit 8 + n: 1 where the device drives it */

/*
 * When the LEDs may show something else next if nothing happens before; E1000_NEVER if never. Not part
 * of e1000_next_event(): a host that shows no LEDs is not woken for them.
 */
uint64_t e1000_leds_next(const struct e1000 *dev);

/* ---- the wire [8, 11] -------------------------------------------------------------------------- */

/* The other end of the cable. Ability bits are those of LPA (5:9 speeds, 10 PAUSE, 11 ASM_DIR, 13 remote fault). */
struct e1000_partner {
    bool autoneg;       /* negotiates; false: fixed at speed and full_duplex below */
    uint16_t base_page; /* negotiating: LPA[12:5] abilities, in place; [4:0] selector, 0 stands for 1, IEEE 802.3 */
    bool gigabit_full;  /* negotiating: 1000BASE-T abilities */
    bool gigabit_half;
    uint16_t speed; /* fixed: 10, 100 or 1000 */
    bool full_duplex;
    uint8_t pairs;         /* wire pairs that work: 4, or 2 and 3 where 1000 cannot be reached [11.2.2] */
    uint8_t cable_length;  /* PSSTAT[9:7] code, 0 = under 50 m */
    bool crossover;        /* the cable needs MDI-X at our end */
    bool reversed;         /* the two wires of our receive pair are swapped [11.2.1] */
    bool sleeps;           /* sends nothing before it hears a link pulse of ours [11.4.1] */
    uint8_t role;          /* negotiating 1000: 1 insists on master, 2 on slave; else it takes the other one */
    uint8_t next_pages;    /* negotiating: of the code words below, which follow those of 1000BASE-T [11.1.2] */
    uint16_t next_page[4]; /* LPN[10:0] code, 12, 13; toggle, acknowledge and next page bits are worked out */
};

void e1000_partner(struct e1000 *dev, const struct e1000_partner *partner); /* NULL: cable pulled */

/*
 * A frame arrives, destination address first, at the current time; flags of enum e1000_frame_flag.
 * Without E1000_FRAME_FCS the frame is good and the device works out the FCS where it must store it.
 */
void e1000_frame_in(struct e1000 *dev, const void *frame, size_t len, uint32_t flags);

/* Bytes that the receive FIFO would still take; a host that can make its frames wait looks here. */
uint32_t e1000_receive_room(const struct e1000 *dev);

/* What the PHY's receiver meets between frames; only while there is link. */
enum e1000_wire_fault {
    E1000_FALSE_CARRIER, /* PINTS.FALSE_CARRIER */
    E1000_SYMBOL_ERROR,  /* PINTS.SYMBOL_ERROR */
    E1000_IDLE_ERROR,    /* at 1000 Mb/s: GSTATUS.IDLE_ERRORS */
    E1000_PHY_FIFO,      /* PINTS.FIFO: its clock is too far from ours */
};
void e1000_wire_fault(struct e1000 *dev, enum e1000_wire_fault fault);

/*
 * In half duplex the next attempts to send, so many of them, meet a collision: late is one behind the collision
 * window [8.4.2, 3.3.3.2]. 0 ends what was asked for before; link loss does so, too. In full duplex, and without link,
 * nothing. A frame is tried again, and leaves whole; or it is given up and never does, as TCTL.CT and RTLC say.
 */
void e1000_collide(struct e1000 *dev, uint32_t attempts, bool late);

/* ---- looking in --------------------------------------------------------------------------------- */

bool e1000_irq_asserted(const struct e1000 *dev);
size_t e1000_eeprom_copy(const struct e1000 *dev, uint16_t *words, size_t max); /* returns words fitted */

/* What the MAC and the cable have agreed on: the outcome the driver sees in STATUS. */
struct e1000_link {
    bool phy_up;    /* the PHY has link */
    bool mac_up;    /* STATUS.LU */
    uint16_t speed; /* 10, 100, 1000: the speed the MAC uses */
    bool full_duplex;
};
void e1000_link_state(const struct e1000 *dev, struct e1000_link *link);

/* ---- saving --------------------------------------------------------------------------------------- */

/*
 * All that a device is, its board and its EEPROM included, as bytes: the same on every machine,
 * whatever its byte order and word size. A device continues from them where it was; e1000_now() says
 * in what time, and the host goes on counting from there (up to INT64_MAX ns).
 *
 * e1000_save() wants room for e1000_save_size() bytes and returns how many it has used, which are
 * fewer as long as the packet buffer is not full; 0 where there is less room.
 *
 * e1000_load() makes a device, any that e1000_init() has made, the saved one; only its host stays its
 * own. Where that moves INTA# or PME#, the host hears of it. A blob that is not whole, of another
 * version, or that no device can have saved is refused: false, and the device is as it was.
 *
 * Neither may be called from a callback.
 */
size_t e1000_save_size(void);
size_t e1000_save(const struct e1000 *dev, void *blob, size_t size);
bool e1000_load(struct e1000 *dev, const void *blob, size_t size);

#ifdef __cplusplus
}
#endif
#endif
