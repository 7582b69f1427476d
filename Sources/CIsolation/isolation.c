#define _GNU_SOURCE
#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

static int write_text(pid_t pid, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  ssize_t count = write(file, text, strlen(text));
  int error = count < 0 ? errno : 0;
  close(file);
  return error;
}

// Who the child is outside. Root gives it nobody's number beside its own, others their own.
static int write_maps(pid_t pid) {
  char users[96], groups[96];
  unsigned uid = geteuid(), gid = getegid();
  if (uid == 0) {
    snprintf(users, sizeof users, "0 0 1\n%d %d 1\n", ISOLATION_INNER, ISOLATION_NOBODY);
    snprintf(groups, sizeof groups, "0 0 1\n%d %d 1\n", ISOLATION_INNER, ISOLATION_NOBODY);
  } else {
    snprintf(users, sizeof users, "%u %u 1\n", uid, uid);
    snprintf(groups, sizeof groups, "%u %u 1\n", gid, gid);
    write_text(pid, "setgroups", "deny");
  }
  int error = write_text(pid, "uid_map", users);
  return error ? error : write_text(pid, "gid_map", groups);
}

static void strong_child(const isolation_request *request, int go, int report, int was_root) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(127);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  setsid();
  // Inside its own user space it is root first, to mount.
  if (was_root && (syscall(SYS_setresgid, 0, 0, 0) != 0 || syscall(SYS_setresuid, 0, 0, 0) != 0))
    isolation_fail(report, "user", errno);
  isolation_raise_loop();
  const char *stage = "";
  int error = isolation_enter_mounts(request, &stage);
  if (!error) error = isolation_drop_privileges(was_root, request->reads_as_root, &stage);
  if (error) isolation_fail(report, stage, error);
  // Setting the user has cleared it.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  isolation_exec(request, report, "/tmp/work");
}

// Signal dispositions and masks of the grader are not the program's.
static void reset_signals(void) {
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

// Reads what a child that failed to start says; nothing where it started.
static int read_failure(int report, isolation_child *child) {
  isolation_failure failure;
  ssize_t count;
  do {
    count = read(report, &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof failure) return 0;
  child->error = failure.error ? failure.error : EIO;
  memcpy(child->stage, failure.stage, sizeof child->stage);
  return -1;
}

static int fail(isolation_child *child, const char *stage, int error) {
  child->error = error ? error : EIO;
  strncpy(child->stage, stage, sizeof child->stage - 1);
  return -1;
}

static void close_both(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}

static int start_strong(const isolation_request *request, isolation_child *child) {
  int go[2], report[2];
  if (pipe2(go, O_CLOEXEC) != 0) return fail(child, "pipe", errno);
  if (pipe2(report, O_CLOEXEC) != 0) {
    int error = errno;
    close_both(go);
    return fail(child, "pipe", error);
  }
  int was_root = geteuid() == 0;
  unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC
                        | CLONE_NEWUTS | SIGCHLD;
  pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (pid == 0) {
    close(go[1]);
    close(report[0]);
    reset_signals();
    strong_child(request, go[0], report[1], was_root);
    _exit(127);
  }
  int error = pid < 0 ? errno : 0;
  close(go[0]);
  close(report[1]);
  if (!error) {
    child->pid = pid;
    error = write_maps(pid);
    if (error) fail(child, "user map", error);
    // Without the byte the child leaves.
    if (!error && write(go[1], "x", 1) != 1) error = errno;
  } else {
    fail(child, "name spaces", error);
  }
  close(go[1]);
  int result = error ? -1 : read_failure(report[0], child);
  close(report[0]);
  return result;
}

static int start_basic(const isolation_request *request, isolation_child *child) {
  int control[2], report[2], failures[2];
  if (pipe2(control, O_CLOEXEC) != 0) return fail(child, "pipe", errno);
  if (pipe2(report, O_CLOEXEC) != 0) {
    int error = errno;
    close_both(control);
    return fail(child, "pipe", error);
  }
  if (pipe2(failures, O_CLOEXEC) != 0) {
    int error = errno;
    close_both(control);
    close_both(report);
    return fail(child, "pipe", error);
  }
  pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    close(control[1]);
    close(report[0]);
    close(failures[0]);
    reset_signals();
    isolation_supervise(request, control[0], report[1], failures[1]);
    _exit(127);
  }
  int error = pid < 0 ? errno : 0;
  close(control[0]);
  close(report[1]);
  close(failures[1]);
  child->pid = pid;
  child->control = control[1];
  child->report = report[0];
  int result = error ? fail(child, "fork", error) : read_failure(failures[0], child);
  close(failures[0]);
  return result;
}

int isolation_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int isolation_start(const isolation_request *request, isolation_child *child) {
  memset(child, 0, sizeof *child);
  child->pid = child->control = child->report = -1;
  child->level = request->level;
  return request->level == ISOLATION_STRONG ? start_strong(request, child) : start_basic(request, child);
}

int isolation_has_ended(isolation_child *child, int *status) {
  if (child->pid <= 0) return 1;
  if (child->level == ISOLATION_STRONG) {
    pid_t ended = waitpid(child->pid, status, WNOHANG);
    if (ended == child->pid) child->pid = -1;
    return ended != 0;
  }
  struct pollfd request = {.fd = child->report, .events = POLLIN};
  if (poll(&request, 1, 0) <= 0) return 0;
  int value;
  if (read(child->report, &value, sizeof value) != sizeof value) value = SIGKILL;
  *status = value;
  return 1;
}

void isolation_finish(isolation_child *child) {
  // The first process of a process space takes all others with it.
  if (child->level == ISOLATION_STRONG && child->pid > 0) kill(child->pid, SIGKILL);
  if (child->control >= 0) close(child->control);
  if (child->pid > 0) {
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (child->report >= 0) close(child->report);
  child->pid = child->control = child->report = -1;
}
