/*
 * options.c - the command line: one table of options
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

#define ROM_MAX (512u * 1024u)
#define MAC_DEFAULT "52:54:00:12:34:56"

/* LPA bits of the other end [13.7.6, as 802.3 28.2.1.2.2]. */
#define CAN_10_HALF 0x0020
#define CAN_10_FULL 0x0040
#define CAN_100_HALF 0x0080
#define CAN_100_FULL 0x0100

enum {
    OPTION_SOCKET_PATH = 1,
    OPTION_FD,
    OPTION_ONCE,
    OPTION_NET,
    OPTION_MAC,
    OPTION_EEPROM,
    OPTION_ROM,
    OPTION_LINK,
    OPTION_CAPTURE,
    OPTION_TRACE,
    OPTION_RECORD,
    OPTION_LINT,
    OPTION_EXACT,
    OPTION_LINE_RATE,
    OPTION_CONTROL,
    OPTION_USER,
    OPTION_NO_SANDBOX,
    OPTION_VERSION,
    OPTION_HELP,
};

struct option_info {
    int id;
    const char *name, *arg, *text;
};

/* clang-format off */
static const struct option_info infos[] = {
    {OPTION_SOCKET_PATH, "socket-path", "PATH", "listen for QEMU here; one of this and --fd"},
    {OPTION_FD, "fd", "N", "an open socket instead, listening or connected"},
    {OPTION_ONCE, "once", NULL, "end when the first client has gone"},
    {OPTION_NET, "net", "KIND[,NAME=VALUE]...", "what the cable leads to (default user)"},
    {OPTION_LINK, "link", "STATE", "up, down, or what the other end offers: 10, 100, 1000, with \"half\" or \"full\" if you like (default up)"},
    {OPTION_MAC, "mac", "ADDRESS", "address in the EEPROM (default " MAC_DEFAULT ")"},
    {OPTION_EEPROM, "eeprom", "FILE", "contents of the EEPROM: 64 or 256 words, binary (low byte first) or hexadecimal text"},
    {OPTION_ROM, "rom", "FILE", "boot ROM, in the flash"},
    {OPTION_EXACT, "exact", NULL, "work out checksums that no common driver looks at, too"},
    {OPTION_LINE_RATE, "line-rate", NULL, "frames take their time on the wire"},
    {OPTION_CAPTURE, "capture", "FILE", "frames both ways as pcap, with nanosecond times"},
    {OPTION_TRACE, "trace", "FILE", "what the driver and the device do, line by line"},
    {OPTION_RECORD, "record", "FILE", "the session, for e1000lab replay"},
    {OPTION_LINT, "lint", NULL, "name each of the driver's mistakes once, with its section of the manual"},
    {OPTION_CONTROL, "control", "PATH|fd=N", "a socket for commands while it runs; send it \"help\""},
    {OPTION_USER, "user", "NAME", "who to be once started as root (default: who called sudo, or nobody)"},
    {OPTION_NO_SANDBOX, "no-sandbox", NULL, "keep all privileges and system calls"},
    {OPTION_VERSION, "version", NULL, "print the version"},
    {OPTION_HELP, "help", NULL, "print this help"},
};
/* clang-format on */
#define INFOS (sizeof infos / sizeof *infos)

