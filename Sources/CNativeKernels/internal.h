#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/CNativeKernels.h"

// Results that are defined bit by bit must not depend on where a compiler finds a multiplication
// to fuse with an addition.
#pragma STDC FP_CONTRACT OFF

// What the kernels share. Most of them are written once, in template_*.h, over the lanes of an
// instruction set (lanes_*.h), and compiled once for each set: a file such as general_avx2.c
// defines ISA(name), includes the set's lanes and then the templates.

#define INLINE static inline __attribute__((always_inline, unused))

/// Declares the functions that each instruction set implements.
#define DECLARE_KERNELS(isa)                                                                     \
  void native_conv_run_##isa(const native_conv *_Nonnull, int32_t, int32_t, int32_t, int32_t);   \
  void native_depthwise_run_##isa(const native_depthwise *_Nonnull, int32_t, int32_t);           \
  void native_max_pool_##isa(const native_pool *_Nonnull, int32_t, int32_t);                     \
  void native_copy_##isa(const native_view *_Nonnull, const native_view *_Nonnull, int32_t,      \
                         int32_t, int32_t, int32_t);                                             \
  void native_from_planar_##isa(const void *_Nonnull, native_type, int64_t, int64_t,             \
                                const native_view *_Nonnull, int32_t, int32_t, int32_t,          \
                                int32_t);                                                        \
  void native_to_planar_##isa(const native_view *_Nonnull, float *_Nonnull, int64_t, int64_t,    \
                              int32_t, int32_t, int32_t);                                        \
  void native_unary_add_##isa(const native_view *_Nonnull, const native_view *_Nonnull,          \
                              const native_view *_Nonnull, int32_t, int32_t, int32_t,            \
                              native_activation, float, float);                                  \
  void native_decode_run_##isa(const native_decode *_Nonnull, int32_t, int32_t);                 \
  void native_winograd_run_##isa(const native_winograd *_Nonnull, int32_t, int32_t,              \
                                 void *_Nonnull)

DECLARE_KERNELS(portable);
#if defined(__x86_64__)
DECLARE_KERNELS(avx2);
DECLARE_KERNELS(avx512);
DECLARE_KERNELS(avx512_bf16);
void native_conv_run_amx(const native_conv *_Nonnull, int32_t, int32_t, int32_t, int32_t);
#endif
void native_conv_run_amx_emulated(const native_conv *_Nonnull, int32_t, int32_t, int32_t, int32_t);

/// Whether nothing but plain C may run.
INLINE int is_plain(native_isa isa) { return isa == NATIVE_PORTABLE || isa == NATIVE_AMX_EMULATED; }

INLINE int64_t element_bytes(native_type type) {
  return type == NATIVE_U8 ? 1 : type == NATIVE_BF16 ? 2 : 4;
}

/// How a view's elements stand for values.
typedef struct format {
  native_type type;
  float scale;
  /// 1 / scale, in float: what storing multiplies by.
  float inverse;
  int32_t zero;
} format;

INLINE format format_of(const native_view *_Nonnull view) {
  format result = {view->type, view->scale, 1, view->zero};
  if (view->type == NATIVE_U8) result.inverse = 1.0f / view->scale;
  return result;
}

INLINE int same_format(format a, format b) {
  return a.type == b.type && (a.type != NATIVE_U8 || (a.scale == b.scale && a.zero == b.zero));
}

INLINE uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

INLINE float float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// Round to nearest even; a NaN stays one.
INLINE uint16_t bfloat16_of(float value) {
  uint32_t bits = float_bits(value);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return (uint16_t)((bits >> 16) | 0x40);
  return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

INLINE float float_of_bfloat16(uint16_t half) { return float_of_bits((uint32_t)half << 16); }

/// Rounds half to even and saturates; a NaN becomes the byte 0.
INLINE uint8_t byte_of(float value, format form) {
  float scaled = value * form.inverse;
  scaled = scaled > (float)(-form.zero) ? scaled : (float)(-form.zero);
  scaled = scaled < (float)(255 - form.zero) ? scaled : (float)(255 - form.zero);
  // Adding and taking away 1.5 · 2^23 leaves the nearest integer, ties to even.
  float rounded = (scaled + 12582912.0f) - 12582912.0f;
  return (uint8_t)((int32_t)rounded + form.zero);
}

INLINE float load_value(const uint8_t *_Nonnull p, format form) {
  switch (form.type) {
    case NATIVE_BF16: {
      uint16_t half;
      memcpy(&half, p, 2);
      return float_of_bfloat16(half);
    }
    case NATIVE_U8: return (float)((int32_t)*p - form.zero) * form.scale;
    case NATIVE_S32: {
      int32_t integer;
      memcpy(&integer, p, 4);
      return (float)integer;
    }
    default: {
      float value;
      memcpy(&value, p, 4);
      return value;
    }
  }
}

INLINE void store_value(uint8_t *_Nonnull p, float value, format form) {
  switch (form.type) {
    case NATIVE_BF16: {
      uint16_t half = bfloat16_of(value);
      memcpy(p, &half, 2);
      break;
    }
    case NATIVE_U8: *p = byte_of(value, form); break;
    default: memcpy(p, &value, 4); break;
  }
}

/// An element of planar memory: a float, or the byte of a picture as byte / 255.
INLINE float load_planar(const uint8_t *_Nonnull p, native_type type) {
  if (type == NATIVE_U8) return (float)*p / 255.0f;
  float value;
  memcpy(&value, p, 4);
  return value;
}

INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
INLINE int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }
