// Starts one program of a learner apart from everything else.
//
// Strong: new user, mount, process, network, IPC and host name spaces; every file system read-only but
// the work folder (seen as /tmp/work) and a /tmp that holds nothing else but the tools and engines; chosen folders hidden; a list of system calls
// refused; resource limits. Basic: a session of its own, resource limits and the same refused calls.
#ifndef C_ISOLATION_H
#define C_ISOLATION_H

#include <stdint.h>

enum { ISOLATION_BASIC = 1, ISOLATION_STRONG = 2 };

typedef struct {
  const char *const *arguments;    // ends with NULL; the first is an absolute path
  const char *const *environment;  // ends with NULL
  const char *work;                // absolute; the program's folder, the only one it may write to
  const char *tools;               // NULL, or an absolute folder of programs, seen as /tmp/tools
  const char *engines;             // NULL, or an absolute folder of libraries, seen as /tmp/engines
  const char *const *hidden;       // ends with NULL; absolute folders that strong isolation empties
  int input, output, errors;       // what becomes streams 0, 1 and 2
  int level;
  int reads_as_root;       // whether a program of a grader who is root may read what root may
  uint64_t memory_bytes;  // address space of one process
  uint64_t file_bytes;    // one file
  uint64_t cpu_seconds;
  uint64_t process_count;  // strong isolation only: basic cannot tell whose processes count
  uint64_t open_files;
} isolation_request;

typedef struct {
  int pid;      // the process to wait for
  int control;  // basic: closing it ends everything; otherwise -1
  int report;   // basic: the exit status comes here; otherwise -1
  int level;
  int error;         // errno of what failed, 0 where nothing did
  char stage[32];    // what failed, in a word
} isolation_child;

// Starts the program; 0 on success. The caller passes the child to isolation_finish in any case.
int isolation_start(const isolation_request *request, isolation_child *child);

// 1 where the program has ended (its wait status in *status), 0 where it still runs.
int isolation_has_ended(isolation_child *child, int *status);

// Ends every process that the program started, and frees what the child holds.
void isolation_finish(isolation_child *child);

// A pipe that no other program inherits; 0 on success.
int isolation_pipe(int ends[2]);

#endif
