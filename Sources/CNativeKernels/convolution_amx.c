#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "internal.h"

#pragma clang attribute push(                                                             \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16," \
                          "amx-tile,amx-int8,amx-bf16"))),                                \
    apply_to = function)

#define LANES_BF16 1
#include "lanes_avx512.h"

#define ISA(name) name##_amx

#include "template_activation.h"
#include "template_finish.h"

// The registers themselves: their numbers are part of the instructions.
#define TILE_STATE int tiles
#define TILES tiles
#define TILE_CONFIGURE(shapes) \
  const int tiles = 0;         \
  _tile_loadconfig(&shapes)
#define TILE_RELEASE() _tile_release()
#define TILE_ZERO(target) _tile_zero(target)
#define TILE_LOAD(target, source, step) _tile_loadd(target, source, (size_t)(step))
#define TILE_STORE(source, target, step) _tile_stored(source, target, (size_t)(step))
#define TILE_DOT(sums, pixels, weights, type)                                         \
  do {                                                                                \
    if ((type) == NATIVE_U8)                                                          \
      _tile_dpbusd(sums, pixels, weights);                                            \
    else                                                                              \
      _tile_dpbf16ps(sums, pixels, weights);                                          \
  } while (0)

#include "template_convolution_amx.h"

void native_conv_run_amx(const native_conv *conv, int32_t first_row, int32_t row_count,
                         int32_t first_block, int32_t block_count) {
  if (!convolve_by_tiles(conv, first_row, row_count, first_block, block_count))
    native_conv_run_avx512_bf16(conv, first_row, row_count, first_block, block_count);
}

#pragma clang attribute pop
#endif
