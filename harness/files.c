/*
 * files.c - the few things that the runner does to files and folders
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536

static bool fail(char *why, size_t size, const char *what, const char *path)
{
    snprintf(why, size, "%s%s: %s", what, path, strerror(errno));
    return false;
}

bool files_exist(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool files_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool files_make_folder(const char *path, char *why, size_t size)
{
    char part[FILES_PATH];
    const size_t len = strlen(path);

    if (len >= sizeof part) {
        snprintf(why, size, "%.60s...: the path is too long", path);
        return false;
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        part[i] = '\0';
        /* Another run may make the same folder at the same time: what counts is that it is there. */
        if (mkdir(part, 0777) != 0 && !files_is_folder(part)) {
            if (errno == EEXIST)
                errno = ENOTDIR;
            return fail(why, size, "cannot make folder ", part);
        }
        part[i] = path[i];
    }
    return true;
}

static bool copy(FILE *from, FILE *to)
{
    char chunk[4096];
    size_t n;

    while ((n = fread(chunk, 1, sizeof chunk, from)) > 0)
        if (fwrite(chunk, 1, n, to) != n)
            return false;
    return !ferror(from) && fflush(to) == 0;
}

bool files_replace(const char *from, const char *to, char *why, size_t size)
{
    char temp[FILES_PATH + 16];
    FILE *in, *out;
    bool good;
    int fd;

    in = fopen(from, "rb");
    if (in == NULL)
        return fail(why, size, "", from);
    snprintf(temp, sizeof temp, "%s.new-XXXXXX", to);
    fd = mkstemp(temp);
    out = fd < 0 ? NULL : fdopen(fd, "wb");
    if (out == NULL) {
        fail(why, size, "cannot write beside ", to);
        if (fd >= 0) {
            close(fd);
            unlink(temp);
        }
        fclose(in);
        return false;
    }
    good = copy(in, out) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    good = fclose(out) == 0 && good;
    good = good && rename(temp, to) == 0;
    if (!good) {
        fail(why, size, "cannot write ", to);
        unlink(temp);
    }
    fclose(in);
    return good;
}

bool files_same(const char *a, const char *b, char *why, size_t size)
{
    char *const chunk = malloc(2 * (size_t)CHUNK);
    FILE *const left = fopen(a, "rb");
    FILE *const right = left == NULL ? NULL : fopen(b, "rb");
    bool same = false;

    why[0] = '\0';
    if (left == NULL || right == NULL || chunk == NULL) {
        fail(why, size, "", left == NULL ? a : b);
    } else {
        size_t n, m;

        do {
            n = fread(chunk, 1, CHUNK, left);
            m = fread(chunk + CHUNK, 1, CHUNK, right);
            same = n == m && memcmp(chunk, chunk + CHUNK, n) == 0;
        } while (same && n == CHUNK);
        if (ferror(left) || ferror(right))
            same = fail(why, size, "", ferror(left) ? a : b);
    }
    if (left != NULL)
        fclose(left);
    if (right != NULL)
        fclose(right);
    free(chunk);
    return same;
}

bool files_join(char *to, size_t size, const char *folder, const char *name)
{
    const bool slash = folder[0] != '\0' && name[0] != '\0' && !files_ends_in(folder, "/");
    const int n = snprintf(to, size, "%s%s%s", folder, slash ? "/" : "", name);

    return n >= 0 && (size_t)n < size;
}

bool files_ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name), m = strlen(suffix);

    return n >= m && strcmp(name + n - m, suffix) == 0;
}

bool files_remove(const char *folder, const char *prefix, const char *suffix, char *why, size_t size)
{
    DIR *const dir = opendir(folder);
    const struct dirent *entry;
    bool good = true;

    if (dir == NULL)
        return errno == ENOENT ? true : fail(why, size, "", folder);
    while (good && (entry = readdir(dir)) != NULL) {
        char path[FILES_PATH];

        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || !files_ends_in(entry->d_name, suffix))
            continue;
        if (files_join(path, sizeof path, folder, entry->d_name) && unlink(path) != 0)
            good = fail(why, size, "cannot remove ", path);
    }
    closedir(dir);
    return good;
}
