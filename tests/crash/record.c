/* Preloaded into a program, records in one global order what it does to the files below one folder,
 * and can pretend that the disk is full.  Linux, glibc; built by recorder.py, read by powerloss.py.
 *
 * RECORD_ROOT        the folder, a real path
 * RECORD_LOG         file that the records are appended to (outside of the folder); absent: no records
 * RECORD_SKIP_FSYNC  patterns (fnmatch, relative to the folder, separated by ':', folders end in '/'; the folder
 *                    itself is "./"): such an fsync never happens, as if it had been left out of the code
 * RECORD_ROOM        file of 8 bytes, an int64: by how many bytes files below the folder may still grow;
 *                    negative: without limit.  May be rewritten while the program runs.
 *
 * A record is written after its call has succeeded and before the caller hears of it, so whatever one thread or
 * process can know of another stands earlier in the log.  An fsync has two records, before (f, d) and after (F, D):
 * what is written meanwhile is not taken for durable.  One record is one appending writev, which Linux never mixes
 * with another's.  SQLite's -shm files are rebuilt after a crash and leave no records.
 */
#include "record.h"

FIND(openat) FIND(writev) FIND(pwritev) FIND(write) FIND(pwrite) FIND(close) FIND(ftruncate) FIND(truncate)
FIND(fsync) FIND(fdatasync) FIND(mmap) FIND(dup2) FIND(dup3) FIND(sendfile) FIND(copy_file_range) FIND(fallocate) FIND(posix_fallocate)

extern ssize_t sendfile(int, int, off_t *, size_t);

enum { N_FDS = 65536, FIRST_LOG_FD = 900 };
struct head {
    char magic[4];
    uint32_t op, pid, tid, path_len, other_len;
    uint64_t ino, offset, data_len;
};
static char root[PATH_MAX];
static size_t root_len;
static int log_fd = -1;
static int64_t *room;
static uint8_t kinds[N_FDS];
static ino_t inos[N_FDS];

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("RECORD_ROOT"), *log = getenv("RECORD_LOG"), *limit = getenv("RECORD_ROOM");
    if (!folder || !realpath(folder, root)) return;
    root_len = strlen(root);
    int fd = log ? REAL(openat)(AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        log_fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_LOG_FD); /* out of the way of programs that count on low numbers */
        REAL(close)(fd);
    }
    fd = limit ? REAL(openat)(AT_FDCWD, limit, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *shared = REAL(mmap)(NULL, sizeof *room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        room = shared == MAP_FAILED ? NULL : shared;
        REAL(close)(fd);
    }
}

void emit(char op, const char *path, const char *other, ino_t ino, off_t offset) {
    if (log_fd < 0) return;
    struct head head = {{'R', 'E', 'C', '1'}, (uint32_t)op, (uint32_t)getpid(), (uint32_t)syscall(SYS_gettid),
                        path ? strlen(path) : 0, other ? strlen(other) : 0, ino, (uint64_t)offset, 0};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, head.path_len}, {(void *)other, head.other_len}};
    int before = errno;
    if (REAL(writev)(log_fd, parts, 3) < 0) abort(); /* a recording with a hole in it proves nothing */
    errno = before;
}

static void emit_write(ino_t ino, off_t offset, const struct iovec *iov, int n, size_t done) {
    if (log_fd < 0) return;
    struct head head = {{'R', 'E', 'C', '1'}, 'W', (uint32_t)getpid(), (uint32_t)syscall(SYS_gettid),
                        0, 0, ino, (uint64_t)offset, done};
    struct iovec parts[n + 1];
    int used = 1;
    parts[0] = (struct iovec){&head, sizeof head};
    for (int i = 0; i < n && done > 0; i++, used++) {
        parts[used] = (struct iovec){iov[i].iov_base, iov[i].iov_len < done ? iov[i].iov_len : done};
        done -= parts[used].iov_len;
    }
    if (REAL(writev)(log_fd, parts, used) != (ssize_t)(sizeof head + head.data_len)) abort();
}

int is_recording(void) { return root_len > 0; }

