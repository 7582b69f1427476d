#ifndef C_ISOLATION_INTERNAL_H
#define C_ISOLATION_INTERNAL_H

#include "CIsolation.h"

// What a child that could not start sends back.
typedef struct {
  int error;
  char stage[32];
} isolation_failure;

// These run between clone and exec in a process of many threads: system calls only.
int isolation_refuse_calls(void);
int isolation_limit(const isolation_request *request);
int isolation_enter_mounts(const isolation_request *request, const char **stage);
void isolation_raise_loop(void);
int isolation_drop_privileges(int was_root, int reads_as_root, const char **stage);
void isolation_exec(const isolation_request *request, int report, const char *folder);
void isolation_fail(int report, const char *stage, int error);
void isolation_supervise(const isolation_request *request, int control, int report, int failures);

// The user and group that a learner's program runs as where the grader is root.
enum { ISOLATION_NOBODY = 65534, ISOLATION_INNER = 1000 };

#endif
