#pragma once
#include <stddef.h>
#include <stdint.h>

// The kernels of the native engine. Activations are NHWC views: an address, bytes from row to row
// and from pixel to pixel; the channels of a pixel lie side by side. Several views may share one
// buffer (a Concat is a buffer whose inputs are written as views of it), and a view may have a
// border of zeros around it that padding reads.
//
// Every function is pure: no allocation, no global state, no I/O; all memory is the caller's. A
// function writes nothing outside the rows and channels it is told to.

/// How the elements of a view are stored.
typedef enum native_type {
  /// 32-bit float.
  NATIVE_F32 = 0,
  /// bfloat16; arithmetic sums in 32-bit float and rounds to nearest even when storing.
  NATIVE_BF16 = 1,
  /// An unsigned byte that stands for (byte - zero) * scale.
  NATIVE_U8 = 2,
  /// A 32-bit signed integer (the accumulators of quantised convolutions, for tests).
  NATIVE_S32 = 3,
  /// IEEE 754's half precision: what callers give and take, by native_widen and native_narrow only.
  NATIVE_F16 = 4,
} native_type;

/// What follows the sum.
typedef enum native_activation {
  NATIVE_IDENTITY = 0,
  /// x * sigmoid(x)
  NATIVE_SILU = 1,
  NATIVE_RELU = 2,
  /// x < 0 ? alpha * x : x
  NATIVE_LEAKY_RELU = 3,
  /// x * clamp(x / 6 + 1 / 2, 0, 1)
  NATIVE_HARD_SWISH = 4,
  NATIVE_SIGMOID = 5,
  /// clamp(alpha * x + beta, 0, 1)
  NATIVE_HARD_SIGMOID = 6,
  /// clamp(x, alpha, beta)
  NATIVE_CLIP = 7,
  NATIVE_TANH = 8,
  /// x * tanh(log(1 + exp(x)))
  NATIVE_MISH = 9,
} native_activation;

/// The instructions that a kernel uses.
typedef enum native_isa {
  /// Plain C, for any machine.
  NATIVE_PORTABLE = 0,
  /// AVX2 and FMA, 256 bits.
  NATIVE_AVX2 = 1,
  /// AVX-512 F, BW, VL, DQ; VNNI for bytes. bfloat16 is widened to float.
  NATIVE_AVX512 = 2,
  /// AVX-512 with VNNI and BF16 instructions.
  NATIVE_AVX512_BF16 = 3,
  /// The same, and AMX' tile registers for convolutions of bytes and of bfloat16.
  NATIVE_AMX = 4,
  /// Plain C with tile registers in memory: what NATIVE_AMX computes, for tests on any machine.
  NATIVE_AMX_EMULATED = 5,
} native_isa;

/// The best set of instructions that this processor and its operating system allow. Tiles are among
/// them only where a small convolution by tiles gives what plain C gives.
native_isa native_best_isa(void);

/// A strided NHWC view of one picture.
typedef struct native_view {
  /// Row 0, column 0, channel 0.
  uint8_t *_Nullable data;
  /// Bytes from one row to the next.
  int64_t row_step;
  /// Bytes from one pixel to the next.
  int64_t pixel_step;
  native_type type;
  /// For NATIVE_U8: value = (byte - zero) * scale.
  float scale;
  int32_t zero;
} native_view;

