/*
 * replay.c - run inputs through session.c, with any compiler: each file of a folder in a process of its own
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(const char *path)
{
    static uint8_t input[1 << 16];
    FILE *const file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        return EXIT_FAILURE;
    }
    size = fread(input, 1, sizeof input, file);
    fclose(file);
    return LLVMFuzzerTestOneInput(input, size) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;
    struct dirent **entries;
    int n;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER|FILE\n", argv[0]);
        return 2;
    }
    n = scandir(argv[1], &entries, NULL, alphasort);
    if (n < 0)
        return run(argv[1]);
    for (int i = 0; i < n; i++) {
        char path[4096];
        int status = 0;
        pid_t child;

        if (entries[i]->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        fflush(stdout);
        child = fork();
        if (child == 0)
            exit(run(path));
        if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            passed++;
        } else {
            failed++;
            printf("not ok - %s\n", path);
        }
    }
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
