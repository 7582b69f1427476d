#pragma once
#include <immintrin.h>
#include <math.h>

#include "internal.h"

// Sixteen lanes of AVX-512. The including file has applied the target attribute, and defines
// LANES_BF16 where bfloat16 is converted by instructions.

enum { lane_count = 16 };
typedef __m512 vf;
typedef __m512i vi;

INLINE __mmask16 first_lanes(int32_t count) {
  return (__mmask16)(count >= 16 ? 0xFFFF : (1u << count) - 1);
}

INLINE vf vf_set(float value) { return _mm512_set1_ps(value); }
INLINE vf vf_load(const float *_Nonnull p) { return _mm512_loadu_ps(p); }
INLINE vf vf_load_count(const float *_Nonnull p, int32_t count) {
  return count == 16 ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(first_lanes(count), p);
}
INLINE void vf_store(float *_Nonnull p, vf value) { _mm512_storeu_ps(p, value); }
INLINE vf vf_load_integers(const int32_t *_Nonnull p) {
  return _mm512_cvtepi32_ps(_mm512_loadu_si512(p));
}
INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
/// a * b + c, rounded once.
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
/// c - a * b, rounded once.
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
/// b where either is NaN.
INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
/// a < b ? yes : no
INLINE vf vf_select_less(vf a, vf b, vf yes, vf no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), no, yes);
}
INLINE vi vf_bits(vf a) { return _mm512_castps_si512(a); }
INLINE vf vf_of_bits(vi a) { return _mm512_castsi512_ps(a); }
INLINE vi vi_set(uint32_t value) { return _mm512_set1_epi32((int32_t)value); }
INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
INLINE vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
INLINE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
INLINE vi vi_exponent(vi a) { return _mm512_slli_epi32(a, 23); }
/// table[a mod 32]
INLINE vf vf_table(const float *_Nonnull table, vi a) {
  return _mm512_permutex2var_ps(_mm512_load_ps(table), a, _mm512_load_ps(table + 16));
}

#define LANES_EXP2 1
/// The largest whole number that is not above a.
INLINE vf vf_floor(vf a) { return _mm512_roundscale_ps(a, 0x09); }
/// a - floor(a); 0 for an infinity.
INLINE vf vf_above_floor(vf a) { return _mm512_reduce_ps(a, 0x09); }
/// a * 2^floor(b)
INLINE vf vf_scaled(vf a, vf b) { return _mm512_scalef_ps(a, b); }

/// 1 / a to 2^-14.
INLINE vf vf_short_reciprocal(vf a) { return _mm512_rcp14_ps(a); }
/// 1 / a to about the accuracy of a float, where neither is infinite.
INLINE vf vf_reciprocal(vf a) {
  vf r = _mm512_rcp14_ps(a);
  return _mm512_fmadd_ps(r, _mm512_fnmadd_ps(a, r, _mm512_set1_ps(1)), r);
}

INLINE vf vf_of_bfloat16(__m256i halves) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

INLINE vf vf_of_bytes(__m128i bytes, format form) {
  __m512i integers = _mm512_cvtepu8_epi32(bytes);
  integers = _mm512_sub_epi32(integers, _mm512_set1_epi32(form.zero));
  return _mm512_mul_ps(_mm512_cvtepi32_ps(integers), _mm512_set1_ps(form.scale));
}

/// The first `count` of the lanes, as values.
INLINE vf vf_load_values(const uint8_t *_Nonnull p, format form, int32_t count) {
  const __mmask16 lanes = first_lanes(count);
  const int whole = count == 16;
  switch (form.type) {
    case NATIVE_BF16:
      return vf_of_bfloat16(whole ? _mm256_loadu_si256((const __m256i *)p)
                                  : _mm256_maskz_loadu_epi16(lanes, p));
    case NATIVE_U8:
      return vf_of_bytes(
          whole ? _mm_loadu_si128((const __m128i *)p) : _mm_maskz_loadu_epi8(lanes, p), form);
    case NATIVE_S32:
      return _mm512_cvtepi32_ps(whole ? _mm512_loadu_si512(p)
                                      : _mm512_maskz_loadu_epi32(lanes, p));
    default: return whole ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(lanes, p);
  }
}

