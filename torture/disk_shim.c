/* A disk that can be made to fail: interposed by LD_PRELOAD under one server process (torture/disk_shim.py says how).
 *
 * Only files below the watched folders are touched. Every change is done for real and written, in order and with its
 * data, to a log outside, from which torture/disk.py rebuilds what a real disk would hold after a power cut. Nothing is
 * really synced: the log says what a sync covered. Rules in a shared file make chosen calls fail, fall short, take
 * long, lie, or kill the process; the same file moves CLOCK_REALTIME.
 *
 * Calls are made with syscall(2), so that the shim needs nothing of the library it stands in front of. Not seen here:
 * mmap'd writes (SQLite's -shm, which no power cut keeps) and stdio (nobody writes data with it).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#undef open
#undef open64
#undef openat
#undef openat64
#undef creat
#undef creat64
#undef pwrite64
#undef ftruncate64
#undef truncate64
#undef pwritev64
#undef pwritev64v2
#undef fallocate64
#undef posix_fallocate64
#undef sendfile64

enum { OP_OPEN, OP_WRITE, OP_TRUNCATE, OP_RENAME, OP_UNLINK, OP_MKDIR, OP_SYNC, OP_SYNC_FOLDER, OP_LINK, OP_RMDIR, OPS };
enum { FAIL = 1, FAIL_AFTER, SHORT, SLOW, LIE, KILL_BEFORE, KILL_AFTER };

/* The shared file; torture/disk_shim.py has the same layout. */
#define MAGIC 0x41434f50494f3031ull
#define RULES 32
#define FDS 65536
struct rule {
  volatile uint32_t active, ops, mode, error, skip, count, fired, milliseconds;
  char pattern[96];
};
struct control {
  uint64_t magic;
  volatile int64_t clock_offset_ns;
  volatile uint64_t calls[16];
  volatile uint32_t hold, busy;
  char reserved[512 - 16 - 128 - 8];
  struct rule rules[RULES];
};

/* One record of the log: this head, then the path, the second path, the data. */
struct __attribute__((packed)) head {
  uint32_t magic;
  uint8_t op, error;
  uint16_t path_length, second_length;
  uint64_t handle, offset;
  uint32_t data_length;
};
#define RECORD 0x4f504552u

static struct control *control;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char *roots[8];
static int root_count;
static uint64_t handles[FDS];
static char *names[FDS];
static uint8_t folders[FDS];
static uint64_t next_handle;
static pid_t owner;
static int (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void) {
  real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("TORTURE_CONTROL"), *log = getenv("TORTURE_LOG"), *watched = getenv("TORTURE_ROOTS");
  owner = getpid();
  if (!path || !log || !watched) return;
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (memory == MAP_FAILED || ((struct control *)memory)->magic != MAGIC) return;
  fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
  syscall(SYS_close, fd);
  char *copy = strdup(watched), *rest = NULL;
  for (char *one = strtok_r(copy, ":", &rest); one && root_count < 8; one = strtok_r(NULL, ":", &rest)) roots[root_count++] = one;
  next_handle = (uint64_t)owner << 32;
  control = memory;
}

/* A call and its record are one: whoever would kill the process from outside holds it first, and strikes when nobody is
 * between the two. Otherwise a record torn in its middle would make all that follows it unreadable. */
static void pass(void) {
  struct timespec wait = {0, 200000};
  for (;;) {
    __atomic_add_fetch(&control->busy, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&control->hold, __ATOMIC_SEQ_CST)) return;
    __atomic_sub_fetch(&control->busy, 1, __ATOMIC_SEQ_CST);
    nanosleep(&wait, NULL);
  }
}
static void passed(void) { __atomic_sub_fetch(&control->busy, 1, __ATOMIC_SEQ_CST); }
static void enter(void) {
  pthread_mutex_lock(&lock);
  pass();
}
static void leave(void) {
  passed();
  pthread_mutex_unlock(&lock);
}

/* The process that ends itself kills its other threads: not while one of them is between a call and its record. */
static void last(void) {
  if (control && syscall(SYS_getpid) == owner) pthread_mutex_lock(&lock);
}
__attribute__((destructor)) static void stop(void) { last(); }
void _exit(int status) {
  last();
  for (;;) syscall(SYS_exit_group, status);
}

