#include "internal.h"

// Half precision and bfloat16 into float32 and back, for what callers give and take: element after
// element. Every set of instructions gives the same bits: rounding to nearest, halves to even;
// subnormal numbers are numbers; a NaN stays one, quiet, with the upper bits of its payload.

static float float_of_half(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 31, fraction = half & 0x3FF;
  if (exponent == 31)
    return float_of_bits(sign | 0x7F800000 | fraction << 13 | (fraction ? 0x400000 : 0));
  if (exponent == 0) return float_of_bits(sign | float_bits((float)fraction * 0x1p-24f));
  return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static uint16_t half_of_float(float value) {
  const uint32_t bits = float_bits(value);
  const uint32_t sign = (bits >> 16) & 0x8000, size = bits & 0x7FFFFFFF;
  if (size > 0x7F800000) return (uint16_t)(sign | 0x7E00 | ((size >> 13) & 0x3FF));
  // From 65520 on, halfway to the next power of two.
  if (size >= 0x477FF000) return (uint16_t)(sign | 0x7C00);
  // Below 2^-14, where one unit is 2^-24: that of 1/2 in float32.
  if (size < 0x38800000)
    return (uint16_t)(sign | (float_bits(float_of_bits(size) + 0.5f) - 0x3F000000));
  return (uint16_t)(sign | ((size + 0xFFF + ((size >> 13) & 1) - 0x38000000) >> 13));
}

static void widen_portable(const uint16_t *source, native_type type, float *target,
                           int64_t count) {
  if (type == NATIVE_BF16)
    for (int64_t i = 0; i < count; i++) target[i] = float_of_bfloat16(source[i]);
  else
    for (int64_t i = 0; i < count; i++) target[i] = float_of_half(source[i]);
}

static void narrow_portable(const float *source, native_type type, uint16_t *target,
                            int64_t count) {
  if (type == NATIVE_BF16)
    for (int64_t i = 0; i < count; i++) target[i] = bfloat16_of(source[i]);
  else
    for (int64_t i = 0; i < count; i++) target[i] = half_of_float(source[i]);
}

#if defined(__x86_64__)
#include <immintrin.h>

// bfloat16 needs no instructions of its own: compilers make vectors of these loops.
#define BFLOAT_LOOPS(isa, features)                                                            \
  __attribute__((target(features))) static void widen_bfloat16_##isa(                         \
      const uint16_t *source, float *target, int64_t count) {                                 \
    for (int64_t i = 0; i < count; i++) target[i] = float_of_bfloat16(source[i]);             \
  }                                                                                            \
  __attribute__((target(features))) static void narrow_bfloat16_##isa(                        \
      const float *source, uint16_t *target, int64_t count) {                                 \
    for (int64_t i = 0; i < count; i++) target[i] = bfloat16_of(source[i]);                   \
  }
BFLOAT_LOOPS(avx2, "avx2")
BFLOAT_LOOPS(avx512, "avx512f,avx512bw,avx512vl")

__attribute__((target("avx2,f16c"))) static void widen_avx2(const uint16_t *source,
                                                            float *target, int64_t count) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(target + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
  widen_portable(source + i, NATIVE_F16, target + i, count - i);
}

__attribute__((target("avx2,f16c"))) static void narrow_avx2(const float *source,
                                                             uint16_t *target, int64_t count) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128((__m128i *)(target + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT));
  narrow_portable(source + i, NATIVE_F16, target + i, count - i);
}

__attribute__((target("avx512f"))) static void widen_avx512(const uint16_t *source,
                                                            float *target, int64_t count) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    _mm512_storeu_ps(target + i,
                     _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(source + i))));
  widen_portable(source + i, NATIVE_F16, target + i, count - i);
}

__attribute__((target("avx512f"))) static void narrow_avx512(const float *source,
                                                             uint16_t *target, int64_t count) {
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    _mm256_storeu_si256((__m256i *)(target + i),
                        _mm512_cvtps_ph(_mm512_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT));
  narrow_portable(source + i, NATIVE_F16, target + i, count - i);
}

void native_widen(const void *source, native_type type, float *target, int64_t count,
                  native_isa isa) {
  // AVX2 does not bring these instructions with it, though every processor with it has them.
  const int has_halves = isa >= NATIVE_AVX512 || __builtin_cpu_supports("f16c");
  if (is_plain(isa) || (type == NATIVE_F16 && !has_halves))
    widen_portable(source, type, target, count);
  else if (isa == NATIVE_AVX2)
    (type == NATIVE_BF16 ? widen_bfloat16_avx2 : widen_avx2)(source, target, count);
  else
    (type == NATIVE_BF16 ? widen_bfloat16_avx512 : widen_avx512)(source, target, count);
}

void native_narrow(const float *source, native_type type, void *target, int64_t count,
                   native_isa isa) {
  const int has_halves = isa >= NATIVE_AVX512 || __builtin_cpu_supports("f16c");
  if (is_plain(isa) || (type == NATIVE_F16 && !has_halves))
    narrow_portable(source, type, target, count);
  else if (isa == NATIVE_AVX2)
    (type == NATIVE_BF16 ? narrow_bfloat16_avx2 : narrow_avx2)(source, target, count);
  else
    (type == NATIVE_BF16 ? narrow_bfloat16_avx512 : narrow_avx512)(source, target, count);
}
#else
void native_widen(const void *source, native_type type, float *target, int64_t count,
                  native_isa isa) {
  widen_portable(source, type, target, count);
}

void native_narrow(const float *source, native_type type, void *target, int64_t count,
                   native_isa isa) {
  narrow_portable(source, type, target, count);
}
#endif