void options_help(FILE *to)
{
    fputs(
        "usage: e1000-vfio-user --socket-path PATH [OPTION]...\n\n"
        "An Intel 82540EM Gigabit Ethernet Controller as a vfio-user device, for QEMU 10.1 or later:\n\n"
        "  e1000-vfio-user --socket-path /tmp/nic.sock &\n"
        "  qemu-system-x86_64 -M q35,memory-backend=m -m 512 \\\n"
        "    -object memory-backend-memfd,id=m,size=512M,share=on -nic none \\\n"
        "    -device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"/tmp/nic.sock\"}}' ...\n\n"
        "options:\n",
        to);
    for (size_t i = 0; i < INFOS; i++) {
        char left[64];

        snprintf(left, sizeof left, "--%s%s%s", infos[i].name, infos[i].arg ? "=" : "",
                 infos[i].arg ? infos[i].arg : "");
        fprintf(to, "  %-28s  %s\n", left, infos[i].text);
    }
    fputs("\nnetworks (a comma in a value is written twice):\n", to);
    net_help(to);
    fputs("\nsignals:\n"
          "  SIGTERM, SIGINT  end\n"
          "  SIGHUP           go on in new files of --trace and --capture, at the same paths\n"
          "  SIGUSR1          print statistics on standard error\n\n"
          "exit status:\n"
          "  0  ended as asked\n"
          "  1  had to give up, or could not write all of a file\n"
          "  2  an option is wrong, or what it names cannot be used\n",
          to);
}

/* ---- values ------------------------------------------------------------------------------------- */

/* An empty path would be an error that names nothing. */
static bool take_text(const struct option_info *info, const char *value, const char **to, char *why, size_t size)
{
    *to = value;
    if (value[0] != '\0')
        return true;
    snprintf(why, size, "--%s is empty; it wants %s", info->name, info->arg);
    return false;
}

static bool take_fd(const char *option, const char *value, int *fd, char *why, size_t size)
{
    char *end;
    const long number = strtol(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || number > INT_MAX) {
        snprintf(why, size, "--%s%s: not a descriptor; give the number of an open socket", option, value);
        return false;
    }
    *fd = (int)number;
    return true;
}

/* One of them, the last one said. */
static bool take_control(const struct option_info *info, const char *value, struct options *o, char *why, size_t size)
{
    o->control = NULL;
    o->control_fd = -1;
    return strncmp(value, "fd=", 3) == 0 ? take_fd("control fd=", value + 3, &o->control_fd, why, size)
                                         : take_text(info, value, &o->control, why, size);
}

static bool take_mac(const char *value, uint8_t *mac, char *why, size_t size)
{
    unsigned byte[6];
    int used = 0;

    if (strlen(value) == 17 &&
        (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5],
                &used) == 6 ||
         sscanf(value, "%2x-%2x-%2x-%2x-%2x-%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5],
                &used) == 6) &&
        used == 17) {
        for (int i = 0; i < 6; i++)
            mac[i] = (uint8_t)byte[i];
        if ((mac[0] & 1) == 0)
            return true;
        snprintf(why, size, "--mac %s: a group address; clear the lowest bit of its first byte", value);
        return false;
    }
    snprintf(why, size, "--mac %s: not an address; write it as %s", value, MAC_DEFAULT);
    return false;
}

bool options_link(const char *words, bool *up, struct e1000_partner *partner)
{
    const size_t len = strcspn(words, " ,");
    const char *const rest = words + len + (words[len] != '\0');
    const bool half = *rest == '\0' || strcmp(rest, "half") == 0, full = *rest == '\0' || strcmp(rest, "full") == 0;
    const char *const speeds[] = {"10", "100", "1000"};

    *partner = (struct e1000_partner){.autoneg = true, .pairs = 4};
    *up = true;
    if (strcmp(words, "down") == 0) {
        *up = false;
        return true;
    }
    if (strcmp(words, "up") == 0) {
        partner->base_page |= CAN_10_HALF | CAN_10_FULL | CAN_100_HALF | CAN_100_FULL;
        partner->gigabit_full = true;
        return true;
    }
    for (int i = 0; i < 3; i++) {
        if (strlen(speeds[i]) != len || strncmp(words, speeds[i], len) != 0)
            continue;
        if (i == 0)
            partner->base_page |= (half ? CAN_10_HALF : 0) | (full ? CAN_10_FULL : 0);
        else if (i == 1)
            partner->base_page |= (half ? CAN_100_HALF : 0) | (full ? CAN_100_FULL : 0);
        partner->gigabit_half = i == 2 && half && !full;
        partner->gigabit_full = i == 2 && full;
        return half || full;
    }
    return false;
}

