#include "silu_integer.h"

// The tables of native_silu. Only additions, multiplications and divisions of IEEE 754 are used, so
// that they are the same on every machine.

/// e^-u for u from 0 to 50.
static double exp_of_minus(double u) {
  // The series of u / 2^12, squared 12 times.
  double x = u / 4096, sum = 1;
  for (int32_t k = 12; k >= 1; k--) sum = 1 - sum * x / k;
  for (int32_t k = 0; k < 12; k++) sum *= sum;
  return sum;
}

/// silu(x) - max(x, 0) at |x| = u: -u / (1 + e^u).
static double below_ramp(double u) {
  const double e = exp_of_minus(u);
  return -u * e / (1 + e);
}

/// The nearest integer of a number within 16 bits.
static int16_t nearest(double value) { return (int16_t)(value < 0 ? value - 0.5 : value + 0.5); }

/// The largest number of fraction bits, at most 7, for which 16 bits of steps reach to |x| = 10, where
/// silu is as good as its ramp, and hold every sum that a byte does not saturate; 0: there is none.
/// Fewer than 5, or 6 for two rounded operands, are too coarse.
/// @param residual null where there is none.
static int32_t fraction_bits_of(const native_view *output, const native_view *residual) {
  for (int32_t bits = 7; bits >= (residual ? 6 : 5); bits--) {
    const double steps = 1 << bits;
    double largest = (255 - output->zero) * steps;
    if (residual) {
      const double unit = residual->scale / output->scale * steps;
      if (!(unit * 256 < 32767)) continue;
      largest += unit * residual->zero;
    }
    if (output->scale * 32768 / steps >= 10 && largest <= 32767) return bits;
  }
  return 0;
}

int32_t native_silu_prepare(native_silu *silu, const native_epilogue *epilogue,
                            const native_view *output, int32_t channels, int64_t largest_sum,
                            float *factor, float *offset) {
  const native_view *residual = &epilogue->residual;
  const int has_residual = epilogue->residual_order == 1;
  if (output->type != NATIVE_U8 || epilogue->activation != NATIVE_SILU || !epilogue->scale ||
      (epilogue->residual_order != 0 && (!has_residual || residual->type != NATIVE_U8)))
    return 0;
  const int32_t bits = fraction_bits_of(output, has_residual ? residual : 0);
  // Above, 32 pieces would be too wide.
  if (bits == 0 || !(output->scale <= 0.125f)) return 0;
  const double steps = (double)(1 << bits) / output->scale;
  silu->fraction_bits = bits;
  silu->residual_factor =
      has_residual ? nearest((double)residual->scale * steps * 256) : 0;
  // Sums of a zero's bytes, and the half that the last shift rounds by.
  double base = (double)(output->zero * (1 << bits) + (1 << (bits - 1)));
  if (has_residual) base -= (double)residual->zero * silu->residual_factor / 256;
  const double half = 512 / steps, node = 0.86602540378443865;
  for (int32_t piece = 0; piece < 32; piece++) {
    // Through the zeros of the third Chebyshev polynomial.
    const double middle = (2 * piece + 1) * half;
    const double at = below_ramp(middle), above = below_ramp(middle + node * half),
                 below = below_ramp(middle - node * half);
    if (at * steps + base < -32768) return 0;
    silu->constant[piece] = nearest(at * steps + base);
    silu->linear[piece] = nearest((above - below) / (2 * node) * steps);
    silu->square[piece] = nearest((above + below - 2 * at) / (2 * node * node) * steps);
  }
  for (int32_t channel = 0; channel < channels; channel++) {
    factor[channel] = (float)(epilogue->scale[channel] * steps);
    // Less a half: rounding to the nearest then gives the whole number below, and the last shift
    // meets no ties that are not ties of the exact result.
    offset[channel] = (float)((epilogue->bias ? epilogue->bias[channel] * steps : 0) - 0.5);
    const double reach = (factor[channel] < 0 ? -(double)factor[channel] : factor[channel]) *
                             (double)largest_sum +
                         (offset[channel] < 0 ? -(double)offset[channel] : offset[channel]);
    // Vectors convert to 32 bits before they saturate. NaN is not below either.
    if (!(reach < 2147480000.0)) return 0;
  }
  silu->factor = factor;
  silu->offset = offset;
  return 1;
}

uint8_t native_silu_byte(const native_silu *silu, int32_t channel, float sum, uint8_t residual) {
  return silu_byte_of_sum(silu, channel, sum, residual);
}