INLINE __m256i bfloat16_of_lanes(vf value) {
#if defined(LANES_BF16)
  return (__m256i)_mm512_cvtneps_pbh(value);
#else
  __m512i bits = _mm512_castps_si512(value);
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  __m512i rounded =
      _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
  __mmask16 nan = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
  rounded = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x400000));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
#endif
}

/// The nearest integers, less the zero. A value beyond all integers becomes the least one, which
/// is right below and for NaN; above it is kept out.
INLINE __m512i integers_of_lanes(vf value, format form) {
  value = _mm512_mul_ps(value, _mm512_set1_ps(form.inverse));
  return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(255.0f), value));
}

INLINE __m128i bytes_of_lanes(vf value, format form) {
  __m512i integers =
      _mm512_add_epi32(integers_of_lanes(value, form), _mm512_set1_epi32(form.zero));
  return _mm512_cvtusepi32_epi8(_mm512_max_epi32(integers, _mm512_setzero_si512()));
}

#define LANES_QUAD_BYTES 1
/// Four vectors' bytes in order.
INLINE __m512i bytes_of_quad(const vf *_Nonnull values, format form) {
  const __m512i zero = _mm512_set1_epi16((int16_t)form.zero);
  __m512i low = _mm512_packs_epi32(integers_of_lanes(values[0], form),
                                   integers_of_lanes(values[1], form));
  __m512i high = _mm512_packs_epi32(integers_of_lanes(values[2], form),
                                    integers_of_lanes(values[3], form));
  __m512i bytes =
      _mm512_packus_epi16(_mm512_adds_epi16(low, zero), _mm512_adds_epi16(high, zero));
  // Packing works on quarters of a register: 4 channels of each of the vectors in turn.
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, bytes);
}

/// Bytes of four vectors as silu_quad takes them.
INLINE __m512i residual_quad(__m512i bytes) {
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, bytes);
}

/// The constants of a native_silu in registers.
typedef struct silu_registers {
  __m512i constant, linear, square, flip, factor;
  __m128i shift;
  int has_residual;
} silu_registers;

INLINE silu_registers silu_loaded(const native_silu *_Nonnull silu, int has_residual) {
  return (silu_registers){.constant = _mm512_loadu_si512(silu->constant),
                          .linear = _mm512_loadu_si512(silu->linear),
                          .square = _mm512_loadu_si512(silu->square),
                          .flip = _mm512_set1_epi16((int16_t)0x8000),
                          .factor = _mm512_set1_epi16((int16_t)silu->residual_factor),
                          .shift = _mm_cvtsi32_si128(silu->fraction_bits),
                          .has_residual = has_residual};
}

/// 32 results in steps to bytes in words, as native_silu defines them, but not saturated.
/// @param residual bytes times 256.
INLINE __m512i silu_words(const silu_registers *_Nonnull s, __m512i t, __m512i residual) {
  const __m512i u = _mm512_abs_epi16(t), piece = _mm512_srli_epi16(u, 10);
  const __m512i f = _mm512_xor_si512(_mm512_slli_epi16(u, 6), s->flip);
  __m512i g = _mm512_permutexvar_epi16(piece, s->square);
  g = _mm512_add_epi16(_mm512_mulhrs_epi16(g, f), _mm512_permutexvar_epi16(piece, s->linear));
  g = _mm512_add_epi16(_mm512_mulhrs_epi16(g, f), _mm512_permutexvar_epi16(piece, s->constant));
  if (s->has_residual)
    g = _mm512_adds_epi16(g, _mm512_mulhrs_epi16(_mm512_srli_epi16(residual, 1), s->factor));
  g = _mm512_adds_epi16(g, _mm512_max_epi16(t, _mm512_setzero_si512()));
  return _mm512_sra_epi16(g, s->shift);
}

