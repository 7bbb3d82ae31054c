/*
 * capture.h - every frame both ways into a pcap file, with nanosecond times
 *
 * Frames are those on the wire, without the frame check sequence: what the device left to the network to
 * cut into segments is captured cut.
 */
#ifndef VFIO_USER_CAPTURE_H
#define VFIO_USER_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

struct capture;

enum capture_direction { CAPTURE_OUT, CAPTURE_IN };

/* NULL with a message in why. */
struct capture *capture_open(const char *path, char *why, size_t size);
void capture_frame(struct capture *capture, enum capture_direction direction, const void *frame, size_t len);
void capture_flush(struct capture *capture);
/* Go on in a new file, fd, which is the capture's from then on. False with a message: the old one goes on. */
bool capture_reopen(struct capture *capture, int fd, char *why, size_t size);
/* False with a message in why if not everything could be written. */
bool capture_close(struct capture *capture, char *why, size_t size);

#endif
