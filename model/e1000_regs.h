/*
 * e1000_regs.h - the register table of the 82540EM as data, from regs.def and phy.def
 *
 * For tools, drivers and tests: names, offsets, fields, reset values and access rules [13, 13.4.7.1].
 * Everything here is constant and lives as long as the program.
 */
#ifndef E1000_REGS_H
#define E1000_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum e1000_kind { /* what a register does with an access */
                  E1000_KIND_RW,
                  E1000_KIND_RO,
                  E1000_KIND_WO,
                  E1000_KIND_W1S, /* a written 1 sets the bit */
                  E1000_KIND_W1C, /* a written 1 clears the bit */
                  E1000_KIND_RC,  /* reading clears */
};

enum e1000_access { /* where a field differs from its register */
                    E1000_ACC_RW,
                    E1000_ACC_RO,
                    E1000_ACC_WO,
                    E1000_ACC_SC, /* clears itself */
                    E1000_ACC_W1C,
                    E1000_ACC_W1S,
                    E1000_ACC_RC,
                    E1000_ACC_SAT, /* counter: clears on read, sticks at its maximum */
                    E1000_ACC_LH,  /* PHY: latched high until read */
                    E1000_ACC_LL,  /* PHY: latched low until read */
};

enum e1000_format { E1000_FMT_bit, E1000_FMT_hex, E1000_FMT_dec };

enum e1000_reset_on { /* resets that load a register's reset value [14.7] */
                      E1000_ON_N = 0,
                      E1000_ON_P = 1, /* LAN_PWR_GOOD */
                      E1000_ON_R = 2, /* RST# */
                      E1000_ON_S = 4, /* CTRL.RST */
                      E1000_ON_PR = 3,
                      E1000_ON_PRS = 7,
};

struct e1000_field {
    const char *name, *text;
    uint8_t hi, lo;
    uint8_t access; /* enum e1000_access */
    uint8_t format; /* enum e1000_format */
    uint16_t owner; /* row that it belongs to */
};

struct e1000_reg {
    const char *name, *title;
    const char *manual; /* section */
    uint32_t offset;    /* into BAR0; the PHY's register number for a PHY row */
    uint16_t count, stride;
    uint32_t reset, undefined, writable;
    uint32_t sw_keep, sw_update;     /* PHY rows: what a software reset keeps, what it makes effective */
    uint8_t kind;                    /* enum e1000_kind */
    uint8_t on;                      /* enum e1000_reset_on */
    bool modelled;                   /* false: stored, its behaviour comes later */
    uint16_t id;                     /* row number */
    const struct e1000_field *field; /* its fields: as long as field[i].owner == id */
};

/* Rows in ascending order of offset; n < e1000_reg_count(). NULL beyond the end. */
size_t e1000_reg_count(void);
const struct e1000_reg *e1000_reg(size_t n);
/* The register at an offset, NULL where none is declared; *index is its place in an array. */
const struct e1000_reg *e1000_reg_at(uint32_t offset, unsigned *index);
const struct e1000_reg *e1000_reg_named(const char *name);

size_t e1000_phy_count(void);
const struct e1000_reg *e1000_phy(size_t n);
const struct e1000_reg *e1000_phy_at(unsigned number);
const struct e1000_reg *e1000_phy_named(const char *name);

/* Offsets: E1000_RDT, E1000_MTA (of element 0). Field positions: E1000_RCTL_BSIZE_HI, _LO. */
enum {
#define REG(name, offset, ...) E1000_##name = offset,
#define REGS(name, offset, ...) E1000_##name = offset,
#include "regs.def"
#define FLD(reg, name, hi, lo, ...) E1000_##reg##_##name##_HI = hi, E1000_##reg##_##name##_LO = lo,
#include "regs.def"
#define PHY(name, number, ...) E1000_PHY_##name = number,
#include "phy.def"
#define PFLD(reg, name, hi, lo, ...) E1000_PHY_##reg##_##name##_HI = hi, E1000_PHY_##reg##_##name##_LO = lo,
#include "phy.def"
};

/* E1000_MASK(ICR, RXT0), E1000_GET(value, RCTL, BSIZE); E1000_PUT gives the field in place. */
#define E1000_BITS_(hi, lo) ((uint32_t)((UINT64_C(2) << (hi)) - (UINT64_C(1) << (lo))))
#define E1000_MASK(reg, field) E1000_BITS_(E1000_##reg##_##field##_HI, E1000_##reg##_##field##_LO)
#define E1000_GET(value, reg, field) (((uint32_t)(value)&E1000_MASK(reg, field)) >> E1000_##reg##_##field##_LO)
#define E1000_PUT(value, reg, field) (((uint32_t)(value) << E1000_##reg##_##field##_LO) & E1000_MASK(reg, field))

#ifdef __cplusplus
}
#endif
#endif