/// SiLU from the sum of a convolution of bytes to a byte in steps of 1 / 2^F of the output's scale S,
/// bit by bit: a ⊗ b is (a·b + 2^14) >> 15, and ± is a sum saturated to 16 bits,
///
///   t = sum as float · factor + offset, rounded once; to the nearest integer, halves to the even
///       one, saturated to 16 bits: the convolution's result, 2^F / S times
///   u = |t|, of 16 bits unsigned; i = u / 1024 mod 32; f = (u mod 1024) · 64 - 2^15
///   g = (square[i] ⊗ f + linear[i]) ⊗ f + constant[i]
///       (silu(x) = max(x, 0) + g(|x|); zero · 2^F and the half that rounds are part of constant)
///   byte = (g [± (residual's byte · 128) ⊗ residual_factor] ± max(t, 0)) >> F, saturated to 0…255
///
/// Before the last shift it is within 2.25 steps of the exact result. A vector of 16 bits does as much
/// as two of floats.
typedef struct native_silu {
  /// By piece of |x|: polynomials of the second degree in f / 2^15.
  int16_t constant[32], linear[32], square[32];
  /// F, from 5 to 7.
  int32_t fraction_bits;
  /// The residual's scale / S · 2^F · 256; its zero is part of `constant`.
  int32_t residual_factor;
  /// Per output channel: the epilogue's scale and bias times 2^F / S, the latter less a half, so that
  /// t is the whole number below.
  const float *_Nullable factor;
  const float *_Nullable offset;
} native_silu;

/// What happens to a sum before it is stored, in this order: times `scale` (quantised only), plus
/// `bias`, [plus residual], activation, [plus residual], conversion to the output's type.
///
/// From bytes to bytes the result is defined bit by bit, each step rounding to float32: the sum (an
/// int32) as float; · scale; + bias; residual: (byte - zero) · scale; the activation of
/// native_byte_activation; then · (1 / scale of the output), to the nearest integer, halves to the
/// even one, + zero, saturated to 0…255. A NaN becomes 0. Where `silu` is given, that is what is
/// computed instead: the same function in 16-bit integers.
typedef struct native_epilogue {
  /// Per output channel, padded with zeros to whole blocks.
  const float *_Nullable bias;
  /// Per output channel for NATIVE_U8 inputs: the input's scale times the weights'. Padded.
  const float *_Nullable scale;
  native_activation activation;
  float alpha, beta;
  /// 0: none; 1: added after the activation; 2: added before it.
  int32_t residual_order;
  /// The same rows and columns as the output.
  native_view residual;
  /// For bytes to bytes with NATIVE_SILU, where native_silu_prepare made it.
  const native_silu *_Nullable silu;
} native_epilogue;

/// A convolution of one picture as sums over taps: for each output pixel (y, x),
///
///   sum[oc] = Σ_tap Σ_g dot(group g of the pixel at input + y·row_step + x·pixel_step + offset[tap],
///                           weights[block(oc)][tap][g][oc in block])
///
/// A group is 4 bytes: 1 float, 2 bfloat16 or 4 bytes (unsigned input, signed weights, summed in
/// int32). The input view's steps have the strides of the convolution folded in, so that row y and
/// column x are output coordinates; the address may lie in the border.
typedef struct native_conv {
  native_view input;
  const int64_t *_Nonnull tap_offsets;
  int32_t tap_count;
  /// Groups per tap. The last group's unused elements meet weights of zero, but are read: they
  /// must be finite.
  int32_t group_count;
  /// [blocks][taps][groups][16 · block_vectors] groups, each of 4 bytes, 64-byte aligned.
  const void *_Nonnull weights;
  /// Vectors of 16 output channels in a block: 1, 2 or 4.
  int32_t block_vectors;
  int32_t output_channels;
  int32_t output_width;
  native_view output;
  native_epilogue epilogue;
} native_conv;

/// Computes rows [first_row, first_row + row_count) of output blocks [first_block, + block_count).
void native_conv_run(const native_conv *_Nonnull conv, native_isa isa, int32_t first_row,
                     int32_t row_count, int32_t first_block, int32_t block_count);

