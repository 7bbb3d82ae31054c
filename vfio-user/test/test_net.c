/*
 * test_net.c - each kind of network, against its like or against the host
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../capture.h"
#include "net_fixture.h"

Suite *net_suite(void);

static uint8_t bytes[NET_PACKET_MAX];

static void pattern(size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 3 + 1);
}

/* ---- all kinds ---------------------------------------------------------------------------------- */

START_TEST(a_wrong_text_is_named)
{
    net_must_refuse("nope", "--net nope|tap|null");
    net_must_refuse("null,a=b", "--net null|\"a\"|none");
    net_must_refuse("null:x", "comma");
    net_must_refuse("dgram", "local.path= is missing");
    net_must_refuse("dgram,local.path=a", "remote.path= is missing");
    net_must_refuse("dgram,local.type=inet,local.path=a", "local.type=inet|unix");
    net_must_refuse("dgram,fd=0x", "fd=0x|number");
    net_must_refuse("dgram,fd=99", "fd=99|datagram");
    net_must_refuse("stream,path=", "path= is missing");
    net_must_refuse("stream,path=x,server=maybe", "server=maybe|on|off");
    net_must_refuse("pcap", "file= is missing");
    net_must_refuse("pcap:/nonexistent,x", "/nonexistent,x: No such file");
    net_must_refuse("pcap,file=/dev/null", "not a capture");
    net_must_refuse("pcap,file=/dev/null,speed=fast", "speed=fast|max");
    net_must_refuse("user,net=10.0.2", "net=10.0.2 |10.0.2.0/24");
    net_must_refuse("user,net=10.0.2.0/33", "net=");
    net_must_refuse("user,host=10.1.0.1", "host=10.1.0.1|not in the network");
    net_must_refuse("user,hostfwd=tcp::22", "hostfwd=tcp::22|tcp::5555-:22");
    net_must_refuse("user,hostfwd=tcp::99999-:22", "hostfwd=");
    net_must_refuse("user,tftp=/nonexistent", "tftp=/nonexistent: No such file");
    net_must_refuse("user,tftp=/dev/null", "not a folder");
    net_must_refuse("tap,script=/etc/up", "script=/etc/up|script=no");
    net_must_refuse("tap,ifname=a/b", "ifname=a/b");
}
END_TEST

START_TEST(null_counts_and_says_nothing)
{
    struct net *const net = net_must_open("null");
    char text[128];

    pattern(1000);
    net_put(net, bytes, 1000);
    net_turn(1);
    ck_assert_uint_eq(kept.count, 0);
    ck_assert_uint_eq(net_stats(net)->out.packets, 1);
    ck_assert_uint_eq(net_stats(net)->out.bytes, 1000);
    ck_assert_str_eq(net_describe(net, text, sizeof text), "null");
    net_close(net);
}
END_TEST

/* ---- dgram, stream ------------------------------------------------------------------------------ */

/* Two of a kind on one loop; what one sends the other gets. */
static void there_and_back(struct net *a, struct net *b)
{
    const size_t lens[] = {1, 42, 60, 1514, 16384, 65000};

    for (unsigned i = 0; i < 6; i++) {
        pattern(lens[i]);
        net_put(i % 2 == 0 ? a : b, bytes, lens[i]);
        net_wait(i + 1);
        ck_assert_uint_eq(kept.len[i], lens[i] < 60 ? 60 : lens[i]);
        ck_assert_mem_eq(kept.bytes[i], bytes, lens[i]);
        if (lens[i] < 60)
            ck_assert_uint_eq(kept.bytes[i][59], 0);
    }
}

START_TEST(datagrams_go_there_and_back)
{
    struct net *const a = net_must_open("dgram,local.path=%s/a,remote.path=%s/b", net_folder, net_folder);
    struct net *const b = net_must_open("dgram,local.path=%s/b,remote.path=%s/a", net_folder, net_folder);
    char spec[256];

    there_and_back(a, b);
    snprintf(spec, sizeof spec, "dgram,local.path=%s/a,remote.path=%s/c", net_folder, net_folder);
    net_must_refuse(spec, "in use|choose another");
    net_close(b);
    net_put(a, bytes, 100);
    ck_assert_uint_eq(net_stats(a)->dropped_out.packets, 1); /* nobody there */
    net_close(a);
    ck_assert_int_eq(access(strchr(spec, '=') + 1, F_OK), -1);
}
END_TEST

