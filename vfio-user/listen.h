/*
 * listen.h - sockets with a name in the file system
 */
#ifndef VFIO_USER_LISTEN_H
#define VFIO_USER_LISTEN_H

#include <stddef.h>

/*
 * A listening stream socket at path, for the owner only. One that nobody listens at any more is replaced; one
 * that is in use, or a file of another kind, is not. Returns the descriptor, or -1 with a message that begins
 * with the option's name.
 */
int listen_at(const char *option, const char *path, char *why, size_t size);

#endif
