#include "internal.h"

// Which set of instructions runs, and what needs none in particular.

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Whether the processor has tile registers for bytes and bfloat16, and the operating system lets this
/// process use them, which it must be asked for.
/// (Source: Linux, Documentation/arch/x86/xstate.rst.)
static int tiles_are_allowed(void) {
  enum { request_permission = 0x1023, tile_data = 18 };
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  const uint32_t bfloat16 = 1u << 22, tile = 1u << 24, int8 = 1u << 25;
  if ((d & (bfloat16 | tile | int8)) != (bfloat16 | tile | int8)) return 0;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

/// Whether a small convolution by tiles gives what plain C gives.
static int tiles_compute(native_type type) {
  enum { pixels = 17, groups = 24, lanes = 16 };
  _Alignas(64) uint8_t input[pixels][4 * groups], weights[groups][4 * lanes];
  _Alignas(64) int32_t found[2][pixels][lanes];
  static const int64_t here = 0;
  uint32_t state = 1;
  for (int index = 0; index < pixels * 4 * groups; index++) {
    state = state * 1664525 + 1013904223;
    // In bfloat16: 0 to 2, in whole numbers and halves, whose sums are exact.
    const uint16_t half = bfloat16_of((float)(state >> 30) / 2);
    if (type == NATIVE_U8)
      (&input[0][0])[index] = (uint8_t)(state >> 24);
    else if (index % 2 == 0)
      memcpy(&input[0][0] + index, &half, 2);
  }
  memcpy(weights, &input[1][0], sizeof weights);
  native_conv conv = {.input = {&input[0][0], sizeof input, 4 * groups, type, 1, 0},
                      .tap_offsets = &here,
                      .tap_count = 1,
                      .group_count = groups,
                      .weights = weights,
                      .block_vectors = 1,
                      .output_channels = lanes,
                      .output_width = pixels};
  conv.output = (native_view){.row_step = sizeof found[0], .pixel_step = 4 * lanes, .scale = 1};
  conv.output.type = type == NATIVE_U8 ? NATIVE_S32 : NATIVE_F32;
  conv.output.data = (uint8_t *)found[0];
  native_conv_run_amx(&conv, 0, 1, 0, 1);
  conv.output.data = (uint8_t *)found[1];
  native_conv_run_portable(&conv, 0, 1, 0, 1);
  return memcmp(found[0], found[1], sizeof found[0]) == 0;
}

native_isa native_best_isa(void) {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma"))
    return !__builtin_cpu_supports("avx512bf16") ? NATIVE_AVX512
           : tiles_are_allowed() && tiles_compute(NATIVE_U8) && tiles_compute(NATIVE_BF16)
               ? NATIVE_AMX
               : NATIVE_AVX512_BF16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return NATIVE_AVX2;
  return NATIVE_PORTABLE;
}

#define CALL(name, ...)                                          \
  switch (isa) {                                                 \
    case NATIVE_AMX:                                             \
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
  if (isa == NATIVE_AMX_EMULATED)
    return native_conv_run_amx_emulated(conv, first_row, row_count, first_block, block_count);
#if defined(__x86_64__)
  if (isa == NATIVE_AMX)
    return native_conv_run_amx(conv, first_row, row_count, first_block, block_count);
#endif
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
