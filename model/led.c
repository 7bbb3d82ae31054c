/*
 * led.c - the four LED outputs
 *
 * Manual  10.1, 13.4.15 LEDCTL
 * Called  by regs.c for LEDCTL; by link.c, rx.c and tx*.c for what the LEDs show; by the host
 *
 * Nothing happens by itself here: what each LED's blink circuit has done is worked out when somebody
 * looks, or when what it depends on changes. So the LEDs want no time of their own.
 */
#include "core.h"

#define BLINK_ON_NS UINT64_C(200000000) /* [10.1.3] */
#define BLINK_NS (2 * BLINK_ON_NS)
#define LEDS 4u

enum { /* a LED's byte of LEDCTL [Table 13-60] */
       LED_MODE = 0x0f,
       LED_IVRT = 0x40,
       LED_BLINK = 0x80,
};

enum { /* [Table 13-61] */
       LINK_10_1000,
       LINK_100_1000,
       LINK_UP,
       ACTIVITY,
       LINK_ACTIVITY,
       LINK_10,
       LINK_100,
       LINK_1000,
       PCIX_MODE,
       FULL_DUPLEX,
       COLLISION,
       BUS_SPEED,
       BUS_SIZE,
       PAUSED,
       LED_ON,
       LED_OFF,
};

/* ---- sources ---- */

static bool source(const struct e1000 *dev, unsigned mode, bool activity, bool collision)
{
    const bool up = dev->link.up;
    const unsigned speed = up ? dev->link.speed : 0;

    switch (mode) {
    case LINK_10_1000:
        return speed == 10 || speed == 1000;
    case LINK_100_1000:
        return speed == 100 || speed == 1000;
    case LINK_UP:
        return up;
    case ACTIVITY:
        return up && activity;
    case LINK_ACTIVITY:
        return up && !activity;
    case LINK_10:
        return speed == 10;
    case LINK_100:
        return speed == 100;
    case LINK_1000:
        return speed == 1000;
    case FULL_DUPLEX:
        return up && dev->link.full_duplex; /* [10.1.1 silent] without link there is no duplex */
    case COLLISION:
        return collision;
    case BUS_SPEED:
        return dev->board.m66en;
    case PAUSED:
        return BIT_OF(dev, STATUS, TXOFF);
    case LED_ON:
        return true; /* lit, pin low, as [10.1.1] has it; Table 13-61 says high */
    default:
        return false; /* PCIX_MODE, BUS_SIZE: not on this part */
    }
}

static void find_inputs(struct e1000 *dev)
{
    dev->led.blink = dev->led.steady = 0;
    for (unsigned i = 0; i < 4; i++)
        dev->led.input[i / 2][i % 2] = 0;
    for (unsigned n = 0; n < LEDS; n++) {
        const uint32_t control = dev->r[R_LEDCTL] >> 8 * n, mode = control & LED_MODE;
        const bool invert = (control & LED_IVRT) != 0, blink = (control & LED_BLINK) != 0;
        /* [10.1.3] This pair is one of its own: steady with link, blinking with traffic. */
        const bool pair = mode == LINK_ACTIVITY && blink && !invert;

        for (unsigned i = 0; i < 4; i++) {
            const bool on = source(dev, pair ? ACTIVITY : mode, i / 2 != 0, i % 2 != 0) != invert;

            dev->led.input[i / 2][i % 2] |= (uint8_t)((unsigned)on << n);
        }
        dev->led.blink |= (uint8_t)((unsigned)blink << n);
        dev->led.steady |= (uint8_t)((unsigned)(pair && dev->link.up) << n);
        if (!blink || (pair && !dev->link.up)) /* the pair is dark without link, at once */
            dev->led.cycle_ns[n] = E1000_NEVER;
    }
}

/* ---- the blink circuits ---- */

/*
 * [10.1.3] The input is constant from..to. A cycle begins when it is asserted and none runs; at its end
 * the circuit looks again. A cycle that runs past `to` ends in a later call.
 */
