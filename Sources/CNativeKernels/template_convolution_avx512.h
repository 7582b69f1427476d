#pragma once

// Convolution by AVX-512: for each pixel of a tile and each vector of 16 output channels one
// accumulator stays in a register while all taps and groups pass. A step of the innermost loop
// takes one group: it loads the block's weights, and broadcasts each pixel's 4 bytes.
//
// A tile has at most 24 accumulators, so that with 4 vectors of weights and a broadcast nothing is
// spilled; two dozen independent chains also hide the latency of the instructions (4 to 6 cycles).
// 16 of bytes leave registers for the tables of their epilogue.

#define UNROLL _Pragma("clang loop unroll(full)")

enum { tile_accumulators = 24, byte_accumulators = 16 };

typedef struct tile {
  const uint8_t *_Nonnull input;
  int64_t pixel_step;
  const int64_t *_Nonnull offsets;
  int32_t taps, groups;
  const uint8_t *_Nonnull weights;
  const float *_Nonnull bias;
  /// [pixels][vectors · 16]
  float *_Nonnull sums;
  /// Where the results go straight from the registers; null: the sums go to `sums`.
  const finish *_Nullable direct;
} tile;

/// Keeps the compiler from deriving one address from another: it would spend a register on each
/// pixel's.
#define OPAQUE(value) __asm__("" : "+r"(value))

/// Groups are multiplied in this many passes: bfloat16 without instructions of its own is widened
/// to float, first the even and then the odd element of a group.
INLINE int passes_of(native_type type) {
#if defined(LANES_BF16)
  return 1;
#else
  return type == NATIVE_BF16 ? 2 : 1;
#endif
}

/// What a pass multiplies of a group.
INLINE __m512i part_of(__m512i groups, int pass, native_type type) {
  if (passes_of(type) == 1) return groups;
  return pass == 0 ? _mm512_slli_epi32(groups, 16)
                   : _mm512_and_si512(groups, _mm512_set1_epi32((int32_t)0xFFFF0000));
}

INLINE __m512i multiply_add(__m512i sum, __m512i weights, __m512i value, native_type type) {
  if (type == NATIVE_U8) return _mm512_dpbusd_epi32(sum, value, weights);
  __m512 floats = _mm512_castsi512_ps(sum);
#if defined(LANES_BF16)
  if (type == NATIVE_BF16)
    return _mm512_castps_si512(_mm512_dpbf16_ps(floats, (__m512bh)weights, (__m512bh)value));
#endif
  return _mm512_castps_si512(
      _mm512_fmadd_ps(_mm512_castsi512_ps(value), _mm512_castsi512_ps(weights), floats));
}

/// SiLU from bytes to bytes, as native_silu has it, of sums in registers.
INLINE void finish_bytes(const finish *_Nonnull f, const __m512i *_Nonnull sums, const int pixels,
                         const int vectors, const int has_residual) {
  const int count = pixels * vectors;
  const native_silu *silu = f->epilogue->silu;
  const silu_registers s = silu_loaded(silu, has_residual);
  vf factors[4], offsets[4];
  UNROLL for (int v = 0; v < vectors; v++) {
    factors[v] = vf_load(silu->factor + f->channel + 16 * v);
    offsets[v] = vf_load(silu->offset + f->channel + 16 * v);
  }
  UNROLL for (int quad = 0; quad < (count + 3) / 4; quad++) {
    vf values[4];
    const int valid = count - 4 * quad < 4 ? count - 4 * quad : 4;
    UNROLL for (int v = 0; v < 4; v++) values[v] =
        _mm512_cvtepi32_ps(sums[4 * quad + (v < valid ? v : 0)]);
    finish_silu_quad(f, &s, values, factors, offsets, quad * (4 / vectors), vectors, valid);
  }
}

