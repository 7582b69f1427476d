#include "lanes_portable.h"

#define ISA(name) name##_portable

#include "template_activation.h"
#include "template_finish.h"

// Convolution in plain C: one pixel at a time, all channels of a block side by side, in loops that
// compilers turn into vectors of whatever width the machine has.

enum { widest = 64 };

/// One pixel's sums of one block, `lanes` channels wide.
INLINE void sum_pixel(const native_conv *conv, const uint8_t *pixel, const uint8_t *weights,
                      int32_t lanes, native_type type, void *sums) {
#pragma STDC FP_CONTRACT ON
  float floats[widest] = {0};
  int32_t integers[widest] = {0};
  if (type != NATIVE_U8) memcpy(floats, sums, 4 * (size_t)lanes);
  for (int32_t tap = 0; tap < conv->tap_count; tap++) {
    const uint8_t *source = pixel + conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->group_count; group++) {
      if (type == NATIVE_F32) {
        float value = load_value(source, (format){.type = NATIVE_F32});
        const float *w = (const float *)weights;
        for (int32_t lane = 0; lane < lanes; lane++) floats[lane] += value * w[lane];
      } else if (type == NATIVE_BF16) {
        float even = load_value(source, (format){.type = NATIVE_BF16});
        float odd = load_value(source + 2, (format){.type = NATIVE_BF16});
        const uint32_t *w = (const uint32_t *)weights;
        for (int32_t lane = 0; lane < lanes; lane++) {
          floats[lane] += even * float_of_bits(w[lane] << 16);
          floats[lane] += odd * float_of_bits(w[lane] & 0xFFFF0000);
        }
      } else {
        const int8_t *w = (const int8_t *)weights;
        int32_t a = source[0], b = source[1], c = source[2], d = source[3];
        for (int32_t lane = 0; lane < lanes; lane++)
          integers[lane] +=
              a * w[4 * lane] + b * w[4 * lane + 1] + c * w[4 * lane + 2] + d * w[4 * lane + 3];
      }
      source += 4;
      weights += 4 * lanes;
    }
  }
  memcpy(sums, type == NATIVE_U8 ? (void *)integers : (void *)floats, 4 * (size_t)lanes);
}

INLINE void convolve(const native_conv *conv, int32_t first_row, int32_t row_count,
                     int32_t first_block, int32_t block_count, int32_t lanes, native_type type) {
  const int64_t block_bytes = (int64_t)conv->tap_count * conv->group_count * lanes * 4;
  float sums[widest];
  for (int32_t block = first_block; block < first_block + block_count; block++) {
    const uint8_t *weights = (const uint8_t *)conv->weights + block * block_bytes;
    for (int32_t row = first_row; row < first_row + row_count; row++) {
      finish f = finish_of_row(&conv->epilogue, &conv->output, row, block * lanes);
      f.sums = sums;
      f.sum_step = lanes;
      f.pixels = 1;
      f.channels = smaller(lanes, conv->output_channels - block * lanes);
      const uint8_t *pixel = conv->input.data + row * conv->input.row_step;
      for (int32_t x = 0; x < conv->output_width; x++) {
        memset(sums, 0, sizeof sums);
        if (type != NATIVE_U8 && conv->epilogue.bias)
          memcpy(sums, conv->epilogue.bias + block * lanes, 4 * (size_t)lanes);
        sum_pixel(conv, pixel, weights, lanes, type, sums);
        finish_typed(&f, type == NATIVE_U8 ? sums_of_integers : sums_with_bias);
        finish_advance(&f, 1);
        pixel += conv->input.pixel_step;
      }
    }
  }
}

INLINE void convolve_typed(const native_conv *conv, int32_t first_row, int32_t row_count,
                           int32_t first_block, int32_t block_count, int32_t lanes) {
  switch (conv->input.type) {
    case NATIVE_U8:
      convolve(conv, first_row, row_count, first_block, block_count, lanes, NATIVE_U8);
      break;
    case NATIVE_BF16:
      convolve(conv, first_row, row_count, first_block, block_count, lanes, NATIVE_BF16);
      break;
    default:
      convolve(conv, first_row, row_count, first_block, block_count, lanes, NATIVE_F32);
      break;
  }
}

void native_conv_run_portable(const native_conv *conv, int32_t first_row, int32_t row_count,
                              int32_t first_block, int32_t block_count) {
  switch (conv->block_vectors) {
    case 1: convolve_typed(conv, first_row, row_count, first_block, block_count, 16); break;
    case 2: convolve_typed(conv, first_row, row_count, first_block, block_count, 32); break;
    default: convolve_typed(conv, first_row, row_count, first_block, block_count, 64); break;
  }
}

/// For template_winograd.h.
static void multiply_tiles(const float *inputs, int64_t input_step, int32_t groups,
                           const float *weights, int32_t vectors, const float *bias, float *sums,
                           int32_t tiles) {
#pragma STDC FP_CONTRACT ON
  const int32_t lanes = 16 * vectors;
  for (int32_t t = 0; t < tiles; t++, sums += lanes) {
    const float *row = (const float *)((const uint8_t *)inputs + t * input_step);
    float totals[widest];
    memcpy(totals, bias, 4 * (size_t)lanes);
    for (int32_t group = 0; group < groups; group++)
      for (int32_t lane = 0; lane < lanes; lane++)
        totals[lane] += row[group] * weights[(int64_t)group * lanes + lane];
    memcpy(sums, totals, 4 * (size_t)lanes);
  }
}

#include "template_winograd.h"
