/* Faults of the disk and of the clock, between a program and its C library (LD_PRELOAD). A file of 48 bytes that the test
 * writes and this maps says which call fails, when and how. Counting is over the whole process, so that "the Nth" means one
 * place whatever thread comes there. Only files below GUXIN_FAULT_FOLDER count; logs do not.
 *
 * For a power failure it keeps what was written and renamed since the last sync of each file and folder: at the chosen call
 * that is taken back, whole or by every second sector, and the process is killed. What a disk may lose, it loses; what was
 * synced stays. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum call { SYNC = 1, RENAME = 2, WRITE = 4 };
enum action { NOTHING, KILL, FAIL_IO, FAIL_SPACE, DROP, TEAR };

struct control {
    uint32_t calls, action;
    uint64_t at, count, fired;
    int64_t clock_seconds;
    uint64_t unused;
};

struct change {
    struct change *before;
    enum { WRITTEN, RENAMED } what;
    dev_t device;
    ino_t inode;
    int file;            /* of WRITTEN: a descriptor of our own */
    off_t offset, old_size;
    size_t length;       /* of what was there */
    char *old;           /* of RENAMED: what the target had, or nothing */
    int had_old;
    char from[PATH_MAX], to[PATH_MAX];
};

static struct control *control;
static struct control none;
static const char *folder;
static struct change *changes;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_rename)(const char *, const char *);
static int (*real_ftruncate)(int, off_t), (*real_clock)(clockid_t, struct timespec *);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t), (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void begin(void) {
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_clock = dlsym(RTLD_NEXT, "clock_gettime");
    folder = getenv("GUXIN_FAULT_FOLDER");
    const char *path = getenv("GUXIN_FAULT_CONTROL");
    control = &none;
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED) control = mapped;
        close(file);
    }
}

static int path_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int is_ours(const char *path) {
    return folder && strncmp(path, folder, strlen(folder)) == 0 && !strstr(path, "server.log");
}

static int remembers(void) { return control->action == DROP || control->action == TEAR; }

/* ---- what a power failure takes back: `turn` is held ---- */

static void forget(dev_t device, ino_t inode, const char *synced_folder) {
    for (struct change **at = &changes; *at;) {
        struct change *one = *at;
        char parent[PATH_MAX];
        strcpy(parent, one->to);
        int over = one->what == WRITTEN ? one->device == device && one->inode == inode
                                        : synced_folder && strcmp(dirname(parent), synced_folder) == 0;
        if (!over) { at = &one->before; continue; }
        *at = one->before;
        if (one->what == WRITTEN) close(one->file);
        free(one->old);
        free(one);
    }
}

