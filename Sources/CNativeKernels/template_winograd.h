#pragma once

// Winograd's form over the lanes of one instruction set. The including file gives
//   multiply_tiles(inputs, input_step, groups, weights, vectors, bias, sums, tiles)
// which sums products of `tiles` rows of inputs with a panel of weights [groups][16 · vectors].

#include "winograd.h"

/// One dimension of the inputs: 6 values to 6 points.
INLINE void winograd_spread(const vf *_Nonnull d, vf *_Nonnull t) {
  const vf two = vf_set(2), four = vf_set(4), five = vf_set(5);
  vf even = vf_fnma(four, d[2], d[4]), odd = vf_fnma(four, d[1], d[3]);
  vf difference = vf_sub(d[4], d[2]), other = vf_sub(d[3], d[1]);
  t[0] = vf_fma(four, d[0], vf_fnma(five, d[2], d[4]));
  t[1] = vf_add(even, odd);
  t[2] = vf_sub(even, odd);
  t[3] = vf_fma(two, other, difference);
  t[4] = vf_fnma(two, other, difference);
  t[5] = vf_fma(four, d[1], vf_fnma(five, d[3], d[5]));
}

/// One dimension of the products: 6 points to 4 values.
INLINE void winograd_gather(const vf *_Nonnull m, vf *_Nonnull o) {
  vf sum = vf_add(m[1], m[2]), difference = vf_sub(m[1], m[2]);
  vf far_sum = vf_add(m[3], m[4]), far_difference = vf_sub(m[3], m[4]);
  o[0] = vf_add(m[0], vf_add(sum, far_sum));
  o[1] = vf_fma(vf_set(2), far_difference, difference);
  o[2] = vf_fma(vf_set(4), far_sum, sum);
  o[3] = vf_add(m[5], vf_fma(vf_set(8), far_difference, difference));
}

/// 6×6 pixels of a few channels, of which `rows` and `columns` can be read, to 36 points.
typedef struct winograd_patch {
  const uint8_t *_Nonnull pixels;
  int64_t row_step, pixel_step;
  int32_t rows, columns;
  float *_Nonnull points;
  /// Floats from one point to the next.
  int64_t point_step;
} winograd_patch;

INLINE vf winograd_pixel(const winograd_patch *_Nonnull p, int32_t y, int32_t x, int32_t count,
                         const int whole, native_type type) {
  if (!whole && (y >= p->rows || x >= p->columns)) return vf_set(0);
  const format form = {type, 1, 1, 0};
  return vf_load_values(p->pixels + y * p->row_step + x * p->pixel_step, form, count);
}

INLINE void winograd_store_row(const winograd_patch *_Nonnull p, int32_t y,
                               const vf *_Nonnull row) {
  vf t[6];
  winograd_spread(row, t);
  for (int32_t x = 0; x < 6; x++) vf_store(p->points + (6 * y + x) * p->point_step, t[x]);
}

/// The vertical dimension comes first. It is computed for one or two rows of points at a time, so
/// that everything stays in registers; pixels are read again instead.
INLINE void winograd_spread_patch(const winograd_patch *_Nonnull p, int32_t count,
                                  const int whole, native_type type) {
  const vf two = vf_set(2), four = vf_set(4), five = vf_set(5);
  vf upper[6], lower[6];
#define PIXEL(y) winograd_pixel(p, y, x, count, whole, type)
  for (int32_t x = 0; x < 6; x++)
    upper[x] = vf_fma(four, PIXEL(0), vf_fnma(five, PIXEL(2), PIXEL(4)));
  winograd_store_row(p, 0, upper);
  for (int32_t x = 0; x < 6; x++) {
    vf even = vf_fnma(four, PIXEL(2), PIXEL(4)), odd = vf_fnma(four, PIXEL(1), PIXEL(3));
    upper[x] = vf_add(even, odd);
    lower[x] = vf_sub(even, odd);
  }
  winograd_store_row(p, 1, upper);
  winograd_store_row(p, 2, lower);
  for (int32_t x = 0; x < 6; x++) {
    vf even = vf_sub(PIXEL(4), PIXEL(2)), odd = vf_sub(PIXEL(3), PIXEL(1));
    upper[x] = vf_fma(two, odd, even);
    lower[x] = vf_fnma(two, odd, even);
  }
  winograd_store_row(p, 3, upper);
  winograd_store_row(p, 4, lower);
  for (int32_t x = 0; x < 6; x++)
    upper[x] = vf_fma(four, PIXEL(1), vf_fnma(five, PIXEL(3), PIXEL(5)));
  winograd_store_row(p, 5, upper);
#undef PIXEL
}

INLINE void winograd_spread_channels(winograd_patch *_Nonnull p, int32_t channels,
                                     native_type type) {
  const int whole = p->rows >= 6 && p->columns >= 6;
  for (int32_t c = 0; c < channels; c += lane_count) {
    if (c + lane_count > channels)
      winograd_spread_patch(p, channels - c, 0, type);
    else if (whole)
      winograd_spread_patch(p, lane_count, 1, type);
    else
      winograd_spread_patch(p, lane_count, 0, type);
    p->pixels += lane_count * element_bytes(type);
    p->points += lane_count;
  }
}

