/*
 * keeper.c - a second process, outside the sandbox, for what the first will need the file system for
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN 0x80 /* in the byte that is a request; else it is the number of a file */

struct keeper {
    int fd;
    pid_t pid;
};

/* The byte is an errno, or 0 and the descriptor comes with it. fd: a negative errno, if none. */
static void answer(int to, int fd)
{
    uint8_t byte = (uint8_t)(fd < 0 ? -fd : 0);
    struct iovec iov = {&byte, 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    sendmsg(to, &message, MSG_NOSIGNAL);
    if (fd >= 0)
        close(fd);
}

/* The descriptor, or a negative errno. */
static int new_file(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    return fd < 0 ? -errno : fd;
}

static void serve(int socket, const char *const *files, const char *const *sockets)
{
    unsigned owned = 0;
    uint8_t byte;
    ssize_t len;

    while ((len = read(socket, &byte, 1)) == 1 || (len < 0 && errno == EINTR)) {
        const unsigned n = byte & (OWN - 1u);

        if (len < 0)
            continue;
        if (byte & OWN)
            owned |= 1u << n;
        else if (n >= KEEPER_FILES || files[n] == NULL)
            answer(socket, -EBADF);
        else
            answer(socket, new_file(files[n]));
    }
    for (unsigned n = 0; n < KEEPER_SOCKETS; n++)
        if ((owned >> n & 1) && sockets[n] != NULL)
            unlink(sockets[n]);
}

struct keeper *keeper_new(const char *const files[KEEPER_FILES], const char *const sockets[KEEPER_SOCKETS])
{
    static const int theirs[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGQUIT};
    struct keeper *const keeper = calloc(1, sizeof *keeper);
    int fds[2];

    if (keeper == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        free(keeper);
        return NULL;
    }
    keeper->fd = fds[0];
    keeper->pid = fork();
    if (keeper->pid == 0) {
        /* A terminal sends them to both; the first process's end is what counts. */
        for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
            signal(theirs[i], SIG_IGN);
        close(fds[0]);
        serve(fds[1], files, sockets);
        _exit(0);
    }
    close(fds[1]);
    if (keeper->pid > 0)
        return keeper;
    close(fds[0]);
    free(keeper);
    return NULL;
}

int keeper_open(struct keeper *keeper, unsigned n)
{
    uint8_t byte = (uint8_t)n;
    struct iovec iov = {&byte, 1};
    int fd = -1;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

    if (send(keeper->fd, &byte, 1, MSG_NOSIGNAL) != 1 || recvmsg(keeper->fd, &message, MSG_CMSG_CLOEXEC) != 1)
        return -EPIPE;
    if (byte != 0)
        return -byte;
    if (message.msg_controllen < sizeof control.header || control.header.cmsg_type != SCM_RIGHTS)
        return -EMFILE;
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
}

void keeper_own(struct keeper *keeper, unsigned n)
{
    const uint8_t byte = (uint8_t)(OWN | n);

    (void)!send(keeper->fd, &byte, 1, MSG_NOSIGNAL);
}

void keeper_free(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    close(keeper->fd);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(keeper);
}
