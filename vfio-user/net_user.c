/*
 * net_user.c - a network in user space behind the host's own sockets, by libslirp
 *
 * Options and defaults are QEMU's. The library answers while it is being called from net_send(), which is
 * when the device cannot take a frame; what it says then waits in a queue for the loop.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "frames.h"
#include "net_backend.h"
#include "segment.h"

#define QUEUE_HIGH (FRAMES_BYTES / 4) /* above this the library waits; the rest is for what one call brings */
#define IP_LONGEST 65535u
#define MASK_DEFAULT 0xffffff00u

struct user {
    struct net net;
    struct loop *loop;
    Slirp *slirp;
    bool sending, polled;
    char tftp[PATH_MAX];
    char network[2 * INET_ADDRSTRLEN + 8];
    unsigned forwards;
    struct frames queue;
};

/* ---- frames in ---------------------------------------------------------------------------------- */

static bool flush(void *ctx)
{
    struct user *const user = ctx;
    uint8_t frame[NET_PACKET_MAX];
    size_t len;
    bool some = false;

    while (net_ready(&user->net) && (len = frames_take(&user->queue, frame)) > 0) {
        net_deliver_bytes(&user->net, frame, len);
        some = true;
    }
    return some; /* the device may have something to do now */
}

static ssize_t on_packet(const void *bytes, size_t len, void *ctx)
{
    struct user *const user = ctx;
    const struct iovec iov = {(void *)(uintptr_t)bytes, len};

    if (!user->sending && user->queue.used == 0 && net_ready(&user->net))
        net_deliver_bytes(&user->net, bytes, len);
    else if (!frames_put(&user->queue, &iov, 1, len))
        net_dropped_in(&user->net, len);
    return (ssize_t)len;
}

static void resume_user(struct net *net)
{
    flush(net);
}

/* ---- frames out --------------------------------------------------------------------------------- */

static void input(void *ctx, const struct net_packet *frame)
{
    struct user *const user = ctx;

    user->sending = true;
    slirp_input(user->slirp, frame->iov[0].iov_base, (int)frame->len);
    user->sending = false;
}

/* The library takes TCP as long as an IP length can say: what is to be cut is cut in as few pieces as that. */
static bool send_user(struct net *net, const struct net_packet *packet)
{
    struct net_packet wide = *packet;

    if (packet->gso_type != NET_GSO_NONE && packet->gso_size != 0 && packet->header_len < IP_LONGEST) {
        const unsigned fits = (IP_LONGEST - packet->header_len) / packet->gso_size;

        if (fits > 1)
            wide.gso_size = (uint16_t)(fits * packet->gso_size);
    }
    return segment_packet(&wide, net->frame, input, net) > 0;
}

/* ---- what the library asks for ------------------------------------------------------------------ */

static void on_guest_error(const char *message, void *ctx)
{
    (void)message; /* what a guest does must not fill somebody's log */
    (void)ctx;
}

static int64_t on_clock(void *ctx)
{
    (void)ctx;
    return (int64_t)loop_now();
}

struct timer {
    struct loop_timer timer;
    SlirpTimerCb fn;
    void *ctx;
};

static void on_timer(void *ctx)
{
    const struct timer *const timer = ctx;

    timer->fn(timer->ctx);
}

static void *on_timer_new(SlirpTimerCb fn, void *fn_ctx, void *ctx)
{
    struct timer *const timer = calloc(1, sizeof *timer);

    (void)ctx;
    if (timer == NULL)
        abort(); /* at start, and the library has no way to hear of it */
    *timer = (struct timer){{.fn = on_timer, .ctx = timer}, fn, fn_ctx};
    return timer;
}

static void on_timer_free(void *timer, void *ctx)
{
    struct user *const user = ctx;

    if (timer != NULL)
        loop_timer_set(user->loop, timer, LOOP_NEVER);
    free(timer);
}

