#pragma once
#include <math.h>

#include "silu_integer.h"

// One lane of plain C. Every operation rounds as one of IEEE 754, so that results which are defined
// bit by bit agree with the wider sets.

#define LANES_PLAIN 1

enum { lane_count = 1 };
typedef float vf;
typedef uint32_t vi;

INLINE vf vf_set(float value) { return value; }
INLINE vf vf_load(const float *_Nonnull p) { return *p; }
INLINE vf vf_load_integers(const int32_t *_Nonnull p) { return (float)*p; }
INLINE vf vf_add(vf a, vf b) { return a + b; }
INLINE vf vf_sub(vf a, vf b) { return a - b; }
INLINE vf vf_mul(vf a, vf b) { return a * b; }
INLINE vf vf_div(vf a, vf b) { return a / b; }
/// a * b + c, rounded once.
INLINE vf vf_fma(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
/// c - a * b, rounded once.
INLINE vf vf_fnma(vf a, vf b, vf c) { return __builtin_elementwise_fma(-a, b, c); }
/// b where either is NaN, as in x86.
INLINE vf vf_max(vf a, vf b) { return a > b ? a : b; }
INLINE vf vf_min(vf a, vf b) { return a < b ? a : b; }
/// a < b ? yes : no
INLINE vf vf_select_less(vf a, vf b, vf yes, vf no) { return a < b ? yes : no; }
INLINE vi vf_bits(vf a) { return float_bits(a); }
INLINE vf vf_of_bits(vi a) { return float_of_bits(a); }
INLINE vi vi_set(uint32_t value) { return value; }
INLINE vi vi_add(vi a, vi b) { return a + b; }
INLINE vi vi_sub(vi a, vi b) { return a - b; }
INLINE vi vi_and(vi a, vi b) { return a & b; }
INLINE vi vi_or(vi a, vi b) { return a | b; }
INLINE vi vi_exponent(vi a) { return a << 23; }
/// table[a mod 32]
INLINE vf vf_table(const float *_Nonnull table, vi a) { return table[a & 31]; }

/// 1 / a to the accuracy that a 16-bit result needs.
INLINE vf vf_short_reciprocal(vf a) { return 1.0f / a; }
/// 1 / a to about the accuracy of a float.
INLINE vf vf_reciprocal(vf a) { return 1.0f / a; }

INLINE vf vf_load_count(const float *_Nonnull p, int32_t count) { return *p; }
INLINE void vf_store(float *_Nonnull p, vf value) { *p = value; }

/// The first `count` of the lanes, as values.
INLINE vf vf_load_values(const uint8_t *_Nonnull p, format form, int32_t count) {
  return load_value(p, form);
}

INLINE void vf_store_values(uint8_t *_Nonnull p, vf value, format form, int32_t count) {
  store_value(p, value, form);
}

/// Stores the bytes that native_silu makes of sums.
INLINE void vf_store_silu(uint8_t *_Nonnull p, vf sum, const native_silu *_Nonnull silu,
                          int32_t channel, const uint8_t *_Nullable residual, int32_t count) {
  *p = silu_byte_of_sum(silu, channel, sum, residual ? *residual : 0);
}

INLINE void move_bytes(uint8_t *_Nonnull target, const uint8_t *_Nonnull source, int64_t count) {
  if (target != source) memcpy(target, source, (size_t)count);
}