/* The path made whole, if it is watched; NULL when it is nobody's business. */
static const char *watched_path(int at, const char *path, char *whole) {
  if (!control || !path) return NULL;
  if (path[0] == '/') {
    if (strlen(path) >= PATH_MAX) return NULL;
    strcpy(whole, path);
  } else {
    char folder[PATH_MAX];
    if (at == AT_FDCWD) {
      if (!getcwd(folder, sizeof folder)) return NULL;
    } else if (at >= 0 && at < FDS && handles[at]) {
      snprintf(folder, sizeof folder, "%s", names[at]);
    } else {
      return NULL;
    }
    if (snprintf(whole, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX) return NULL;
  }
  size_t length = strlen(whole);
  while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
  for (int i = 0; i < root_count; i++) {
    size_t n = strlen(roots[i]);
    if (!strncmp(whole, roots[i], n) && (whole[n] == '/' || whole[n] == 0)) return whole;
  }
  return NULL;
}

static void record(int op, int error, uint64_t handle, uint64_t offset, const char *path, const char *second,
                   const struct iovec *parts, int count, size_t length) {
  struct head head = {RECORD, op, error, path ? strlen(path) : 0, second ? strlen(second) : 0, handle, offset, length};
  struct iovec out[16];
  int n = 0;
  out[n++] = (struct iovec){&head, sizeof head};
  if (path) out[n++] = (struct iovec){(void *)path, head.path_length};
  if (second) out[n++] = (struct iovec){(void *)second, head.second_length};
  char *joined = NULL;
  if (count > 12) {
    char *at = joined = malloc(length);
    size_t left = length;
    for (int i = 0; i < count && left; i++) {
      size_t take = parts[i].iov_len < left ? parts[i].iov_len : left;
      memcpy(at, parts[i].iov_base, take);
      at += take, left -= take;
    }
    out[n++] = (struct iovec){joined, length};
  } else {
    size_t left = length;
    for (int i = 0; i < count && left; i++) {
      size_t take = parts[i].iov_len < left ? parts[i].iov_len : left;
      out[n++] = (struct iovec){parts[i].iov_base, take};
      left -= take;
    }
  }
  size_t total = 0;
  for (int i = 0; i < n; i++) total += out[i].iov_len;
  ssize_t written = syscall(SYS_writev, log_fd, out, n);
  if (written != (ssize_t)total) {
    /* A log with a hole would prove nothing: the run ends here, and says why. */
    dprintf(2, "torture: the log of the disk could not be written\n");
    syscall(SYS_kill, owner, SIGKILL);
  }
  free(joined);
}

static void die(void) { passed(); syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); for (;;) pause(); }

/* Which rule strikes this call. Called with the lock held; 0 for none. */
static struct rule *strike(int op, const char *path) {
  __atomic_add_fetch(&control->calls[op], 1, __ATOMIC_RELAXED);
  for (int i = 0; i < RULES; i++) {
    struct rule *rule = &control->rules[i];
    if (!rule->active || !(rule->ops & (1u << op)) || !rule->count || fnmatch(rule->pattern, path, 0)) continue;
    if (rule->skip) {
      rule->skip--;
      continue;
    }
    if (rule->count != UINT32_MAX) rule->count--;
    rule->fired++;
    if (rule->mode == KILL_BEFORE) die();
    if (rule->mode == SLOW) {
      struct timespec wait = {rule->milliseconds / 1000, (rule->milliseconds % 1000) * 1000000L};
      passed();
      nanosleep(&wait, NULL);
      pass();
      continue;
    }
    return rule;
  }
  return NULL;
}

static int ends(struct rule *rule) {
  /* After the call was made for real: does the caller hear of an error all the same? */
  if (!rule) return 0;
  if (rule->mode == KILL_AFTER) die();
  if (rule->mode != FAIL_AFTER) return 0;
  errno = rule->error;
  return 1;
}
#define FAILS(rule) ((rule) && (rule)->mode == FAIL)

static int do_open(int at, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  const char *name = watched_path(at, path, whole);
  if (!name) {
    int fd = syscall(SYS_openat, at, path, flags, mode);
    return fd;
  }
  enter();
  struct rule *rule = strike(OP_OPEN, name);
  int fd = -1;
  if (FAILS(rule)) {
    errno = rule->error;
  } else if ((fd = syscall(SYS_openat, at, path, flags, mode)) >= 0 && fd < FDS) {
    struct stat st;
    handles[fd] = ++next_handle;
    free(names[fd]);
    names[fd] = strdup(name);
    folders[fd] = !fstat(fd, &st) && S_ISDIR(st.st_mode);
    record(OP_OPEN, 0, handles[fd], (flags & O_CREAT ? 1 : 0) | (flags & O_TRUNC ? 2 : 0) | (folders[fd] ? 4 : 0), name, NULL, NULL, 0, 0);
    if (rule && rule->mode == KILL_AFTER) die();
  }
  leave();
  return fd;
}