static void on_timer_mod(void *timer, int64_t at_ms, void *ctx)
{
    struct user *const user = ctx;

    loop_timer_set(user->loop, timer, at_ms < 0 ? 0 : (uint64_t)at_ms * 1000000);
}

static void on_poll_fd(int fd, void *ctx)
{
    (void)fd; /* each poll asks for all of them */
    (void)ctx;
}

static void on_notify(void *ctx)
{
    (void)ctx; /* one thread: nobody sleeps while the library runs */
}

static const SlirpCb callbacks = {
    .send_packet = on_packet,
    .guest_error = on_guest_error,
    .clock_get_ns = on_clock,
    .timer_new = on_timer_new,
    .timer_free = on_timer_free,
    .timer_mod = on_timer_mod,
    .register_poll_fd = on_poll_fd,
    .unregister_poll_fd = on_poll_fd,
    .notify = on_notify,
};

/* ---- the library's own poll --------------------------------------------------------------------- */

static const struct {
    int theirs;
    short ours;
} events[] = {
    {SLIRP_POLL_IN, POLLIN},   {SLIRP_POLL_OUT, POLLOUT}, {SLIRP_POLL_PRI, POLLPRI},
    {SLIRP_POLL_ERR, POLLERR}, {SLIRP_POLL_HUP, POLLHUP},
};
#define EVENTS (sizeof events / sizeof *events)

static int on_add_poll(int fd, int wanted, void *set)
{
    short ours = 0;

    for (size_t i = 0; i < EVENTS; i++)
        if (wanted & events[i].theirs)
            ours |= events[i].ours;
    return loop_poll_add(set, fd, ours);
}

static int on_get_revents(int index, void *set)
{
    const short ours = loop_poll_revents(set, index);
    int theirs = 0;

    for (size_t i = 0; i < EVENTS; i++)
        if (ours & events[i].ours)
            theirs |= events[i].theirs;
    return theirs;
}

static void prepare(void *ctx, struct loop_poll *set, int *timeout_ms)
{
    struct user *const user = ctx;
    uint32_t timeout = *timeout_ms < 0 ? UINT32_MAX : (uint32_t)*timeout_ms;

    user->polled = user->queue.used <= QUEUE_HIGH;
    if (!user->polled)
        return;
    slirp_pollfds_fill(user->slirp, &timeout, on_add_poll, set);
    *timeout_ms = timeout > INT_MAX ? -1 : (int)timeout;
}

static void after(void *ctx, const struct loop_poll *set, bool error)
{
    struct user *const user = ctx;

    if (user->polled)
        slirp_pollfds_poll(user->slirp, error, on_get_revents, (void *)(uintptr_t)set);
}

/* ---- options ------------------------------------------------------------------------------------ */

static bool take_address(const struct net_args *args, const char *name, struct in_addr *to, char *why, size_t size)
{
    const char *const value = net_arg(args, name);

    if (value == NULL || inet_pton(AF_INET, value, to) == 1)
        return true;
    net_refuse(args, why, size, "%s=%s is not an IPv4 address such as 10.0.2.2", name, value);
    return false;
}

static bool take_address6(const struct net_args *args, const char *name, struct in6_addr *to, char *why, size_t size)
{
    const char *const value = net_arg(args, name);

    if (value == NULL || inet_pton(AF_INET6, value, to) == 1)
        return true;
    net_refuse(args, why, size, "%s=%s is not an IPv6 address such as fec0::2", name, value);
    return false;
}

