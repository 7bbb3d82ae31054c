/*
 * options.h - the command line
 */
#ifndef VFIO_USER_OPTIONS_H
#define VFIO_USER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/e1000.h"

enum exit_status {
    EXIT_DONE = 0,   /* ended as asked: --once, --fd, SIGTERM, SIGINT, "quit" */
    EXIT_BROKE = 1,  /* had to give up while it ran, or could not write all of a file */
    EXIT_REFUSE = 2, /* an option is wrong, or what it names cannot be used; nothing was started */
};

enum { EEPROM_WORDS_MAX = 256 };

struct options {
    const char *socket_path; /* NULL: fd */
    int fd;                  /* -1: socket_path. Listening, or connected */
    int control_fd;          /* -1: control, a path, if that is not NULL. The same */
    const char *net, *capture, *trace, *record, *control, *user;
    bool once, lint, exact, line_rate, sandbox, help, version;
    bool link_up;
    struct e1000_partner partner;
    uint8_t mac[6];
    uint16_t eeprom[EEPROM_WORDS_MAX]; /* with an explicit --mac in it */
    unsigned eeprom_words;             /* 0: no --eeprom */
    uint8_t *rom;                      /* allocated; NULL: none */
    uint32_t rom_bytes;
};

/* False with a message in why, which names the option and what to do. */
bool options_parse(struct options *options, int argc, char **argv, char *why, size_t size);
void options_free(struct options *options);
void options_help(FILE *to);

/*
 * The other end of the cable from "up", "down", "1000", "100 half" ...: it negotiates, and offers what the
 * words say, but no pause: nobody there obeys. False: not such words.
 */
bool options_link(const char *words, bool *up, struct e1000_partner *partner);

#endif