#define OPEN_BODY(at)                                        \
  mode_t mode = 0;                                           \
  if (flags & (O_CREAT | __O_TMPFILE)) {                     \
    va_list list;                                            \
    va_start(list, flags);                                   \
    mode = va_arg(list, mode_t);                             \
    va_end(list);                                            \
  }                                                          \
  return do_open(at, path, flags, mode);
int open(const char *path, int flags, ...) { OPEN_BODY(AT_FDCWD) }
int open64(const char *path, int flags, ...) { OPEN_BODY(AT_FDCWD) }
int openat(int at, const char *path, int flags, ...) { OPEN_BODY(at) }
int openat64(int at, const char *path, int flags, ...) { OPEN_BODY(at) }
int creat(const char *path, mode_t mode) { return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

#define WATCHED(fd) (control && (fd) >= 0 && (fd) < FDS && handles[fd])

int close(int fd) {
  /* A child between vfork and exec shares this table and closes everything: what it closes is still open here. */
  if (WATCHED(fd) && syscall(SYS_getpid) == owner) {
    enter();
    handles[fd] = 0;
    int result = syscall(SYS_close, fd);
    leave();
    return result;
  }
  return syscall(SYS_close, fd);
}

/* offset < 0: where the file stands. */
static ssize_t do_write(int fd, const struct iovec *parts, int count, off_t offset) {
  if (!WATCHED(fd)) return offset < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0L);
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  enter();
  struct rule *rule = strike(OP_WRITE, names[fd]);
  ssize_t done = -1;
  if (FAILS(rule)) {
    errno = rule->error;
  } else {
    struct iovec one = parts[0];
    const struct iovec *from = parts;
    if (rule && rule->mode == SHORT && length > 1) {
      if (one.iov_len > 1) one.iov_len /= 2;
      from = &one, count = 1;
    }
    done = offset < 0 ? syscall(SYS_writev, fd, from, count) : syscall(SYS_pwritev, fd, from, count, offset, 0L);
    if (done > 0) {
      off_t begun = offset < 0 ? lseek(fd, 0, SEEK_CUR) - done : offset;
      record(OP_WRITE, 0, handles[fd], begun, NULL, NULL, from, count, done);
    }
    if (ends(rule)) done = -1;
  }
  leave();
  return done;
}

