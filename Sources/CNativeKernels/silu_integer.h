#pragma once

#include "internal.h"

// The definition of native_silu, one number at a time.

INLINE int32_t saturated_16(int32_t value) {
  return value < -32768 ? -32768 : value > 32767 ? 32767 : value;
}

/// (a·b + 2^14) >> 15
INLINE int32_t multiplied_16(int32_t a, int32_t b) { return (a * b + 0x4000) >> 15; }

/// The result of a convolution in steps, as an integer of 16 bits.
/// @param value a number that is none becomes -32768.
INLINE int32_t silu_steps(float value) {
  value = value > -40000.0f ? value : -40000.0f;
  value = value < 40000.0f ? value : 40000.0f;
  // Adding and taking away 1.5 · 2^23 leaves the nearest integer, ties to even.
  return saturated_16((int32_t)((value + 12582912.0f) - 12582912.0f));
}

/// The byte of a result in steps.
INLINE uint8_t silu_byte_of_steps(const native_silu *_Nonnull silu, int32_t t, uint8_t residual) {
  const int32_t u = t < 0 ? -t : t, piece = (u >> 10) & 31;
  const int32_t f = ((u & 1023) << 6) - 32768;
  int32_t g = multiplied_16(silu->square[piece], f) + silu->linear[piece];
  g = multiplied_16(g, f) + silu->constant[piece];
  g = saturated_16(g + multiplied_16((int32_t)residual << 7, silu->residual_factor));
  g = saturated_16(g + (t > 0 ? t : 0)) >> silu->fraction_bits;
  return (uint8_t)(g < 0 ? 0 : g > 255 ? 255 : g);
}

INLINE uint8_t silu_byte_of_sum(const native_silu *_Nonnull silu, int32_t channel, float sum,
                                uint8_t residual) {
  const float value =
      __builtin_elementwise_fma(sum, silu->factor[channel], silu->offset[channel]);
  return silu_byte_of_steps(silu, silu_steps(value), residual);
}