START_TEST(a_socket_left_behind_is_taken_over)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s/a", net_folder);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    net_close(net_must_open("dgram,local.path=%s/a,remote.path=%s/b", net_folder, net_folder));
}
END_TEST

START_TEST(what_the_device_has_no_room_for_waits)
{
    struct net *const a = net_must_open("dgram,local.path=%s/a,remote.path=%s/b", net_folder, net_folder);
    struct net *const b = net_must_open("dgram,local.path=%s/b,remote.path=%s/a", net_folder, net_folder);

    kept.room = 3;
    for (unsigned i = 0; i < 100; i++) { /* more than a socket's queue of datagrams, too */
        pattern(1000);
        bytes[0] = (uint8_t)i;
        net_put(a, bytes, 1000);
    }
    net_turn(20);
    ck_assert_uint_eq(kept.count, 3);
    kept.room = 97;
    net_resume(b);
    net_wait(100);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_uint_eq(kept.bytes[i][0], i);
    ck_assert_uint_eq(net_stats(a)->dropped_out.packets, 0);
    net_close(a);
    net_close(b);
}
END_TEST

START_TEST(streams_go_there_and_back_and_come_again)
{
    struct net *const a = net_must_open("stream,path=%s/s,server=on", net_folder);
    struct net *b = net_must_open("stream,addr.type=unix,addr.path=%s/s", net_folder);

    net_turn(2);
    there_and_back(a, b);
    net_close(b);
    net_turn(2);
    net_put(a, bytes, 100);
    ck_assert_uint_eq(net_stats(a)->dropped_out.packets, 1); /* nobody there */
    b = net_must_open("stream,path=%s/s", net_folder);
    net_turn(2);
    net_put(a, bytes, 100);
    net_wait(7);
    net_close(a);
    net_turn(2);
    net_put(b, bytes, 100);
    ck_assert_uint_eq(net_stats(b)->dropped_out.packets, 1);
    net_close(b);
}
END_TEST

START_TEST(a_stream_connects_when_the_other_end_comes)
{
    struct net *const b = net_must_open("stream,path=%s/s", net_folder);
    struct net *const a = net_must_open("stream,path=%s/s,server=on", net_folder);

    net_turn(1100);
    net_put(b, bytes, 100);
    net_wait(1);
    net_close(a);
    net_close(b);
}
END_TEST

START_TEST(a_full_stream_keeps_frames_whole_and_in_order)
{
    struct net *const a = net_must_open("stream,path=%s/s,server=on", net_folder);
    struct net *const b = net_must_open("stream,path=%s/s", net_folder);
    unsigned sent = 0;

    net_turn(2);
    kept.room = 0;
    while (net_stats(b)->dropped_out.packets == 0) {
        pattern(60000);
        bytes[0] = (uint8_t)sent++;
        net_put(b, bytes, 60000);
    }
    ck_assert_uint_gt(sent, 10);
    net_turn(5);
    ck_assert_uint_eq(kept.count, 0);
    kept.room = 1000;
    net_resume(a);
    net_wait(sent - 1);
    for (unsigned i = 0; i < sent - 1; i++) {
        ck_assert_uint_eq(kept.bytes[i][0], i);
        ck_assert_mem_eq(kept.bytes[i] + 1, bytes + 1, 59999);
    }
    net_close(a);
    net_close(b);
}
END_TEST

/* The bytes of two frames, split everywhere, then a length that is none. */
START_TEST(a_stream_is_read_in_any_pieces)
{
    int fds[2];
    struct net *net;
    uint8_t stream[2 * 104];
    char byte;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    net = net_must_open("stream,fd=%d", fds[0]);
    pattern(100);
    for (int i = 0; i < 2; i++) {
        memcpy(stream + 104 * i, "\0\0\0\x64", 4);
        memcpy(stream + 104 * i + 4, bytes, 100);
    }
    for (size_t i = 0; i < sizeof stream; i++) {
        ck_assert_int_eq(write(fds[1], stream + i, 1), 1);
        loop_step(net_loop, 0);
        ck_assert_uint_eq(kept.count, (i + 1) / 104);
    }
    ck_assert_mem_eq(kept.bytes[1], bytes, 100);
    ck_assert_int_eq(write(fds[1], "\xff\xff\xff\xff", 4), 4);
    net_turn(2);
    ck_assert_int_eq(read(fds[1], &byte, 1), 0); /* hung up: there is no way back into step */
    net_close(net);
    close(fds[1]);
}
END_TEST

/* ---- pcap and capture --------------------------------------------------------------------------- */

