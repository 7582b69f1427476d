// A stand-in for NVIDIA's driver, for tests on machines without a GPU.
//
// "GPU memory" is memory of this process with guards around it; what is put into a stream waits there
// until somebody synchronises, then runs in order; graphs are recorded and replayed; and our own
// kernels, known by name, run from the C build of the source that NVRTC compiles (nvrtc.c stands in for it). What it cannot show:
// what a real driver, a real GPU's memory model and NVRTC's code do, and how long anything takes.
//
// More than 400 lines, because one library must answer every function that the driver is asked for.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Thread_local struct {
  int x, y, z;
} self;
#define VT_KERNEL(name, type) static void name(type a)
#define VT_FUNCTION static inline
#define VT_X self.x
#define VT_Y self.y
#define VT_Z self.z
#include "../../Sources/CGPUKernels/kernels.cu.h"

enum { ok = 0, invalidValue = 1, noMemory = 2, noContext = 201, notFound = 500, illegalAddress = 700,
       captureUnsupported = 900 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int hasContext;

// --- What tests see and set ---

enum Kind { device, pinned, streams, events, graphs, runnables, modules, kindCount };
static long live[kindCount], total[kindCount];
static long long liveBytes;
static int failures, capability = 86, pools = 1, isReversed;
static struct {
  char name[64];
  int after, code;
} planned;

long standInLive(int kind) { return kind < kindCount ? live[kind] : -1; }
long standInTotal(int kind) { return kind < kindCount ? total[kind] : -1; }
long long standInBytes(void) { return liveBytes; }
/// Broken rules that were not answered by an error code: overrun memory, double frees.
int standInFaults(void) { return failures; }
/// The call after `after` others of that function answers `code`, once.
void standInFail(const char *name, int after, int code) {
  pthread_mutex_lock(&lock);
  snprintf(planned.name, sizeof planned.name, "%s", name ? name : "");
  planned.after = after;
  planned.code = code;
  pthread_mutex_unlock(&lock);
}
void standInSet(int newCapability, int newPools, int reversed) {
  capability = newCapability;
  pools = newPools;
  isReversed = reversed;
}

/// For other stand-ins: what a function is to answer.
int standInPlan(const char *name) {
  int code = ok;
  pthread_mutex_lock(&lock);
  if (strcmp(planned.name, name) == 0 && planned.after-- == 0) {
    code = planned.code;
    planned.name[0] = 0;
  }
  pthread_mutex_unlock(&lock);
  return code;
}
#define BEGIN                                    \
  {                                              \
    int code_ = standInPlan(__func__);               \
    if (code_) return code_;                     \
  }
#define BEGIN_IN_CONTEXT                         \
  BEGIN                                          \
  if (!hasContext) return noContext;

static void count(enum Kind kind, int change) {
  live[kind] += change;
  if (change > 0) total[kind]++;
}

// --- Memory ---

typedef struct Block {
  struct Block *next;
  enum Kind kind;
  size_t size;
  unsigned char *bytes;
} Block;
static Block *blocks;
enum { guard = 64, mark = 0xA5 };

static void *take(enum Kind kind, size_t size) {
  unsigned char *whole = malloc(size + 2 * guard);
  Block *block = malloc(sizeof *block);
  if (!whole || !block) return NULL;
  memset(whole, mark, size + 2 * guard);
  // Fresh memory of a GPU holds anything: here, what reads as NaN.
  memset(whole + guard, 0xFF, size);
  *block = (Block){blocks, kind, size, whole + guard};
  blocks = block;
  count(kind, 1);
  liveBytes += (long long)size;
  return block->bytes;
}

static int give(enum Kind kind, void *bytes) {
  for (Block **place = &blocks; *place; place = &(*place)->next) {
    Block *block = *place;
    if (block->bytes != bytes || block->kind != kind) continue;
    for (int i = 0; i < guard; i++) {
      if (block->bytes[-1 - i] != mark || block->bytes[block->size + i] != mark) failures++;
    }
    *place = block->next;
    count(kind, -1);
    liveBytes -= (long long)block->size;
    free(block->bytes - guard);
    free(block);
    return ok;
  }
  failures++;
  return invalidValue;
}

/// Whether memory of that kind lies there, all of it.
static int holds(enum Kind kind, const void *bytes, size_t size) {
  const unsigned char *start = bytes;
  for (Block *block = blocks; block; block = block->next) {
    if (block->kind == kind && start >= block->bytes && start + size <= block->bytes + block->size)
      return 1;
  }
  return 0;
}

// --- Work ---

typedef struct Work {
  struct Work *next;
  void (*run)(struct Work *);
  void *to;
  const void *from;
  size_t size;
  void *object;
  unsigned grid[3], block[2];
  _Alignas(16) unsigned char arguments[256];
} Work;
typedef struct {
  Work *first, **end;
} Queue;
typedef struct Graph {
  Queue work;
} Graph;
typedef struct {
  Queue work;
  Graph *capture;
  int code;
} Stream;
typedef struct {
  double milliseconds;
} Event;

static Queue *queueOf(Stream *stream) {
  return stream->capture ? &stream->capture->work : &stream->work;
}
static Work *add(Queue *queue, void (*run)(Work *)) {
  Work *work = calloc(1, sizeof *work);
  work->run = run;
  if (!queue->end) queue->end = &queue->first;
  *queue->end = work;
  queue->end = &work->next;
  return work;
}
static void drop(Queue *queue) {
  for (Work *work = queue->first; work;) {
    Work *next = work->next;
    free(work);
    work = next;
  }
  *queue = (Queue){0};
}
static void finish(Stream *stream) {
  for (Work *work = stream->work.first; work; work = work->next) work->run(work);
  drop(&stream->work);
}

static void runCopy(Work *work) { memcpy(work->to, work->from, work->size); }
static void runRelease(Work *work) { give(device, work->to); }
static void runEvent(Work *work) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  ((Event *)work->object)->milliseconds = (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}
static void runOther(Work *work) {
  void (*function)(void *) = (void (*)(void *))(uintptr_t)work->from;
  function(work->arguments);
}
/// For other stand-ins: a function that runs in the order of a stream, with a copy of its arguments.
int standInEnqueue(void *stream, void (*function)(void *), const void *arguments, size_t size) {
  Work *work;
  if (!hasContext) return noContext;
  if (size > sizeof work->arguments) return invalidValue;
  pthread_mutex_lock(&lock);
  work = add(queueOf(stream), runOther);
  work->from = (const void *)(uintptr_t)function;
  memcpy(work->arguments, arguments, size);
  pthread_mutex_unlock(&lock);
  return ok;
}
/// For other stand-ins: whether an address is of the "GPU", with so many bytes behind it.
int standInHolds(const void *bytes, size_t size) {
  pthread_mutex_lock(&lock);
  int answer = holds(device, bytes, size);
  pthread_mutex_unlock(&lock);
  return answer;
}

// --- Kernels ---

typedef struct {
  const char *name;
  void (*run)(Work *);
  size_t size;
} Kernel;

#define EVERY_THREAD(work, ...)                                                      \
  {                                                                                  \
    int nx = (int)(work->grid[0] * work->block[0]), ny = (int)(work->grid[1] * work->block[1]); \
    int nz = (int)work->grid[2];                                                     \
    for (int z = 0; z < nz; z++)                                                     \
      for (int y = 0; y < ny; y++)                                                   \
        for (int x = 0; x < nx; x++) {                                               \
          self.x = isReversed ? nx - 1 - x : x;                                      \
          self.y = isReversed ? ny - 1 - y : y;                                      \
          self.z = isReversed ? nz - 1 - z : z;                                      \
          __VA_ARGS__;                                                               \
        }                                                                            \
  }
#define KERNEL(name, type)                                                           \
  static void run_##name(Work *work) {                                               \
    type arguments;                                                                  \
    memcpy(&arguments, work->arguments, sizeof arguments);                           \
    EVERY_THREAD(work, name(arguments))                                              \
  }
