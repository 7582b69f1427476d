#pragma once

// Planar memory in and out by AVX-512: 16 pixels at a time.

#define UNROLL _Pragma("clang loop unroll(full)")

// Where the elements of three planes come from: element 3p + k is channel k of pixel p.

/// 16-bit elements from cells of two: 2p + k of the first two channels, or 32 + 2p of the third.
static const int16_t planar_words[64] = {
    0, 1, 32, 2, 3, 34, 4, 5, 36, 6, 7, 38, 8, 9, 40, 10, 11, 42, 12, 13, 44, 14, 15, 46, 16,
    17, 48, 18, 19, 50, 20, 21, 52, 22, 23, 54, 24, 25, 56, 26, 27, 58, 28, 29, 60, 30, 31, 62,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
/// 32-bit elements: first p + 16k of the first two channels, then 16 + p of the third.
static const int32_t planar_pairs[3][16] = {
    {0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5},
    {21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26},
    {0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0}};
static const int32_t planar_thirds[3][16] = {
    {0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15},
    {0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15},
    {26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31}};

/// 16 pixels of a plane; bytes as byte / 255, which one step of Newton's after multiplying by the
/// inverse rounds as a division does, for every byte.
INLINE vf planar_values(const uint8_t *_Nonnull plane, native_type type) {
  if (type != NATIVE_U8) return vf_load((const float *)plane);
  const vf inverse = vf_set(1.0f / 255.0f);
  vf bytes = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)plane)));
  vf quotient = vf_mul(bytes, inverse);
  return vf_fma(vf_fnma(quotient, vf_set(255.0f), bytes), inverse, quotient);
}

/// 16 pixels of a plane as elements of the target's type, one to a 32-bit cell.
INLINE __m512i planar_cells(const uint8_t *_Nonnull plane, native_type type, format to) {
  vf values = planar_values(plane, type);
  switch (to.type) {
    case NATIVE_BF16: return _mm512_cvtepu16_epi32(bfloat16_of_lanes(values));
    case NATIVE_U8: return _mm512_cvtepu8_epi32(bytes_of_lanes(values, to));
    default: return _mm512_castps_si512(values);
  }
}

/// Three or four channels side by side, without a gap between pixels.
INLINE void interleave(uint8_t *_Nonnull target, __m512i a, __m512i b, __m512i c, __m512i d,
                       native_type type, const int channels) {
  if (type == NATIVE_U8) {
    __m512i cells = _mm512_or_si512(_mm512_or_si512(a, _mm512_slli_epi32(b, 8)),
                                    _mm512_or_si512(_mm512_slli_epi32(c, 16),
                                                    _mm512_slli_epi32(d, 24)));
    if (channels == 4) {
      _mm512_storeu_si512(target, cells);
      return;
    }
    const __m512i drop_fourth = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m512i close_up =
        _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    cells = _mm512_permutexvar_epi32(close_up, _mm512_shuffle_epi8(cells, drop_fourth));
    _mm256_storeu_si256((__m256i *)target, _mm512_castsi512_si256(cells));
    _mm_storeu_si128((__m128i *)(target + 32), _mm512_extracti32x4_epi32(cells, 2));
    return;
  }
  if (type == NATIVE_BF16) {
    __m512i ab = _mm512_or_si512(a, _mm512_slli_epi32(b, 16));
    __m512i cd = _mm512_or_si512(c, _mm512_slli_epi32(d, 16));
    if (channels == 4) {
      const __m512i low =
          _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
      _mm512_storeu_si512(target, _mm512_permutex2var_epi32(ab, low, cd));
      _mm512_storeu_si512(target + 64, _mm512_permutex2var_epi32(ab, high, cd));
      return;
    }
    const __m512i low = _mm512_loadu_si512(planar_words);
    const __m512i high = _mm512_loadu_si512(planar_words + 32);
    _mm512_storeu_si512(target, _mm512_permutex2var_epi16(ab, low, cd));
    _mm256_storeu_si256(
        (__m256i *)(target + 64),
        _mm512_castsi512_si256(_mm512_permutex2var_epi16(ab, high, cd)));
    return;
  }
  if (channels == 4) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    const __m512i pairs_low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i pairs_high = _mm512_add_epi64(pairs_low, _mm512_set1_epi64(4));
    __m512i ab = _mm512_permutex2var_epi32(a, low, b), cd = _mm512_permutex2var_epi32(c, low, d);
    _mm512_storeu_si512(target, _mm512_permutex2var_epi64(ab, pairs_low, cd));
    _mm512_storeu_si512(target + 64, _mm512_permutex2var_epi64(ab, pairs_high, cd));
    ab = _mm512_permutex2var_epi32(a, high, b);
    cd = _mm512_permutex2var_epi32(c, high, d);
    _mm512_storeu_si512(target + 128, _mm512_permutex2var_epi64(ab, pairs_low, cd));
    _mm512_storeu_si512(target + 192, _mm512_permutex2var_epi64(ab, pairs_high, cd));
    return;
  }
  UNROLL for (int part = 0; part < 3; part++) {
    __m512i ab = _mm512_permutex2var_epi32(a, _mm512_loadu_si512(planar_pairs[part]), b);
    __m512i abc = _mm512_permutex2var_epi32(ab, _mm512_loadu_si512(planar_thirds[part]), c);
    _mm512_storeu_si512(target + 64 * part, abc);
  }
}