static void write_capture(const char *path)
{
    char why[256];
    struct capture *const capture = capture_open(path, why, sizeof why);

    ck_assert_msg(capture != NULL, "%s", why);
    for (unsigned i = 0; i < 3; i++) {
        pattern(100 + i);
        capture_frame(capture, CAPTURE_IN, bytes, 100 + i);
        usleep(20000);
    }
    ck_assert(capture_close(capture, why, sizeof why));
}

START_TEST(a_capture_is_replayed_at_its_own_pace)
{
    char path[128];
    struct net *net;
    uint64_t start;

    snprintf(path, sizeof path, "%s/c.pcap", net_folder);
    write_capture(path);
    kept.deaf = true;
    net = net_must_open("pcap:%s", path);
    net_turn(30);
    ck_assert_uint_eq(kept.count, 0); /* nobody listens yet */
    kept.deaf = false;
    net_wait(1);
    start = loop_now();
    net_wait(3);
    ck_assert_uint_ge(loop_now() - start, 38 * MS);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(kept.len[i], 100 + i);
    net_turn(5);
    net_close(net);
}
END_TEST

START_TEST(a_damaged_capture_ends_where_it_is_damaged)
{
    char path[128];
    struct net *net;

    snprintf(path, sizeof path, "%s/c.pcap", net_folder);
    write_capture(path);
    ck_assert_int_eq(truncate(path, 24 + 2 * 16 + 100 + 101 + 16 + 50), 0);
    kept.room = 1;
    net = net_must_open("pcap,file=%s,speed=max", path);
    net_turn(20);
    ck_assert_uint_eq(kept.count, 1);
    kept.room = 10;
    net_resume(net);
    net_turn(5);
    ck_assert_uint_eq(kept.count, 2);
    net_close(net);
}
END_TEST

START_TEST(a_capture_has_segments_as_on_the_wire_both_ways)
{
    struct net *const net = net_must_open("null");
    struct net *again;
    struct net_packet packet;
    struct iovec iov;
    char path[128], why[256];
    struct capture *capture;
    const size_t header = tcp_packet(bytes, false, false, 4000, &packet, &iov);

    snprintf(path, sizeof path, "%s/c.pcap", net_folder);
    capture = capture_open(path, why, sizeof why);
    net_capture(net, capture);
    net_send(net, &packet);
    net_capture(net, NULL);
    ck_assert(capture_close(capture, why, sizeof why));
    again = net_must_open("pcap,file=%s,speed=max", path);
    net_wait(3);
    ck_assert_uint_eq(kept.len[0], header + 1448);
    ck_assert_uint_eq(kept.len[2], header + 4000 - 2 * 1448);
    tcp_check(kept.bytes[2], kept.len[2], false, 14);
    net_close(again);
    net_close(net);
}
END_TEST

START_TEST(a_capture_that_cannot_be_written_says_so)
{
    char why[256] = "";

    ck_assert_ptr_null(capture_open("/nonexistent/c.pcap", why, sizeof why));
    ck_assert_str_eq(why, "--capture /nonexistent/c.pcap: No such file or directory");
}
END_TEST

/* ---- user --------------------------------------------------------------------------------------- */

