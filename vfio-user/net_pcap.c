/*
 * net_pcap.c - the frames of a capture come in, as they came when it was taken; frames out are dropped
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "net_backend.h"

#define NS_PER_S UINT64_C(1000000000)
#define BURST 64
#define SPEED_ONE 1000u /* speed= has three places behind the point */
#define LOOK_NS UINT64_C(10000000)

struct replay {
    struct net net;
    struct loop *loop;
    pcap_t *pcap;
    char *path;
    unsigned speed; /* in thousandths; 0: as fast as the device takes them */
    bool started, ended, stopped;
    uint64_t first_ns, start_ns; /* of the file; of the clock */
    uint64_t frames, next_ns;    /* next_ns, by the clock: of the frame below, NULL if none has been read */
    const uint8_t *frame;
    size_t len;
    struct loop_timer timer;
};

/* The next frame of the file and when it is due; false: there is none. */
static bool read_next(struct replay *replay)
{
    struct pcap_pkthdr *header;
    uint64_t at_ns;

    if (pcap_next_ex(replay->pcap, &header, &replay->frame) != 1) {
        replay->frame = NULL;
        replay->ended = true; /* at the end, or where the file is damaged: what was whole has been sent */
        return false;
    }
    at_ns = (uint64_t)header->ts.tv_sec * NS_PER_S + (uint64_t)header->ts.tv_usec;
    if (replay->frames == 0)
        replay->first_ns = at_ns;
    replay->frames++;
    replay->len = header->caplen;
    /* Captures are in order; where one is not, at once. Far leaps would only be waited for. */
    replay->next_ns = replay->start_ns;
    if (replay->speed != 0 && at_ns > replay->first_ns)
        replay->next_ns += (uint64_t)((double)(at_ns - replay->first_ns) * SPEED_ONE / replay->speed);
    return true;
}

static void on_timer(void *ctx)
{
    struct replay *const replay = ctx;

    for (int i = 0; i < BURST && !replay->ended; i++) {
        if (!replay->started && !net_listening(&replay->net)) {
            loop_timer_set(replay->loop, &replay->timer, loop_now() + LOOK_NS);
            return;
        }
        if (!net_ready(&replay->net)) {
            replay->stopped = true;
            return;
        }
        if (!replay->started) {
            replay->started = true;
            replay->start_ns = loop_now();
        }
        if (replay->frame == NULL && !read_next(replay))
            return;
        if (replay->next_ns > loop_now())
            break;
        if (replay->len > 0 && replay->len <= NET_PACKET_MAX)
            net_deliver_bytes(&replay->net, replay->frame, replay->len);
        else
            net_dropped_in(&replay->net, replay->len);
        replay->frame = NULL;
    }
    if (!replay->ended)
        loop_timer_set(replay->loop, &replay->timer, replay->frame != NULL ? replay->next_ns : loop_now());
}

static void replay_resume(struct net *net)
{
    struct replay *const replay = (struct replay *)net;

    if (!replay->stopped)
        return;
    replay->stopped = false;
    loop_timer_set(replay->loop, &replay->timer, loop_now());
}

static bool replay_send(struct net *net, const struct net_packet *packet)
{
    (void)net;
    (void)packet;
    return true;
}

static void replay_close(struct net *net)
{
    struct replay *const replay = (struct replay *)net;

    loop_timer_set(replay->loop, &replay->timer, LOOP_NEVER);
    if (replay->pcap != NULL)
        pcap_close(replay->pcap);
    free(replay->path);
    free(replay);
}

static bool take_speed(const struct net_args *args, struct replay *replay, char *why, size_t size)
{
    const char *const value = net_arg(args, "speed");
    double factor = 1;
    char *end = "";

    if (value != NULL && strcmp(value, "max") == 0)
        return true;
    if (value != NULL)
        factor = strtod(value, &end);
    if (*end == '\0' && factor >= 0.001 && factor <= 1000000) {
        replay->speed = (unsigned)(factor * SPEED_ONE);
        return true;
    }
    net_refuse(args, why, size, "speed=%s is neither a factor from 0.001 to 1000000 nor max", value);
    return false;
}

static bool open_file(const struct net_args *args, struct replay *replay, char *why, size_t size)
{
    const char *const path = net_arg(args, "file");
    char error[PCAP_ERRBUF_SIZE] = "";
    FILE *const file = path == NULL ? NULL : fopen(path, "rbe");

    if (file == NULL) {
        net_refuse(args, why, size, "%s%s", path == NULL ? "file= is missing: the capture to replay" : path,
                   path == NULL ? "" : ": ");
        if (path != NULL)
            strncat(why, strerror(errno), size - strlen(why) - 1);
        return false;
    }
    replay->path = strdup(path);
    replay->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
    if (replay->pcap == NULL) {
        net_refuse(args, why, size, "%s: not a capture: %s", path, error);
        fclose(file);
    } else if (pcap_datalink(replay->pcap) != DLT_EN10MB) {
        net_refuse(args, why, size, "%s: link type %d, not Ethernet", path, pcap_datalink(replay->pcap));
    } else {
        return replay->path != NULL;
    }
    return false;
}

static struct net *replay_open(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct replay *const replay = calloc(1, sizeof *replay);

    if (replay == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    replay->loop = loop;
    replay->timer = (struct loop_timer){.fn = on_timer, .ctx = replay};
    if (!take_speed(args, replay, why, size) || !open_file(args, replay, why, size)) {
        replay_close(&replay->net);
        return NULL;
    }
    loop_timer_set(loop, &replay->timer, loop_now());
    replay->net.can = NET_CAN_CSUM | NET_CAN_TSO4 | NET_CAN_TSO6;
    return &replay->net;
}

static void replay_describe(const struct net *net, char *to, size_t size)
{
    const struct replay *const replay = (const struct replay *)net;

    snprintf(to, size, "pcap: %s, %s", replay->path,
             replay->ended     ? "at its end"
             : replay->started ? "under way"
                               : "waits for the device");
}

static const struct net_option options[] = {
    {"file", "FILE", "the capture; starts when the device first receives"},
    {"speed", "FACTOR|max", "faster or slower than it was taken; max: as fast as the device takes it (1)"},
    {0},
};

const struct net_backend net_pcap = {
    .name = "pcap",
    .text = "the frames of a capture come in",
    .value = "file",
    .options = options,
    .open = replay_open,
    .send = replay_send,
    .resume = replay_resume,
    .describe = replay_describe,
    .close = replay_close,
};
