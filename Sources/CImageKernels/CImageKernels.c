#include "CImageKernels.h"

// --- Portable ---

// Source: OpenCV 4 `resize`, INTER_LINEAR on 8-bit pictures: the horizontal sums are exact, the
// vertical step keeps the upper half of 16 × 16-bit products.

static void scale_columns(const uint8_t *source, const int32_t *offsets, const uint32_t *weights,
                          size_t first, size_t pair_count, size_t count, int16_t *target) {
  for (size_t column = first; column < count; column++) {
    const uint8_t *left = source + offsets[column];
    const uint8_t *right = column < pair_count ? left + 3 : left;
    int left_weight = weights[column] & 0xFFFF, right_weight = weights[column] >> 16;
    for (size_t channel = 0; channel < 3; channel++)
      target[channel * count + column] =
          (int16_t)((left[channel] * left_weight + right[channel] * right_weight) >> 4);
  }
}

static inline int blended(int16_t upper, int16_t lower, int upper_weight, int lower_weight) {
  return ((upper * upper_weight >> 16) + (lower * lower_weight >> 16) + 2) >> 2;
}

static void blend_levels(const int16_t *upper, const int16_t *lower, int upper_weight,
                         int lower_weight, size_t first, size_t count, int16_t *target) {
  for (size_t index = first; index < count; index++)
    target[index] = (int16_t)blended(upper[index], lower[index], upper_weight, lower_weight);
}

static void blend_units(const int16_t *upper, const int16_t *lower, int upper_weight,
                        int lower_weight, size_t first, size_t count, float *target) {
  for (size_t index = first; index < count; index++)
    target[index] = (float)blended(upper[index], lower[index], upper_weight, lower_weight) / 255;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,fma")))

// --- AVX2 ---

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/// Two columns' 8 bytes in each half: left R G B, right R G B, two bytes of no interest.
AVX2 static inline __m256i load_columns(const uint8_t *source, const int32_t *offsets) {
  __m128i low = _mm_loadl_epi64((const __m128i *)(source + offsets[0]));
  __m128i high = _mm_loadl_epi64((const __m128i *)(source + offsets[2]));
  low = _mm_castps_si128(
      _mm_loadh_pi(_mm_castsi128_ps(low), (const __m64 *)(source + offsets[1])));
  high = _mm_castps_si128(
      _mm_loadh_pi(_mm_castsi128_ps(high), (const __m64 *)(source + offsets[3])));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/// Eight columns a step. Sums of columns 0 to 7 stand as 0 1 4 5 | 2 3 6 7 until they are stored.
AVX2 static void scale_row_avx2(const uint8_t *source, const int32_t *offsets,
                                const uint32_t *weights, size_t wide_count, size_t count,
                                int16_t *target) {
  enum { o = -1 };
  const __m256i red_green =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, o, 3, o, 8, o, 11, o, 1, o, 4, o, 9, o, 12, o));
  const __m256i blue_low =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(2, o, 5, o, 10, o, 13, o, o, o, o, o, o, o, o, o));
  const __m256i blue_high =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(o, o, o, o, o, o, o, o, 2, o, 5, o, 10, o, 13, o));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (size_t column = 0; column + 8 <= wide_count; column += 8) {
    __m256i first = load_columns(source, offsets + column);
    __m256i second = load_columns(source, offsets + column + 4);
    __m256i weight = _mm256_loadu_si256((const __m256i *)(weights + column));
    __m256i first_sums = _mm256_madd_epi16(_mm256_shuffle_epi8(first, red_green),
                                           _mm256_permute4x64_epi64(weight, 0x50));
    __m256i second_sums = _mm256_madd_epi16(_mm256_shuffle_epi8(second, red_green),
                                            _mm256_permute4x64_epi64(weight, 0xFA));
    __m256i blue_pairs = _mm256_or_si256(_mm256_shuffle_epi8(first, blue_low),
                                         _mm256_shuffle_epi8(second, blue_high));
    __m256i blue = _mm256_madd_epi16(blue_pairs, _mm256_permute4x64_epi64(weight, 0xD8));
    __m256i red = _mm256_unpacklo_epi64(first_sums, second_sums);
    __m256i green = _mm256_unpackhi_epi64(first_sums, second_sums);
    red = _mm256_srli_epi32(red, 4);
    green = _mm256_srli_epi32(green, 4);
    blue = _mm256_srli_epi32(blue, 4);
    __m256i both = _mm256_permutevar8x32_epi32(_mm256_packs_epi32(red, green), order);
    __m256i last = _mm256_permutevar8x32_epi32(_mm256_packs_epi32(blue, blue), order);
    _mm_storeu_si128((__m128i *)(target + column), _mm256_castsi256_si128(both));
    _mm_storeu_si128((__m128i *)(target + count + column), _mm256_extracti128_si256(both, 1));
    _mm_storeu_si128((__m128i *)(target + 2 * count + column), _mm256_castsi256_si128(last));
  }
}

