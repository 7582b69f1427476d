#include "internal.h"

// Which set of instructions runs, and what needs none in particular.

#if defined(__x86_64__)
native_isa native_best_isa(void) {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma"))
    return __builtin_cpu_supports("avx512bf16") ? NATIVE_AVX512_BF16 : NATIVE_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return NATIVE_AVX2;
  return NATIVE_PORTABLE;
}

#define CALL(name, ...)                                          \
  switch (isa) {                                                 \
    case NATIVE_AVX512_BF16: name##_avx512_bf16(__VA_ARGS__); break; \
    case NATIVE_AVX512: name##_avx512(__VA_ARGS__); break;       \
    case NATIVE_AVX2: name##_avx2(__VA_ARGS__); break;           \
    default: name##_portable(__VA_ARGS__); break;                \
  }
#else
native_isa native_best_isa(void) { return NATIVE_PORTABLE; }

#define CALL(name, ...) name##_portable(__VA_ARGS__);
#endif

void native_conv_run(const native_conv *conv, native_isa isa, int32_t first_row,
                     int32_t row_count, int32_t first_block, int32_t block_count) {
  CALL(native_conv_run, conv, first_row, row_count, first_block, block_count)
}

void native_depthwise_run(const native_depthwise *conv, native_isa isa, int32_t first_row,
                          int32_t row_count) {
  CALL(native_depthwise_run, conv, first_row, row_count)
}

void native_max_pool(const native_pool *pool, native_isa isa, int32_t first_row,
                     int32_t row_count) {
  CALL(native_max_pool, pool, first_row, row_count)
}

void native_copy(const native_view *source, const native_view *target, native_isa isa,
                 int32_t rows, int32_t width, int32_t channels, int32_t repeat) {
  CALL(native_copy, source, target, rows, width, channels, repeat)
}

void native_from_planar(const void *planes, native_type type, int64_t plane_step,
                        int64_t plane_row, const native_view *target, native_isa isa,
                        int32_t rows, int32_t width, int32_t channels, int32_t padded_channels) {
  CALL(native_from_planar, planes, type, plane_step, plane_row, target, rows, width, channels,
       padded_channels)
}

void native_to_planar(const native_view *source, float *planes, int64_t plane_step,
                      int64_t plane_row, native_isa isa, int32_t rows, int32_t width,
                      int32_t channels) {
  CALL(native_to_planar, source, planes, plane_step, plane_row, rows, width, channels)
}

void native_unary_add(const native_view *a, const native_view *b, const native_view *target,
                      native_isa isa, int32_t rows, int32_t width, int32_t channels,
                      native_activation activation, float alpha, float beta) {
  CALL(native_unary_add, a, b, target, rows, width, channels, activation, alpha, beta)
}

void native_decode_run(const native_decode *decode, native_isa isa, int32_t first_row,
                       int32_t row_count) {
  CALL(native_decode_run, decode, first_row, row_count)
}

static void clear_pixels(const native_view *view, int32_t y, int32_t first, int32_t count,
                         int32_t channels) {
  size_t bytes = (size_t)(channels * element_bytes(view->type));
  uint8_t *pixel = view->data + y * view->row_step + first * view->pixel_step;
  for (int32_t x = 0; x < count; x++, pixel += view->pixel_step)
    memset(pixel, view->type == NATIVE_U8 ? view->zero : 0, bytes);
}

void native_clear_border_row(const native_view *view, int32_t y, int32_t height, int32_t width,
                             int32_t channels, int32_t left, int32_t right) {
  if (y < 0 || y >= height) {
    clear_pixels(view, y, -left, left + width + right, channels);
  } else {
    clear_pixels(view, y, -left, left, channels);
    clear_pixels(view, y, width, right, channels);
  }
}

void native_clear_border(const native_view *view, int32_t height, int32_t width, int32_t channels,
                         int32_t top, int32_t left, int32_t bottom, int32_t right) {
  for (int32_t y = -top; y < height + bottom; y++)
    native_clear_border_row(view, y, height, width, channels, left, right);
}
