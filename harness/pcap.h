/*
 * pcap.h - captures of Ethernet frames with nanosecond times, through libpcap
 *
 * Frames include their frame check sequence. Both ends stream: no more than one frame is in memory.
 */
#ifndef HARNESS_PCAP_H
#define HARNESS_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcap_writer;
struct pcap_reader;

/* False with a message that names the file in why. */
bool pcap_out_open(const char *path, struct pcap_writer **writer, char *why, size_t size);
void pcap_out_write(struct pcap_writer *writer, uint64_t at_ns, const void *frame, size_t len);
/* Ends the writer in any case. False with a message in why if anything could not be written. */
bool pcap_out_close(struct pcap_writer *writer, char *why, size_t size);

/* False with a message that names the file in why. */
bool pcap_in_open(const char *path, struct pcap_reader **reader, char *why, size_t size);
/* 1: a frame, good until the next call; 0: the end; -1: damaged, see pcap_in_error(). */
int pcap_in_next(struct pcap_reader *reader, uint64_t *at_ns, const uint8_t **frame, size_t *len);
const char *pcap_in_error(const struct pcap_reader *reader);
void pcap_in_close(struct pcap_reader *reader);

#endif
