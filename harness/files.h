/*
 * files.h - the few things that the runner does to files and folders
 *
 * Functions that can fail return false and leave a message that names the file in why.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>

#define FILES_PATH 1024 /* longest path that the program handles, with its NUL */

bool files_exist(const char *path);
bool files_is_folder(const char *path);

/* Make a folder and those above it. */
bool files_make_folder(const char *path, char *why, size_t size);

/* Copy from beside to, then rename: to has its old content or all of the new, never a part. */
bool files_replace(const char *from, const char *to, char *why, size_t size);

/* Are two files the same, byte for byte? False with why set if one cannot be read. */
bool files_same(const char *a, const char *b, char *why, size_t size);

/* Join with a slash unless one part is empty. False if it does not fit. */
bool files_join(char *to, size_t size, const char *folder, const char *name);

/* Does name end in suffix? */
bool files_ends_in(const char *name, const char *suffix);

/* Remove the files in folder that are named prefix...suffix. A folder that is not there is fine. */
bool files_remove(const char *folder, const char *prefix, const char *suffix, char *why, size_t size);

#endif
