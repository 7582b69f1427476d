#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc's sys/mount.h and linux/mount.h do not go together everywhere.
enum { NO_SUID = 2, NO_DEVICES = 4, NO_EXEC = 8, READ_ONLY = 1, RECURSIVE = 16384, PRIVATE = 1 << 18 };

static int do_mount(const char *source, const char *target, const char *type, unsigned long flags,
                    const char *data) {
  return (int)syscall(SYS_mount, source, target, type, flags, data);
}

static int set_attributes(const char *path, unsigned flags, uint64_t set, uint64_t clear) {
  struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
  return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attributes, sizeof attributes);
}

// The devices that programs get: none that holds anything.
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
enum { DEVICE_COUNT = sizeof devices / sizeof devices[0] };

static int clone_tree(const char *path) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int place_tree(int tree, const char *path) {
  return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

// A /dev of its own; the devices themselves come later, when nothing else may be a device.
static int cover_devices(void) {
  if (do_mount("none", "/dev", "tmpfs", NO_SUID, "size=64k,nr_inodes=64,mode=755") != 0) return errno;
  for (int i = 0; i < DEVICE_COUNT; i++) {
    int file = open(devices[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return errno;
    close(file);
  }
  // Shared memory is a place to write to: with a limit of its own.
  if (mkdir("/dev/shm", 0777) != 0) return errno;
  if (do_mount("none", "/dev/shm", "tmpfs", NO_SUID | NO_DEVICES, "size=16m,mode=1777") != 0) return errno;
  return symlink("/proc/self/fd", "/dev/fd") != 0 ? errno : 0;
}

// The file systems as the program sees them.
int isolation_enter_mounts(const isolation_request *request, const char **stage) {
  *stage = "private mounts";
  if (do_mount(NULL, "/", NULL, RECURSIVE | PRIVATE, NULL) != 0) return errno;
  // Taken before /tmp is covered, below which it may lie.
  *stage = "work folder";
  int work = clone_tree(request->work);
  if (work < 0) return errno;
  *stage = "tools";
  int tools = request->tools ? clone_tree(request->tools) : -1;
  if (request->tools && tools < 0) return errno;
  *stage = "engines";
  int engines = request->engines ? clone_tree(request->engines) : -1;
  if (request->engines && engines < 0) return errno;
  *stage = "devices";
  int trees[DEVICE_COUNT];
  for (int i = 0; i < DEVICE_COUNT; i++) {
    trees[i] = clone_tree(devices[i]);
    if (trees[i] < 0) return errno;
  }
  int error = cover_devices();
  if (error) return error;
  *stage = "hidden folders";
  for (const char *const *path = request->hidden; *path; path++) {
    if (do_mount("none", *path, "tmpfs", NO_SUID | NO_DEVICES, "size=4k,mode=555") != 0
        && errno != ENOENT && errno != ENOTDIR)
      return errno;
  }
  *stage = "/tmp";
  if (do_mount("none", "/tmp", "tmpfs", NO_SUID | NO_DEVICES, "size=64m,nr_inodes=4096,mode=1777") != 0)
    return errno;
  if (mkdir("/tmp/work", 0777) != 0) return errno;
  if (place_tree(work, "/tmp/work") != 0) return errno;
  if (tools >= 0) {
    if (mkdir("/tmp/tools", 0755) != 0) return errno;
    if (place_tree(tools, "/tmp/tools") != 0) return errno;
  }
  if (engines >= 0) {
    if (mkdir("/tmp/engines", 0755) != 0) return errno;
    if (place_tree(engines, "/tmp/engines") != 0) return errno;
  }
  *stage = "read-only mounts";
  if (set_attributes("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0) != 0)
    return errno;
  for (int i = 0; i < DEVICE_COUNT; i++) {
    if (place_tree(trees[i], devices[i]) != 0) return errno;
  }
  if (set_attributes("/tmp", 0, 0, MOUNT_ATTR_RDONLY) != 0) return errno;
  if (set_attributes("/tmp/work", 0, 0, MOUNT_ATTR_RDONLY) != 0) return errno;
  if (set_attributes("/dev/shm", 0, 0, MOUNT_ATTR_RDONLY) != 0) return errno;
  // A container may forbid a new /proc; then there is none, rather than the grader's.
  *stage = "/proc";
  if (do_mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC, NULL) != 0
      && do_mount("none", "/proc", "tmpfs", NO_SUID | NO_DEVICES | NO_EXEC | READ_ONLY, "size=4k") != 0)
    return errno;
  return 0;
}

// The loop of the machine itself, the one device of the new network name space, is down at first. Programs that
// talk to themselves need it, such as Foundation's Process, which waits for ever without it; nothing else
// is reached by it. Where it cannot be raised, other programs run all the same.
void isolation_raise_loop(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return;
  if (ioctl(file, SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags |= IFF_UP;
    ioctl(file, SIOCSIFFLAGS, &request);
  }
  close(file);
}

// A user without rights. Where the grader is root and the program lies where only root may look, it
// keeps one: to read there; what it must not read is hidden by mounts.
int isolation_drop_privileges(int was_root, int reads_as_root, const char **stage) {
  uint32_t kept = was_root && reads_as_root ? 1u << CAP_DAC_READ_SEARCH : 0;
  // While it may still do so.
  for (int capability = 0; capability < 64; capability++) {
    if (!(kept && capability == CAP_DAC_READ_SEARCH)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  *stage = "user";
  if (was_root) {
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
    if (syscall(SYS_setgroups, 0, NULL) != 0) return errno;
    if (syscall(SYS_setresgid, ISOLATION_INNER, ISOLATION_INNER, ISOLATION_INNER) != 0) return errno;
    if (syscall(SYS_setresuid, ISOLATION_INNER, ISOLATION_INNER, ISOLATION_INNER) != 0) return errno;
  }
  *stage = "capabilities";
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{kept, kept, kept}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, data) != 0) return errno;
  if (kept && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) != 0) return errno;
  return 0;
}

int isolation_limit(const isolation_request *request) {
  const struct {
    int resource;
    uint64_t value;
  } limits[] = {
      {RLIMIT_CORE, 0},
      {RLIMIT_AS, request->memory_bytes},
      {RLIMIT_FSIZE, request->file_bytes},
      {RLIMIT_CPU, request->cpu_seconds},
      {RLIMIT_NOFILE, request->open_files},
      {RLIMIT_NPROC, request->level == ISOLATION_STRONG ? request->process_count : 4096},
  };
  for (unsigned i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    struct rlimit limit = {limits[i].value, limits[i].value};
    if (setrlimit(limits[i].resource, &limit) != 0) {
      // No more can be given than there was: the tighter one stays.
      struct rlimit current;
      if (getrlimit(limits[i].resource, &current) != 0 || current.rlim_max > limits[i].value)
        return errno;
    }
  }
  return 0;
}

void isolation_fail(int report, const char *stage, int error) {
  isolation_failure failure = {.error = error};
  strncpy(failure.stage, stage, sizeof failure.stage - 1);
  while (write(report, &failure, sizeof failure) < 0 && errno == EINTR) {
  }
  _exit(127);
}

// Streams, limits, refused calls, and the program itself. Comes back only by leaving.
void isolation_exec(const isolation_request *request, int report, const char *folder) {
  if (dup2(request->input, 0) < 0 || dup2(request->output, 1) < 0 || dup2(request->errors, 2) < 0)
    isolation_fail(report, "streams", errno);
  // Everything else closes with exec, the report among them.
  if (syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) != 0)
    isolation_fail(report, "open files", errno);
  if (chdir(folder) != 0) isolation_fail(report, "folder", errno);
  int error = isolation_limit(request);
  if (error) isolation_fail(report, "limits", error);
  error = isolation_refuse_calls();
  if (error) isolation_fail(report, "refused calls", error);
  execve(request->arguments[0], (char *const *)request->arguments, (char *const *)request->environment);
  isolation_fail(report, "program", errno);
}
