#pragma once
#include <immintrin.h>
#include <math.h>

#include "internal.h"

// Eight lanes of AVX2 and FMA. The including file has applied the target attribute.

enum { lane_count = 8 };
typedef __m256 vf;
typedef __m256i vi;

/// All ones in the first `count` lanes.
INLINE __m256i first_lanes(int32_t count) {
  const __m256i order = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), order);
}

INLINE vf vf_set(float value) { return _mm256_set1_ps(value); }
INLINE vf vf_load(const float *_Nonnull p) { return _mm256_loadu_ps(p); }
INLINE vf vf_load_count(const float *_Nonnull p, int32_t count) {
  return count == 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, first_lanes(count));
}
INLINE void vf_store(float *_Nonnull p, vf value) { _mm256_storeu_ps(p, value); }
INLINE vf vf_load_integers(const int32_t *_Nonnull p) {
  return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)p));
}
INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
/// a * b + c, rounded once.
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
/// c - a * b, rounded once.
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
/// b where either is NaN.
INLINE vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
INLINE vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
/// a < b ? yes : no
INLINE vf vf_select_less(vf a, vf b, vf yes, vf no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
INLINE vi vf_bits(vf a) { return _mm256_castps_si256(a); }
INLINE vf vf_of_bits(vi a) { return _mm256_castsi256_ps(a); }
INLINE vi vi_set(uint32_t value) { return _mm256_set1_epi32((int32_t)value); }
INLINE vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
INLINE vi vi_and(vi a, vi b) { return _mm256_and_si256(a, b); }
INLINE vi vi_or(vi a, vi b) { return _mm256_or_si256(a, b); }
INLINE vi vi_exponent(vi a) { return _mm256_slli_epi32(a, 23); }
/// table[a mod 32]
INLINE vf vf_table(const float *_Nonnull table, vi a) {
  return _mm256_i32gather_ps(table, _mm256_and_si256(a, _mm256_set1_epi32(31)), 4);
}

/// 1 / a to about 2^-23.
INLINE vf vf_reciprocal(vf a) {
  vf r = _mm256_rcp_ps(a);
  return _mm256_fmadd_ps(r, _mm256_fnmadd_ps(a, r, _mm256_set1_ps(1)), r);
}
INLINE vf vf_short_reciprocal(vf a) { return vf_reciprocal(a); }

INLINE vf vf_of_bfloat16(__m128i halves) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

INLINE vf vf_of_bytes(__m128i bytes, format form) {
  __m256i integers = _mm256_cvtepu8_epi32(bytes);
  integers = _mm256_sub_epi32(integers, _mm256_set1_epi32(form.zero));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(integers), _mm256_set1_ps(form.scale));
}

/// Up to 16 bytes without reading past them.
INLINE __m128i load_bytes(const uint8_t *_Nonnull p, int32_t count) {
  _Alignas(16) uint8_t bytes[16] = {0};
  memcpy(bytes, p, (size_t)count);
  return _mm_load_si128((const __m128i *)bytes);
}

INLINE void store_bytes(uint8_t *_Nonnull p, __m128i value, int32_t count) {
  _Alignas(16) uint8_t bytes[16];
  _mm_store_si128((__m128i *)bytes, value);
  memcpy(p, bytes, (size_t)count);
}

/// The first `count` of the lanes, as values.
INLINE vf vf_load_values(const uint8_t *_Nonnull p, format form, int32_t count) {
  const int whole = count == 8;
  switch (form.type) {
    case NATIVE_BF16:
      return vf_of_bfloat16(whole ? _mm_loadu_si128((const __m128i *)p)
                                  : load_bytes(p, 2 * count));
    case NATIVE_U8:
      return vf_of_bytes(whole ? _mm_loadl_epi64((const __m128i *)p) : load_bytes(p, count),
                         form);
    case NATIVE_S32:
      return _mm256_cvtepi32_ps(whole ? _mm256_loadu_si256((const __m256i *)p)
                                      : _mm256_maskload_epi32((const int *)p,
                                                              first_lanes(count)));
    default: return vf_load_count((const float *)p, count);
  }
}

INLINE __m128i bfloat16_of_lanes(vf value) {
  __m256i bits = _mm256_castps_si256(value);
  __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  __m256i rounded =
      _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
  __m256 quiet = _mm256_castsi256_ps(_mm256_or_si256(bits, _mm256_set1_epi32(0x400000)));
  __m256 nan = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
  rounded = _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(rounded), quiet, nan));
  rounded = _mm256_srli_epi32(rounded, 16);
  return _mm_packus_epi32(_mm256_castsi256_si128(rounded),
                          _mm256_extracti128_si256(rounded, 1));
}

INLINE __m128i bytes_of_lanes(vf value, format form) {
  value = _mm256_mul_ps(value, _mm256_set1_ps(form.inverse));
  value = _mm256_max_ps(value, _mm256_set1_ps((float)(-form.zero)));
  value = _mm256_min_ps(value, _mm256_set1_ps((float)(255 - form.zero)));
  __m256i integers =
      _mm256_add_epi32(_mm256_cvtps_epi32(value), _mm256_set1_epi32(form.zero));
  __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(integers),
                                    _mm256_extracti128_si256(integers, 1));
  return _mm_packus_epi16(halves, halves);
}

