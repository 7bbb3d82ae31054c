/*
 * net_null.c - a cable that leads nowhere: frames out are counted, none come in
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net_backend.h"

static struct net *open_null(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct net *const net = calloc(1, sizeof *net);

    (void)loop;
    if (net == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    net->can = NET_CAN_CSUM | NET_CAN_TSO4 | NET_CAN_TSO6;
    return net;
}

static bool send_null(struct net *net, const struct net_packet *packet)
{
    (void)net;
    (void)packet;
    return true;
}

static void close_null(struct net *net)
{
    free(net);
}

const struct net_backend net_null = {
    .name = "null",
    .text = "nothing: frames out are dropped, none come in",
    .open = open_null,
    .send = send_null,
    .close = close_null,
};
