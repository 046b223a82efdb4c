/* What record.c and record_names.c share; record.c tells what it is all for. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>


#define REAL(name) ((__typeof__(&name))real_##name(#name))
#define FIND(name)                                                                                   \
    static void *real_##name(const char *symbol) {                                                   \
        static void *found;                                                                          \
        return found ? found : (found = dlsym(RTLD_NEXT, symbol));                                   \
    }
#define OURS __attribute__((visibility("hidden"))) /* only what is interposed may be seen from outside */

enum { UNKNOWN, ELSEWHERE, TRACKED, SHARED_MEMORY };

/* Append a record; `ino` and `offset` where the op has them, else 0. */
OURS void emit(char op, const char *path, const char *other, ino_t ino, off_t offset);
/* The part of an absolute path below the folder ("" for the folder itself), NULL when it lies elsewhere. */
OURS const char *below(const char *path);
OURS int is_recording(void);
OURS int path_of(int fd, char *path);
OURS int kind_of_path(const char *path);
OURS int kind_of(int fd);
OURS void forget(int fd);