AVX2 static inline __m256i blend16(const int16_t *upper, const int16_t *lower,
                                   __m256i upper_weight, __m256i lower_weight) {
  __m256i above = _mm256_mulhi_epi16(_mm256_loadu_si256((const __m256i *)upper), upper_weight);
  __m256i below = _mm256_mulhi_epi16(_mm256_loadu_si256((const __m256i *)lower), lower_weight);
  __m256i sum = _mm256_add_epi16(_mm256_add_epi16(above, below), _mm256_set1_epi16(2));
  return _mm256_srai_epi16(sum, 2);
}

AVX2 static size_t blend_avx2(const int16_t *upper, const int16_t *lower, int upper_weight,
                              int lower_weight, size_t count, int16_t *target) {
  __m256i above = _mm256_set1_epi16((short)upper_weight);
  __m256i below = _mm256_set1_epi16((short)lower_weight);
  size_t index = 0;
  for (; index + 16 <= count; index += 16)
    _mm256_storeu_si256((__m256i *)(target + index),
                        blend16(upper + index, lower + index, above, below));
  return index;
}

/// 1/255 as a short head, whose product with a level is exact, and a tail: the sum is rounded
/// once and equals the quotient for each of the 256 levels.
AVX2 static inline __m256 unit(__m128i levels) {
  const __m256 head = _mm256_castsi256_ps(_mm256_set1_epi32(0x3B808000));
  const __m256 tail = _mm256_set1_ps((float)(1.0 / 255 - 0x1.01p-8));
  __m256 level = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(levels));
  return _mm256_fmadd_ps(level, head, _mm256_mul_ps(level, tail));
}

AVX2 static size_t blend_unit_avx2(const int16_t *upper, const int16_t *lower, int upper_weight,
                                   int lower_weight, size_t count, float *target) {
  __m256i above = _mm256_set1_epi16((short)upper_weight);
  __m256i below = _mm256_set1_epi16((short)lower_weight);
  size_t index = 0;
  // A network's input is larger than the caches near the core and written once: past them where
  // the place is aligned, so that its old contents are not read first.
  if (((uintptr_t)target & 31) == 0) {
    for (; index + 16 <= count; index += 16) {
      __m256i levels = blend16(upper + index, lower + index, above, below);
      _mm256_stream_ps(target + index, unit(_mm256_castsi256_si128(levels)));
      _mm256_stream_ps(target + index + 8, unit(_mm256_extracti128_si256(levels, 1)));
    }
    return index;
  }
  for (; index + 16 <= count; index += 16) {
    __m256i levels = blend16(upper + index, lower + index, above, below);
    _mm256_storeu_ps(target + index, unit(_mm256_castsi256_si128(levels)));
    _mm256_storeu_ps(target + index + 8, unit(_mm256_extracti128_si256(levels, 1)));
  }
  return index;
}
#endif

// --- Choice ---

void kernels_scale_row(const uint8_t *source, const int32_t *offsets, const uint32_t *weights,
                       size_t wide_count, size_t pair_count, size_t count, int16_t *target) {
  size_t first = 0;
#if defined(__x86_64__)
  if (has_avx2()) {
    scale_row_avx2(source, offsets, weights, wide_count, count, target);
    first = wide_count & ~(size_t)7;
  }
#endif
  scale_columns(source, offsets, weights, first, pair_count, count, target);
}

void kernels_blend(const int16_t *upper, const int16_t *lower, int upper_weight,
                   int lower_weight, size_t count, int16_t *target) {
  size_t first = 0;
#if defined(__x86_64__)
  if (has_avx2()) first = blend_avx2(upper, lower, upper_weight, lower_weight, count, target);
#endif
  blend_levels(upper, lower, upper_weight, lower_weight, first, count, target);
}

void kernels_blend_unit(const int16_t *upper, const int16_t *lower, int upper_weight,
                        int lower_weight, size_t count, float *target) {
  size_t first = 0;
#if defined(__x86_64__)
  if (has_avx2()) first = blend_unit_avx2(upper, lower, upper_weight, lower_weight, count, target);
#endif
  blend_units(upper, lower, upper_weight, lower_weight, first, count, target);
}

#if defined(__x86_64__)
AVX2 static size_t fill_avx2(float value, size_t count, float *target) {
  __m256 values = _mm256_set1_ps(value);
  size_t index = 0;
  for (; index < count && ((uintptr_t)(target + index) & 31) != 0; index++) target[index] = value;
  for (; index + 8 <= count; index += 8) _mm256_stream_ps(target + index, values);
  return index;
}
#endif

void kernels_fill(float value, size_t count, float *target) {
  size_t index = 0;
#if defined(__x86_64__)
  if (has_avx2()) index = fill_avx2(value, count, target);
#endif
  for (; index < count; index++) target[index] = value;
}

void kernels_finish(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

size_t kernels_next_above(const float *values, size_t step, size_t first, size_t count,
                          float threshold) {
  // Each value lies in a cache line of its own, too far apart for the processor to guess.
  enum { ahead = 24 };
  for (size_t row = first; row < count; row++) {
    __builtin_prefetch(values + (row + ahead) * step);
    if (!(values[row * step] <= threshold)) return row;
  }
  return count;
}
