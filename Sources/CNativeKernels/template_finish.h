#pragma once

// What happens to sums before they are stored, over the lanes of one instruction set.

/// What a kernel hands over.
typedef enum sum_kind {
  /// Floats that started at the bias.
  sums_with_bias,
  /// 32-bit integers, to be multiplied by the epilogue's scale.
  sums_of_integers,
  /// Floats, to be multiplied by the epilogue's scale.
  sums_to_scale,
} sum_kind;

/// A few neighbouring pixels' sums of some channels, and where they go.
typedef struct finish {
  const native_epilogue *_Nonnull epilogue;
  /// [pixels][sum_step], 4 bytes each; readable up to a whole vector.
  const void *_Nonnull sums;
  int32_t sum_step, pixels;
  /// The first channel and their number.
  int32_t channel, channels;
  uint8_t *_Nonnull output;
  int64_t output_step;
  format output_format;
  const uint8_t *_Nullable residual;
  int64_t residual_step;
  format residual_format;
} finish;

INLINE vf sum_lanes(const finish *_Nonnull f, int32_t pixel, int32_t channel, sum_kind kind) {
  const int64_t sum = (int64_t)pixel * f->sum_step + channel;
  return kind == sums_of_integers ? vf_load_integers((const int32_t *)f->sums + sum)
                                  : vf_load((const float *)f->sums + sum);
}

INLINE vf finished_lanes(const finish *_Nonnull f, int32_t pixel, int32_t channel, int32_t count,
                         sum_kind kind, native_type type, native_activation activation) {
  const native_epilogue *epilogue = f->epilogue;
  vf value = sum_lanes(f, pixel, channel, kind);
  if (kind != sums_with_bias) {
    if (epilogue->scale)
      value = vf_mul(value, vf_load(epilogue->scale + f->channel + channel));
    if (epilogue->bias)
      value = vf_add(value, vf_load(epilogue->bias + f->channel + channel));
  }
  vf residual = vf_set(0.0f);
  if (epilogue->residual_order) {
    const uint8_t *source = f->residual + pixel * f->residual_step +
                            channel * element_bytes(f->residual_format.type);
    residual = vf_load_values(source, f->residual_format, count);
  }
  if (epilogue->residual_order == 2) value = vf_add(value, residual);
  value = activate_lanes(value, activation, epilogue->alpha, epilogue->beta,
                         precision_for(type));
  if (epilogue->residual_order == 1) value = vf_add(value, residual);
  return value;
}

INLINE void finish_lanes(const finish *_Nonnull f, int32_t pixel, int32_t channel, int32_t count,
                         sum_kind kind, native_type type, native_activation activation) {
  uint8_t *target = f->output + pixel * f->output_step + channel * element_bytes(type);
  if (type == NATIVE_S32) {
    int64_t sum = (int64_t)pixel * f->sum_step + channel;
    memcpy(target, (const int32_t *)f->sums + sum, 4 * (size_t)count);
    return;
  }
  if (type == NATIVE_U8 && activation == NATIVE_SILU && f->epilogue->silu) {
    const uint8_t *residual =
        f->residual ? f->residual + pixel * f->residual_step + channel : 0;
    vf_store_silu(target, sum_lanes(f, pixel, channel, kind), f->epilogue->silu,
                  f->channel + channel, residual, count);
    return;
  }
  format form = f->output_format;
  form.type = type;
  vf value = finished_lanes(f, pixel, channel, count, kind, type, activation);
  vf_store_values(target, value, form, count);
}

#if defined(LANES_QUAD_BYTES)
/// Stores one byte for each channel of four vectors that are whole blocks of 1, 2 or 4 vectors.
/// @param valid how many of the four there are.
INLINE void store_quad(uint8_t *_Nonnull target, int64_t step, __m512i bytes, const int32_t vectors,
                       const int32_t valid) {
  if (vectors == 4) {
    _mm512_storeu_si512(target, bytes);
  } else if (vectors == 2) {
    _mm256_storeu_si256((__m256i *)target, _mm512_castsi512_si256(bytes));
    if (valid > 2)
      _mm256_storeu_si256((__m256i *)(target + step), _mm512_extracti64x4_epi64(bytes, 1));
  } else {
    _mm_storeu_si128((__m128i *)target, _mm512_castsi512_si128(bytes));
    if (valid > 1)
      _mm_storeu_si128((__m128i *)(target + step), _mm512_extracti32x4_epi32(bytes, 1));
    if (valid > 2)
      _mm_storeu_si128((__m128i *)(target + 2 * step), _mm512_extracti32x4_epi32(bytes, 2));
    if (valid > 3)
      _mm_storeu_si128((__m128i *)(target + 3 * step), _mm512_extracti32x4_epi32(bytes, 3));
  }
}

/// What store_quad stores.
INLINE __m512i load_quad(const uint8_t *_Nonnull source, int64_t step, const int32_t vectors,
                         const int32_t valid) {
  if (vectors == 4) return _mm512_loadu_si512(source);
  if (vectors == 2) {
    __m512i bytes = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)source));
    if (valid > 2)
      bytes = _mm512_inserti64x4(bytes, _mm256_loadu_si256((const __m256i *)(source + step)), 1);
    return bytes;
  }
  __m512i bytes = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)source));
  if (valid > 1)
    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(source + step)), 1);
  if (valid > 2)
    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(source + 2 * step)), 2);
  if (valid > 3)
    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const __m128i *)(source + 3 * step)), 3);
  return bytes;
}

