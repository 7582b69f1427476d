#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "internal.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "lanes_avx2.h"

#define ISA(name) name##_avx2

#include "template_activation.h"
#include "template_finish.h"

// Convolution by AVX2: as by AVX-512, with 16 registers of 8 lanes. A tile is 16 output channels
// (two registers) of up to 6 pixels, or 4 for bytes, whose products need more registers.

#define UNROLL _Pragma("clang loop unroll(full)")
#define OPAQUE(value) __asm__("" : "+r"(value))

enum { widest_tile = 6, widest_byte_tile = 4 };

typedef struct tile {
  const uint8_t *input;
  int64_t pixel_step;
  const int64_t *offsets;
  int32_t taps, groups;
  const uint8_t *weights;
  /// From one group's weights to the next's.
  int64_t weight_step;
  const float *bias;
  /// 16 for each pixel, `sum_step` floats apart.
  float *sums;
  int64_t sum_step;
} tile;

/// Where pixel p of a group is: at its base p / 5 plus 0 to 4 steps.
INLINE int32_t group_at(const uint8_t *const *bases, int64_t step, int64_t triple, int pixel) {
  const int steps = pixel % 5;
  int32_t group;
  memcpy(&group, bases[pixel / 5] + (steps == 3 ? triple : steps * step), 4);
  return group;
}

INLINE void run_floats(const tile *t, const int pixels, const native_type type) {
  __m256 sums[2 * widest_tile];
  UNROLL for (int p = 0; p < pixels; p++) {
    sums[2 * p] = _mm256_loadu_ps(t->bias);
    sums[2 * p + 1] = _mm256_loadu_ps(t->bias + 8);
  }
  int64_t step = t->pixel_step, triple = 3 * step;
  OPAQUE(triple);
  const uint8_t *weights = t->weights;
  const __m256 upper = _mm256_castsi256_ps(_mm256_set1_epi32((int32_t)0xFFFF0000));
  for (int32_t tap = 0; tap < t->taps; tap++) {
    const uint8_t *bases[2] = {t->input + t->offsets[tap]};
    bases[1] = bases[0] + 5 * step;
    OPAQUE(bases[1]);
    for (int32_t group = 0; group < t->groups; group++) {
      __m256 low = _mm256_loadu_ps((const float *)weights);
      __m256 high = _mm256_loadu_ps((const float *)(weights + 32));
      if (type == NATIVE_F32) {
        UNROLL for (int p = 0; p < pixels; p++) {
          __m256 value =
              _mm256_castsi256_ps(_mm256_set1_epi32(group_at(bases, step, triple, p)));
          sums[2 * p] = _mm256_fmadd_ps(value, low, sums[2 * p]);
          sums[2 * p + 1] = _mm256_fmadd_ps(value, high, sums[2 * p + 1]);
        }
      } else {
        // Two passes, for the even and the odd element of a group.
        __m256 even_low = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(low), 16));
        __m256 even_high = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(high), 16));
        UNROLL for (int p = 0; p < pixels; p++) {
          int32_t even = (int32_t)((uint32_t)group_at(bases, step, triple, p) << 16);
          __m256 value = _mm256_castsi256_ps(_mm256_set1_epi32(even));
          sums[2 * p] = _mm256_fmadd_ps(value, even_low, sums[2 * p]);
          sums[2 * p + 1] = _mm256_fmadd_ps(value, even_high, sums[2 * p + 1]);
        }
        // Reading again is better than keeping what the first pass has read.
        UNROLL for (int b = 0; b < (pixels + 4) / 5; b++) OPAQUE(bases[b]);
        low = _mm256_and_ps(low, upper);
        high = _mm256_and_ps(high, upper);
        UNROLL for (int p = 0; p < pixels; p++) {
          __m256 value =
              _mm256_castsi256_ps(_mm256_set1_epi32(group_at(bases, step, triple, p)));
          value = _mm256_and_ps(value, upper);
          sums[2 * p] = _mm256_fmadd_ps(value, low, sums[2 * p]);
          sums[2 * p + 1] = _mm256_fmadd_ps(value, high, sums[2 * p + 1]);
        }
      }
      weights += t->weight_step;
      UNROLL for (int b = 0; b < (pixels + 4) / 5; b++) {
        bases[b] += 4;
        OPAQUE(bases[b]);
      }
    }
  }
  UNROLL for (int p = 0; p < pixels; p++) {
    _mm256_store_ps(t->sums + p * t->sum_step, sums[2 * p]);
    _mm256_store_ps(t->sums + p * t->sum_step + 8, sums[2 * p + 1]);
  }
}

