/* Names: what makes, opens, renames and removes entries of folders. */
#include "record.h"

FIND(openat) FIND(renameat2) FIND(unlinkat) FIND(mkdirat) FIND(linkat)

static int opened(int fd, int flags) {
    char path[PATH_MAX];
    if (fd < 0) return fd;
    forget(fd);
    int writable = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
    if (!writable || kind_of(fd) != TRACKED || !path_of(fd, path)) return fd;
    struct stat st;
    int before = errno;
    fstat(fd, &st);
    emit('O', below(path), NULL, st.st_ino, st.st_size);
    if (flags & O_TRUNC) emit('T', NULL, NULL, st.st_ino, 0);
    errno = before;
    return fd;
}

#define MODE(flags)                                                                                  \
    mode_t mode = 0;                                                                                 \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                         \
        va_list rest;                                                                                \
        va_start(rest, flags);                                                                       \
        mode = va_arg(rest, mode_t);                                                                 \
        va_end(rest);                                                                                \
    }
int openat(int dir, const char *path, int flags, ...) {
    MODE(flags) return opened(REAL(openat)(dir, path, flags, mode), flags);
}
int openat64(int dir, const char *path, int flags, ...) { MODE(flags) return openat(dir, path, flags, mode); }
int open(const char *path, int flags, ...) { MODE(flags) return openat(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return openat(AT_FDCWD, path, flags, mode); }
int __open_2(const char *path, int flags) { return openat(AT_FDCWD, path, flags); }
int __open64_2(const char *path, int flags) { return openat(AT_FDCWD, path, flags); }
int __openat_2(int dir, const char *path, int flags) { return openat(dir, path, flags); }
int __openat64_2(int dir, const char *path, int flags) { return openat(dir, path, flags); }
int creat(const char *path, mode_t mode) { return openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* The real path of an entry, which itself need not exist and is not followed. NULL: not one of ours. */
static const char *entry(int dir, const char *path, char *full) {
    char given[2 * PATH_MAX], folder[PATH_MAX];
    if (!is_recording()) return NULL;
    if (path[0] == '/') snprintf(given, sizeof given, "%s", path);
    else if (dir == AT_FDCWD ? !getcwd(folder, sizeof folder) : !path_of(dir, folder)) return NULL;
    else snprintf(given, sizeof given, "%s/%s", folder, path);
    for (size_t n = strlen(given); n > 1 && given[n - 1] == '/'; n--) given[n - 1] = 0;
    char *name = strrchr(given, '/');
    *name++ = 0;
    if (!realpath(*given ? given : "/", folder)) return NULL;
    snprintf(full, 2 * PATH_MAX, "%s/%s", folder, name);
    return kind_of_path(full) == TRACKED ? below(full) : NULL;
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    char from_full[2 * PATH_MAX], to_full[2 * PATH_MAX];
    const char *source = entry(from_dir, from, from_full), *target = entry(to_dir, to, to_full);
    int rc = REAL(renameat2)(from_dir, from, to_dir, to, flags);
    if (rc != 0 || (!source && !target)) return rc;
    if (!source || !target) emit('!', source ? source : target, "an entry crosses the folder's border", 0, 0);
    else emit(flags & RENAME_EXCHANGE ? 'X' : 'R', source, target, 0, 0);
    return rc;
}
int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    return renameat2(from_dir, from, to_dir, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int dir, const char *path, int flags) {
    char full[2 * PATH_MAX];
    const char *part = entry(dir, path, full);
    int rc = REAL(unlinkat)(dir, path, flags);
    if (rc == 0 && part) emit('U', part, NULL, 0, 0);
    return rc;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int dir, const char *path, mode_t mode) {
    char full[2 * PATH_MAX];
    const char *part = entry(dir, path, full);
    int rc = REAL(mkdirat)(dir, path, mode);
    if (rc == 0 && part) emit('M', part, NULL, 0, 0);
    return rc;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    char from_full[2 * PATH_MAX], to_full[2 * PATH_MAX];
    const char *source = entry(from_dir, from, from_full), *target = entry(to_dir, to, to_full);
    int rc = REAL(linkat)(from_dir, from, to_dir, to, flags);
    if (rc == 0 && target) emit(source ? 'L' : '!', source ? source : target, source ? target : "a link from outside", 0, 0);
    return rc;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