static bool take_link(const char *value, struct options *o, char *why, size_t size)
{
    if (options_link(value, &o->link_up, &o->partner))
        return true;
    snprintf(why, size, "--link %s: one of up, down, 10, 100, 1000; a speed may have \",half\" or \",full\" behind it",
             value);
    return false;
}

/* ---- files -------------------------------------------------------------------------------------- */

/* The whole of a file of at most max bytes; its length, or -1 with a message. */
static long read_file(const char *option, const char *path, uint8_t *to, size_t max, char *why, size_t size)
{
    FILE *const file = fopen(path, "rbe");
    size_t len = 0;
    bool more = false;

    if (file != NULL) {
        len = fread(to, 1, max, file);
        more = len == max && getc(file) != EOF;
        if (!ferror(file) && !more) {
            fclose(file);
            return (long)len;
        }
    }
    if (more)
        snprintf(why, size, "--%s %s: longer than %zu bytes", option, path, max);
    else
        snprintf(why, size, "--%s %s: %s", option, path, strerror(errno));
    if (file != NULL)
        fclose(file);
    return -1;
}

/* Words in hexadecimal with white space between them; # and // begin a comment. */
static bool eeprom_text(char *text, struct options *o)
{
    char *at = text;

    o->eeprom_words = 0;
    while (*(at += strspn(at, " \t\r\n,")) != '\0') {
        char *end;
        unsigned long word;

        if (*at == '#' || strncmp(at, "//", 2) == 0) {
            at += strcspn(at, "\n");
            continue;
        }
        word = strtoul(at, &end, 16);
        if (end == at || word > 0xffff || strchr(" \t\r\n,#/", *end) == NULL || o->eeprom_words == EEPROM_WORDS_MAX)
            return false;
        o->eeprom[o->eeprom_words++] = (uint16_t)word;
        at = end;
    }
    return o->eeprom_words == 64 || o->eeprom_words == 256;
}

static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((bytes[i] < ' ' && strchr("\t\r\n", bytes[i]) == NULL) || bytes[i] > '~' || bytes[i] == 0)
            return false;
    return len > 0;
}

