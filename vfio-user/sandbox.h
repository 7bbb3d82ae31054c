/*
 * sandbox.h - what the program gives up before it listens to anybody
 *
 * Root's identity, the file system (by Landlock, where the kernel has it) and every system call that serving
 * does not need (by seccomp). What the guest and the client can reach of the host is then what is open.
 */
#ifndef VFIO_USER_SANDBOX_H
#define VFIO_USER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sandbox {
    const char *user;  /* to be, if root: NULL for who called sudo, or nobody */
    unsigned needs;    /* enum net_needs */
    const char *files; /* below which reading goes on, with NET_NEEDS_FILES; NULL: none */
};

/* Whom sandbox_enter() will be: sockets and files should be his. False with a message; not root: who we are. */
bool sandbox_identity(const struct sandbox *sandbox, uid_t *uid, gid_t *gid, char *why, size_t size);

/* There is no way back. False with a message: what could not be given up. */
bool sandbox_enter(const struct sandbox *sandbox, char *why, size_t size);

#endif