/// A depthwise convolution: channel c of the output is the sum over taps of channel c of the input
/// times weights[tap][c] (float32, also for bfloat16 views; for NATIVE_U8 float32 of the signed
/// weights, and the input's zero is subtracted). Otherwise like native_conv.
typedef struct native_depthwise {
  native_view input;
  const int64_t *_Nonnull tap_offsets;
  int32_t tap_count;
  const float *_Nonnull weights;
  int32_t channels;
  int32_t output_width;
  native_view output;
  native_epilogue epilogue;
} native_depthwise;
void native_depthwise_run(const native_depthwise *_Nonnull conv, native_isa isa, int32_t first_row,
                          int32_t row_count);

/// Max-pooling over a window that is clipped to the input (its border is not read).
typedef struct native_pool {
  /// Row 0, column 0 of the input itself, with its own steps.
  native_view input;
  int32_t input_height, input_width, channels;
  int32_t kernel_height, kernel_width, stride_height, stride_width, pad_top, pad_left;
  int32_t output_width;
  native_view output;
} native_pool;
void native_max_pool(const native_pool *_Nonnull pool, native_isa isa, int32_t first_row,
                     int32_t row_count);

/// Copies pixels between views of the same or of different types (converted: float to byte rounds
/// half to even and saturates). `repeat` > 1 writes each source pixel into a block of repeat×repeat
/// (nearest upsampling).
/// @param rows of the source.
void native_copy(const native_view *_Nonnull source, const native_view *_Nonnull target,
                 native_isa isa, int32_t rows, int32_t width, int32_t channels, int32_t repeat);

/// Planar [channels][height][width] (each row `plane_row` bytes, each plane `plane_step`
/// bytes) → a view, channels padded with zeros up to `padded_channels`.
/// @param type NATIVE_F32, or NATIVE_U8: bytes of a picture, each standing for byte / 255 in float,
/// rounded as a division rounds.
void native_from_planar(const void *_Nonnull planes, native_type type, int64_t plane_step,
                        int64_t plane_row, const native_view *_Nonnull target, native_isa isa,
                        int32_t rows, int32_t width, int32_t channels, int32_t padded_channels);

/// A view → planar float.
void native_to_planar(const native_view *_Nonnull source, float *_Nonnull planes,
                      int64_t plane_step, int64_t plane_row, native_isa isa, int32_t rows,
                      int32_t width, int32_t channels);

/// `count` elements of NATIVE_F16 or NATIVE_BF16, side by side → float32, exactly; a NaN is made quiet.
void native_widen(const void *_Nonnull source, native_type type, float *_Nonnull target,
                  int64_t count, native_isa isa);

/// The other way: to the nearest, halves to even; beyond the largest to infinity.
void native_narrow(const float *_Nonnull source, native_type type, void *_Nonnull target,
                   int64_t count, native_isa isa);

/// Fills the border of a view: `top`, `left`, `bottom`, `right` pixels around height × width, each
/// `channels` elements, with zero (NATIVE_U8: with the view's zero).
void native_clear_border(const native_view *_Nonnull view, int32_t height, int32_t width,
                         int32_t channels, int32_t top, int32_t left, int32_t bottom,
                         int32_t right);

/// The same for one row y in [-top, height + bottom): its left and right border, or all of it where the
/// row itself is border.
void native_clear_border_row(const native_view *_Nonnull view, int32_t y, int32_t height,
                             int32_t width, int32_t channels, int32_t left, int32_t right);

/// target = activation(a [+ b]) pixel by pixel; `b.data` null: without. Types may differ.
void native_unary_add(const native_view *_Nonnull a, const native_view *_Nonnull b,
                      const native_view *_Nonnull target, native_isa isa, int32_t rows,
                      int32_t width, int32_t channels, native_activation activation, float alpha,
                      float beta);

/// The activation of a sum as outputs of NATIVE_U8 compute it: to about 1e-4 absolute (SiLU, from a
/// table) or 1e-6, and with the same bits on every machine.
float native_byte_activation(float value, native_activation activation, float alpha, float beta);

