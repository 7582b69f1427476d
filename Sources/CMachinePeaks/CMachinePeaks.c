#define _GNU_SOURCE
#include "CMachinePeaks.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// A loop does some work and answers with how much: operations, or bytes.
typedef double (*Loop)(float *arrays, size_t count);

// Twelve chains of dependent multiply-adds hide the latency of any processor of the last decade.
#define CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
enum { chainCount = 12, turns = 4096 };

typedef float Four __attribute__((vector_size(16)));

// Portable: whatever 128-bit vectors the target has.
static double float32Portable(float *arrays, size_t count) {
  (void)arrays, (void)count;
  Four x = {1.0f, 1.0f, 1.0f, 1.0f}, y = {1e-9f, 1e-9f, 1e-9f, 1e-9f}, a[chainCount];
  for (int i = 0; i < chainCount; i++) a[i] = x * (float)i;
  for (int turn = 0; turn < turns; turn++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < chainCount; i++) {
      a[i] = a[i] * x + y;
#if defined(__x86_64__)
      __asm__ volatile("" : "+x"(a[i]));
#else
      __asm__ volatile("" : "+w"(a[i]));
#endif
    }
  }
  return 2.0 * 4 * chainCount * turns;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define SUMS(type, zero)                                                                      \
  type a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero, \
       a8 = zero, a9 = zero, a10 = zero, a11 = zero

__attribute__((target("avx2,fma"))) static double float32AVX2(float *arrays, size_t count) {
  (void)arrays, (void)count;
  __m256 x = _mm256_set1_ps(1.0f), y = _mm256_set1_ps(1e-9f);
  SUMS(__m256, _mm256_setzero_ps());
  for (int turn = 0; turn < turns; turn++) {
#define STEP(i) a##i = _mm256_fmadd_ps(a##i, x, y); __asm__ volatile("" : "+x"(a##i));
    CHAINS(STEP)
#undef STEP
  }
  return 2.0 * 8 * chainCount * turns;
}

__attribute__((target("avx512f"))) static double float32AVX512(float *arrays, size_t count) {
  (void)arrays, (void)count;
  __m512 x = _mm512_set1_ps(1.0f), y = _mm512_set1_ps(1e-9f);
  SUMS(__m512, _mm512_setzero_ps());
  for (int turn = 0; turn < turns; turn++) {
#define STEP(i) a##i = _mm512_fmadd_ps(a##i, x, y); __asm__ volatile("" : "+v"(a##i));
    CHAINS(STEP)
#undef STEP
  }
  return 2.0 * 16 * chainCount * turns;
}

__attribute__((target("avx512f,avx512bf16"))) static double bfloat16AVX512(
    float *arrays, size_t count) {
  (void)arrays, (void)count;
  __m512bh x = (__m512bh)_mm512_set1_epi32(0x3F803F80), y = (__m512bh)_mm512_setzero_si512();
  SUMS(__m512, _mm512_setzero_ps());
  for (int turn = 0; turn < turns; turn++) {
#define STEP(i) a##i = _mm512_dpbf16_ps(a##i, x, y); __asm__ volatile("" : "+v"(a##i));
    CHAINS(STEP)
#undef STEP
  }
  return 2.0 * 32 * chainCount * turns;
}

__attribute__((target("avx512f,avx512vnni"))) static double int8AVX512(
    float *arrays, size_t count) {
  (void)arrays, (void)count;
  __m512i x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(1);
  SUMS(__m512i, _mm512_setzero_si512());
  for (int turn = 0; turn < turns; turn++) {
#define STEP(i) a##i = _mm512_dpbusd_epi32(a##i, x, y); __asm__ volatile("" : "+v"(a##i));
    CHAINS(STEP)
#undef STEP
  }
  return 2.0 * 64 * chainCount * turns;
}