/// Four vectors' bytes in order, as native_silu defines them.
/// @param low, high the results in steps, as packing four vectors of 32 bits leaves them.
/// @param residual from residual_quad.
INLINE __m512i silu_quad(const silu_registers *_Nonnull s, __m512i low, __m512i high,
                         __m512i residual) {
  const __m512i none = _mm512_setzero_si512();
  low = silu_words(s, low, _mm512_unpacklo_epi8(none, residual));
  high = silu_words(s, high, _mm512_unpackhi_epi8(none, residual));
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high));
}

INLINE void vf_store_values(uint8_t *_Nonnull p, vf value, format form, int32_t count) {
  const __mmask16 lanes = first_lanes(count);
  const int whole = count == 16;
  switch (form.type) {
    case NATIVE_BF16: {
      __m256i halves = bfloat16_of_lanes(value);
      if (whole)
        _mm256_storeu_si256((__m256i *)p, halves);
      else
        _mm256_mask_storeu_epi16(p, lanes, halves);
      break;
    }
    case NATIVE_U8: {
      __m128i bytes = bytes_of_lanes(value, form);
      if (whole)
        _mm_storeu_si128((__m128i *)p, bytes);
      else
        _mm_mask_storeu_epi8(p, lanes, bytes);
      break;
    }
    default:
      if (whole)
        _mm512_storeu_ps(p, value);
      else
        _mm512_mask_storeu_ps(p, lanes, value);
      break;
  }
}

/// Stores the bytes that native_silu makes of sums.
INLINE void vf_store_silu(uint8_t *_Nonnull p, vf sum, const native_silu *_Nonnull silu,
                          int32_t channel, const uint8_t *_Nullable residual, int32_t count) {
  const __mmask16 lanes = first_lanes(count);
  const silu_registers s = silu_loaded(silu, residual != 0);
  __m512i steps = _mm512_cvtps_epi32(
      vf_fma(sum, vf_load(silu->factor + channel), vf_load(silu->offset + channel)));
  __m512i bytes = _mm512_setzero_si512();
  if (residual)
    bytes = residual_quad(_mm512_castsi128_si512(_mm_maskz_loadu_epi8(lanes, residual)));
  steps = _mm512_packs_epi32(steps, steps);
  bytes = silu_quad(&s, steps, steps, bytes);
  _mm_mask_storeu_epi8(p, lanes, _mm512_castsi512_si128(bytes));
}

// A whole register of elements in their own type.

enum { raw_bytes = 64 };
typedef __m512i rv;

INLINE __mmask64 first_bytes(int32_t count) { return ~(__mmask64)0 >> (64 - count); }

INLINE rv rv_load(const uint8_t *_Nonnull p, int32_t bytes) {
  return bytes == 64 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8(first_bytes(bytes), p);
}
INLINE void rv_store(uint8_t *_Nonnull p, rv value, int32_t bytes) {
  if (bytes == 64)
    _mm512_storeu_si512(p, value);
  else
    _mm512_mask_storeu_epi8(p, first_bytes(bytes), value);
}
/// bfloat16 as integers of the same order, and back; others as they are.
INLINE rv rv_key(rv value, native_type type) {
  if (type != NATIVE_BF16) return value;
  __m512i negative = _mm512_srai_epi16(value, 15);
  return _mm512_xor_si512(value, _mm512_srli_epi16(negative, 1));
}
INLINE rv rv_max(rv a, rv b, native_type type) {
  if (type == NATIVE_U8) return _mm512_max_epu8(a, b);
  if (type == NATIVE_BF16) return _mm512_max_epi16(a, b);
  return _mm512_castps_si512(_mm512_max_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}

INLINE void move_bytes(uint8_t *_Nonnull target, const uint8_t *_Nonnull source, int64_t count) {
  for (; count >= 64; count -= 64, target += 64, source += 64)
    rv_store(target, rv_load(source, 64), 64);
  if (count > 0) rv_store(target, rv_load(source, (int32_t)count), (int32_t)count);
}
