/*
 * vfio_control.h - the control socket of a server: what a card behind one has besides the bus and the wire
 *
 * A line is sent and its answer waited for, while the server's requests for guest memory are served.
 */
#ifndef HARNESS_VFIO_CONTROL_H
#define HARNESS_VFIO_CONTROL_H

#include "../model/e1000.h"
#include "vfio_client.h"

enum { CONTROL_ANSWER = 4096 };

/* The line, without its end; the answer without its last line, "ok". False: an error, whose text is the answer. */
bool control_command(struct vfio_client *client, int fd, const char *line, char answer[CONTROL_ANSWER], int timeout_ms);

/* The number behind "NAME " at the beginning of a line of an answer. False: there is none. */
bool control_number(const char *answer, const char *name, int base, uint64_t *value);

/* "partner ..." for this one; NULL: "link down". */
void control_partner(const struct e1000_partner *partner, char *line, size_t size);

#endif
