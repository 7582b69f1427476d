#pragma once
#include <stddef.h>
#include <stdint.h>

// The inner loops of bilinear scaling and of reading a network's outputs. Each of the former has a portable form and one for AVX2, chosen when it
// is first called; both give the same bits.

/// Scales one row of interleaved RGB horizontally, in 11-bit fixed point shifted right by 4.
///
/// @param source the row's first byte.
/// @param offsets per column, the byte offset of its left pixel.
/// @param weights per column, the left pixel's weight in the lower half, the right one's above.
/// @param wide_count columns before this one may read 8 bytes at their offset.
/// @param pair_count columns before this one have a right pixel; the others repeat the left one.
/// @param count the columns, at most 2^20.
/// @param target planar [3, count].
void kernels_scale_row(const uint8_t *_Nonnull source, const int32_t *_Nonnull offsets,
                       const uint32_t *_Nonnull weights, size_t wide_count, size_t pair_count,
                       size_t count, int16_t *_Nonnull target);

/// Blends two rows of `kernels_scale_row` to levels of 0 to 255.
void kernels_blend(const int16_t *_Nonnull upper, const int16_t *_Nonnull lower,
                   int upper_weight, int lower_weight, size_t count, int16_t *_Nonnull target);

/// Blends likewise and writes level / 255, rounded as the division is. The caller ends a picture
/// with `kernels_finish`.
void kernels_blend_unit(const int16_t *_Nonnull upper, const int16_t *_Nonnull lower,
                        int upper_weight, int lower_weight, size_t count,
                        float *_Nonnull target);

/// Writes one value `count` times. The caller ends a picture with `kernels_finish`.
void kernels_fill(float value, size_t count, float *_Nonnull target);

/// Makes what `kernels_blend_unit` and `kernels_fill` wrote visible to other threads.
void kernels_finish(void);

/// The first row from `first` on, before `count`, whose value is above `threshold` or no number, or `count`.
///
/// @param values one value of each row, `step` apart.
size_t kernels_next_above(const float *_Nonnull values, size_t step, size_t first, size_t count,
                          float threshold);
