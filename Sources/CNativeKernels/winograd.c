#include "winograd.h"

size_t native_winograd_packed_floats(int32_t input_channels, int32_t output_channels) {
  int32_t lanes = 16 * winograd_vectors(output_channels);
  int32_t blocks = (output_channels + lanes - 1) / lanes;
  return (size_t)blocks * winograd_points * (size_t)input_channels * (size_t)lanes;
}

size_t native_winograd_workspace(int32_t width, int32_t input_channels, int32_t output_channels) {
  (void)width;
  int32_t lanes = 16 * winograd_vectors(output_channels);
  int64_t floats = winograd_step(winograd_tiles, winograd_inputs(input_channels)) +
                   winograd_step(winograd_tiles, lanes);
  return (size_t)(winograd_points * floats * 4);
}

/// One dimension: 3 weights to 6 points.
static void transform(const double *source, int32_t step, double *target, int32_t target_step) {
  double a = source[0], b = source[step], c = source[2 * step];
  target[0] = a / 4;
  target[target_step] = -(a + b + c) / 6;
  target[2 * target_step] = -(a - b + c) / 6;
  target[3 * target_step] = a / 24 + b / 12 + c / 6;
  target[4 * target_step] = a / 24 - b / 12 + c / 6;
  target[5 * target_step] = c;
}

void native_winograd_pack(const float *weights, int32_t input_channels, int32_t output_channels,
                          float *packed) {
  const int32_t lanes = 16 * winograd_vectors(output_channels);
  memset(packed, 0, 4 * native_winograd_packed_floats(input_channels, output_channels));
  for (int32_t oc = 0; oc < output_channels; oc++)
    for (int32_t ic = 0; ic < input_channels; ic++) {
      const float *kernel = weights + ((int64_t)oc * input_channels + ic) * 9;
      double values[9], columns[18], points[winograd_points];
      for (int32_t i = 0; i < 9; i++) values[i] = kernel[i];
      for (int32_t x = 0; x < 3; x++) transform(values + x, 3, columns + x, 3);
      for (int32_t y = 0; y < 6; y++) transform(columns + 3 * y, 1, points + 6 * y, 1);
      float *target = packed + (int64_t)(oc / lanes) * winograd_points * input_channels * lanes +
                      oc % lanes;
      for (int32_t point = 0; point < winograd_points; point++)
        target[((int64_t)point * input_channels + ic) * lanes] = (float)points[point];
    }
}

void native_winograd_run_tiles(const native_winograd *conv, native_isa isa, int32_t first_tile,
                               int32_t tile_count, void *workspace) {
#if defined(__x86_64__)
  switch (isa) {
    case NATIVE_AMX:
    case NATIVE_AVX512_BF16:
      native_winograd_run_avx512_bf16(conv, first_tile, tile_count, workspace);
      return;
    case NATIVE_AVX512:
      native_winograd_run_avx512(conv, first_tile, tile_count, workspace);
      return;
    case NATIVE_AVX2:
      native_winograd_run_avx2(conv, first_tile, tile_count, workspace);
      return;
    default: break;
  }
#endif
  native_winograd_run_portable(conv, first_tile, tile_count, workspace);
}

void native_winograd_run(const native_winograd *conv, native_isa isa, int32_t first_tile_row,
                         int32_t tile_row_count, void *workspace) {
  int32_t across = (conv->width + 3) / 4;
  native_winograd_run_tiles(conv, isa, first_tile_row * across, tile_row_count * across,
                            workspace);
}
