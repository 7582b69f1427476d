#pragma once

#include "silu_table.h"

// Activations over the lanes of one instruction set. Except where a comment says otherwise they are
// sequences of IEEE 754 operations, the same for every set, so that the results do not depend on
// the machine: a quantised network gives the same bytes everywhere.

/// How exact a result has to be.
typedef enum precision {
  /// About 1e-6 relative.
  precision_float,
  /// About 2^-11 relative; the last bits depend on the instruction set.
  precision_short,
  /// Below 1e-4 absolute, the same bits on every instruction set.
  precision_byte,
} precision;

INLINE precision precision_for(native_type type) {
  return type == NATIVE_U8 ? precision_byte
         : type == NATIVE_BF16 ? precision_short
                               : precision_float;
}

/// 2^f on [-1/2, 1/2] (minimax of the relative error: 7.5e-8).
INLINE vf exp2_fraction(vf f) {
  vf p = vf_fma(vf_set(1.3276472454890609e-3f), f, vf_set(9.675541892647743e-3f));
  p = vf_fma(p, f, vf_set(5.550713092088699e-2f));
  p = vf_fma(p, f, vf_set(2.4022120237350464e-1f));
  p = vf_fma(p, f, vf_set(6.931469440460205e-1f));
  return vf_fma(p, f, vf_set(1.0f));
}

#if defined(LANES_EXP2)
// 2^f on [0, 1] (minimax of the relative error: 7.5e-8 and 7.5e-5).

INLINE vf exp2_above(vf f) {
  vf p = vf_fma(vf_set(1.8775766948238015e-3f), f, vf_set(8.989340625703335e-3f));
  p = vf_fma(p, f, vf_set(5.582631751894951e-2f));
  p = vf_fma(p, f, vf_set(2.4015361070632935e-1f));
  p = vf_fma(p, f, vf_set(6.931530833244324e-1f));
  return vf_fma(p, f, vf_set(9.999999403953552e-1f));
}

INLINE vf exp2_above_short(vf f) {
  vf p = vf_fma(vf_set(7.802452147006989e-2f), f, vf_set(2.260671705007553e-1f));
  p = vf_fma(p, f, vf_set(6.958335041999817e-1f));
  return vf_fma(p, f, vf_set(9.999251961708069e-1f));
}
#endif

/// 1.5 · 2^23: adding it leaves the nearest integer in a float's low bits.
#define ROUNDING 12582912.0f

/// e^x with x clamped to ±87; NaN gives something finite.
INLINE vf exp_lanes(vf x) {
  x = vf_min(vf_max(x, vf_set(-87.0f)), vf_set(87.0f));
  vf shifted = vf_add(vf_mul(x, vf_set(1.44269504f)), vf_set(ROUNDING));
  vf n = vf_sub(shifted, vf_set(ROUNDING));
  vf f = vf_sub(vf_set(0.0f), n);
  f = vf_fma(x, vf_set(1.44269504f), f);
  vi result = vi_add(vf_bits(exp2_fraction(f)), vi_exponent(vf_bits(shifted)));
  return vf_of_bits(result);
}

/// x clamped from below so that -infinity has a finite e^-x; NaN stays NaN.
INLINE vf clamped_for_sigmoid(vf x) { return vf_max(vf_set(-87.0f), x); }

/// 1 / (1 + e^-x).
/// @param x at least -87.
INLINE vf sigmoid_lanes(vf x, precision precise) {
#if defined(LANES_EXP2)
  if (precise != precision_byte) {
    vf t = vf_mul(x, vf_set(-1.44269504f)), f = vf_above_floor(t);
    vf e = vf_scaled(precise == precision_short ? exp2_above_short(f) : exp2_above(f), t);
    vf d = vf_add(e, vf_set(1.0f));
    return precise == precision_short ? vf_short_reciprocal(d) : vf_reciprocal(d);
  }
#endif
  vf d = vf_add(exp_lanes(vf_sub(vf_set(0.0f), x)), vf_set(1.0f));
  return precise == precision_byte ? vf_div(vf_set(1.0f), d) : vf_reciprocal(d);
}

