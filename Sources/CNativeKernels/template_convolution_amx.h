#pragma once

// Convolution by tile registers (AMX), over whatever TILE_* stands for: the instructions, or an
// emulation of them in plain C by which the arithmetic is tested on every machine.
//
// Weights of native_conv are laid out as these registers want them: 16 groups of 4 bytes side by
// side are 16 output channels' share of one input group, and a few such rows are the second operand
// as it is. The first is just as many groups of neighbouring pixels, read where they lie. So
//
//   C[pixel][channel] += Σ_group dot(A[pixel][group], B[group][channel])
//
// with C in registers 0 to 3 (two runs of pixels, two vectors of channels), A in 4 and 5, B in 6 and 7.
// (Source: Intel, Architecture Instruction Set Extensions Programming Reference, chapter "AMX".)

enum { tile_pixels = 16, tile_groups = 16, least_tile_groups = 4 };

/// What TILE_CONFIGURE takes: the operand of LDTILECFG.
typedef struct tile_shapes {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;
_Static_assert(sizeof(tile_shapes) == 64, "LDTILECFG reads 64 bytes");

/// The most groups that one step takes so that steps have no rest; 0: too few to be worth it.
INLINE int32_t groups_in_step(int32_t group_count) {
  for (int32_t groups = tile_groups; groups >= least_tile_groups; groups--)
    if (group_count % groups == 0) return groups;
  return 0;
}

/// How a row of pixels is cut: runs of `pixels` each; the last may overlap the one before it.
typedef struct tile_cut {
  int32_t count, pixels;
} tile_cut;

INLINE tile_cut cut_of_row(int32_t width) {
  tile_cut cut;
  cut.count = (width + tile_pixels - 1) / tile_pixels;
  cut.pixels = (width + cut.count - 1) / cut.count;
  return cut;
}

INLINE tile_shapes shapes_of(int32_t pixels, int32_t groups) {
  tile_shapes shapes = {.palette = 1};
  for (int index = 0; index < 8; index++) {
    const int is_weights = index >= 6, is_sums = index < 4;
    shapes.rows[index] = (uint8_t)(is_weights ? groups : pixels);
    shapes.row_bytes[index] = (uint16_t)(is_weights || is_sums ? 64 : 4 * groups);
  }
  return shapes;
}

/// The sums of one or two runs of pixels for one or two vectors of channels.
/// @param second bytes from the first run's pixels to the second's; `second_sums` the same in floats.
INLINE void sum_runs(const native_conv *_Nonnull conv, TILE_STATE, int32_t groups,
                     const uint8_t *_Nonnull input, int64_t second,
                     const uint8_t *_Nonnull weights, float *_Nonnull sums, int64_t second_sums,
                     const int runs, const int vectors, const native_type type) {
  // From group to group of the weights, and from pixel to pixel of the sums.
  const int64_t step = 64 * (int64_t)conv->block_vectors, pixel_step = conv->input.pixel_step;
  TILE_ZERO(0);
  TILE_ZERO(1);
  TILE_ZERO(2);
  TILE_ZERO(3);
  for (int32_t tap = 0; tap < conv->tap_count; tap++) {
    const uint8_t *pixels = input + conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->group_count; group += groups) {
      TILE_LOAD(4, pixels, pixel_step);
      TILE_LOAD(6, weights, step);
      TILE_DOT(0, 4, 6, type);
      if (vectors > 1) {
        TILE_LOAD(7, weights + 64, step);
        TILE_DOT(1, 4, 7, type);
      }
      if (runs > 1) {
        TILE_LOAD(5, pixels + second, pixel_step);
        TILE_DOT(2, 5, 6, type);
        if (vectors > 1) TILE_DOT(3, 5, 7, type);
      }
      pixels += 4 * groups;
      weights += groups * step;
    }
  }
  TILE_STORE(0, sums, step);
  if (vectors > 1) TILE_STORE(1, sums + 16, step);
  if (runs > 1) TILE_STORE(2, sums + second_sums, step);
  if (runs > 1 && vectors > 1) TILE_STORE(3, sums + second_sums + 16, step);
}

