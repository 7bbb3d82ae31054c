/*
 * pcap.c - captures of Ethernet frames with nanosecond times, through libpcap
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* libpcap's headers use u_int and struct timeval */
#endif
#include "pcap.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 262144 /* libpcap's own limit for a frame it reads back */
#define NS_PER_S UINT64_C(1000000000)

struct pcap_writer {
    char path[1024];
    pcap_t *pcap;
    pcap_dumper_t *dump;
    uint64_t frames, too_long; /* written; the first that did not fit, counted from 1 */
};

struct pcap_reader {
    char error[256];
    pcap_t *pcap;
};

bool pcap_out_open(const char *path, struct pcap_writer **writer, char *why, size_t size)
{
    struct pcap_writer *const w = calloc(1, sizeof *w);
    FILE *const file = w == NULL ? NULL : fopen(path, "wb");
    const char *error = strerror(w == NULL ? ENOMEM : errno);

    if (file != NULL) {
        snprintf(w->path, sizeof w->path, "%s", path);
        w->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, LONGEST, PCAP_TSTAMP_PRECISION_NANO);
        w->dump = w->pcap == NULL ? NULL : pcap_dump_fopen(w->pcap, file);
        error = w->pcap == NULL ? strerror(ENOMEM) : pcap_geterr(w->pcap);
    }
    if (w != NULL && w->dump != NULL) {
        *writer = w;
        return true;
    }
    snprintf(why, size, "cannot write %s: %s", path, error);
    if (file != NULL)
        fclose(file);
    if (w != NULL && w->pcap != NULL)
        pcap_close(w->pcap);
    free(w);
    return false;
}

void pcap_out_write(struct pcap_writer *writer, uint64_t at_ns, const void *frame, size_t len)
{
    struct pcap_pkthdr header;

    writer->frames++;
    if (len > LONGEST) {
        if (writer->too_long == 0)
            writer->too_long = writer->frames;
        return;
    }
    memset(&header, 0, sizeof header);
    header.ts.tv_sec = (time_t)(at_ns / NS_PER_S);
    header.ts.tv_usec = (suseconds_t)(at_ns % NS_PER_S); /* nanoseconds, as asked for at opening */
    header.caplen = header.len = (bpf_u_int32)len;
    pcap_dump((u_char *)writer->dump, &header, frame);
}

bool pcap_out_close(struct pcap_writer *writer, char *why, size_t size)
{
    bool good = true;

    if (pcap_dump_flush(writer->dump) != 0 || ferror(pcap_dump_file(writer->dump))) {
        snprintf(why, size, "cannot write %s: %s", writer->path, strerror(errno));
        good = false;
    } else if (writer->too_long != 0) {
        snprintf(why, size, "cannot write %s: frame %" PRIu64 " is longer than %d bytes", writer->path,
                 writer->too_long, LONGEST);
        good = false;
    }
    pcap_dump_close(writer->dump);
    pcap_close(writer->pcap);
    free(writer);
    return good;
}

static bool is_empty(FILE *file)
{
    const int c = getc(file);

    if (c != EOF)
        ungetc(c, file);
    return c == EOF;
}

bool pcap_in_open(const char *path, struct pcap_reader **reader, char *why, size_t size)
{
    struct pcap_reader *const r = calloc(1, sizeof *r);
    char error[PCAP_ERRBUF_SIZE] = "";
    FILE *const file = r == NULL ? NULL : fopen(path, "rb");

    if (file == NULL) {
        snprintf(why, size, "%s: %s", path, strerror(r == NULL ? ENOMEM : errno));
        free(r);
        return false;
    }
    if (is_empty(file)) {
        snprintf(why, size, "%s: %s", path,
                 ferror(file) ? strerror(errno) : "the file is empty, without even a pcap header");
    } else {
        r->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
        if (r->pcap == NULL) {
            snprintf(why, size, "%s: not a whole pcap file: %s", path, error);
        } else if (pcap_datalink(r->pcap) != DLT_EN10MB) {
            snprintf(why, size, "%s: link type %d, not Ethernet", path, pcap_datalink(r->pcap));
        } else {
            *reader = r;
            return true;
        }
    }
    if (r->pcap != NULL)
        pcap_close(r->pcap); /* and the file */
    else
        fclose(file);
    free(r);
    return false;
}

int pcap_in_next(struct pcap_reader *reader, uint64_t *at_ns, const uint8_t **frame, size_t *len)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    const int status = pcap_next_ex(reader->pcap, &header, &bytes);

    if (status == PCAP_ERROR_BREAK)
        return 0;
    if (status != 1) {
        snprintf(reader->error, sizeof reader->error, "%s", pcap_geterr(reader->pcap));
        return -1;
    }
    if (header->caplen < header->len) {
        snprintf(reader->error, sizeof reader->error, "only %u of the next frame's %u bytes are there",
                 (unsigned)header->caplen, (unsigned)header->len);
        return -1;
    }
    *at_ns = (uint64_t)header->ts.tv_sec * NS_PER_S + (uint64_t)header->ts.tv_usec;
    *frame = bytes;
    *len = header->caplen;
    return 1;
}

const char *pcap_in_error(const struct pcap_reader *reader)
{
    return reader->error;
}

void pcap_in_close(struct pcap_reader *reader)
{
    if (reader == NULL)
        return;
    pcap_close(reader->pcap);
    free(reader);
}
