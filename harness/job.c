/*
 * job.c - which scenarios a command line means, and where each of them writes
 */
#include "job.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nearest.h"

#define TREE "scenarios"

struct collect {
    struct jobs *jobs;
    const char *golden_root;
    const char *only;  /* a name to look for, or NULL: everything */
    char (*names)[64]; /* those passed over, for the guess at a mistyped one */
    size_t name_count;
    char *why;
    size_t size;
};

static bool fail(const struct collect *c, const char *path, const char *text)
{
    snprintf(c->why, c->size, "%s: %s", path, text);
    return false;
}

static bool add(const struct collect *c, const char *path)
{
    struct jobs *const jobs = c->jobs;
    struct job *job;
    struct stat st;

    if (stat(path, &st) != 0)
        return fail(c, path, strerror(errno));
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->job[i].device == st.st_dev && jobs->job[i].inode == st.st_ino)
            return true;
    if (jobs->count == jobs->space) {
        const size_t space = jobs->space == 0 ? 64 : 2 * jobs->space;
        struct job *const grown = realloc(jobs->job, space * sizeof *grown);

        if (grown == NULL)
            return fail(c, path, "out of memory");
        jobs->job = grown;
        jobs->space = space;
    }
    job = &jobs->job[jobs->count];
    memset(job, 0, sizeof *job);
    job->result_fd = job->stderr_fd = -1;
    job->device = st.st_dev;
    job->inode = st.st_ino;
    if (!files_join(job->path, sizeof job->path, path, "") || !golden_locate(path, c->golden_root, &job->place))
        return fail(c, path, "the path is too long");
    jobs->count++;
    return true;
}

static bool is_scenario(const char *name)
{
    return name[0] != '.' && files_ends_in(name, ".lua");
}

/* "x" or "x.lua" */
static bool is_named(const char *file, const char *name)
{
    const size_t stem = strlen(file) - 4;

    return strncmp(file, name, stem) == 0 && (name[stem] == '\0' || strcmp(name + stem, ".lua") == 0);
}

#define NAMES 4096 /* passed over and remembered; beyond that the guess is less good */

static void remember(struct collect *c, const char *file)
{
    if (c->names != NULL && c->name_count < NAMES)
        snprintf(c->names[c->name_count++], sizeof *c->names, "%.*s", (int)strlen(file) - 4, file);
}

static bool walk(struct collect *c, const char *folder)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    bool good = true;

    if (n < 0)
        return fail(c, folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *const name = entries[i]->d_name;
        char path[FILES_PATH];
        struct stat st;

        if (!good || name[0] == '.') {
            ;
        } else if (!files_join(path, sizeof path, folder, name)) {
            good = fail(c, folder, "holds a path that is too long");
        } else if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            good = walk(c, path); /* a link to a folder is not followed: it could lead back here */
        } else if (is_scenario(name)) {
            if (c->only == NULL || is_named(name, c->only))
                good = add(c, path);
            else
                remember(c, name);
        }
    }
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return good;
}

/* A bare name, as the make targets and the reports use it. */
static bool find_named(struct collect *c, const char *name)
{
    const size_t before = c->jobs->count;
    bool good;

    c->only = name;
    c->names = calloc(NAMES, sizeof *c->names);
    c->name_count = 0;
    good = !files_is_folder(TREE) || walk(c, TREE);
    c->only = NULL;
    if (good && c->jobs->count == before) {
        struct nearest near;
        char text[256];

        nearest_start(&near, name);
        for (size_t i = 0; i < c->name_count; i++)
            nearest_offer(&near, c->names[i]);
        snprintf(c->why, c->size, "%s: no such file, and no scenario of that name below ./%s%s", name, TREE,
                 nearest_text(&near, text, sizeof text));
        good = false;
    }
    free(c->names);
    c->names = NULL;
    return good;
}

static int by_name(const void *a, const void *b)
{
    const struct job *const left = a, *const right = b;
    const int order = strcmp(left->place.name, right->place.name);

    return order != 0 ? order : strcmp(left->path, right->path);
}

static bool matches(const char *pattern, const char *name)
{
    return strpbrk(pattern, "*?[") != NULL ? fnmatch(pattern, name, 0) == 0 : strstr(name, pattern) != NULL;
}