static void note_write(int file, off_t offset, size_t length) {
    struct stat stat;
    char link[64];
    if (fstat(file, &stat) || !S_ISREG(stat.st_mode)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    struct change *one = calloc(1, sizeof *one);
    one->what = WRITTEN;
    one->device = stat.st_dev;
    one->inode = stat.st_ino;
    one->file = open(link, O_RDWR | O_CLOEXEC);
    one->offset = offset;
    one->old_size = stat.st_size;
    if (offset < stat.st_size) {
        one->length = (off_t)length < stat.st_size - offset ? length : (size_t)(stat.st_size - offset);
        one->old = malloc(one->length);
        ssize_t got = pread(one->file, one->old, one->length, offset);
        one->length = got > 0 ? (size_t)got : 0;
    }
    one->before = changes;
    changes = one;
}

static void note_rename(const char *from, const char *to) {
    struct change *one = calloc(1, sizeof *one);
    one->what = RENAMED;
    strncpy(one->from, from, PATH_MAX - 1);
    strncpy(one->to, to, PATH_MAX - 1);
    int file = open(to, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (file >= 0 && !fstat(file, &stat)) {
        one->had_old = 1;
        one->old = malloc(stat.st_size + 1);
        ssize_t got = pread(file, one->old, stat.st_size, 0);
        one->length = got > 0 ? (size_t)got : 0;
    }
    if (file >= 0) close(file);
    one->before = changes;
    changes = one;
}

static void take_back(const struct change *one) {
    if (one->what == RENAMED) {
        /* A tearing failure is one in which the names were written and the contents were not. */
        if (control->action == TEAR) return;
        real_rename(one->to, one->from);
        if (!one->had_old) return;
        int file = open(one->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file >= 0) { real_pwrite(file, one->old, one->length, 0); close(file); }
        return;
    }
    for (size_t done = 0; done < one->length; done += 512) {
        if (control->action == TEAR && (one->offset + done) / 512 % 2) continue;
        size_t part = one->length - done < 512 ? one->length - done : 512;
        real_pwrite(one->file, one->old + done, part, one->offset + done);
    }
    struct stat stat;
    if (!fstat(one->file, &stat) && stat.st_size > one->old_size) {
        off_t grown = stat.st_size - one->old_size;
        real_ftruncate(one->file, control->action == TEAR ? one->old_size + grown / 2 : one->old_size);
    }
}

/* ---- the Nth call ---- */

/* 0: go on; otherwise the errno to fail with. Answers with `turn` held when `hold` is asked for. */
static int at(enum call call, const char *path) {
    if (!(control->calls & call) || control->action == NOTHING || !is_ours(path)) return 0;
    if (__atomic_add_fetch(&control->count, 1, __ATOMIC_SEQ_CST) != control->at) return 0;
    __atomic_store_n(&control->fired, 1, __ATOMIC_SEQ_CST);
    switch (control->action) {
        case FAIL_IO: return EIO;
        case FAIL_SPACE: return ENOSPC;
        default: break;
    }
    if (remembers()) for (struct change *one = changes; one; one = one->before) take_back(one);
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static int synced(int file, int (*real)(int)) {
    char path[PATH_MAX];
    if (!path_of(file, path)) return real(file);
    pthread_mutex_lock(&turn);
    int wrong = at(SYNC, path);
    int done = wrong ? -1 : real(file);
    struct stat stat;
    if (!wrong && !done && changes && !fstat(file, &stat))
        forget(stat.st_dev, stat.st_ino, S_ISDIR(stat.st_mode) ? path : NULL);
    pthread_mutex_unlock(&turn);
    if (wrong) errno = wrong;
    return done;
}

int fsync(int file) { return synced(file, real_fsync); }
int fdatasync(int file) { return synced(file, real_fdatasync); }

int rename(const char *from, const char *to) {
    if (!is_ours(to)) return real_rename(from, to);
    pthread_mutex_lock(&turn);
    int wrong = at(RENAME, to);
    if (!wrong && remembers()) note_rename(from, to);
    int done = wrong ? -1 : real_rename(from, to);
    int said = wrong ? wrong : errno;
    pthread_mutex_unlock(&turn);
    errno = said;
    return done;
}

static ssize_t written(int file, const void *bytes, size_t length, off_t offset, int placed) {
    char path[PATH_MAX];
    if (control->action == NOTHING || !path_of(file, path) || !is_ours(path))
        return placed ? real_pwrite(file, bytes, length, offset) : real_write(file, bytes, length);
    pthread_mutex_lock(&turn);
    int wrong = at(WRITE, path);
    if (!wrong && remembers()) note_write(file, placed ? offset : lseek(file, 0, SEEK_CUR), length);
    ssize_t done = wrong ? -1 : placed ? real_pwrite(file, bytes, length, offset) : real_write(file, bytes, length);
    int said = wrong ? wrong : errno;
    pthread_mutex_unlock(&turn);
    errno = said;
    return done;
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off_t offset) { return written(file, bytes, length, offset, 1); }
ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) { return written(file, bytes, length, offset, 1); }
ssize_t write(int file, const void *bytes, size_t length) { return written(file, bytes, length, 0, 0); }

static int truncated(int file, off_t size) {
    char path[PATH_MAX];
    if (!remembers() || !path_of(file, path) || !is_ours(path)) return real_ftruncate(file, size);
    pthread_mutex_lock(&turn);
    struct stat stat;
    if (!fstat(file, &stat) && stat.st_size > size) note_write(file, size, (size_t)(stat.st_size - size));
    int done = real_ftruncate(file, size);
    int said = errno;
    pthread_mutex_unlock(&turn);
    errno = said;
    return done;
}

int ftruncate64(int file, off_t size) { return truncated(file, size); }
int ftruncate(int file, off_t size) { return truncated(file, size); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = real_clock ? real_clock(clock, now) : (int)syscall(SYS_clock_gettime, clock, now);
    if (!done && clock == CLOCK_REALTIME && control) now->tv_sec += control->clock_seconds;
    return done;
}
