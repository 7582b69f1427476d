#define _GNU_SOURCE
#include "CNativeThreads.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() __asm__ __volatile__("" ::: "memory")
#endif

// About 50 µs: longer than from one layer to the next, far shorter than a time slice.
enum { SPINS = 4000 };

struct native_team {
  // Counts runs; workers wait for it to change.
  _Atomic uint32_t generation;
  _Atomic int32_t sleepers;
  _Atomic int32_t next;
  _Atomic int32_t busy;
  _Atomic int32_t ends;
  int32_t task_count;
  native_task task;
  void *context;
  int32_t worker_count;
  pthread_t workers[];
};

struct start {
  native_team *team;
  int32_t worker;
  int processor;
};

static void futex(_Atomic uint32_t *word, int operation, uint32_t value) {
  syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void work(native_team *team, int32_t worker) {
  int32_t task;
  while ((task = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed)) <
         team->task_count)
    team->task(team->context, task, worker);
}

static void *run_worker(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  if (start.processor >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(start.processor, &set);
    // Where it is refused the thread runs wherever it may.
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  }
  native_team *team = start.team;
  uint32_t seen = 0;
  for (;;) {
    uint32_t now = seen;
    for (int spin = 0; spin < SPINS; spin++) {
      now = atomic_load_explicit(&team->generation, memory_order_acquire);
      if (now != seen) break;
      PAUSE();
    }
    while (now == seen) {
      atomic_fetch_add(&team->sleepers, 1);
      futex(&team->generation, FUTEX_WAIT, seen);
      atomic_fetch_sub(&team->sleepers, 1);
      now = atomic_load_explicit(&team->generation, memory_order_acquire);
    }
    seen = now;
    if (atomic_load_explicit(&team->ends, memory_order_relaxed)) return NULL;
    work(team, start.worker);
    atomic_fetch_sub_explicit(&team->busy, 1, memory_order_release);
  }
}

static void announce(native_team *team) {
  atomic_fetch_add(&team->generation, 1);
  if (atomic_load(&team->sleepers) > 0) futex(&team->generation, FUTEX_WAKE, INT_MAX);
}

native_team *native_team_create(int32_t count) {
  static _Atomic uint32_t next_processor = 1;
  int32_t workers = count > 1 ? count - 1 : 0;
  native_team *team = calloc(1, sizeof *team + (size_t)workers * sizeof(pthread_t));
  if (!team) return NULL;
  int processors[CPU_SETSIZE], usable = 0;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int index = 0; index < CPU_SETSIZE; index++)
      if (CPU_ISSET(index, &set)) processors[usable++] = index;
  for (int32_t worker = 0; worker < workers; worker++) {
    struct start *start = malloc(sizeof *start);
    if (!start) break;
    start->team = team;
    start->worker = worker + 1;
    // With more threads than processors, where each runs is the scheduler's business.
    start->processor = -1;
    if (count <= usable)
      start->processor = processors[atomic_fetch_add(&next_processor, 1) % (uint32_t)usable];
    if (pthread_create(&team->workers[worker], NULL, run_worker, start) != 0) {
      free(start);
      break;
    }
    team->worker_count++;
  }
  if (team->worker_count < workers) {
    native_team_free(team);
    return NULL;
  }
  return team;
}

void native_team_run(native_team *team, int32_t task_count, native_task task, void *context) {
  if (team->worker_count == 0 || task_count == 1) {
    for (int32_t index = 0; index < task_count; index++) task(context, index, 0);
    return;
  }
  team->task = task;
  team->context = context;
  team->task_count = task_count;
  atomic_store_explicit(&team->next, 0, memory_order_relaxed);
  atomic_store_explicit(&team->busy, team->worker_count, memory_order_relaxed);
  announce(team);
  work(team, 0);
  for (int spin = 0; atomic_load_explicit(&team->busy, memory_order_acquire) > 0; spin++) {
    PAUSE();
    // A worker that lost its processor gets this one.
    if (spin > SPINS) sched_yield();
  }
}

void native_team_free(native_team *team) {
  atomic_store(&team->ends, 1);
  announce(team);
  for (int32_t worker = 0; worker < team->worker_count; worker++)
    pthread_join(team->workers[worker], NULL);
  free(team);
}

int32_t native_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}