/* "10.0.2.0/24", "10.0.2.0/255.255.255.0" or the address alone. */
static bool take_network(const struct net_args *args, SlirpConfig *config, char *why, size_t size)
{
    const char *const value = net_arg(args, "net"), *slash = value == NULL ? NULL : strchr(value, '/');
    char text[INET_ADDRSTRLEN] = "";
    unsigned bits = 24;
    int end = 0;

    config->vnetmask.s_addr = htonl(MASK_DEFAULT);
    if (value == NULL)
        return inet_pton(AF_INET, "10.0.2.0", &config->vnetwork) == 1;
    snprintf(text, sizeof text, "%.*s", slash == NULL ? (int)sizeof text - 1 : (int)(slash - value), value);
    if (inet_pton(AF_INET, text, &config->vnetwork) != 1)
        goto wrong;
    if (slash != NULL && inet_pton(AF_INET, slash + 1, &config->vnetmask) != 1) {
        if (sscanf(slash + 1, "%2u%n", &bits, &end) != 1 || slash[1 + end] != '\0' || bits < 4 || bits > 28)
            goto wrong;
        config->vnetmask.s_addr = htonl(~0u << (32 - bits));
    }
    config->vnetwork.s_addr &= config->vnetmask.s_addr;
    return true;
wrong:
    net_refuse(args, why, size, "net=%s is not a network such as 10.0.2.0/24", value);
    return false;
}

/* "fec0::/64" */
static bool take_network6(const struct net_args *args, SlirpConfig *config, char *why, size_t size)
{
    const char *const value = net_arg(args, "ipv6-net"), *slash = value == NULL ? NULL : strchr(value, '/');
    char text[INET6_ADDRSTRLEN] = "";
    unsigned bits = 64;
    int end = 0;

    config->vprefix_len = 64;
    if (value == NULL)
        return inet_pton(AF_INET6, "fec0::", &config->vprefix_addr6) == 1;
    snprintf(text, sizeof text, "%.*s", slash == NULL ? (int)sizeof text - 1 : (int)(slash - value), value);
    if (inet_pton(AF_INET6, text, &config->vprefix_addr6) == 1 &&
        (slash == NULL || (sscanf(slash + 1, "%3u%n", &bits, &end) == 1 && slash[1 + end] == '\0' && bits <= 126))) {
        config->vprefix_len = (uint8_t)bits;
        return true;
    }
    net_refuse(args, why, size, "ipv6-net=%s is not a network such as fec0::/64", value);
    return false;
}

static struct in_addr host_of(const SlirpConfig *config, unsigned n)
{
    return (struct in_addr){config->vnetwork.s_addr | htonl(n)};
}

/* All of them have to be in the network, or the library does not find them. */
static bool check_inside(const struct net_args *args, const SlirpConfig *config, char *why, size_t size)
{
    const struct {
        const char *name;
        struct in_addr address;
    } hosts[] = {{"host", config->vhost}, {"dns", config->vnameserver}, {"dhcpstart", config->vdhcp_start}};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (((hosts[i].address.s_addr ^ config->vnetwork.s_addr) & config->vnetmask.s_addr) != 0) {
            net_refuse(args, why, size, "%s=%s is not in the network; change it or net=", hosts[i].name,
                       inet_ntoa(hosts[i].address));
            return false;
        }
    return true;
}

static bool take_addresses(const struct net_args *args, SlirpConfig *config, char *why, size_t size)
{
    if (!take_network(args, config, why, size) || !take_network6(args, config, why, size))
        return false;
    config->vhost = host_of(config, 2);
    config->vnameserver = host_of(config, 3);
    config->vdhcp_start = host_of(config, 15);
    config->vhost6 = config->vnameserver6 = config->vprefix_addr6;
    config->vhost6.s6_addr[15] |= 2;
    config->vnameserver6.s6_addr[15] |= 3;
    return take_address(args, "host", &config->vhost, why, size) &&
           take_address(args, "dns", &config->vnameserver, why, size) &&
           take_address(args, "dhcpstart", &config->vdhcp_start, why, size) &&
           take_address6(args, "ipv6-host", &config->vhost6, why, size) &&
           take_address6(args, "ipv6-dns", &config->vnameserver6, why, size) && check_inside(args, config, why, size);
}