const char *below(const char *path) {
    if (!root_len || strncmp(path, root, root_len) != 0) return NULL;
    if (path[root_len] == '/') return path + root_len + 1;
    return path[root_len] ? NULL : path + root_len;
}

int path_of(int fd, char *path) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    path[n < 0 ? 0 : n] = 0;
    return n > 0;
}

int kind_of_path(const char *path) {
    const char *part = below(path);
    if (!part) return ELSEWHERE;
    size_t n = strlen(part);
    return n >= 4 && strcmp(part + n - 4, "-shm") == 0 ? SHARED_MEMORY : TRACKED;
}

int kind_of(int fd) {
    char path[PATH_MAX];
    if (!root_len || fd < 0) return ELSEWHERE;
    int known = fd < N_FDS ? kinds[fd] : UNKNOWN;
    struct stat st;
    if (known == ELSEWHERE) return known;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return ELSEWHERE;
    if (known != UNKNOWN && inos[fd] == st.st_ino) return known;
    int kind = path_of(fd, path) ? kind_of_path(path) : ELSEWHERE;
    if (fd < N_FDS) kinds[fd] = (uint8_t)kind, inos[fd] = st.st_ino;
    return kind;
}

static int64_t take_room(int64_t wanted) {
    if (!room || wanted <= 0) return wanted;
    int64_t left = __atomic_load_n(room, __ATOMIC_SEQ_CST), granted;
    do {
        if (left < 0) return wanted;
        granted = wanted < left ? wanted : left;
    } while (!__atomic_compare_exchange_n(room, &left, left - granted, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return granted;
}

static ssize_t recorded_write(int fd, const struct iovec *iov, int n, off_t at, int kind) {
    struct iovec parts[n > 0 ? n : 1];
    struct stat st = {0};
    size_t total = 0;
    fstat(fd, &st);
    off_t start = at >= 0 ? at : fcntl(fd, F_GETFL) & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
    for (int i = 0; i < n; i++) parts[i] = iov[i], total += iov[i].iov_len;
    int64_t growth = start + (off_t)total - st.st_size, granted = take_room(growth);
    if (growth > 0 && granted < growth) {
        int64_t fits = (int64_t)total - (growth - granted); /* a full disk writes what fits, then refuses */
        if (fits <= 0) return errno = ENOSPC, -1;
        for (int i = 0; i < n; i++) {
            if ((int64_t)parts[i].iov_len > fits) parts[i].iov_len = (size_t)fits;
            fits -= (int64_t)parts[i].iov_len;
        }
    }
    ssize_t done = at >= 0 ? REAL(pwritev)(fd, parts, n, at) : REAL(writev)(fd, parts, n);
    if (done > 0 && kind == TRACKED) {
        int before = errno;
        emit_write(st.st_ino, at >= 0 ? at : lseek(fd, 0, SEEK_CUR) - done, parts, n, (size_t)done);
        errno = before;
    }
    return done;
}

#define WRITE_OR(call, fd, iov, n, at)                                                               \
    int kind = kind_of(fd);                                                                          \
    return kind == ELSEWHERE ? (call) : recorded_write(fd, iov, n, at, kind)

ssize_t write(int fd, const void *data, size_t n) {
    struct iovec one = {(void *)data, n};
    WRITE_OR(REAL(write)(fd, data, n), fd, &one, 1, -1);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    struct iovec one = {(void *)data, n};
    WRITE_OR(REAL(pwrite)(fd, data, n, at), fd, &one, 1, at);
}
ssize_t writev(int fd, const struct iovec *iov, int n) { WRITE_OR(REAL(writev)(fd, iov, n), fd, iov, n, -1); }
ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t at) {
    WRITE_OR(REAL(pwritev)(fd, iov, n, at), fd, iov, n, at);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at) { return pwrite(fd, data, n, at); }
ssize_t pwritev64(int fd, const struct iovec *iov, int n, off_t at) { return pwritev(fd, iov, n, at); }

/* Ways to write that would pass unseen are refused in the manner in which file systems refuse them: callers copy. */
ssize_t sendfile(int out, int in, off_t *at, size_t n) {
    if (kind_of(out) != ELSEWHERE) return errno = EINVAL, -1;
    return REAL(sendfile)(out, in, at, n);
}
ssize_t sendfile64(int out, int in, off_t *at, size_t n) { return sendfile(out, in, at, n); }
ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags) {
    if (kind_of(out) != ELSEWHERE) return errno = EXDEV, -1;
    return REAL(copy_file_range)(in, in_at, out, out_at, n, flags);
}
int fallocate(int fd, int mode, off_t at, off_t n) {
    if (kind_of(fd) != ELSEWHERE) return errno = EOPNOTSUPP, -1;
    return REAL(fallocate)(fd, mode, at, n);
}
int posix_fallocate(int fd, off_t at, off_t n) {
    return kind_of(fd) != ELSEWHERE ? EINVAL : REAL(posix_fallocate)(fd, at, n);
}
int posix_fallocate64(int fd, off_t at, off_t n) { return posix_fallocate(fd, at, n); }
void *mmap(void *hint, size_t n, int prot, int flags, int fd, off_t at) {
    char path[PATH_MAX];
    if (fd >= 0 && (prot & PROT_WRITE) && (flags & MAP_SHARED) && kind_of(fd) == TRACKED && path_of(fd, path))
        emit('!', below(path), "a file is mapped writable", 0, 0);
    return REAL(mmap)(hint, n, prot, flags, fd, at);
}
void *mmap64(void *hint, size_t n, int prot, int flags, int fd, off_t at) { return mmap(hint, n, prot, flags, fd, at); }