/// See silu_table.h. Always finite unless x is infinite.
INLINE vf silu_byte(vf x) {
  const vf steps = vf_set(2.625f), rounding = vf_set(ROUNDING);
  vf u = vf_of_bits(vi_and(vf_bits(x), vi_set(0x7FFFFFFF)));
  u = vf_min(u, vf_set(31 / 2.625f));
  vf shifted = vf_fma(u, steps, rounding);
  vf f = vf_fma(u, steps, vf_sub(rounding, shifted));
  vi piece = vf_bits(shifted);
  vf g = vf_fma(vf_table(silu_square, piece), f, vf_table(silu_linear, piece));
  g = vf_fma(g, f, vf_table(silu_constant, piece));
  return vf_add(vf_max(x, vf_set(0.0f)), g);
}

INLINE vf silu_lanes(vf x, precision precise) {
  if (precise == precision_byte) return silu_byte(x);
  x = clamped_for_sigmoid(x);
  return vf_mul(x, sigmoid_lanes(x, precise));
}

/// An odd polynomial near 0 (relative error 1.2e-7), 1 - 2 / (e^2|x| + 1) elsewhere.
INLINE vf tanh_lanes(vf x) {
  vi sign = vi_and(vf_bits(x), vi_set(0x80000000));
  vf size = vf_of_bits(vi_and(vf_bits(x), vi_set(0x7FFFFFFF)));
  vf square = vf_mul(x, x);
  vf near = vf_fma(vf_set(1.4924036338925362e-2f), square, vf_set(-5.173378437757492e-2f));
  near = vf_fma(near, square, vf_set(1.3302652537822723e-1f));
  near = vf_fma(near, square, vf_set(-3.33318293094635e-1f));
  near = vf_mul(vf_fma(near, square, vf_set(1.0f)), size);
  vf e = exp_lanes(vf_add(size, size));
  vf far = vf_sub(vf_set(1.0f), vf_div(vf_set(2.0f), vf_add(e, vf_set(1.0f))));
  // NaN takes the polynomial.
  vf result = vf_select_less(vf_set(0.625f), size, far, near);
  return vf_of_bits(vi_or(vf_bits(result), sign));
}

/// With e = e^x, tanh(log(1 + e)) is (e² + 2e) / (e² + 2e + 2); past 20 it is 1.
INLINE vf mish_lanes(vf x) {
  vf e = exp_lanes(vf_min(x, vf_set(20.0f)));
  vf n = vf_mul(e, vf_add(e, vf_set(2.0f)));
  return vf_mul(vf_max(vf_set(-87.0f), x), vf_div(n, vf_add(n, vf_set(2.0f))));
}

INLINE vf activate_lanes(vf x, native_activation activation, float alpha, float beta,
                         precision precise) {
  const vf zero = vf_set(0.0f), one = vf_set(1.0f);
  switch (activation) {
    case NATIVE_SILU: return silu_lanes(x, precise);
    case NATIVE_RELU: return vf_max(zero, x);
    case NATIVE_LEAKY_RELU: return vf_select_less(x, zero, vf_mul(x, vf_set(alpha)), x);
    case NATIVE_HARD_SWISH: {
      vf gate = vf_fma(x, vf_set(1.0f / 6), vf_set(0.5f));
      return vf_mul(vf_max(vf_set(-1e30f), x), vf_min(vf_max(gate, zero), one));
    }
    case NATIVE_SIGMOID: {
#if defined(LANES_EXP2)
      if (precise != precision_byte) return sigmoid_lanes(clamped_for_sigmoid(x), precise);
#endif
      // NaN would be lost in the exponential: it comes back from c - c, which else is 0.
      vf c = vf_min(vf_set(87.0f), vf_max(vf_set(-87.0f), x));
      return vf_add(sigmoid_lanes(c, precise), vf_sub(c, c));
    }
    case NATIVE_HARD_SIGMOID: {
      vf line = vf_fma(x, vf_set(alpha), vf_set(beta));
      return vf_min(one, vf_max(zero, line));
    }
    case NATIVE_CLIP: return vf_min(vf_set(beta), vf_max(vf_set(alpha), x));
    case NATIVE_TANH: return tanh_lanes(x);
    case NATIVE_MISH: return mish_lanes(x);
    default: return x;
  }
}
