// Loops that keep the processor or the memory as busy as it can be, and nothing else.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a loop exercises.
typedef enum {
  /// Multiply-adds of single precision.
  VTPeakFloat32 = 0,
  /// Products of bfloat16 pairs, summed in single precision.
  VTPeakBFloat16 = 1,
  /// Products of 8-bit integers, summed in 32 bits.
  VTPeakInt8 = 2,
  /// a = b + s * c over arrays that no near cache holds.
  VTPeakMemory = 3,
  /// The same over arrays that stay in a core's own caches.
  VTPeakCache = 4,
} VTPeakKind;

/// The instructions that `kind` would use here, or null where the processor has none for it.
const char *vtPeakMethod(VTPeakKind kind);

/// Runs a loop on `threads` threads at once for about `seconds`, and answers with operations (a
/// multiply-add counts as two) or bytes (read and written) per second over all of them; 0 where
/// it cannot be run.
/// - Parameter bytes: for the last two kinds, the size of the three arrays of one thread together.
double vtPeakMeasure(VTPeakKind kind, int threads, double seconds, size_t bytes);