/// Makes the tables of an epilogue of SiLU from bytes to bytes.
/// @param channels how many numbers `epilogue.scale`, its bias, `factor` and `offset` have.
/// @param largest_sum what no sum's absolute value exceeds.
/// @returns 0 where 16 bits do not do what has to be computed: the output's scale is below 1 / 102
/// (1 / 51 with a residual) or above 1 / 8, a residual's is too large or it is added before the
/// activation, or a number is none.
int32_t native_silu_prepare(native_silu *_Nonnull silu, const native_epilogue *_Nonnull epilogue,
                            const native_view *_Nonnull output, int32_t channels,
                            int64_t largest_sum, float *_Nonnull factor, float *_Nonnull offset);

/// The byte of one sum, as native_silu defines it.
/// @param residual the residual's byte, where there is one.
uint8_t native_silu_byte(const native_silu *_Nonnull silu, int32_t channel, float sum,
                         uint8_t residual);

/// The decoding of one detection head, YOLOv5 v5.0 and later
/// (Source: YOLOv5 models/yolo.py, Detect.forward): per cell (y, x) and anchor a, from the logits
/// t = head pixel's channels [a·fields, (a+1)·fields):
///
///   xy = (sigmoid(t01)·2 + (x, y) - 0.5)·stride      wh = (sigmoid(t23)·2)²·anchor      rest: sigmoid
///
/// written to output[(a·height + y)·width + x][fields]; fields past `sigmoid_fields` (mask
/// coefficients) are copied.
typedef struct native_decode {
  native_view head;
  int32_t height, width, anchors, fields, sigmoid_fields;
  float stride;
  /// [anchors][2] in input pixels.
  const float *_Nonnull anchor_sizes;
  float *_Nonnull output;
  /// Where the objectness' logit is at most this, the objectness becomes 0 and nothing else of the
  /// anchor is written. -INFINITY: everything is.
  const float *_Nonnull least_logit;
} native_decode;
void native_decode_run(const native_decode *_Nonnull decode, native_isa isa, int32_t first_row,
                       int32_t row_count);

/// Winograd F(4×4, 3×3), stride 1: an alternative to native_conv for 3×3 taps and an input of float32
/// or bfloat16. It computes in float32 either way; its error is about 1e-5 of the largest output.
/// It needs a quarter of the multiplications, and beats native_conv from 16 channels on, in bfloat16
/// too; its weights take 4 times the memory of float32's.
/// @param weights packed by native_winograd_pack.
/// @param workspace native_winograd_workspace(...) bytes, 64-byte aligned, one for each thread.
/// Processes output tile rows [first_tile_row, + tile_row_count) of 4 rows each.
typedef struct native_winograd {
  /// NATIVE_F32 or NATIVE_BF16. Input pixel (0, 0); the border of 1 pixel is readable, as are up to 4 more rows and columns
  /// only inside [0, input_height+2) × [0, input_width+2).
  native_view input;
  int32_t height, width, input_channels, output_channels;
  const float *_Nonnull weights;
  native_view output;
  native_epilogue epilogue;
} native_winograd;
size_t native_winograd_packed_floats(int32_t input_channels, int32_t output_channels);
/// @param weights [oc][ic][3][3].
void native_winograd_pack(const float *_Nonnull weights, int32_t input_channels,
                          int32_t output_channels, float *_Nonnull packed);
size_t native_winograd_workspace(int32_t width, int32_t input_channels, int32_t output_channels);
void native_winograd_run(const native_winograd *_Nonnull conv, native_isa isa,
                         int32_t first_tile_row, int32_t tile_row_count, void *_Nonnull workspace);

/// The same for tiles numbered along the rows of tiles, of which there are (width + 3) / 4 in each:
/// a finer division among threads. At least 12 tiles in a call keep reading the weights from
/// costing more than the arithmetic.
void native_winograd_run_tiles(const native_winograd *_Nonnull conv, native_isa isa,
                               int32_t first_tile, int32_t tile_count,
                               void *_Nonnull workspace);