INLINE void from_planar_rows(const void *_Nonnull planes, const native_type source_type,
                             int64_t plane_step, int64_t plane_row,
                             const native_view *_Nonnull target, int32_t rows, int32_t width,
                             const int channels, const native_type type) {
  format to = format_of(target);
  to.type = type;
  const int64_t bytes = channels * element_bytes(type);
  const int64_t source_bytes = element_bytes(source_type);
  const __m512i empty = channels == 3 || type != NATIVE_U8
                            ? _mm512_setzero_si512()
                            : _mm512_set1_epi32(byte_of(0, to));
  for (int32_t row = 0; row < rows; row++) {
    const uint8_t *source = (const uint8_t *)planes + row * plane_row;
    uint8_t *pixel = target->data + row * target->row_step;
    int32_t x = 0;
    for (; x + 16 <= width; x += 16, source += 16 * source_bytes, pixel += 16 * bytes)
      interleave(pixel, planar_cells(source, source_type, to),
                 planar_cells(source + plane_step, source_type, to),
                 planar_cells(source + 2 * plane_step, source_type, to), empty, type, channels);
    from_planar_any(planes, source_type, plane_step, plane_row, target, row, 1, x, width, 3,
                    channels);
  }
}

INLINE void from_planar_typed(const void *_Nonnull planes, const native_type source_type,
                              int64_t plane_step, int64_t plane_row,
                              const native_view *_Nonnull target, int32_t rows, int32_t width,
                              const int channels) {
#define ROWS(type)                                                                             \
  from_planar_rows(planes, source_type, plane_step, plane_row, target, rows, width, channels, type)
  switch (target->type) {
    case NATIVE_U8: ROWS(NATIVE_U8); break;
    case NATIVE_BF16: ROWS(NATIVE_BF16); break;
    default: ROWS(NATIVE_F32); break;
  }
#undef ROWS
}

void ISA(native_from_planar)(const void *_Nonnull planes, native_type type, int64_t plane_step,
                             int64_t plane_row, const native_view *_Nonnull target, int32_t rows,
                             int32_t width, int32_t channels, int32_t padded_channels) {
#define TYPED(type, channels) \
  from_planar_typed(planes, type, plane_step, plane_row, target, rows, width, channels)
  const int dense = target->pixel_step == padded_channels * element_bytes(target->type);
  if (!dense || channels != 3 || (padded_channels != 3 && padded_channels != 4))
    from_planar_any(planes, type, plane_step, plane_row, target, 0, rows, 0, width, channels,
                    padded_channels);
  else if (type == NATIVE_U8 && padded_channels == 3)
    TYPED(NATIVE_U8, 3);
  else if (type == NATIVE_U8)
    TYPED(NATIVE_U8, 4);
  else if (padded_channels == 3)
    TYPED(NATIVE_F32, 3);
  else
    TYPED(NATIVE_F32, 4);
#undef TYPED
}

/// 16 pixels of 16 channels: rows become columns in four rounds of exchanges, of neighbours, of
/// pairs, of quarters and of halves.
INLINE void transpose(__m512i *_Nonnull v) {
  __m512i t[16];
  UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  UNROLL for (int i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  UNROLL for (int i = 0; i < 16; i += 8) UNROLL for (int j = 0; j < 4; j++) {
    t[i + j] = _mm512_shuffle_i32x4(v[i + j], v[i + j + 4], 0x88);
    t[i + j + 4] = _mm512_shuffle_i32x4(v[i + j], v[i + j + 4], 0xDD);
  }
  UNROLL for (int j = 0; j < 8; j++) {
    v[j] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0x88);
    v[j + 8] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0xDD);
  }
}

void ISA(native_to_planar)(const native_view *_Nonnull source, float *_Nonnull planes,
                           int64_t plane_step, int64_t plane_row, int32_t rows, int32_t width,
                           int32_t channels) {
  const format from = format_of(source);
  const int64_t bytes = element_bytes(from.type);
  for (int32_t row = 0; row < rows; row++) {
    const uint8_t *first = source->data + row * source->row_step;
    int32_t x = 0;
    for (; x + 16 <= width; x += 16)
      for (int32_t c = 0; c < channels; c += 16) {
        const int32_t count = smaller(16, channels - c);
        __m512i block[16];
        for (int32_t p = 0; p < 16; p++)
          block[p] = vf_bits(
              vf_load_values(first + (x + p) * source->pixel_step + c * bytes, from, count));
        transpose(block);
        uint8_t *target = (uint8_t *)planes + c * plane_step + row * plane_row + 4 * (int64_t)x;
        for (int32_t k = 0; k < count; k++)
          _mm512_storeu_si512(target + k * plane_step, block[k]);
      }
    to_planar_any(source, planes, plane_step, plane_row, row, 1, x, width, 0, channels);
  }
}