/// vpmaddubsw would saturate sums of two products, so bytes are widened to 16 bits first: the even
/// and the odd bytes of each group apart, which keeps every channel in its lane.
INLINE void run_bytes(const tile *t, const int pixels) {
  __m256i sums[2 * widest_byte_tile];
  UNROLL for (int p = 0; p < 2 * pixels; p++) sums[p] = _mm256_setzero_si256();
  int64_t step = t->pixel_step, triple = 3 * step;
  OPAQUE(triple);
  const uint8_t *weights = t->weights;
  const __m256i even_bytes = _mm256_set1_epi32(0x00FF00FF);
  for (int32_t tap = 0; tap < t->taps; tap++) {
    const uint8_t *bases[1] = {t->input + t->offsets[tap]};
    for (int32_t group = 0; group < t->groups; group++) {
      __m256i low = _mm256_loadu_si256((const __m256i *)weights);
      __m256i high = _mm256_loadu_si256((const __m256i *)(weights + 32));
      __m256i even_low = _mm256_srai_epi16(_mm256_slli_epi16(low, 8), 8);
      __m256i even_high = _mm256_srai_epi16(_mm256_slli_epi16(high, 8), 8);
      low = _mm256_srai_epi16(low, 8);
      high = _mm256_srai_epi16(high, 8);
      UNROLL for (int p = 0; p < pixels; p++) {
        __m256i odd = _mm256_set1_epi32(group_at(bases, step, triple, p));
        __m256i even = _mm256_and_si256(odd, even_bytes);
        odd = _mm256_srli_epi16(odd, 8);
        sums[2 * p] = _mm256_add_epi32(
            sums[2 * p], _mm256_add_epi32(_mm256_madd_epi16(even, even_low),
                                          _mm256_madd_epi16(odd, low)));
        sums[2 * p + 1] = _mm256_add_epi32(
            sums[2 * p + 1], _mm256_add_epi32(_mm256_madd_epi16(even, even_high),
                                              _mm256_madd_epi16(odd, high)));
      }
      weights += t->weight_step;
      bases[0] += 4;
      OPAQUE(bases[0]);
    }
  }
  UNROLL for (int p = 0; p < 2 * pixels; p++)
      _mm256_store_si256((__m256i *)(t->sums + 8 * p), sums[p]);
}

static void run_tile(const tile *t, int32_t pixels, native_type type) {
#define CASE(count)                                                     \
  case count:                                                           \
    if (type == NATIVE_F32)                                             \
      run_floats(t, count, NATIVE_F32);                                 \
    else if (type == NATIVE_BF16)                                       \
      run_floats(t, count, NATIVE_BF16);                                \
    else                                                                \
      run_bytes(t, count < widest_byte_tile ? count : widest_byte_tile); \
    break;
  switch (pixels) {
    CASE(1)
    CASE(2)
    CASE(3)
    CASE(4)
    CASE(5)
    default: CASE(6)
  }
}

/// One row of one block: tiles whose widths differ by one at most, 16 channels at a time.
static void run_row(const native_conv *conv, int32_t row, int32_t block) {
  _Alignas(64) static const float zeros[16];
  _Alignas(64) float sums[16 * widest_tile];
  const native_type type = conv->input.type;
  const int32_t vectors = conv->block_vectors, width = conv->output_width;
  const int32_t widest = type == NATIVE_U8 ? widest_byte_tile : widest_tile;
  const int32_t tile_count = (width + widest - 1) / widest;
  const int64_t group_bytes = 64 * vectors;
  for (int32_t vector = 0; vector < vectors; vector++) {
    const int32_t channel = 16 * (block * vectors + vector);
    if (channel >= conv->output_channels) break;
    tile t = {.input = conv->input.data + row * conv->input.row_step,
              .pixel_step = conv->input.pixel_step,
              .offsets = conv->tap_offsets,
              .taps = conv->tap_count,
              .groups = conv->group_count,
              .weight_step = group_bytes,
              .bias = conv->epilogue.bias ? conv->epilogue.bias + channel : zeros,
              .sums = sums,
              .sum_step = 16};
    t.weights = (const uint8_t *)conv->weights + 64 * vector +
                (int64_t)block * conv->tap_count * conv->group_count * group_bytes;
    finish f = finish_of_row(&conv->epilogue, &conv->output, row, channel);
    f.sums = sums;
    f.sum_step = 16;
    f.channels = smaller(16, conv->output_channels - channel);
    for (int32_t index = 0, x = 0; index < tile_count; index++) {
      int32_t end = (int32_t)((int64_t)width * (index + 1) / tile_count);
      f.pixels = end - x;
      run_tile(&t, f.pixels, type);
      finish_typed(&f, type == NATIVE_U8 ? sums_of_integers : sums_with_bias);
      finish_advance(&f, f.pixels);
      t.input += f.pixels * conv->input.pixel_step;
      x = end;
    }
  }
}

void native_conv_run_avx2(const native_conv *conv, int32_t first_row, int32_t row_count,
                          int32_t first_block, int32_t block_count) {
  const int64_t block_bytes =
      (int64_t)conv->tap_count * conv->group_count * conv->block_vectors * 64;
  const int by_rows = block_bytes * block_count <= 512 * 1024;
  const int32_t outer = by_rows ? row_count : block_count;
  const int32_t inner = by_rows ? block_count : row_count;
  for (int32_t i = 0; i < outer; i++)
    for (int32_t j = 0; j < inner; j++)
      run_row(conv, first_row + (by_rows ? i : j), first_block + (by_rows ? j : i));
}

/// For template_winograd.h.
static void multiply_tiles(const float *inputs, int64_t input_step, int32_t groups,
                           const float *weights, int32_t vectors, const float *bias, float *sums,
                           int32_t tiles) {
  static const int64_t none = 0;
  for (int32_t vector = 0; vector < vectors; vector++) {
    tile t = {.pixel_step = input_step,
              .offsets = &none,
              .taps = 1,
              .groups = groups,
              .weights = (const uint8_t *)(weights + 16 * vector),
              .weight_step = 64 * vectors,
              .bias = bias + 16 * vector,
              .sum_step = 16 * vectors};
    for (int32_t done = 0; done < tiles; done += widest_tile) {
      t.input = (const uint8_t *)inputs + done * input_step;
      t.sums = sums + done * t.sum_step + 16 * vector;
      run_tile(&t, smaller(widest_tile, tiles - done), NATIVE_F32);
    }
  }
}

#include "template_winograd.h"

#pragma clang attribute pop
#endif