void forget(int fd) {
    if (fd >= 0 && fd < N_FDS) kinds[fd] = UNKNOWN;
}
int close(int fd) {
    if (fd == log_fd && fd >= 0) return 0; /* a program that closes everything keeps its record */
    forget(fd);
    return REAL(close)(fd);
}
int dup2(int from, int to) { return forget(to), REAL(dup2)(from, to); }
int dup3(int from, int to, int flags) { return forget(to), REAL(dup3)(from, to, flags); }

int ftruncate(int fd, off_t size) {
    struct stat st;
    int kind = kind_of(fd), rc = REAL(ftruncate)(fd, size);
    if (rc == 0 && kind == TRACKED && fstat(fd, &st) == 0) emit('T', NULL, NULL, st.st_ino, size);
    return rc;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
int truncate(const char *path, off_t size) {
    struct stat st;
    char full[PATH_MAX];
    int rc = REAL(truncate)(path, size);
    if (rc == 0 && realpath(path, full) && kind_of_path(full) == TRACKED && stat(full, &st) == 0)
        emit('T', NULL, NULL, st.st_ino, size);
    return rc;
}
int truncate64(const char *path, off_t size) { return truncate(path, size); }

static int is_skipped(const char *part, int is_folder) {
    const char *patterns = getenv("RECORD_SKIP_FSYNC");
    char name[PATH_MAX + 2], pattern[PATH_MAX];
    snprintf(name, sizeof name, "%s%s", *part ? part : ".", is_folder ? "/" : "");
    while (patterns && *patterns) {
        size_t n = strcspn(patterns, ":");
        snprintf(pattern, sizeof pattern, "%.*s", (int)n, patterns);
        if (n > 0 && fnmatch(pattern, name, 0) == 0) return 1;
        patterns += n + (patterns[n] == ':');
    }
    return 0;
}

static int synced(int fd, int (*sync)(int)) {
    struct stat st;
    char path[PATH_MAX];
    if (!root_len || fstat(fd, &st) != 0 || !path_of(fd, path) || kind_of_path(path) != TRACKED) return sync(fd);
    const char *part = below(path);
    int is_folder = S_ISDIR(st.st_mode);
    if (is_skipped(part, is_folder)) return 0;
    emit(is_folder ? 'd' : 'f', part, NULL, st.st_ino, 0);
    int rc = sync(fd);
    if (rc == 0) emit(is_folder ? 'D' : 'F', part, NULL, st.st_ino, 0);
    return rc;
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