KERNEL(vitrine_letterbox, VTGPULetterbox)
KERNEL(vitrine_count, VTGPUSelection)
KERNEL(vitrine_sum, VTGPUSelection)
KERNEL(vitrine_place, VTGPUSelection)
KERNEL(vitrine_gather, VTGPUSelection)
KERNEL(vitrine_rank, VTGPUSelection)
KERNEL(vitrine_overlap, VTGPUSelection)
KERNEL(vitrine_keep, VTGPUSelection)
static const Kernel kernels[] = {
    {"vitrine_letterbox", run_vitrine_letterbox, sizeof(VTGPULetterbox)},
    {"vitrine_count", run_vitrine_count, sizeof(VTGPUSelection)},
    {"vitrine_sum", run_vitrine_sum, sizeof(VTGPUSelection)},
    {"vitrine_place", run_vitrine_place, sizeof(VTGPUSelection)},
    {"vitrine_gather", run_vitrine_gather, sizeof(VTGPUSelection)},
    {"vitrine_rank", run_vitrine_rank, sizeof(VTGPUSelection)},
    {"vitrine_overlap", run_vitrine_overlap, sizeof(VTGPUSelection)},
    {"vitrine_keep", run_vitrine_keep, sizeof(VTGPUSelection)},
};

// --- The driver's functions ---