static const uint8_t guest[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

static size_t arp(uint8_t *to, const char *target, const char *sender)
{
    memset(to, 0, 42);
    memset(to, 0xff, 6);
    memcpy(to + 6, guest, 6);
    memcpy(to + 12, "\x08\x06\0\1\x08\0\6\4\0\1", 10);
    memcpy(to + 22, guest, 6);
    inet_pton(AF_INET, sender, to + 28);
    inet_pton(AF_INET, target, to + 38);
    return 42;
}

START_TEST(the_gateway_answers_arp_after_the_frame_has_gone)
{
    struct net *const net = net_must_open("user,net=192.168.9.0/24,ipv6=off");

    net_put(net, bytes, arp(bytes, "192.168.9.2", "192.168.9.15"));
    net_wait(1);
    ck_assert_uint_eq(kept.bytes[0][21], 2); /* reply */
    ck_assert_mem_eq(kept.bytes[0] + 28, "\xc0\xa8\x09\x02", 4);
    ck_assert_mem_eq(kept.bytes[0], guest, 6);
    net_close(net);
}
END_TEST

START_TEST(answers_wait_for_room_and_are_dropped_beyond_the_queue)
{
    struct net *const net = net_must_open("user,ipv6=off");

    kept.room = 0;
    for (unsigned i = 0; i < 50; i++)
        net_put(net, bytes, arp(bytes, "10.0.2.2", "10.0.2.15"));
    net_turn(3);
    ck_assert_uint_eq(kept.count, 0);
    kept.room = 1000;
    net_resume(net);
    net_wait(50);
    net_close(net);
}
END_TEST

/* The host's own stack is at one end, a guest of a few frames at the other. */
START_TEST(a_forwarded_port_leads_to_the_guest)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    const int probe = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct net *net;
    char spec[128];

    ck_assert_int_eq(bind(probe, (struct sockaddr *)&address, len), 0); /* some free port */
    ck_assert_int_eq(getsockname(probe, (struct sockaddr *)&address, &len), 0);
    ck_assert_int_eq(listen(probe, 1), 0);
    snprintf(spec, sizeof spec, "user,hostfwd=tcp:127.0.0.1:%u-:22", ntohs(address.sin_port));
    net_must_refuse(spec, "Address already in use|another port");
    close(probe);
    net = net_must_open("%s,ipv6=off", spec);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, len) != 0 && errno != EINPROGRESS, 0);
    net_put(net, bytes, arp(bytes, "10.0.2.2", "10.0.2.15")); /* so that it knows us */
    for (unsigned i = 0; i < KEPT; i++) {
        const uint8_t *p;

        net_wait(i + 1);
        p = kept.bytes[i];
        if (p[12] != 8 || p[13] != 0 || p[23] != 6)
            continue;
        ck_assert_mem_eq(p + 30, "\x0a\0\2\x0f", 4);
        ck_assert_mem_eq(p + 36, "\0\x16", 2);
        ck_assert_uint_eq(p[47], 2); /* SYN */
        break;
    }
    close(fd);
    net_close(net);
}
END_TEST

/* ---- tap ---------------------------------------------------------------------------------------- */

/* In a network namespace of its own; exit status 0 passed, 77 not possible here. */
static void in_namespace(void (*test)(void))
{
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNET) != 0 || access("/dev/net/tun", R_OK | W_OK) != 0)
            _exit(77);
        test();
        fflush(NULL);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        fprintf(stderr, "skipped: tap needs root and /dev/net/tun\n");
    else
        ck_assert_int_eq(status, 0);
}

static int bring_up(const char *name)
{
    struct ifreq request = {0};
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);

    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    inet_pton(AF_INET, "10.9.0.1", &address.sin_addr);
    memcpy(&request.ifr_addr, &address, sizeof address);
    if (ioctl(fd, SIOCSIFADDR, &request) != 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        _exit(3);
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        _exit(4);
    close(fd);
    return (int)if_nametoindex(name);
}

static void need(bool what, int status)
{
    if (!what)
        _exit(status);
}

static void turn_until(unsigned count)
{
    const uint64_t end = loop_now() + 2000 * MS;

    while (kept.count < count && loop_now() < end)
        loop_step(net_loop, 10 * MS);
}

static bool is_arp_reply(unsigned i)
{
    return kept.bytes[i][12] == 8 && kept.bytes[i][13] == 6 && kept.bytes[i][21] == 2;
}

static int packet_socket(int index)
{
    const struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), one = 1;

    need(fd >= 0 && setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) == 0, 5);
    need(bind(fd, (const struct sockaddr *)&link, sizeof link) == 0, 6);
    return fd;
}

static void host_answers_arp(void)
{
    struct net *const net = net_must_open("tap,ifname=t0,script=no");
    char text[128];
    unsigned i;

    bring_up("t0");
    need(strcmp(net_describe(net, text, sizeof text), "tap: t0") == 0, 7);
    need(net_can(net) == (NET_CAN_CSUM | NET_CAN_TSO4 | NET_CAN_TSO6), 8);
    net_put(net, bytes, arp(bytes, "10.9.0.1", "10.9.0.2"));
    for (i = 0; i < 20; i++) { /* among what the host says of its own accord */
        turn_until(i + 1);
        if (i < kept.count && is_arp_reply(i))
            break;
    }
    need(i < kept.count, 9);
    net_close(net);
}

