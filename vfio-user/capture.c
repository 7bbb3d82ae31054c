/*
 * capture.c - every frame both ways into a pcap file, with nanosecond times
 */
#include "capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 262144

struct capture {
    char path[4096];
    pcap_t *pcap;
    pcap_dumper_t *dump;
    bool dirty;
};

static bool complain(const struct capture *capture, int error, char *why, size_t size)
{
    snprintf(why, size, "--capture %s: %s", capture->path, strerror(error));
    return false;
}

/* A file of our own, since libpcap takes "-" for standard output. */
static bool start_file(struct capture *capture, FILE *file, char *why, size_t size)
{
    if (file == NULL)
        return complain(capture, errno, why, size);
    capture->dump = pcap_dump_fopen(capture->pcap, file);
    if (capture->dump != NULL && pcap_dump_flush(capture->dump) == 0)
        return true;
    snprintf(why, size, "--capture %s: %s", capture->path,
             capture->dump == NULL ? pcap_geterr(capture->pcap) : strerror(errno));
    if (capture->dump == NULL)
        fclose(file);
    return false;
}

struct capture *capture_open(const char *path, char *why, size_t size)
{
    struct capture *const capture = calloc(1, sizeof *capture);

    if (capture == NULL || strlen(path) >= sizeof capture->path) {
        snprintf(why, size, "--capture %s: %s", path, strerror(capture == NULL ? ENOMEM : ENAMETOOLONG));
        free(capture);
        return NULL;
    }
    strcpy(capture->path, path);
    capture->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, LONGEST, PCAP_TSTAMP_PRECISION_NANO);
    if (capture->pcap == NULL)
        complain(capture, ENOMEM, why, size);
    else if (start_file(capture, fopen(path, "wbe"), why, size))
        return capture;
    capture_close(capture, NULL, 0);
    return NULL;
}

void capture_frame(struct capture *capture, enum capture_direction direction, const void *frame, size_t len)
{
    struct pcap_pkthdr header;
    struct timespec now;

    (void)direction; /* this format has no place for it; addresses tell */
    if (capture->dump == NULL)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    memset(&header, 0, sizeof header);
    header.ts.tv_sec = now.tv_sec;
    header.ts.tv_usec = now.tv_nsec; /* nanoseconds, as asked for at opening */
    header.caplen = header.len = (bpf_u_int32)len;
    pcap_dump((u_char *)capture->dump, &header, frame);
    capture->dirty = true;
}

void capture_flush(struct capture *capture)
{
    if (capture->dump != NULL && capture->dirty)
        pcap_dump_flush(capture->dump);
    capture->dirty = false;
}

bool capture_reopen(struct capture *capture, int fd, char *why, size_t size)
{
    pcap_dumper_t *const before = capture->dump;
    FILE *const file = fdopen(fd, "wb");

    if (start_file(capture, file, why, size)) {
        if (before != NULL)
            pcap_dump_close(before);
        return true;
    }
    if (file == NULL)
        close(fd);
    capture->dump = before;
    return false;
}

bool capture_close(struct capture *capture, char *why, size_t size)
{
    bool good = true;

    if (capture == NULL)
        return true;
    if (capture->dump != NULL) {
        if (pcap_dump_flush(capture->dump) != 0 || ferror(pcap_dump_file(capture->dump)))
            good = complain(capture, errno, why, size);
        pcap_dump_close(capture->dump);
    }
    if (capture->pcap != NULL)
        pcap_close(capture->pcap);
    free(capture);
    return good;
}