int cuInit(unsigned flags) {
  BEGIN
  return flags ? invalidValue : ok;
}
int cuDriverGetVersion(int *version) {
  BEGIN
  *version = 12090;
  return ok;
}
int cuDeviceGetCount(int *found) {
  BEGIN
  *found = 1;
  return ok;
}
int cuDeviceGet(int *found, int index) {
  BEGIN
  *found = 0;
  return index ? invalidValue : ok;
}
int cuDeviceGetAttribute(int *value, int attribute, int index) {
  BEGIN
  *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : pools;
  return index ? invalidValue : ok;
}
int cuDevicePrimaryCtxRetain(void **context, int index) {
  BEGIN
  *context = &hasContext;
  return index ? invalidValue : ok;
}
int cuCtxSetCurrent(void *context) {
  BEGIN
  hasContext = context != NULL;
  return ok;
}
int cuGetErrorString(int code, const char **text) {
  static const struct {
    int code;
    const char *text;
  } known[] = {{1, "invalid argument"}, {2, "out of memory"}, {201, "invalid device context"},
               {700, "an illegal memory access was encountered"},
               {900, "operation not permitted when stream is capturing"}};
  *text = "a planned failure";
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].code == code) *text = known[i].text;
  return ok;
}
int cuStreamCreate(Stream **stream, unsigned flags) {
  BEGIN_IN_CONTEXT
  *stream = calloc(1, sizeof **stream);
  count(streams, 1);
  return ok;
}
int cuStreamDestroy_v2(Stream *stream) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  finish(stream);
  count(streams, -1);
  pthread_mutex_unlock(&lock);
  free(stream);
  return ok;
}
int cuStreamSynchronize(Stream *stream) {
  BEGIN_IN_CONTEXT
  if (stream->capture) return captureUnsupported;
  pthread_mutex_lock(&lock);
  finish(stream);
  int code = stream->code;
  stream->code = ok;
  pthread_mutex_unlock(&lock);
  return code;
}
static int allocate(uint64_t *address, size_t size) {
  if (size == 0) return invalidValue;
  pthread_mutex_lock(&lock);
  *address = (uint64_t)(uintptr_t)take(device, size);
  pthread_mutex_unlock(&lock);
  return *address ? ok : noMemory;
}
int cuMemAlloc_v2(uint64_t *address, size_t size) {
  BEGIN_IN_CONTEXT
  return allocate(address, size);
}
int cuMemFree_v2(uint64_t address) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  int code = give(device, (void *)(uintptr_t)address);
  pthread_mutex_unlock(&lock);
  return code;
}
int cuMemAllocAsync(uint64_t *address, size_t size, Stream *stream) {
  BEGIN_IN_CONTEXT
  if (stream->capture) return captureUnsupported;
  return allocate(address, size);
}
int cuMemFreeAsync(uint64_t address, Stream *stream) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  add(&stream->work, runRelease)->to = (void *)(uintptr_t)address;
  pthread_mutex_unlock(&lock);
  return ok;
}
int cuDeviceGetDefaultMemPool(void **pool, int index) {
  BEGIN
  *pool = &pools;
  return index ? invalidValue : ok;
}
int cuMemPoolSetAttribute(void *pool, int attribute, void *value) {
  BEGIN
  return attribute == 4 && *(uint64_t *)value == UINT64_MAX ? ok : invalidValue;
}
int cuMemHostAlloc(void **bytes, size_t size, unsigned flags) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  *bytes = take(pinned, size);
  pthread_mutex_unlock(&lock);
  return *bytes ? ok : noMemory;
}
int cuMemFreeHost(void *bytes) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  int code = give(pinned, bytes);
  pthread_mutex_unlock(&lock);
  return code;
}
static int copy(Stream *stream, void *to, const void *from, size_t size, int isUpload) {
  pthread_mutex_lock(&lock);
  int code = holds(device, isUpload ? to : from, size) ? ok : illegalAddress;
  if (code == ok) {
    Work *work = add(queueOf(stream), runCopy);
    work->to = to;
    work->from = from;
    work->size = size;
  }
  pthread_mutex_unlock(&lock);
  return code;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t size, Stream *stream) {
  BEGIN_IN_CONTEXT
  return copy(stream, (void *)(uintptr_t)to, from, size, 1);
}
int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t size, Stream *stream) {
  BEGIN_IN_CONTEXT
  return copy(stream, to, (const void *)(uintptr_t)from, size, 0);
}
int cuEventCreate(Event **event, unsigned flags) {
  BEGIN_IN_CONTEXT
  *event = calloc(1, sizeof **event);
  count(events, 1);
  return ok;
}
int cuEventDestroy_v2(Event *event) {
  BEGIN_IN_CONTEXT
  count(events, -1);
  free(event);
  return ok;
}
int cuEventRecord(Event *event, Stream *stream) {
  BEGIN_IN_CONTEXT
  if (stream->capture) return captureUnsupported;
  pthread_mutex_lock(&lock);
  add(&stream->work, runEvent)->object = event;
  pthread_mutex_unlock(&lock);
  return ok;
}
int cuEventElapsedTime(float *milliseconds, Event *first, Event *second) {
  BEGIN
  if (first->milliseconds == 0 || second->milliseconds == 0) return invalidValue;
  *milliseconds = (float)(second->milliseconds - first->milliseconds);
  return ok;
}
int cuStreamBeginCapture_v2(Stream *stream, unsigned mode) {
  BEGIN_IN_CONTEXT
  if (stream->capture) return captureUnsupported;
  stream->capture = calloc(1, sizeof *stream->capture);
  return ok;
}
int cuStreamEndCapture(Stream *stream, Graph **graph) {
  Graph *capture = stream->capture;
  stream->capture = NULL;
  *graph = NULL;
  int code = standInPlan(__func__);
  if (code) {
    drop(&capture->work);
    free(capture);
    return code;
  }
  *graph = capture;
  count(graphs, 1);
  return capture ? ok : invalidValue;
}
int cuGraphInstantiateWithFlags(Graph **runnable, Graph *graph, unsigned long long flags) {
  BEGIN_IN_CONTEXT
  *runnable = graph;
  count(runnables, 1);
  return ok;
}
int cuGraphLaunch(Graph *runnable, Stream *stream) {
  BEGIN_IN_CONTEXT
  pthread_mutex_lock(&lock);
  for (Work *work = runnable->work.first; work; work = work->next) {
    Work *again = add(&stream->work, work->run), *next = again->next;
    *again = *work;
    again->next = next;
  }
  pthread_mutex_unlock(&lock);
  return ok;
}
int cuGraphExecDestroy(Graph *runnable) {
  BEGIN_IN_CONTEXT
  count(runnables, -1);
  return ok;
}
int cuGraphDestroy(Graph *graph) {
  BEGIN_IN_CONTEXT
  drop(&graph->work);
  free(graph);
  count(graphs, -1);
  return ok;
}
int cuModuleLoadData(void **module, const void *image) {
  BEGIN_IN_CONTEXT
  if (strncmp(image, "stand-in ", 9) != 0) return 200;
  *module = (void *)kernels;
  count(modules, 1);
  return ok;
}
int cuModuleUnload(void *module) {
  BEGIN_IN_CONTEXT
  count(modules, -1);
  return ok;
}
int cuModuleGetFunction(const Kernel **function, void *module, const char *name) {
  BEGIN_IN_CONTEXT
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
    if (strcmp(kernels[i].name, name) != 0) continue;
    *function = &kernels[i];
    return ok;
  }
  return notFound;
}
int cuLaunchKernel(const Kernel *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                   unsigned by, unsigned bz, unsigned shared, Stream *stream, void **parameters,
                   void **extra) {
  BEGIN_IN_CONTEXT
  if (!gx || !gy || !gz || !bx || !by || bz != 1 || bx * by > 1024 || gy > 65535 || gz > 65535)
    return invalidValue;
  pthread_mutex_lock(&lock);
  Work *work = add(queueOf(stream), function->run);
  memcpy(work->grid, (unsigned[]){gx, gy, gz}, sizeof work->grid);
  memcpy(work->block, (unsigned[]){bx, by}, sizeof work->block);
  memcpy(work->arguments, parameters[0], function->size);
  pthread_mutex_unlock(&lock);
  return ok;
}