static bool keep_matching(const struct collect *c, const char *pattern)
{
    struct jobs *const jobs = c->jobs;
    size_t kept = 0;

    for (size_t i = 0; i < jobs->count; i++)
        if (matches(pattern, jobs->job[i].place.name)) {
            if (kept != i)
                jobs->job[kept] = jobs->job[i];
            kept++;
        }
    if (kept == 0)
        snprintf(c->why, c->size, "none of %zu scenarios has a name that matches \"%s\"", jobs->count, pattern);
    jobs->count = kept;
    return kept > 0;
}

bool jobs_collect(struct jobs *jobs, char *const *paths, int count, const char *match, const char *golden_root,
                  char *why, size_t size)
{
    static char tree[] = TREE;
    char *const everything[] = {tree};
    struct collect c = {.jobs = jobs, .golden_root = golden_root, .why = why, .size = size};

    memset(jobs, 0, sizeof *jobs);
    if (count == 0) {
        if (!files_is_folder(TREE))
            return fail(&c, "./" TREE,
                        "no such folder; name a file or folder, or run this at the "
                        "top of the source tree");
        paths = everything;
        count = 1;
    }
    for (int i = 0; i < count; i++) {
        const size_t before = jobs->count;

        if (files_is_folder(paths[i])) {
            if (!walk(&c, paths[i]))
                return false;
            if (jobs->count == before)
                return fail(&c, paths[i], "the folder holds no scenario (*.lua)");
        } else if (files_exist(paths[i]) || strchr(paths[i], '/') != NULL) {
            if (!add(&c, paths[i]))
                return false;
        } else if (!find_named(&c, paths[i])) {
            return false;
        }
    }
    if (match != NULL && !keep_matching(&c, match))
        return false;
    qsort(jobs->job, jobs->count, sizeof *jobs->job, by_name);
    return true;
}

/* A scenario outside a tree keeps the folders of its path, but cannot climb out of ours. */
static void own_folder(const struct job *job, char *to, size_t size)
{
    const char *at = job->path;
    size_t used = 0;

    if (job->place.in_tree) {
        snprintf(to, size, "%s", job->place.chapter);
        return;
    }
    to[0] = '\0';
    for (const char *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1) {
        const size_t len = (size_t)(slash - at);

        if (len == 0 || strncmp(at, "..", len) == 0 || used + len + 2 > size)
            continue;
        if (used > 0)
            to[used++] = '/';
        memcpy(to + used, at, len);
        used += len;
        to[used] = '\0';
    }
}

bool jobs_place(struct jobs *jobs, const char *out, const char *coverage, char *why, size_t size)
{
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *const job = &jobs->job[i];
        char chapter[FILES_PATH], part[FILES_PATH], name[300], folder[FILES_PATH];
        unsigned again = 1;
        bool good;

        own_folder(job, chapter, sizeof chapter);
        /* Jobs are sorted by name, so one that would share the folder is among those just before. */
        for (size_t k = i; k-- > 0 && strcmp(jobs->job[k].place.name, job->place.name) == 0;) {
            char other[FILES_PATH];

            own_folder(&jobs->job[k], other, sizeof other);
            again += strcmp(other, chapter) == 0;
        }
        if (again == 1)
            snprintf(name, sizeof name, "%s", job->place.name);
        else
            snprintf(name, sizeof name, "%s~%u", job->place.name, again);
        good = files_join(part, sizeof part, chapter, name) && files_join(job->out, sizeof job->out, out, part);
        if (good && coverage != NULL) {
            good = files_join(folder, sizeof folder, coverage, chapter) &&
                   files_join(part, sizeof part, folder, name) &&
                   snprintf(job->coverage, sizeof job->coverage, "%.1000s.cov", part) < 1005;
            if (good && !files_make_folder(folder, why, size))
                return false;
        }
        if (!good) {
            snprintf(why, size, "%s: the path is too long", job->path);
            return false;
        }
        if (!files_make_folder(job->out, why, size) || !files_remove(job->out, "run.trace", "", why, size) ||
            !files_remove(job->out, "", ".pcap", why, size))
            return false;
    }
    return true;
}

void jobs_free(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        free(jobs->job[i].messages);
        free(jobs->job[i].headline);
        free(jobs->job[i].report);
    }
    free(jobs->job);
    memset(jobs, 0, sizeof *jobs);
}
