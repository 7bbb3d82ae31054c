/*
 * listen.c - sockets with a name in the file system
 */
#include "listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4

/* Somebody accepts there, or may in a moment. */
static bool in_use(const struct sockaddr_un *address)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool used = true;

    if (fd >= 0) {
        used = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
        close(fd);
    }
    return used;
}

static int bind_private(int fd, const struct sockaddr_un *address)
{
    const mode_t before = umask(0177);
    const int status = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;

    umask(before);
    return status;
}

int listen_at(const char *option, const char *path, char *why, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat stat;
    int fd, error;

    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(why, size, "--%s %s: longer than the %zu characters of a socket's path; choose a shorter one", option,
                 path, sizeof address.sun_path - 1);
        return -1;
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    error = fd < 0 ? errno : bind_private(fd, &address);
    if (error == EADDRINUSE && lstat(path, &stat) == 0) {
        if (!S_ISSOCK(stat.st_mode)) {
            snprintf(why, size, "--%s %s: there is a file that is no socket; choose another path", option, path);
            goto refused;
        }
        if (in_use(&address)) {
            snprintf(why, size, "--%s %s: in use by another process; choose another path", option, path);
            goto refused;
        }
        unlink(path);
        error = bind_private(fd, &address);
    }
    if (error == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    snprintf(why, size, "--%s %s: %s", option, path, strerror(error != 0 ? error : errno));
refused:
    if (fd >= 0)
        close(fd);
    return -1;
}
