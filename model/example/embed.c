/* embed.c - a guest with 64 KiB of memory sends one frame through an 82540EM */
#include <e1000.h>
#include <e1000_regs.h>
#include <stdio.h>
#include <string.h>

static _Alignas(16) unsigned char storage[E1000_STORAGE_BYTES], memory[65536];

static bool reaches(uint64_t addr, size_t len) { return addr <= sizeof memory && len <= sizeof memory - addr; }

static bool dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    (void)ctx;
    return reaches(addr, len) && memcpy(to, memory + addr, len);
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx;
    return reaches(addr, len) && memcpy(memory + addr, from, len);
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    (void)ctx;
    printf("a frame of %u bytes leaves\n", (unsigned)frame->length);
}

static void irq_line(void *ctx, bool asserted)
{
    (void)ctx;
    printf("INTA# %s\n", asserted ? "asserted" : "released");
}

int main(void)
{
    const struct e1000_host host = {.dma_read = dma_read, .dma_write = dma_write, .frame_out = frame_out,
                                    .irq_line = irq_line};
    const struct e1000_partner partner = {.autoneg = true, .base_page = 0x01e0, .gigabit_full = true, .pairs = 4};
    struct e1000 *nic = e1000_init(storage, sizeof storage, &host, NULL);

    if (nic == NULL)
        return 1;
    e1000_config_write(nic, 0x04, 2, 0x0006);       /* memory, bus master */
    e1000_partner(nic, &partner);                   /* plug the cable in */
    e1000_write32(nic, E1000_CTRL, E1000_MASK(CTRL, SLU));
    e1000_advance(nic, 3000000000);                 /* three seconds: the link is up */
    e1000_write32(nic, E1000_TDBAL, 0x1000);
    e1000_write32(nic, E1000_TDLEN, 128);           /* eight descriptors */
    e1000_write32(nic, E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    e1000_write32(nic, E1000_IMS, E1000_MASK(ICR, TXDW));
    memcpy(memory + 0x2000, "\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x88\xb5hello", 19);
    memcpy(memory + 0x1000, "\x00\x20\0\0\0\0\0\0\x13\0\0\x0b", 12); /* at 2000h, 19 bytes, EOP IFCS RS */
    e1000_write32(nic, E1000_TDT, 1);
    const unsigned icr = e1000_read32(nic, E1000_ICR); /* reading clears, and the line goes down */
    printf("descriptor status %02x, ICR %08x\n", memory[0x100c], icr);
    return 0;
}