static bool take_tftp(const struct net_args *args, struct user *user, char *why, size_t size)
{
    const char *const value = net_arg(args, "tftp");
    struct stat info;

    if (value == NULL)
        return true;
    if (realpath(value, user->tftp) == NULL || stat(user->tftp, &info) != 0) {
        net_refuse(args, why, size, "tftp=%s: %s", value, strerror(errno));
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        net_refuse(args, why, size, "tftp=%s is not a folder; name the one that has the files", value);
        return false;
    }
    return true;
}

static bool port(const char *text, size_t len, int *to)
{
    char digits[6] = "";

    if (len == 0 || len >= sizeof digits || strspn(text, "0123456789") < len)
        return false;
    memcpy(digits, text, len);
    *to = atoi(digits);
    return *to <= 65535;
}

/* "10.0.2.15:22" or ":22": an address, else the given one. */
static bool address_and_port(const char *text, size_t len, struct in_addr *address, int *number)
{
    const char *const colon = memchr(text, ':', len);
    char dotted[INET_ADDRSTRLEN] = "";
    const size_t left = colon == NULL ? 0 : (size_t)(colon - text);

    if (colon == NULL || left >= sizeof dotted || !port(colon + 1, len - left - 1, number))
        return false;
    memcpy(dotted, text, left);
    return left == 0 || inet_pton(AF_INET, dotted, address) == 1;
}

/* "tcp:127.0.0.1:5555-10.0.2.15:22" */
static bool forward(const struct net_args *args, struct user *user, const SlirpConfig *config, const char *value,
                    char *why, size_t size)
{
    struct in_addr host = {htonl(INADDR_ANY)}, guest = config->vdhcp_start;
    const bool udp = strncmp(value, "udp:", 4) == 0;
    const char *const from = udp || strncmp(value, "tcp:", 4) == 0 ? value + 4 : value[0] == ':' ? value + 1 : NULL;
    const char *const dash = from == NULL ? NULL : strchr(from, '-');
    int host_port, guest_port;

    if (dash == NULL || !address_and_port(from, (size_t)(dash - from), &host, &host_port) ||
        !address_and_port(dash + 1, strlen(dash + 1), &guest, &guest_port) || guest_port == 0) {
        net_refuse(args, why, size, "hostfwd=%s: write it as tcp:[ADDRESS]:PORT-[GUEST]:PORT, as in tcp::5555-:22",
                   value);
        return false;
    }
    if (slirp_add_hostfwd(user->slirp, udp, host, host_port, guest, guest_port) == 0) {
        user->forwards++;
        return true;
    }
    net_refuse(args, why, size, "hostfwd=%s: %s; choose another port of the host", value, strerror(errno));
    return false;
}

static bool forwards(const struct net_args *args, struct user *user, const SlirpConfig *config, char *why, size_t size)
{
    for (unsigned i = 0; i < args->count; i++)
        if (strcmp(args->list[i].name, "hostfwd") == 0 && !forward(args, user, config, args->list[i].value, why, size))
            return false;
    return true;
}

/* ---- open, close -------------------------------------------------------------------------------- */

static void close_user(struct net *net)
{
    struct user *const user = (struct user *)net;

    loop_remove_hook(user->loop, user);
    loop_remove_idle(user->loop, user);
    if (user->slirp != NULL)
        slirp_cleanup(user->slirp);
    free(user);
}

