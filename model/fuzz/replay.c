/*
 * replay.c - run inputs through their fuzz targets, with any compiler
 *
 *   replay FOLDER        the corpus: FOLDER/<target>/<input>, each in a process of its own; totals at the end
 *   replay TARGET FILE   one input, in this process, for a debugger
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

static const struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
    {"registers", fuzz_registers},
    {"descriptors", fuzz_descriptors},
    {"saves", fuzz_saves},
};
#define TARGETS (sizeof targets / sizeof targets[0])

static uint8_t input[1 << 20];

static bool run(const struct target *target, const char *path)
{
    FILE *const file = fopen(path, "rb");
    size_t size;
    uint8_t *exact;

    if (file == NULL) {
        perror(path);
        return false;
    }
    size = fread(input, 1, sizeof input, file);
    fclose(file);
    exact = malloc(size + 1); /* as long as the input: a sanitizer sees the end */
    if (exact == NULL)
        return false;
    memcpy(exact, input, size);
    target->run(exact, size);
    free(exact);
    return true;
}

static bool run_apart(const struct target *target, const char *path)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0)
        exit(run(target, path) ? EXIT_SUCCESS : EXIT_FAILURE);
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("not ok - %s\n", path);
        return false;
    }
    return true;
}

static void run_folder(const struct target *target, const char *folder, unsigned *passed, unsigned *failed)
{
    char path[4096];
    struct dirent **entries;
    int n;

    snprintf(path, sizeof path, "%s/%s", folder, target->name);
    n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", folder, target->name, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            if (run_apart(target, path))
                ++*passed;
            else
                ++*failed;
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    if (n < 3) { /* . and .. are no corpus */
        printf("not ok - %s/%s has no inputs\n", folder, target->name);
        ++*failed;
    }
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    for (const struct target *t = targets; argc == 3 && t < targets + TARGETS; t++)
        if (strcmp(t->name, argv[1]) == 0)
            return run(t, argv[2]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc != 2) {
        fputs("usage: replay FOLDER | replay registers|descriptors|saves FILE\n", stderr);
        return 2;
    }
    for (const struct target *t = targets; t < targets + TARGETS; t++)
        run_folder(t, argv[1], &passed, &failed);
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