static bool take_eeprom(const char *path, struct options *o, char *why, size_t size)
{
    uint8_t bytes[16 * 1024];
    const long len = read_file("eeprom", path, bytes, sizeof bytes - 1, why, size);

    if (len < 0)
        return false;
    if (is_text(bytes, (size_t)len)) {
        bytes[len] = '\0';
        if (eeprom_text((char *)bytes, o))
            return true;
    } else if (len == 128 || len == 512) {
        o->eeprom_words = (unsigned)len / 2;
        for (unsigned i = 0; i < o->eeprom_words; i++)
            o->eeprom[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
        return true;
    }
    snprintf(why, size, "--eeprom %s: not 64 or 256 words, neither as 128 or 512 bytes nor as hexadecimal text", path);
    return false;
}

/* Words 0 to 2 are the address, words 00h to 3Fh add up to BABAh [5.6.1, 5.6.35]. */
static void put_mac(struct options *o)
{
    unsigned sum = 0;

    for (int i = 0; i < 3; i++)
        o->eeprom[i] = (uint16_t)(o->mac[2 * i] | o->mac[2 * i + 1] << 8);
    for (int i = 0; i < 0x3f; i++)
        sum += o->eeprom[i];
    o->eeprom[0x3f] = (uint16_t)(0xbaba - sum);
}

/* A part's size is a power of two; what is left of it stays as erased. */
static bool take_rom(const char *path, struct options *o, char *why, size_t size)
{
    long len;

    free(o->rom);
    o->rom = malloc(ROM_MAX);
    if (o->rom == NULL) {
        snprintf(why, size, "--rom %s: %s", path, strerror(ENOMEM));
        return false;
    }
    memset(o->rom, 0xff, ROM_MAX);
    len = read_file("rom", path, o->rom, ROM_MAX, why, size);
    if (len < 0)
        return false;
    for (o->rom_bytes = 64u * 1024u; o->rom_bytes < (unsigned long)len;)
        o->rom_bytes *= 2;
    return true;
}

/* ---- parsing ------------------------------------------------------------------------------------ */

static bool take_option(struct options *o, const struct option_info *info, const char *value, bool *mac, char *why,
                        size_t size)
{
    /* clang-format off */
    switch (info->id) {
    case OPTION_SOCKET_PATH: return take_text(info, value, &o->socket_path, why, size);
    case OPTION_NET: return take_text(info, value, &o->net, why, size);
    case OPTION_CAPTURE: return take_text(info, value, &o->capture, why, size);
    case OPTION_TRACE: return take_text(info, value, &o->trace, why, size);
    case OPTION_RECORD: return take_text(info, value, &o->record, why, size);
    case OPTION_CONTROL: return take_control(info, value, o, why, size);
    case OPTION_USER: return take_text(info, value, &o->user, why, size);
    case OPTION_FD: return take_fd("fd ", value, &o->fd, why, size);
    case OPTION_MAC: *mac = true; return take_mac(value, o->mac, why, size);
    case OPTION_EEPROM: return take_eeprom(value, o, why, size);
    case OPTION_ROM: return take_rom(value, o, why, size);
    case OPTION_LINK: return take_link(value, o, why, size);
    case OPTION_ONCE: o->once = true; return true;
    case OPTION_LINT: o->lint = true; return true;
    case OPTION_EXACT: o->exact = true; return true;
    case OPTION_LINE_RATE: o->line_rate = true; return true;
    case OPTION_NO_SANDBOX: o->sandbox = false; return true;
    case OPTION_VERSION: o->version = true; return true;
    default: o->help = true; return true;
    }
    /* clang-format on */
}

static bool check_together(const struct options *o, char *why, size_t size)
{
    if (o->help || o->version)
        return true;
    if (o->socket_path == NULL && o->fd < 0)
        snprintf(why, size,
                 "--socket-path is missing: say where QEMU finds the device, as in --socket-path /tmp/nic.sock");
    else if (o->socket_path != NULL && o->fd >= 0)
        snprintf(why, size, "--socket-path and --fd: give one of them");
    else
        return true;
    return false;
}

bool options_parse(struct options *options, int argc, char **argv, char *why, size_t size)
{
    struct option longs[INFOS + 1] = {{0}};
    bool mac = false;

    *options = (struct options){.fd = -1, .control_fd = -1, .net = "user", .sandbox = true};
    take_mac(MAC_DEFAULT, options->mac, why, size);
    options_link("up", &options->link_up, &options->partner);
    for (size_t i = 0; i < INFOS; i++)
        longs[i] = (struct option){infos[i].name, infos[i].arg ? required_argument : no_argument, NULL, (int)i};
    opterr = 0;
    optind = 0; /* start anew, also after another command line */
    for (;;) {
        const int i = getopt_long(argc, argv, "+:", longs, NULL);

        if (i == -1)
            break;
        if (i == ':') {
            snprintf(why, size, "%s wants a value; see e1000-vfio-user --help", argv[optind - 1]);
            return false;
        }
        if (i == '?') {
            snprintf(why, size, "%s: no such option, or one that takes no value; see e1000-vfio-user --help",
                     argv[optind - 1]);
            return false;
        }
        if (!take_option(options, &infos[i], optarg, &mac, why, size))
            return false;
    }
    if (optind < argc) {
        snprintf(why, size, "\"%s\" is not an option; they all begin with --, see e1000-vfio-user --help",
                 argv[optind]);
        return false;
    }
    if (mac && options->eeprom_words != 0)
        put_mac(options);
    return check_together(options, why, size);
}

void options_free(struct options *options)
{
    free(options->rom);
    options->rom = NULL;
}