/* The host gets the packet as one, and what it leaves to the interface comes to the device cut. */
static void large_packets_stay_whole(void)
{
    struct net *const net = net_must_open("tap,ifname=t0");
    const int fd = packet_socket(bring_up("t0"));
    static uint8_t got[NET_PACKET_MAX + 64];
    struct virtio_net_hdr header = {0};
    struct net_packet packet;
    struct iovec iov;
    const size_t len = tcp_packet(bytes, false, false, 20000, &packet, &iov);
    ssize_t have;
    unsigned before;

    net_turn(50);
    while (recv(fd, got, sizeof got, 0) > 0)
        ;
    net_send(net, &packet);
    need(net_stats(net)->dropped_out.packets == 0, 10);
    have = recv(fd, got, sizeof got, 0);
    need(have == (ssize_t)(sizeof header + len + 20000), 11);
    memcpy(&header, got, sizeof header);
    need(header.gso_type == VIRTIO_NET_HDR_GSO_TCPV4 && header.gso_size == 1448, 12);
    need(memcmp(got + sizeof header + len, bytes + len, 20000) == 0, 13);
    before = kept.count;
    need(send(fd, got, (size_t)have, 0) == have, 14);
    kept.room = 5; /* the device has room for five at first */
    turn_until(before + 5);
    net_turn(20);
    need(kept.count == before + 5, 15);
    kept.room = 1000;
    net_resume(net);
    turn_until(before + 14);
    need(kept.count == before + 14, 16);
    for (unsigned i = before; i < kept.count; i++) {
        need(kept.len[i] == (i == before + 13 ? len + 20000 - 13 * 1448 : len + 1448) && kept.csum_valid[i], 17);
        tcp_check(kept.bytes[i], kept.len[i], false, 14);
    }
    net_close(net);
}

static void without_headers_all_is_done_here(void)
{
    struct net *const net = net_must_open("tap,ifname=t0,vnet_hdr=off");
    const int fd = packet_socket(bring_up("t0"));
    static uint8_t got[4096];
    struct net_packet packet;
    struct iovec iov;
    const size_t len = tcp_packet(bytes, true, false, 4000, &packet, &iov);

    net_turn(50);
    while (recv(fd, got, sizeof got, 0) > 0)
        ;
    need(net_can(net) == 0, 18);
    net_send(net, &packet);
    for (int i = 0; i < 3; i++) {
        ssize_t have;

        do /* the host says something of its own accord, too */
            have = recv(fd, got, sizeof got, 0) - (ssize_t)sizeof(struct virtio_net_hdr);
        while (have > 0 && got[sizeof(struct virtio_net_hdr) + 20] != 6);

        need(have == (ssize_t)(len + (i < 2 ? 1448 : 4000 - 2 * 1448)), 19);
        tcp_check(got + sizeof(struct virtio_net_hdr), (size_t)have, true, 14);
    }
    net_close(net);
}

static void (*const tap_tests[])(void) = {host_answers_arp, large_packets_stay_whole, without_headers_all_is_done_here};

START_TEST(tap_and_the_host)
{
    in_namespace(tap_tests[_i]);
}
END_TEST

Suite *net_suite(void)
{
    Suite *const suite = suite_create("net");
    TCase *const tcase = tcase_create("net");

    tcase_set_timeout(tcase, 20);
    tcase_add_checked_fixture(tcase, net_setup, net_teardown);
    tcase_add_test(tcase, a_wrong_text_is_named);
    tcase_add_test(tcase, null_counts_and_says_nothing);
    tcase_add_test(tcase, datagrams_go_there_and_back);
    tcase_add_test(tcase, a_socket_left_behind_is_taken_over);
    tcase_add_test(tcase, what_the_device_has_no_room_for_waits);
    tcase_add_test(tcase, streams_go_there_and_back_and_come_again);
    tcase_add_test(tcase, a_stream_connects_when_the_other_end_comes);
    tcase_add_test(tcase, a_full_stream_keeps_frames_whole_and_in_order);
    tcase_add_test(tcase, a_stream_is_read_in_any_pieces);
    tcase_add_test(tcase, a_capture_is_replayed_at_its_own_pace);
    tcase_add_test(tcase, a_damaged_capture_ends_where_it_is_damaged);
    tcase_add_test(tcase, a_capture_has_segments_as_on_the_wire_both_ways);
    tcase_add_test(tcase, a_capture_that_cannot_be_written_says_so);
    tcase_add_test(tcase, the_gateway_answers_arp_after_the_frame_has_gone);
    tcase_add_test(tcase, answers_wait_for_room_and_are_dropped_beyond_the_queue);
    tcase_add_test(tcase, a_forwarded_port_leads_to_the_guest);
    tcase_add_loop_test(tcase, tap_and_the_host, 0, 3);
    suite_add_tcase(suite, tcase);
    return suite;
}