/// One tile's inputs, all channels.
static void winograd_input(const native_winograd *_Nonnull conv, int32_t tile_y, int32_t tile_x,
                           float *_Nonnull points, int64_t point_step) {
  const int64_t row_step = conv->input.row_step, pixel_step = conv->input.pixel_step;
  winograd_patch p = {
      .pixels = conv->input.data + (4 * tile_y - 1) * row_step + (4 * tile_x - 1) * pixel_step,
      .row_step = row_step,
      .pixel_step = pixel_step,
      // Row -1 is the border's, and row `height` the last that can be read.
      .rows = conv->height + 2 - 4 * tile_y,
      .columns = conv->width + 2 - 4 * tile_x,
      .points = points,
      .point_step = point_step};
  if (conv->input.type == NATIVE_BF16)
    winograd_spread_channels(&p, conv->input_channels, NATIVE_BF16);
  else
    winograd_spread_channels(&p, conv->input_channels, NATIVE_F32);
}

/// One tile's products of a block to its rows of outputs, `lanes` channels each.
INLINE void winograd_gather_tile(const float *_Nonnull products, int64_t point_step,
                                 float *_Nonnull outputs, int32_t lanes) {
  for (int32_t c = 0; c < lanes; c += lane_count) {
    vf rows[4][6];
    for (int32_t x = 0; x < 6; x++) {
      vf column[6], values[4];
      for (int32_t y = 0; y < 6; y++) column[y] = vf_load(products + (6 * y + x) * point_step + c);
      winograd_gather(column, values);
      for (int32_t y = 0; y < 4; y++) rows[y][x] = values[y];
    }
    for (int32_t y = 0; y < 4; y++) {
      vf values[4];
      winograd_gather(rows[y], values);
      for (int32_t x = 0; x < 4; x++) vf_store(outputs + (4 * y + x) * lanes + c, values[x]);
    }
  }
}

static void winograd_finish(const finish *_Nonnull f) { finish_typed(f, sums_with_bias); }

/// One tile's outputs of one block.
static void winograd_output(const native_winograd *_Nonnull conv, int32_t tile_y, int32_t tile_x,
                            const float *_Nonnull products, int64_t point_step, int32_t channel,
                            int32_t lanes) {
  _Alignas(64) float outputs[16 * 64];
  winograd_gather_tile(products, point_step, outputs, lanes);
  const int32_t rows = smaller(4, conv->height - 4 * tile_y);
  for (int32_t y = 0; y < rows; y++) {
    finish f = finish_of_row(&conv->epilogue, &conv->output, 4 * tile_y + y, channel);
    finish_advance(&f, 4 * tile_x);
    f.sums = outputs + 4 * y * lanes;
    f.sum_step = lanes;
    f.pixels = smaller(4, conv->width - 4 * tile_x);
    f.channels = smaller(lanes, conv->output_channels - channel);
    winograd_finish(&f);
  }
}

/// Tiles [first, first + count), numbered along the rows of tiles.
static void winograd_block(const native_winograd *_Nonnull conv, int32_t first, int32_t count,
                           int32_t tiles_across, float *_Nonnull workspace) {
  _Alignas(64) static const float zeros[64];
  const int32_t vectors = winograd_vectors(conv->output_channels), lanes = 16 * vectors;
  const int32_t inputs = winograd_inputs(conv->input_channels);
  const int64_t point_step = winograd_step(count, inputs);
  const int64_t product_step = winograd_step(count, lanes);
  float *points = workspace, *products = workspace + winograd_points * point_step;
  for (int32_t t = 0; t < count; t++)
    winograd_input(conv, (first + t) / tiles_across, (first + t) % tiles_across,
                   points + (int64_t)t * inputs, point_step);
  const int64_t panel = (int64_t)conv->input_channels * lanes;
  const float *weights = conv->weights;
  for (int32_t channel = 0; channel < conv->output_channels; channel += lanes) {
    for (int32_t point = 0; point < winograd_points; point++, weights += panel) {
      // What is added to the product at the point (1, 1) is added to all 16 outputs.
      const float *bias =
          point == 7 && conv->epilogue.bias ? conv->epilogue.bias + channel : zeros;
      multiply_tiles(points + point * point_step, 4 * (int64_t)inputs, conv->input_channels,
                     weights, vectors, bias, products + point * product_step, count);
    }
    for (int32_t t = 0; t < count; t++)
      winograd_output(conv, (first + t) / tiles_across, (first + t) % tiles_across,
                      products + (int64_t)t * lanes, product_step, channel, lanes);
  }
}

void ISA(native_winograd_run)(const native_winograd *_Nonnull conv, int32_t first_tile,
                              int32_t tile_count, void *_Nonnull workspace) {
  const int32_t across = (conv->width + 3) / 4;
  const int32_t blocks = (tile_count + winograd_tiles - 1) / winograd_tiles;
  for (int32_t index = 0, done = 0; index < blocks; index++) {
    int32_t end = (int32_t)((int64_t)tile_count * (index + 1) / blocks);
    winograd_block(conv, first_tile + done, end - done, across, workspace);
    done = end;
  }
}