__attribute__((target("avx2,avxvnni"))) static double int8AVX2(float *arrays, size_t count) {
  (void)arrays, (void)count;
  __m256i x = _mm256_set1_epi8(1), y = _mm256_set1_epi8(1);
  SUMS(__m256i, _mm256_setzero_si256());
  for (int turn = 0; turn < turns; turn++) {
#define STEP(i) a##i = _mm256_dpbusd_avx_epi32(a##i, x, y); __asm__ volatile("" : "+x"(a##i));
    CHAINS(STEP)
#undef STEP
  }
  return 2.0 * 32 * chainCount * turns;
}

// Four accumulator tiles of 16 × 16 sums, 64 bytes of products deep. Linux lends a process the
// tiles on request only. Source: Linux, Documentation/arch/x86/xstate.rst.
static int hasTiles(void) {
  static _Atomic int known = 0;
  int answer = atomic_load(&known);
  if (answer == 0) {
    enum { requestPermission = 0x1023, tileData = 18 };
    answer = syscall(SYS_arch_prctl, requestPermission, tileData) == 0 ? 1 : -1;
    atomic_store(&known, answer);
  }
  return answer > 0;
}

typedef struct {
  uint8_t palette, start, reserved[14];
  uint16_t columnBytes[16];
  uint8_t rows[16];
} __attribute__((packed)) TileSettings;

__attribute__((target("amx-tile"))) static void loadTiles(void) {
  TileSettings settings = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    settings.columnBytes[tile] = 64;
    settings.rows[tile] = 16;
  }
  _tile_loadconfig(&settings);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
}

__attribute__((target("amx-tile,amx-bf16"))) static double bfloat16AMX(
    float *arrays, size_t count) {
  (void)arrays, (void)count;
  loadTiles();
  for (int turn = 0; turn < turns; turn++) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 32 * 4 * turns;
}