static void run_circuit(uint64_t *cycle, bool input, uint64_t from, uint64_t to)
{
    if (*cycle != E1000_NEVER && to - *cycle <= BLINK_NS)
        return;
    if (!input)
        *cycle = E1000_NEVER;
    else if (*cycle == E1000_NEVER)
        *cycle = from;
    if (*cycle != E1000_NEVER)
        *cycle += (to - 1 - *cycle) / BLINK_NS * BLINK_NS;
}

/* Up to, but not including, `to`. The pulses divide the time into stretches of constant input. */
static void settle(struct leds *led, uint64_t to)
{
    while (led->settled_ns < to) {
        const uint64_t from = led->settled_ns;
        const bool activity = from < led->activity_ns, collision = from < led->collision_ns;
        const uint8_t input = led->input[activity][collision];
        uint64_t until = to;

        if (activity && led->activity_ns < until)
            until = led->activity_ns;
        if (collision && led->collision_ns < until)
            until = led->collision_ns;
        for (unsigned n = 0; n < LEDS; n++)
            if ((led->blink >> n & 1) != 0)
                run_circuit(&led->cycle_ns[n], (input >> n & 1) != 0, from, until);
        led->settled_ns = until;
    }
}

/* What was asserted until now may have begun a cycle; what is asserted from now on may be something else. */
void led_changed(struct e1000 *dev)
{
    settle(&dev->led, dev->now_ns);
    find_inputs(dev);
}

/*
 * [10.1.1 silent] Frames that leave or arrive at once have no length here: one counts as activity, a
 * collision as one, for ACTIVITY_NS. With BLINK, as at power-on, it shows for 200 ms.
 */
void led_pulse(struct e1000 *dev)
{
    settle(&dev->led, dev->now_ns);
    dev->led.activity_ns = dev->now_ns + ACTIVITY_NS;
}

void led_collision(struct e1000 *dev)
{
    settle(&dev->led, dev->now_ns);
    dev->led.collision_ns = dev->now_ns + ACTIVITY_NS;
}

/* ---- looking ---- */

/* The state at this moment, without touching the device. */
static struct leds look(const struct e1000 *dev)
{
    struct leds led = dev->led;

    settle(&led, dev->now_ns + 1);
    return led;
}

uint32_t e1000_leds(const struct e1000 *dev)
{
    const struct leds led = look(dev);
    const uint8_t input = led.input[dev->now_ns < led.activity_ns][dev->now_ns < led.collision_ns];
    uint32_t level = 0;

    for (unsigned n = 0; n < LEDS; n++) {
        const bool runs = led.cycle_ns[n] != E1000_NEVER, steady = (led.steady >> n & 1) != 0;
        bool lit = (input >> n & 1) != 0;

        if ((led.blink >> n & 1) != 0)
            lit = runs ? dev->now_ns - led.cycle_ns[n] < BLINK_ON_NS : steady;
        level |= (uint32_t) !(lit && dev->power_good) << n; /* [10.1.1] active low */
    }
    return level;
}

uint64_t e1000_leds_next(const struct e1000 *dev)
{
    const struct leds led = look(dev);
    uint64_t next = E1000_NEVER;

    for (unsigned n = 0; n < LEDS; n++)
        if (led.cycle_ns[n] != E1000_NEVER) {
            const bool lit = dev->now_ns - led.cycle_ns[n] < BLINK_ON_NS;
            const uint64_t at = led.cycle_ns[n] + (lit ? BLINK_ON_NS : BLINK_NS);

            next = at < next ? at : next;
        }
    if (dev->now_ns < led.activity_ns && led.activity_ns < next)
        next = led.activity_ns;
    if (dev->now_ns < led.collision_ns && led.collision_ns < next)
        next = led.collision_ns;
    return next;
}

uint32_t ledctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE)
        led_changed(dev);
    return value;
}