/// Floats that nothing follows but the dequantisation of bytes, of sums in registers.
INLINE void finish_floats(const finish *_Nonnull f, const __m512i *_Nonnull sums,
                          const int pixels, const int vectors, const native_type type) {
  UNROLL for (int v = 0; v < vectors; v++) {
    const int32_t channel = 16 * v, count = f->channels - channel;
    if (count <= 0) return;
    vf scale = vf_set(1), bias = vf_set(0);
    if (type == NATIVE_U8) {
      scale = vf_load(f->epilogue->scale + f->channel + channel);
      if (f->epilogue->bias) bias = vf_load(f->epilogue->bias + f->channel + channel);
    }
    const __mmask16 lanes = first_lanes(count);
    UNROLL for (int p = 0; p < pixels; p++) {
      const __m512i sum = sums[p * vectors + v];
      vf value = _mm512_castsi512_ps(sum);
      if (type == NATIVE_U8) value = vf_add(vf_mul(_mm512_cvtepi32_ps(sum), scale), bias);
      uint8_t *target = f->output + p * f->output_step + 4 * channel;
      if (count >= 16)
        _mm512_storeu_ps(target, value);
      else
        _mm512_mask_storeu_ps(target, lanes, value);
    }
  }
}

/// SiLU between numbers of one type, with a residual of that type after it, of sums in registers.
INLINE void finish_silu_numbers(const finish *_Nonnull f, const __m512i *_Nonnull sums,
                                const int pixels, const int vectors, const native_type type) {
  const format form = {.type = type};
  const int64_t bytes = 16 * element_bytes(type);
  UNROLL for (int p = 0; p < pixels; p++) UNROLL for (int v = 0; v < vectors; v++) {
    vf value = silu_lanes(_mm512_castsi512_ps(sums[p * vectors + v]), precision_for(type));
    if (f->residual)
      value = vf_add(value, vf_load_values(f->residual + p * f->residual_step + bytes * v, form, 16));
    vf_store_values(f->output + p * f->output_step + bytes * v, value, form, 16);
  }
}

INLINE void run_tile(const tile *_Nonnull t, const int pixels, const int vectors,
                     const native_type type) {
  __m512i sums[tile_accumulators];
  UNROLL for (int v = 0; v < vectors; v++) {
    __m512i start =
        type == NATIVE_U8 ? _mm512_setzero_si512() : _mm512_loadu_si512(t->bias + 16 * v);
    UNROLL for (int p = 0; p < pixels; p++) sums[p * vectors + v] = start;
  }
  // Pixel p is at its base p / 5 plus 0 to 4 steps, each of which an address can express.
  int64_t step = t->pixel_step, triple = 3 * step;
  OPAQUE(triple);
  const uint8_t *weights = t->weights;
  const int32_t groups = t->groups;
  for (int32_t tap = 0; tap < t->taps; tap++) {
    const uint8_t *bases[5];
    bases[0] = t->input + t->offsets[tap];
    UNROLL for (int b = 1; b < 5; b++) {
      bases[b] = bases[b - 1] + 5 * step;
      OPAQUE(bases[b]);
    }
    for (int32_t group = 0; group < groups; group++) {
      UNROLL for (int pass = 0; pass < passes_of(type); pass++) {
        if (pass > 0) {
          // Reading again is better than keeping what the first pass has read.
          OPAQUE(weights);
          UNROLL for (int b = 0; b < (pixels + 4) / 5; b++) OPAQUE(bases[b]);
        }
        __m512i w[4];
        UNROLL for (int v = 0; v < vectors; v++)
            w[v] = part_of(_mm512_loadu_si512(weights + 64 * v), pass, type);
        UNROLL for (int p = 0; p < pixels; p++) {
          const int steps = p % 5;
          int32_t activation;
          memcpy(&activation, bases[p / 5] + (steps == 3 ? triple : steps * step), 4);
          __m512i value = part_of(_mm512_set1_epi32(activation), pass, type);
          UNROLL for (int v = 0; v < vectors; v++)
              sums[p * vectors + v] = multiply_add(sums[p * vectors + v], w[v], value, type);
        }
      }
      weights += 64 * vectors;
      UNROLL for (int b = 0; b < (pixels + 4) / 5; b++) {
        bases[b] += 4;
        OPAQUE(bases[b]);
      }
    }
  }
  if (t->direct) {
    const finish *direct = t->direct;
    if (direct->epilogue->activation == NATIVE_IDENTITY)
      return finish_floats(direct, sums, pixels, vectors, type);
    if (type != NATIVE_U8) return finish_silu_numbers(direct, sums, pixels, vectors, type);
    if (direct->residual) return finish_bytes(direct, sums, pixels, vectors, 1);
    return finish_bytes(direct, sums, pixels, vectors, 0);
  }
  UNROLL for (int p = 0; p < pixels; p++)
      UNROLL for (int v = 0; v < vectors; v++)
          _mm512_store_si512(t->sums + 16 * (p * vectors + v), sums[p * vectors + v]);
}