/// As native_silu defines it, for four neighbouring vectors of pixels whose blocks are whole.
/// @param sums as floats.
INLINE void finish_silu_quad(const finish *_Nonnull f, const silu_registers *_Nonnull s,
                             const vf *_Nonnull sums, const vf *_Nonnull factors,
                             const vf *_Nonnull offsets, int32_t pixel, const int32_t vectors,
                             const int32_t valid) {
  __m512i steps[4];
  for (int32_t v = 0; v < 4; v++)
    steps[v] = _mm512_cvtps_epi32(vf_fma(sums[v], factors[v % vectors], offsets[v % vectors]));
  __m512i residual = _mm512_setzero_si512();
  if (s->has_residual)
    residual = residual_quad(load_quad(f->residual + pixel * f->residual_step, f->residual_step,
                                       vectors, valid));
  __m512i bytes = silu_quad(s, _mm512_packs_epi32(steps[0], steps[1]),
                            _mm512_packs_epi32(steps[2], steps[3]), residual);
  store_quad(f->output + pixel * f->output_step, f->output_step, bytes, vectors, valid);
}

/// Whole blocks of 1, 2 or 4 vectors whose SiLU is native_silu's.
/// @returns how many pixels are done.
INLINE int32_t finish_silu_quads(const finish *_Nonnull f, sum_kind kind,
                                 const int32_t vectors) {
  const silu_registers s = silu_loaded(f->epilogue->silu, f->residual != 0);
  vf factors[4], offsets[4];
  for (int32_t v = 0; v < vectors; v++) {
    factors[v] = vf_load(f->epilogue->silu->factor + f->channel + 16 * v);
    offsets[v] = vf_load(f->epilogue->silu->offset + f->channel + 16 * v);
  }
  int32_t pixel = 0;
  for (; pixel + 4 / vectors <= f->pixels; pixel += 4 / vectors) {
    vf values[4];
    for (int32_t v = 0; v < 4; v++)
      values[v] = sum_lanes(f, pixel + v / vectors, 16 * (v % vectors), kind);
    finish_silu_quad(f, &s, values, factors, offsets, pixel, vectors, 4);
  }
  return pixel;
}

/// Whole blocks of 1, 2 or 4 vectors, four vectors at a time.
/// @returns how many pixels are done.
INLINE int32_t finish_quads(const finish *_Nonnull f, sum_kind kind,
                            native_activation activation, const int32_t vectors) {
  if (activation == NATIVE_SILU && f->epilogue->silu)
    return finish_silu_quads(f, kind, vectors);
  const int32_t together = 4 / vectors;
  int32_t pixel = 0;
  for (; pixel + together <= f->pixels; pixel += together) {
    vf values[4];
    for (int32_t v = 0; v < 4; v++)
      values[v] = finished_lanes(f, pixel + v / vectors, 16 * (v % vectors), 16, kind,
                                 NATIVE_U8, activation);
    __m512i bytes = bytes_of_quad(values, f->output_format);
    store_quad(f->output + pixel * f->output_step, f->output_step, bytes, vectors, 4);
  }
  return pixel;
}
#endif

INLINE void finish_pixels(const finish *_Nonnull f, sum_kind kind, native_type type,
                          native_activation activation) {
  int32_t pixel = 0;
#if defined(LANES_QUAD_BYTES)
  if (type == NATIVE_U8) {
    if (f->channels == 64) pixel = finish_quads(f, kind, activation, 4);
    if (f->channels == 32) pixel = finish_quads(f, kind, activation, 2);
    if (f->channels == 16) pixel = finish_quads(f, kind, activation, 1);
  }
#endif
  for (; pixel < f->pixels; pixel++) {
    int32_t channel = 0;
    for (; channel + lane_count <= f->channels; channel += lane_count)
      finish_lanes(f, pixel, channel, lane_count, kind, type, activation);
    if (channel < f->channels)
      finish_lanes(f, pixel, channel, f->channels - channel, kind, type, activation);
  }
}

INLINE void finish_activated(const finish *_Nonnull f, sum_kind kind, native_type type) {
  switch (f->epilogue->activation) {
    case NATIVE_IDENTITY: finish_pixels(f, kind, type, NATIVE_IDENTITY); break;
    case NATIVE_SILU: finish_pixels(f, kind, type, NATIVE_SILU); break;
    default: finish_pixels(f, kind, type, f->epilogue->activation); break;
  }
}

INLINE void finish_typed(const finish *_Nonnull f, sum_kind kind) {
  switch (f->output_format.type) {
    case NATIVE_F32: finish_activated(f, kind, NATIVE_F32); break;
    case NATIVE_BF16: finish_activated(f, kind, NATIVE_BF16); break;
    case NATIVE_U8: finish_activated(f, kind, NATIVE_U8); break;
    case NATIVE_S32: finish_pixels(f, kind, NATIVE_S32, NATIVE_IDENTITY); break;
  }
}

/// The epilogue's part of a `finish` for one row of a view; `output` and `residual` stand at the
/// row's first pixel and at `channel`.
INLINE finish finish_of_row(const native_epilogue *_Nonnull epilogue,
                            const native_view *_Nonnull output, int32_t row, int32_t channel) {
  finish f = {.epilogue = epilogue};
  f.channel = channel;
  f.output = output->data + row * output->row_step + channel * element_bytes(output->type);
  f.output_step = output->pixel_step;
  f.output_format = format_of(output);
  if (epilogue->residual_order) {
    const native_view *residual = &epilogue->residual;
    f.residual = residual->data + row * residual->row_step + channel * element_bytes(residual->type);
    f.residual_step = residual->pixel_step;
    f.residual_format = format_of(residual);
  }
  return f;
}

INLINE void finish_advance(finish *_Nonnull f, int32_t pixels) {
  f->output += pixels * f->output_step;
  if (f->residual) f->residual += pixels * f->residual_step;
}
