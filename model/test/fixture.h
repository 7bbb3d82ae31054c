/*
 * fixture.h - a board for unit tests: guest memory, a log of what the device did, short ways to drive it
 *
 * There is one board, `fx`; Check runs every test in its own process, so none sees another's. As a
 * checked fixture use fx_start, or call the steps and change something between them:
 *
 *   fx_board();                      defaults below; now change fx.config, fx.host, fx.eeprom
 *   fx_power();                      e1000_init: power-up, EEPROM read under way, nothing decoded
 *   fx_run(FX_LOAD_NS);              past the EEPROM read
 *   fx_pci_setup();                  BAR0 at FX_BAR0, I/O at FX_IO, Command 7
 *
 * The log is text, one line for each trace event and each host call (see fixture.c, on_trace):
 *
 *   "rd CTRL 00000a41"        "rd ICR 00000004 clears 00000004"     "wr MTA[3] ffffffff"
 *   "wr IMS ffffffff drops fffe0800"       "rd ? 00000004 00000000" (undeclared: offset, value)
 *   "cause 00000004"          "irq up 00000004" / "irq down ..."    "line 1" / "line 0"
 *   "phy rd PCTRL 1140"       "phy wr PCTRL 8000 drops 0000"        "link up 1000 full" / "link down ..."
 *   "eeprom rd 00 5452"       "eeprom load 0 27"                    "reset CTRL.RST"
 *   "bad mdic-busy MDIC 08210000" (rule, about what, value)         "drop 64 why [section]"
 *   "cfg rd 04 2 0007"  "cfg wr 04 2 0007"  "io rd 0 4 00000000"    "pme 1"
 *   "msi fee00000 4041" (event)             "message fee00000 4041" (host call)
 *   "dma rd txd[0] x1 00001000 16"          "dma wr rxbuf[0] x1 00002000 60 failed"
 *   "loop 64"                 "flash wr 00010 4 0000000012345678" (offset, bytes, value; "flash-io" by IODATA)
 *   "frame in 60 flags 0"     "frame out 64 flags 1"                "out 64 flags 1 offloads 0" (host call)
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "../e1000.h"
#include "../e1000_regs.h"
#include "../e1000_trace.h"

#include <check.h>

enum {
    FX_MEMORY = 1 << 20,         /* guest memory, at bus address 0 */
    FX_SENT_MAX = 64,            /* frames kept; more are counted only */
    FX_FRAME_MAX = 16384,        /* longest */
    FX_LOG_MAX = 1 << 18,        /* characters; a test that logs more fails */
    FX_LOAD_NS = 5 * 1000 * 1000 /* longer than an EEPROM load takes; Linux waits as long */
};
#define FX_BAR0 0xf0000000u
#define FX_IO 0xc000u
#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

struct fx_frame {
    uint32_t length, flags, offloads;
    uint8_t data[FX_FRAME_MAX];
};

struct fixture {
    struct e1000 *dev;
    struct e1000_host host;     /* fx_board: all callbacks but dma_map, which a test may set to fx_dma_map */
    struct e1000_config config; /* fx_board: fx.eeprom, 64 words, revision 2, frames leave at once */
    uint16_t eeprom[256];       /* fx_board: fx_good_eeprom */
    uint8_t memory[FX_MEMORY];
    uint64_t refuse_at, refuse_len; /* DMA that touches this range is refused, as all beyond memory is */
    unsigned dma_reads, dma_writes, maps;
    struct fx_frame sent[FX_SENT_MAX];
    unsigned sent_count;
    bool line;         /* INTA# as last told by irq_line */
    unsigned rises;    /* of that line */
    bool pme;          /* PME# as last told */
    unsigned messages; /* MSI, and the last one */
    uint64_t message_addr;
    uint32_t message_data;
    char log[FX_LOG_MAX];
    size_t log_len;
};
extern struct fixture fx;

/* ---- making the board ---- */
void fx_board(void);
void fx_power(void);
void fx_pci_setup(void);
void fx_start(void); /* all of it, as above; the log is empty then */
void *fx_dma_map(void *ctx, uint64_t addr, size_t len, bool for_write);

/*
 * Words of a good EEPROM into fx.eeprom: address 52:54:00:12:34:56, signature 01b in word 0Ah, IDs
 * from silicon, 32-bit BARs, power management on, no flash; MSI off; CTRL loads all 0 but nothing else.
 * fx_checksum() makes words 00h-3Fh sum to BABAh again after a change.
 */
void fx_good_eeprom(void);
void fx_checksum(void);

/* ---- time ---- */
void fx_run(uint64_t ns);   /* from now on */
void fx_until(uint64_t at); /* up to */

/* ---- driving it ---- */
uint32_t fx_read(uint32_t offset);
void fx_write(uint32_t offset, uint32_t value);
void fx_set(uint32_t offset, uint32_t bits); /* read, OR, write */
uint16_t fx_phy_read(unsigned reg);          /* one MDIC command to PHY 1, and its time */
void fx_phy_write(unsigned reg, uint16_t value);
void fx_partner_gigabit(struct e1000_partner *p); /* a partner that can do everything, four pairs, short cable */
void fx_link_up(void); /* connect that, set CTRL.SLU, wait for link: 1000 full; clears ICR and the log */

/* The EEPROM's pins. fx_ee_op sends a start bit, `bits` bits of `value`, and stays selected. */
void fx_ee_request(void); /* EE_REQ, fails if EE_GNT does not follow */
void fx_ee_release(void);
void fx_ee_select(bool on);
void fx_ee_send(uint32_t value, unsigned bits);
uint32_t fx_ee_receive(unsigned bits);
bool fx_ee_do(void);                                /* level of DO now */
uint16_t fx_ee_read(unsigned addr, unsigned width); /* a whole READ; width 6 or 8 */

/* Guest memory, little endian. */
void fx_put16(uint64_t addr, uint32_t v);
void fx_put32(uint64_t addr, uint32_t v);
void fx_put64(uint64_t addr, uint64_t v);
uint32_t fx_get16(uint64_t addr);
uint32_t fx_get32(uint64_t addr);
uint64_t fx_get64(uint64_t addr);

/* ---- the log ---- */
void fx_log_clear(void);
bool fx_logged(const char *line);          /* this whole line is there */
unsigned fx_log_count(const char *prefix); /* lines that begin so */

/* The log from the last clear is exactly these lines ("a\nb\n"), or only those that begin with prefix. */
#define fx_expect_log(text) ck_assert_str_eq(fx.log, text)
const char *fx_log_only(const char *prefix); /* lines that begin so, in storage that the next call reuses */

#define ck_assert_hex_eq(a, b)                                                                                         \
    do {                                                                                                               \
        const uint64_t ck_a_ = (a), ck_b_ = (b);                                                                       \
        ck_assert_msg(ck_a_ == ck_b_, "%s is %llxh, expected %llxh", #a, (unsigned long long)ck_a_,                    \
                      (unsigned long long)ck_b_);                                                                      \
    } while (0)

#endif