typedef void tile_function(const tile *_Nonnull);

#define TILE(type, vectors, pixels)                                                              \
  static void tile_##type##_##vectors##_##pixels(const tile *_Nonnull t) {                       \
    run_tile(t, pixels, vectors, NATIVE_##type);                                                 \
  }
#define TILES_4(make, type) \
  make(type, 4, 1) make(type, 4, 2) make(type, 4, 3) make(type, 4, 4) make(type, 4, 5) \
  make(type, 4, 6)
#define TILES_2(make, type) \
  make(type, 2, 1) make(type, 2, 2) make(type, 2, 3) make(type, 2, 4) make(type, 2, 5) \
  make(type, 2, 6) make(type, 2, 7) make(type, 2, 8) make(type, 2, 9) make(type, 2, 10) \
  make(type, 2, 11) make(type, 2, 12)
#define TILES_1(make, type) \
  make(type, 1, 1) make(type, 1, 2) make(type, 1, 3) make(type, 1, 4) make(type, 1, 5) \
  make(type, 1, 6) make(type, 1, 7) make(type, 1, 8) make(type, 1, 9) make(type, 1, 10) \
  make(type, 1, 11) make(type, 1, 12) make(type, 1, 13) make(type, 1, 14) make(type, 1, 15) \
  make(type, 1, 16) make(type, 1, 17) make(type, 1, 18) make(type, 1, 19) make(type, 1, 20) \
  make(type, 1, 21) make(type, 1, 22) make(type, 1, 23) make(type, 1, 24)
#define TILE_NAME(type, vectors, pixels) tile_##type##_##vectors##_##pixels,
#define TILES(type)                                                                              \
  TILES_1(TILE, type)                                                                            \
  TILES_2(TILE, type)                                                                            \
  TILES_4(TILE, type)                                                                            \
  static tile_function *const _Nonnull tiles_##type##_1[] = {TILES_1(TILE_NAME, type)};          \
  static tile_function *const _Nonnull tiles_##type##_2[] = {TILES_2(TILE_NAME, type)};          \
  static tile_function *const _Nonnull tiles_##type##_4[] = {TILES_4(TILE_NAME, type)};

TILES(F32)
TILES(BF16)
TILES(U8)

/// The functions for 1, 2, … pixels.
INLINE tile_function *const _Nonnull *_Nonnull tiles_of(native_type type, int32_t vectors) {
  switch (type) {
    case NATIVE_F32:
      return vectors == 1 ? tiles_F32_1 : vectors == 2 ? tiles_F32_2 : tiles_F32_4;
    case NATIVE_BF16:
      return vectors == 1 ? tiles_BF16_1 : vectors == 2 ? tiles_BF16_2 : tiles_BF16_4;
    default: return vectors == 1 ? tiles_U8_1 : vectors == 2 ? tiles_U8_2 : tiles_U8_4;
  }
}

static void finish_sums(const finish *_Nonnull f, native_type input) {
  if (input == NATIVE_U8)
    finish_typed(f, sums_of_integers);
  else
    finish_typed(f, sums_with_bias);
}

/// Whether the epilogue is one of those that tiles do themselves.
static int is_direct(const native_conv *_Nonnull conv, int32_t channels) {
  const native_epilogue *epilogue = &conv->epilogue;
  const native_type input = conv->input.type, output = conv->output.type;
  if (epilogue->activation == NATIVE_IDENTITY)
    return output == NATIVE_F32 && epilogue->residual_order == 0 &&
           (input != NATIVE_U8 || epilogue->scale);
  if (channels != 16 * conv->block_vectors || epilogue->activation != NATIVE_SILU ||
      input != output)
    return 0;
  if (input == NATIVE_U8) return epilogue->silu != 0;
  return epilogue->residual_order == 0 ||
         (epilogue->residual_order == 1 && epilogue->residual.type == input);
}

