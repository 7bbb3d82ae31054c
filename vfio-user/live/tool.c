/*
 * tool.c - what a shell cannot do for the live checks: add up a capture, speak to a unix socket
 */
#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FCS 4
#define SHORTEST 60 /* without the FCS: what a shorter frame is padded to */

/* Frames of a capture by direction, with their FCS counted, as GPRC, GPTC, GORC and GOTC do. */
static int sums(const char *path, const char *address)
{
    char why[PCAP_ERRBUF_SIZE];
    unsigned byte[6];
    uint8_t mac[6];
    uint64_t packets[2] = {0}, bytes[2] = {0};
    struct pcap_pkthdr *header;
    const u_char *frame;
    pcap_t *const pcap = pcap_open_offline(path, why);

    if (pcap == NULL ||
        sscanf(address, "%x:%x:%x:%x:%x:%x", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5]) != 6) {
        fprintf(stderr, "%s, %s: %s\n", path, address, pcap == NULL ? why : "not an address");
        return 1;
    }
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)byte[i];
    while (pcap_next_ex(pcap, &header, &frame) == 1) {
        const int out = header->caplen >= 12 && memcmp(frame + 6, mac, 6) == 0;

        packets[out]++;
        bytes[out] += (header->len < SHORTEST ? SHORTEST : header->len) + FCS;
    }
    pcap_close(pcap);
    printf("rx_packets=%" PRIu64 " tx_packets=%" PRIu64 " rx_bytes=%" PRIu64 " tx_bytes=%" PRIu64 "\n", packets[0],
           packets[1], bytes[0], bytes[1]);
    return 0;
}

/* Standard input to a socket, then what comes back, until it is closed. */
static int say(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char buffer[4096];
    ssize_t got;
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    while ((got = read(0, buffer, sizeof buffer)) > 0)
        if (send(fd, buffer, (size_t)got, MSG_NOSIGNAL) != got)
            break;
    shutdown(fd, SHUT_WR);
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        if (write(1, buffer, (size_t)got) != got)
            break;
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "sums") == 0)
        return sums(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "say") == 0)
        return say(argv[2]);
    fputs("usage: live-tool sums CAPTURE ADDRESS | say SOCKET\n", stderr);
    return 2;
}