static bool start(const struct net_args *args, struct user *user, char *why, size_t size)
{
    const struct loop_hook hook = {user, prepare, after};
    const char *searches[NET_OPTIONS + 1] = {NULL};
    unsigned searched = 0;
    bool restricted;
    SlirpConfig config = {.version = 3,
                          .vhostname = net_arg(args, "hostname"),
                          .tftp_server_name = net_arg(args, "tftp-server-name"),
                          .tftp_path = net_arg(args, "tftp") == NULL ? NULL : user->tftp,
                          .bootfile = net_arg(args, "bootfile"),
                          .vdomainname = net_arg(args, "domainname"),
                          .vdnssearch = searches};

    for (unsigned i = 0; i < args->count; i++)
        if (strcmp(args->list[i].name, "dnssearch") == 0)
            searches[searched++] = args->list[i].value;
    if (searched == 0)
        config.vdnssearch = NULL;
    if (!net_arg_flag(args, "ipv4", true, &config.in_enabled, why, size) ||
        !net_arg_flag(args, "ipv6", true, &config.in6_enabled, why, size) ||
        !net_arg_flag(args, "restrict", false, &restricted, why, size) || !take_addresses(args, &config, why, size) ||
        !take_tftp(args, user, why, size))
        return false;
    config.restricted = restricted;
    user->slirp = slirp_new(&config, &callbacks, user);
    if (user->slirp == NULL) {
        net_refuse(args, why, size, "libslirp %s refuses these options", slirp_version_string());
        return false;
    }
    snprintf(user->network, sizeof user->network, "%s, guest ", inet_ntoa(config.vhost));
    strncat(user->network, inet_ntoa(config.vdhcp_start), sizeof user->network - strlen(user->network) - 1);
    if (!forwards(args, user, &config, why, size))
        return false;
    if (loop_add_hook(user->loop, &hook) == 0 && loop_add_idle(user->loop, flush, user) == 0)
        return true;
    net_refuse(args, why, size, "the loop is full");
    return false;
}

static struct net *open_user(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct user *const user = calloc(1, sizeof *user);

    if (user == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    user->loop = loop;
    if (!start(args, user, why, size)) {
        close_user(&user->net);
        return NULL;
    }
    user->net.can = NET_CAN_CSUM | NET_CAN_TSO4 | NET_CAN_TSO6;
    user->net.needs = NET_NEEDS_SOCKETS | NET_NEEDS_FILES;
    user->net.files = user->tftp[0] != '\0' ? user->tftp : NULL;
    return &user->net;
}

static void describe_user(const struct net *net, char *to, size_t size)
{
    const struct user *const user = (const struct user *)net;

    snprintf(to, size, "user: gateway %s, %u ports forwarded%s%s", user->network, user->forwards,
             user->tftp[0] != '\0' ? ", files of " : "", user->tftp);
}

static const struct net_option options[] = {
    {"hostfwd", "tcp|udp:[ADDRESS]:PORT-[GUEST]:PORT", "a port of the host leads to one of the guest; may be repeated"},
    {"restrict", "on|off", "the guest reaches nothing but what is forwarded to it (off)"},
    {"net", "ADDRESS[/BITS]", "IPv4 network (10.0.2.0/24)"},
    {"host", "ADDRESS", "the gateway, which is this host (10.0.2.2)"},
    {"dns", "ADDRESS", "name server of the guest (10.0.2.3)"},
    {"dhcpstart", "ADDRESS", "first address for guests (10.0.2.15)"},
    {"ipv4", "on|off", "(on)"},
    {"ipv6", "on|off", "(on)"},
    {"ipv6-net", "ADDRESS[/BITS]", "IPv6 network (fec0::/64)"},
    {"ipv6-host", "ADDRESS", "(fec0::2)"},
    {"ipv6-dns", "ADDRESS", "(fec0::3)"},
    {"hostname", "NAME", "name of the guest, by DHCP"},
    {"domainname", "NAME", "domain of the guest, by DHCP"},
    {"dnssearch", "DOMAIN", "by DHCP; may be repeated"},
    {"tftp", "FOLDER", "its files can be read by TFTP"},
    {"tftp-server-name", "NAME", "by DHCP"},
    {"bootfile", "FILE", "what the guest boots, by DHCP"},
    {0},
};

const struct net_backend net_user = {
    .name = "user",
    .text = "the host's own connections, through libslirp: needs no rights",
    .options = options,
    .open = open_user,
    .send = send_user,
    .resume = resume_user,
    .describe = describe_user,
    .close = close_user,
};