INLINE void vf_store_values(uint8_t *_Nonnull p, vf value, format form, int32_t count) {
  const int whole = count == 8;
  switch (form.type) {
    case NATIVE_BF16: {
      __m128i halves = bfloat16_of_lanes(value);
      if (whole)
        _mm_storeu_si128((__m128i *)p, halves);
      else
        store_bytes(p, halves, 2 * count);
      break;
    }
    case NATIVE_U8: {
      __m128i bytes = bytes_of_lanes(value, form);
      if (whole)
        _mm_storel_epi64((__m128i *)p, bytes);
      else
        store_bytes(p, bytes, count);
      break;
    }
    default:
      if (whole)
        _mm256_storeu_ps((float *)p, value);
      else
        _mm256_maskstore_ps((float *)p, first_lanes(count), value);
      break;
  }
}

/// (a·b + 2^14) >> 15 of numbers of 16 bits.
INLINE __m256i times_16(__m256i a, __m256i b) {
  __m256i product = _mm256_mullo_epi32(a, b);
  return _mm256_srai_epi32(_mm256_add_epi32(product, _mm256_set1_epi32(1 << 14)), 15);
}

INLINE __m256i saturated_lanes(__m256i a) {
  return _mm256_max_epi32(_mm256_min_epi32(a, _mm256_set1_epi32(32767)),
                          _mm256_set1_epi32(-32768));
}

/// table[piece]; two bytes after the last one are read, too.
INLINE __m256i lanes_of_table(const int16_t *_Nonnull table, __m256i piece) {
  __m256i pairs = _mm256_i32gather_epi32((const int *)table, piece, 2);
  return _mm256_srai_epi32(_mm256_slli_epi32(pairs, 16), 16);
}

/// Stores the bytes that native_silu makes of sums.
INLINE void vf_store_silu(uint8_t *_Nonnull p, vf sum, const native_silu *_Nonnull silu,
                          int32_t channel, const uint8_t *_Nullable residual, int32_t count) {
  vf value = vf_fma(sum, vf_load(silu->factor + channel), vf_load(silu->offset + channel));
  value = vf_max(value, vf_set(-32768.0f));
  const __m256i t = _mm256_cvtps_epi32(vf_min(value, vf_set(32767.0f)));
  const __m256i u = _mm256_abs_epi32(t);
  const __m256i piece = _mm256_and_si256(_mm256_srli_epi32(u, 10), _mm256_set1_epi32(31));
  const __m256i f = _mm256_sub_epi32(
      _mm256_slli_epi32(_mm256_and_si256(u, _mm256_set1_epi32(1023)), 6),
      _mm256_set1_epi32(1 << 15));
  __m256i g = times_16(lanes_of_table(silu->square, piece), f);
  g = times_16(_mm256_add_epi32(g, lanes_of_table(silu->linear, piece)), f);
  g = _mm256_add_epi32(g, lanes_of_table(silu->constant, piece));
  if (residual) {
    __m128i bytes = count == 8 ? _mm_loadl_epi64((const __m128i *)residual)
                               : load_bytes(residual, count);
    __m256i added = _mm256_slli_epi32(_mm256_cvtepu8_epi32(bytes), 7);
    added = times_16(added, _mm256_set1_epi32(silu->residual_factor));
    g = saturated_lanes(_mm256_add_epi32(g, added));
  }
  g = saturated_lanes(_mm256_add_epi32(g, _mm256_max_epi32(t, _mm256_setzero_si256())));
  g = _mm256_sra_epi32(g, _mm_cvtsi32_si128(silu->fraction_bits));
  __m128i halves =
      _mm_packs_epi32(_mm256_castsi256_si128(g), _mm256_extracti128_si256(g, 1));
  __m128i bytes = _mm_packus_epi16(halves, halves);
  if (count == 8)
    _mm_storel_epi64((__m128i *)p, bytes);
  else
    store_bytes(p, bytes, count);
}

// A whole register of elements in their own type.

enum { raw_bytes = 32 };
typedef __m256i rv;

INLINE rv rv_load(const uint8_t *_Nonnull p, int32_t bytes) {
  if (bytes == 32) return _mm256_loadu_si256((const __m256i *)p);
  _Alignas(32) uint8_t copy[32] = {0};
  memcpy(copy, p, (size_t)bytes);
  return _mm256_load_si256((const __m256i *)copy);
}
INLINE void rv_store(uint8_t *_Nonnull p, rv value, int32_t bytes) {
  if (bytes == 32) {
    _mm256_storeu_si256((__m256i *)p, value);
    return;
  }
  _Alignas(32) uint8_t copy[32];
  _mm256_store_si256((__m256i *)copy, value);
  memcpy(p, copy, (size_t)bytes);
}
/// bfloat16 as integers of the same order, and back; others as they are.
INLINE rv rv_key(rv value, native_type type) {
  if (type != NATIVE_BF16) return value;
  __m256i negative = _mm256_srai_epi16(value, 15);
  return _mm256_xor_si256(value, _mm256_srli_epi16(negative, 1));
}
INLINE rv rv_max(rv a, rv b, native_type type) {
  if (type == NATIVE_U8) return _mm256_max_epu8(a, b);
  if (type == NATIVE_BF16) return _mm256_max_epi16(a, b);
  return _mm256_castps_si256(_mm256_max_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
}

INLINE void move_bytes(uint8_t *_Nonnull target, const uint8_t *_Nonnull source, int64_t count) {
  for (; count >= 32; count -= 32, target += 32, source += 32)
    rv_store(target, rv_load(source, 32), 32);
  if (count > 0) memcpy(target, source, (size_t)count);
}