__attribute__((target("amx-tile,amx-int8"))) static double int8AMX(float *arrays, size_t count) {
  (void)arrays, (void)count;
  loadTiles();
  for (int turn = 0; turn < turns; turn++) {
    _tile_dpbusd(0, 4, 5);
    _tile_dpbusd(1, 4, 5);
    _tile_dpbusd(2, 4, 5);
    _tile_dpbusd(3, 4, 5);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 64 * 4 * turns;
}
#endif

// Source: McCalpin, "Memory bandwidth and machine balance in current high performance computers",
// 1995: STREAM triad, counting one read of b and c and one write of a.
static double triad(float *arrays, size_t count) {
  float *restrict a = arrays;
  const float *restrict b = arrays + count, *restrict c = arrays + 2 * count;
#pragma clang loop vectorize(enable) interleave(enable)
  for (size_t i = 0; i < count; i++) a[i] = b[i] + 0.5f * c[i];
  __asm__ volatile("" : : "r"(a) : "memory");
  return 3.0 * sizeof(float) * (double)count;
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static double triadAVX2(float *arrays, size_t count) {
  float *restrict a = arrays;
  const float *restrict b = arrays + count, *restrict c = arrays + 2 * count;
  __m256 half = _mm256_set1_ps(0.5f);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m256 low = _mm256_fmadd_ps(half, _mm256_loadu_ps(c + i), _mm256_loadu_ps(b + i));
    __m256 high = _mm256_fmadd_ps(half, _mm256_loadu_ps(c + i + 8), _mm256_loadu_ps(b + i + 8));
    _mm256_storeu_ps(a + i, low);
    _mm256_storeu_ps(a + i + 8, high);
  }
  for (; i < count; i++) a[i] = b[i] + 0.5f * c[i];
  __asm__ volatile("" : : "r"(a) : "memory");
  return 3.0 * sizeof(float) * (double)count;
}
#endif

static Loop loopFor(VTPeakKind kind, const char **method) {
  const char *ignored;
  if (!method) method = &ignored;
  *method = NULL;
#if defined(__x86_64__)
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = __builtin_cpu_supports("avx512f");
#define ANSWER(loop, name) return (*method = name), loop
  switch (kind) {
    case VTPeakFloat32:
      if (avx512) ANSWER(float32AVX512, "AVX-512 FMA");
      if (avx2) ANSWER(float32AVX2, "AVX2 FMA");
      ANSWER(float32Portable, "128-bit multiply and add");
    case VTPeakBFloat16:
      if (__builtin_cpu_supports("amx-bf16") && hasTiles()) ANSWER(bfloat16AMX, "AMX bfloat16");
      if (__builtin_cpu_supports("avx512bf16")) ANSWER(bfloat16AVX512, "AVX-512 BF16");
      return NULL;
    case VTPeakInt8:
      if (__builtin_cpu_supports("amx-int8") && hasTiles()) ANSWER(int8AMX, "AMX int8");
      if (__builtin_cpu_supports("avx512vnni")) ANSWER(int8AVX512, "AVX-512 VNNI");
      if (__builtin_cpu_supports("avxvnni")) ANSWER(int8AVX2, "AVX VNNI");
      return NULL;
    case VTPeakMemory:
    case VTPeakCache:
      if (avx2) ANSWER(triadAVX2, "triad, AVX2");
      ANSWER(triad, "triad");
  }
#undef ANSWER
  return NULL;
#else
  switch (kind) {
    case VTPeakFloat32: return (*method = "128-bit multiply-add"), float32Portable;
    case VTPeakMemory:
    case VTPeakCache: return (*method = "triad"), triad;
    default: return NULL;
  }
#endif
}

const char *vtPeakMethod(VTPeakKind kind) {
  const char *method;
  loopFor(kind, &method);
  return method;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// What the threads wait for.
typedef struct {
  _Atomic int ready;
  /// 0: wait, 1: run, 2: give up, because not all threads could be made.
  _Atomic int order;
} Gate;

typedef struct {
  Loop loop;
  Gate *gate;
  double seconds, work, time;
  size_t bytes;
} Worker;

static void *work(void *argument) {
  Worker *worker = argument;
  size_t count = worker->bytes / (3 * sizeof(float));
  float *arrays = NULL;
  if (count > 0 && posix_memalign((void **)&arrays, 4096, 3 * count * sizeof(float)) != 0) {
    arrays = NULL;
  }
  if (arrays) memset(arrays, 0, 3 * count * sizeof(float));
  int canRun = count == 0 || arrays != NULL;
  if (canRun) worker->loop(arrays, count);
  atomic_fetch_add(&worker->gate->ready, 1);
  while (atomic_load(&worker->gate->order) == 0) sched_yield();
  canRun = canRun && atomic_load(&worker->gate->order) == 1;
  double begin = now(), end = begin, done = 0;
  while (canRun && end - begin < worker->seconds) {
    done += worker->loop(arrays, count);
    end = now();
  }
  worker->work = done;
  worker->time = end - begin;
  free(arrays);
  return NULL;
}

double vtPeakMeasure(VTPeakKind kind, int threads, double seconds, size_t bytes) {
  enum { most = 1024 };
  Loop loop = loopFor(kind, NULL);
  if (!loop || threads < 1 || threads > most) return 0;
  int usesMemory = kind == VTPeakMemory || kind == VTPeakCache;
  if (usesMemory && bytes < 3 * sizeof(float)) return 0;
  pthread_t handles[most];
  Worker *workers = calloc((size_t)threads, sizeof(Worker));
  if (!workers) return 0;
  Gate gate = {0, 0};
  int made = 0;
  for (; made < threads; made++) {
    workers[made] = (Worker){loop, &gate, seconds, 0, 0, usesMemory ? bytes : 0};
    if (pthread_create(&handles[made], NULL, work, &workers[made]) != 0) break;
  }
  while (atomic_load(&gate.ready) < made) usleep(100);
  atomic_store(&gate.order, made == threads ? 1 : 2);
  double rate = 0;
  for (int i = 0; i < made; i++) {
    pthread_join(handles[i], NULL);
    if (workers[i].time > 0) rate += workers[i].work / workers[i].time;
  }
  free(workers);
  return made == threads ? rate : 0;
}
