#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

// Kills what hangs on this process; orphans of its children hang on it too.
static void kill_children(void) {
  char text[4096];
  int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  pid_t pid = 0;
  for (ssize_t i = 0; i < count; i++) {
    if (text[i] >= '0' && text[i] <= '9') {
      pid = pid * 10 + (text[i] - '0');
    } else if (pid > 1) {
      kill(pid, SIGKILL);
      pid = 0;
    }
  }
}

// Ends everything that the program started: its group at once, then whoever left the group.
static void end_all(pid_t program) {
  kill(-program, SIGKILL);
  for (int round = 0; round < 100000; round++) {
    kill_children();
    pid_t ended = waitpid(-1, NULL, WNOHANG);
    if (ended < 0 && errno == ECHILD) return;
    if (ended == 0) poll(NULL, 0, 1);
  }
}

// Runs the program as a child of a process that outlives it and gathers its orphans.
void isolation_supervise(const isolation_request *request, int control, int report, int failures) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  setsid();
  pid_t program = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
  if (program < 0) isolation_fail(failures, "fork", errno);
  if (program == 0) {
    setsid();
    isolation_exec(request, failures, request->work);
  }
  close(failures);
  // The grader reads these streams to their end, which must be the program's.
  close(request->input);
  close(request->output);
  close(request->errors);
  int status = 0;
  for (;;) {
    if (waitpid(program, &status, WNOHANG) == program) break;
    struct pollfd wish = {.fd = control, .events = POLLIN};
    if (poll(&wish, 1, 5) > 0) {
      status = SIGKILL;
      break;
    }
  }
  end_all(program);
  while (write(report, &status, sizeof status) < 0 && errno == EINTR) {
  }
  _exit(0);
}