INLINE void sum_runs_of(const native_conv *_Nonnull conv, TILE_STATE, int32_t groups,
                        const uint8_t *_Nonnull input, int64_t second,
                        const uint8_t *_Nonnull weights, float *_Nonnull sums,
                        int64_t second_sums, const int runs, const native_type type) {
  if (conv->block_vectors == 1)
    return sum_runs(conv, TILES, groups, input, second, weights, sums, second_sums, runs, 1, type);
  for (int32_t vector = 0; vector < conv->block_vectors; vector += 2)
    sum_runs(conv, TILES, groups, input, second, weights + 64 * vector, sums + 16 * vector,
             second_sums, runs, 2, type);
}

/// One row of one block.
INLINE void tile_row(const native_conv *_Nonnull conv, TILE_STATE, tile_cut cut, int32_t groups,
                     int32_t row, int32_t block, const native_type type) {
  _Alignas(64) float sums[2 * tile_pixels * 64];
  const int32_t lanes = 16 * conv->block_vectors, width = conv->output_width;
  const int64_t second_sums = (int64_t)cut.pixels * lanes;
  const uint8_t *weights = (const uint8_t *)conv->weights +
                           (int64_t)block * conv->tap_count * conv->group_count * lanes * 4;
  const uint8_t *input = conv->input.data + row * conv->input.row_step;
  finish f = finish_of_row(&conv->epilogue, &conv->output, row, block * lanes);
  f.sum_step = lanes;
  f.channels = smaller(lanes, conv->output_channels - block * lanes);
  int32_t done = 0;
  for (int32_t index = 0; index < cut.count; index += 2) {
    const int32_t runs = smaller(2, cut.count - index);
    int32_t starts[2] = {0};
    for (int32_t run = 0; run < runs; run++)
      starts[run] = smaller((index + run) * cut.pixels, width - cut.pixels);
    const uint8_t *first = input + starts[0] * conv->input.pixel_step;
    const int64_t second = (starts[1] - starts[0]) * conv->input.pixel_step;
    if (runs > 1)
      sum_runs_of(conv, TILES, groups, first, second, weights, sums, second_sums, 2, type);
    else
      sum_runs_of(conv, TILES, groups, first, 0, weights, sums, second_sums, 1, type);
    for (int32_t run = 0; run < runs; run++) {
      // Where runs overlap, a pixel is stored once: the output may be the residual.
      const int32_t known = done - starts[run];
      f.sums = sums + run * second_sums + (int64_t)known * lanes;
      f.pixels = cut.pixels - known;
      finish_typed(&f, type == NATIVE_U8 ? sums_of_integers : sums_to_scale);
      finish_advance(&f, f.pixels);
      done += f.pixels;
    }
  }
}

INLINE void tile_rows(const native_conv *_Nonnull conv, int32_t groups, int32_t first_row,
                      int32_t row_count, int32_t first_block, int32_t block_count,
                      const native_type type) {
  const tile_cut cut = cut_of_row(conv->output_width);
  const tile_shapes shapes = shapes_of(cut.pixels, groups);
  TILE_CONFIGURE(shapes);
  for (int32_t block = first_block; block < first_block + block_count; block++)
    for (int32_t row = first_row; row < first_row + row_count; row++)
      tile_row(conv, TILES, cut, groups, row, block, type);
  TILE_RELEASE();
}

/// @returns 0 where tiles are no use: for float32, and for too few channels.
INLINE int convolve_by_tiles(const native_conv *_Nonnull conv, int32_t first_row,
                             int32_t row_count, int32_t first_block, int32_t block_count) {
  const int32_t groups = groups_in_step(conv->group_count);
  if (groups == 0 || conv->output_width < 1) return 0;
  if (conv->input.type == NATIVE_U8)
    tile_rows(conv, groups, first_row, row_count, first_block, block_count, NATIVE_U8);
  else if (conv->input.type == NATIVE_BF16)
    tile_rows(conv, groups, first_row, row_count, first_block, block_count, NATIVE_BF16);
  else
    return 0;
  return 1;
}
