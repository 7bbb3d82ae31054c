/*
 * keeper.h - a second process, outside the sandbox, for what the first will need the file system for
 *
 * It can do two things only: open the files that it was told of at the start anew, and remove the sockets
 * when the first process has ended, however that came.
 */
#ifndef VFIO_USER_KEEPER_H
#define VFIO_USER_KEEPER_H

#include <stdbool.h>

struct keeper;

enum { KEEPER_FILES = 2, KEEPER_SOCKETS = 3 };

/*
 * Fork it, before anything else is open. NULL paths are none. NULL: no memory or no process; errno says why.
 */
struct keeper *keeper_new(const char *const files[KEEPER_FILES], const char *const sockets[KEEPER_SOCKETS]);

/* A new file at files[n], open for writing; or a negative errno: -EEXIST if there is one. */
int keeper_open(struct keeper *keeper, unsigned n);
/* From now on sockets[n] is ours, to be removed. */
void keeper_own(struct keeper *keeper, unsigned n);

/* Waits until the sockets are removed. NULL: nothing. */
void keeper_free(struct keeper *keeper);

#endif
