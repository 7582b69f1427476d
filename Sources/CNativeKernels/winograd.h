#pragma once
#include "internal.h"

// What Winograd's form is made of, for every instruction set: F(4×4, 3×3) with the points 0, ±1, ±2
// and infinity. A tile of 4×4 outputs takes 6×6 inputs; 36 products for each pair of channels stand
// for 144.

enum {
  winograd_points = 36,
  /// Tiles that pass together: the weights, which are 4 times those of the direct form, are read
  /// once for all of them.
  winograd_tiles = 30,
};

/// Vectors of 16 output channels in a block of packed weights: the most that pad nothing more.
INLINE int32_t winograd_vectors(int32_t output_channels) {
  int32_t vectors = (output_channels + 15) / 16;
  return vectors % 4 == 0 || vectors > 8 ? 4 : vectors % 2 == 0 || vectors > 4 ? 2 : vectors == 3 ? 4 : 1;
}

/// Channels of transformed inputs, whole vectors.
INLINE int32_t winograd_inputs(int32_t input_channels) { return (input_channels + 15) & ~15; }

/// Floats from one point's transformed inputs, or products, to the next's: one line more than their
/// size, so that points do not fall on the same sets of a cache.
INLINE int64_t winograd_step(int32_t tiles, int32_t channels) {
  return (int64_t)tiles * channels + 16;
}