ssize_t write(int fd, const void *data, size_t length) {
  if (!WATCHED(fd)) return syscall(SYS_write, fd, data, length);
  return do_write(fd, &(struct iovec){(void *)data, length}, 1, -1);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  if (!WATCHED(fd)) return syscall(SYS_pwrite64, fd, data, length, offset);
  return do_write(fd, &(struct iovec){(void *)data, length}, 1, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return do_write(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return do_write(fd, parts, count, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return do_write(fd, parts, count, offset); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) { (void)flags; return do_write(fd, parts, count, offset); }
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t offset, int flags) { (void)flags; return do_write(fd, parts, count, offset); }

/* Copies inside the kernel would not be seen: one is done as read and write, of the other callers have a second way. */
ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t length, unsigned flags) {
  if (WATCHED(out)) { errno = EXDEV; return -1; }
  return syscall(SYS_copy_file_range, in, in_at, out, out_at, length, flags);
}
ssize_t sendfile(int out, int in, off_t *at, size_t length) {
  if (!WATCHED(out)) return syscall(SYS_sendfile, out, in, at, length);
  static __thread char piece[256 * 1024];
  if (length > sizeof piece) length = sizeof piece;
  ssize_t got = at ? syscall(SYS_pread64, in, piece, length, *at) : syscall(SYS_read, in, piece, length);
  if (got <= 0) return got;
  ssize_t done = do_write(out, &(struct iovec){piece, got}, 1, -1);
  if (at && done > 0) *at += done;
  return done;
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t length) { return sendfile(out, in, at, length); }
int fallocate(int fd, int mode, off_t offset, off_t length) {
  if (WATCHED(fd)) { errno = EOPNOTSUPP; return -1; }
  return syscall(SYS_fallocate, fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) {
  if (WATCHED(fd)) return EOPNOTSUPP;
  return syscall(SYS_fallocate, fd, 0, offset, length) ? errno : 0;
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

int ftruncate(int fd, off_t length) {
  if (!WATCHED(fd)) return syscall(SYS_ftruncate, fd, length);
  enter();
  struct rule *rule = strike(OP_TRUNCATE, names[fd]);
  int result = -1;
  if (FAILS(rule)) {
    errno = rule->error;
  } else {
    result = syscall(SYS_ftruncate, fd, length);
    if (!result) record(OP_TRUNCATE, 0, handles[fd], length, NULL, NULL, NULL, 0, 0);
    if (ends(rule)) result = -1;
  }
  leave();
  return result;
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

/* A change of names: `first` and perhaps `second`, done by `call`. */
#define NAMES(op, first, second, call)                                  \
  enter();                                                              \
  struct rule *rule = strike(op, first);                                \
  int result = -1;                                                      \
  if (FAILS(rule)) {                                                    \
    errno = rule->error;                                                \
  } else {                                                              \
    result = call;                                                      \
    if (!result) record(op, 0, 0, length, first, second, NULL, 0, 0);   \
    if (!result && ends(rule)) result = -1;                             \
  }                                                                     \
  leave();                                                              \
  return result;

int truncate(const char *path, off_t length) {
  char whole[PATH_MAX];
  const char *name = watched_path(AT_FDCWD, path, whole);
  if (!name) return syscall(SYS_truncate, path, length);
  NAMES(OP_TRUNCATE, name, NULL, syscall(SYS_truncate, path, length))
}
int truncate64(const char *path, off64_t length) { return truncate(path, length); }

static int do_rename(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
  char one[PATH_MAX], two[PATH_MAX];
  const char *first = watched_path(from_at, from, one), *second = watched_path(to_at, to, two);
  if (!first || !second) return syscall(SYS_renameat2, from_at, from, to_at, to, flags);
  off_t length = 0;
  NAMES(OP_RENAME, first, second, syscall(SYS_renameat2, from_at, from, to_at, to, flags))
}
int rename(const char *from, const char *to) { return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return do_rename(from_at, from, to_at, to, 0); }
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) { return do_rename(from_at, from, to_at, to, flags); }

static int do_link(int from_at, const char *from, int to_at, const char *to, int flags) {
  char one[PATH_MAX], two[PATH_MAX];
  const char *first = watched_path(from_at, from, one), *second = watched_path(to_at, to, two);
  if (!first || !second) return syscall(SYS_linkat, from_at, from, to_at, to, flags);
  off_t length = 0;
  NAMES(OP_LINK, first, second, syscall(SYS_linkat, from_at, from, to_at, to, flags))
}
int link(const char *from, const char *to) { return do_link(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) { return do_link(from_at, from, to_at, to, flags); }

int unlinkat(int at, const char *path, int flags) {
  char whole[PATH_MAX];
  const char *name = watched_path(at, path, whole);
  if (!name) return syscall(SYS_unlinkat, at, path, flags);
  off_t length = 0;
  NAMES((flags & AT_REMOVEDIR) ? OP_RMDIR : OP_UNLINK, name, NULL, syscall(SYS_unlinkat, at, path, flags))
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int at, const char *path, mode_t mode) {
  char whole[PATH_MAX];
  const char *name = watched_path(at, path, whole);
  if (!name) return syscall(SYS_mkdirat, at, path, mode);
  off_t length = 0;
  NAMES(OP_MKDIR, name, NULL, syscall(SYS_mkdirat, at, path, mode))
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

static int do_sync(int fd) {
  enter();
  int op = folders[fd] ? OP_SYNC_FOLDER : OP_SYNC;
  struct rule *rule = strike(op, names[fd]);
  int result = 0;
  if (FAILS(rule)) {
    /* As Linux does: what could not be written is clean from now on, and no later sync will try it again. */
    record(op, 1, handles[fd], 0, NULL, NULL, NULL, 0, 0);
    errno = rule->error;
    result = -1;
  } else if (!rule || rule->mode != LIE) {
    record(op, 0, handles[fd], 0, NULL, NULL, NULL, 0, 0);
    if (ends(rule)) result = -1;
  }
  leave();
  return result;
}
int fsync(int fd) { return WATCHED(fd) ? do_sync(fd) : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return WATCHED(fd) ? do_sync(fd) : syscall(SYS_fdatasync, fd); }

int clock_gettime(clockid_t which, struct timespec *now) {
  int result = real_clock ? real_clock(which, now) : syscall(SYS_clock_gettime, which, now);
  if (!result && control && which == CLOCK_REALTIME && control->clock_offset_ns) {
    int64_t moved = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + control->clock_offset_ns;
    now->tv_sec = moved / 1000000000, now->tv_nsec = moved % 1000000000;
  }
  return result;
}