/// One row of one block: the row is cut into tiles whose widths differ by one at most.
static void run_row(const native_conv *_Nonnull conv, int32_t row, int32_t block) {
  _Alignas(64) static const float zeros[64];
  _Alignas(64) float sums[16 * tile_accumulators];
  const int32_t vectors = conv->block_vectors, lanes = 16 * vectors;
  const int32_t first_channel = block * lanes, width = conv->output_width;
  const int32_t widest =
      (conv->input.type == NATIVE_U8 ? byte_accumulators : tile_accumulators) / vectors;
  const int32_t tile_count = (width + widest - 1) / widest;
  tile_function *const *functions = tiles_of(conv->input.type, vectors);
  tile t = {.input = conv->input.data + row * conv->input.row_step,
            .pixel_step = conv->input.pixel_step,
            .offsets = conv->tap_offsets,
            .taps = conv->tap_count,
            .groups = conv->group_count,
            .bias = zeros,
            .sums = sums};
  t.weights = (const uint8_t *)conv->weights +
              (int64_t)block * conv->tap_count * conv->group_count * lanes * 4;
  if (conv->epilogue.bias) t.bias = conv->epilogue.bias + first_channel;
  finish f = finish_of_row(&conv->epilogue, &conv->output, row, first_channel);
  f.sums = sums;
  f.sum_step = lanes;
  f.channels = smaller(lanes, conv->output_channels - first_channel);
  if (is_direct(conv, f.channels)) t.direct = &f;
  for (int32_t index = 0, x = 0; index < tile_count; index++) {
    int32_t end = (int32_t)((int64_t)width * (index + 1) / tile_count);
    f.pixels = end - x;
    functions[f.pixels - 1](&t);
    if (!t.direct) finish_sums(&f, conv->input.type);
    finish_advance(&f, f.pixels);
    t.input += f.pixels * conv->input.pixel_step;
    x = end;
  }
}

void ISA(native_conv_run)(const native_conv *_Nonnull conv, int32_t first_row, int32_t row_count,
                          int32_t first_block, int32_t block_count) {
  const int64_t block_bytes =
      (int64_t)conv->tap_count * conv->group_count * conv->block_vectors * 64;
  // Weights that fit half of a second-level cache pass once for each row, whose pixels stay near;
  // of larger ones, a block's stay near while the rows pass.
  const int by_rows = block_bytes * block_count <= 512 * 1024;
  const int32_t outer = by_rows ? row_count : block_count;
  const int32_t inner = by_rows ? block_count : row_count;
  for (int32_t i = 0; i < outer; i++)
    for (int32_t j = 0; j < inner; j++)
      run_row(conv, first_row + (by_rows ? i : j), first_block + (by_rows ? j : i));
}

/// For template_winograd.h.
static void multiply_tiles(const float *_Nonnull inputs, int64_t input_step, int32_t groups,
                           const float *_Nonnull weights, int32_t vectors,
                           const float *_Nonnull bias, float *_Nonnull sums, int32_t tiles) {
  static const int64_t none = 0;
  tile_function *const *functions = tiles_of(NATIVE_F32, vectors);
  const int32_t widest = tile_accumulators / vectors, count = (tiles + widest - 1) / widest;
  tile t = {.input = (const uint8_t *)inputs,
            .pixel_step = input_step,
            .offsets = &none,
            .taps = 1,
            .groups = groups,
            .weights = (const uint8_t *)weights,
            .bias = bias,
            .sums = sums};
  for (int32_t index = 0, done = 0; index < count; index++) {
    int32_t end = (int32_t)((int64_t)tiles * (index + 1) / count);
    functions[end - done - 1](&t);
    t.input += (end - done) * input_step;
    t.sums += (int64_t)(end - done) * 16 * vectors;
    done = end;
  }
}
