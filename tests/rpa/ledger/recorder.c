/* Records, in order, everything a process writes to the files whose path begins with RECORD_PREFIX (except SQLite's
 * -shm, which is memory): loaded with LD_PRELOAD, so that a test can cut the power after any write.
 * Each record: op (1 byte), file (1 byte: 0 main, 1 -wal, 2 -journal, 3 -ack), offset and length (int64), data. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096
static unsigned char kept[FILES]; /* fd -> file + 1 */
static int out = -1;
/* Held over a call and its record: what is recorded before a flush was written before it, whichever thread did. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
#define LOCK pthread_mutex_lock(&turn)
#define UNLOCK pthread_mutex_unlock(&turn)
#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef int (*open_t)(const char *, int, ...);
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off64_t);
typedef ssize_t (*write_t)(int, const void *, size_t);
typedef int (*one_t)(int);
typedef int (*truncate_t)(int, off64_t);
typedef int (*unlink_t)(const char *);

static void put(char op, int file, int64_t offset, int64_t length, const void *data) {
    REAL("write", write_t);
    if (out < 0) return;
    char head[18];
    head[0] = op;
    head[1] = (char)file;
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &length, 8);
    if (real(out, head, 18) != 18) abort();
    if (data && real(out, data, (size_t)length) != length) abort();
}

static int file_of(const char *path) {
    const char *prefix = getenv("RECORD_PREFIX");
    if (!prefix || !path || strncmp(path, prefix, strlen(prefix))) return -1;
    const char *rest = path + strlen(prefix);
    if (!*rest) return 0;
    if (!strcmp(rest, "-wal")) return 1;
    if (!strcmp(rest, "-journal")) return 2;
    if (!strcmp(rest, "-ack")) return 3;
    return -1;
}

static int opened(int fd, const char *path) {
    int file = file_of(path);
    if (fd < 0 || fd >= FILES || file < 0) return fd;
    LOCK;
    if (out < 0) {
        open_t real = (open_t)dlsym(RTLD_NEXT, "open64");
        out = real(getenv("RECORD_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (out < 0) abort();
    }
    kept[fd] = (unsigned char)(file + 1);
    UNLOCK;
    return fd;
}

static int mode_of(int flags, va_list more) { return flags & O_CREAT ? va_arg(more, int) : 0; }
int open64(const char *path, int flags, ...) {
    REAL("open64", open_t);
    va_list more; va_start(more, flags); int mode = mode_of(flags, more); va_end(more);
    return opened(real(path, flags, mode), path);
}
int open(const char *path, int flags, ...) {
    REAL("open", open_t);
    va_list more; va_start(more, flags); int mode = mode_of(flags, more); va_end(more);
    return opened(real(path, flags, mode), path);
}
int close(int fd) {
    REAL("close", one_t);
    if (fd >= 0 && fd < FILES) kept[fd] = 0;
    return real(fd);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
    REAL("pwrite64", pwrite_t);
    LOCK;
    ssize_t done = real(fd, data, n, offset);
    if (done > 0 && fd >= 0 && fd < FILES && kept[fd]) put('w', kept[fd] - 1, offset, done, data);
    UNLOCK;
    return done;
}
ssize_t write(int fd, const void *data, size_t n) {
    REAL("write", write_t);
    LOCK;
    ssize_t done = real(fd, data, n);
    if (done > 0 && fd >= 0 && fd < FILES && kept[fd]) put('w', kept[fd] - 1, lseek64(fd, 0, SEEK_CUR) - done, done, data);
    UNLOCK;
    return done;
}
int fsync(int fd) {
    REAL("fsync", one_t);
    LOCK;
    int done = real(fd);
    if (!done && fd >= 0 && fd < FILES && kept[fd]) put('s', kept[fd] - 1, 0, 0, NULL);
    UNLOCK;
    return done;
}
int fdatasync(int fd) {
    REAL("fdatasync", one_t);
    LOCK;
    int done = real(fd);
    if (!done && fd >= 0 && fd < FILES && kept[fd]) put('s', kept[fd] - 1, 0, 0, NULL);
    UNLOCK;
    return done;
}
int ftruncate64(int fd, off64_t length) {
    REAL("ftruncate64", truncate_t);
    LOCK;
    int done = real(fd, length);
    if (!done && fd >= 0 && fd < FILES && kept[fd]) put('t', kept[fd] - 1, length, 0, NULL);
    UNLOCK;
    return done;
}
int unlink(const char *path) {
    REAL("unlink", unlink_t);
    LOCK;
    int file = file_of(path), done = real(path);
    if (!done && file >= 0) put('u', file, 0, 0, NULL);
    UNLOCK;
    return done;
}
