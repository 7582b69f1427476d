#pragma once
#include <stdint.h>

// A team of threads that is kept between runs. The caller is one of its members. Between two runs
// that follow each other closely the others wait awake, after that they sleep.

typedef struct native_team native_team;

/// One piece of work.
/// @param worker 0 for the caller, then 1, 2, …
typedef void (*native_task)(void *_Nonnull context, int32_t task, int32_t worker);

/// A team of `count` threads, the caller included, each of the others kept to one processor of
/// those that the process may use; null where threads cannot be made.
native_team *_Nullable native_team_create(int32_t count);

/// Runs tasks 0 … task_count - 1, each once, and returns when all are done.
void native_team_run(native_team *_Nonnull team, int32_t task_count, native_task _Nonnull task,
                     void *_Nonnull context);

/// Ends the threads.
void native_team_free(native_team *_Nonnull team);

/// The number of processors that this process may use.
int32_t native_processor_count(void);
