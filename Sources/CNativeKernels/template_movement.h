#pragma once

// Movement between views, and addition of views, over the lanes of one instruction set.

INLINE void convert_channels(const uint8_t *_Nonnull source, uint8_t *_Nonnull target,
                             int32_t channels, format from, format to) {
  const int64_t from_bytes = element_bytes(from.type), to_bytes = element_bytes(to.type);
  for (int32_t c = 0; c < channels; c += lane_count) {
    int32_t count = smaller(lane_count, channels - c);
    vf value = vf_load_values(source + c * from_bytes, from, count);
    vf_store_values(target + c * to_bytes, value, to, count);
  }
}

#if !defined(LANES_PLAIN)
/// One pixel into a block of repeat × repeat, each register of it read once.
INLINE void repeat_pixel(uint8_t *_Nonnull block, const uint8_t *_Nonnull pixel, int64_t bytes,
                         const native_view *_Nonnull target, int32_t repeat) {
  for (int64_t done = 0; done < bytes; done += raw_bytes) {
    int32_t part = bytes - done < raw_bytes ? (int32_t)(bytes - done) : raw_bytes;
    rv value = rv_load(pixel + done, part);
    for (int32_t y = 0; y < repeat; y++)
      for (int32_t x = 0; x < repeat; x++)
        rv_store(block + y * target->row_step + x * target->pixel_step + done, value, part);
  }
}
#else
INLINE void repeat_pixel(uint8_t *_Nonnull block, const uint8_t *_Nonnull pixel, int64_t bytes,
                         const native_view *_Nonnull target, int32_t repeat) {
  for (int32_t y = 0; y < repeat; y++)
    for (int32_t x = 0; x < repeat; x++)
      move_bytes(block + y * target->row_step + x * target->pixel_step, pixel, bytes);
}
#endif

void ISA(native_copy)(const native_view *_Nonnull source, const native_view *_Nonnull target,
                      int32_t rows, int32_t width, int32_t channels, int32_t repeat) {
  const format from = format_of(source), to = format_of(target);
  const int same = same_format(from, to);
  const int64_t bytes = channels * element_bytes(to.type);
  const int whole_rows =
      same && repeat == 1 && source->pixel_step == bytes && target->pixel_step == bytes;
  for (int32_t row = 0; row < rows; row++) {
    const uint8_t *pixel = source->data + row * source->row_step;
    uint8_t *block = target->data + (int64_t)row * repeat * target->row_step;
    if (whole_rows) {
      memcpy(block, pixel, (size_t)(bytes * width));
      continue;
    }
    for (int32_t x = 0; x < width; x++) {
      if (!same) {
        convert_channels(pixel, block, channels, from, to);
        if (repeat > 1) repeat_pixel(block, block, bytes, target, repeat);
      } else if (repeat == 1) {
        move_bytes(block, pixel, bytes);
      } else if (repeat == 2) {
        repeat_pixel(block, pixel, bytes, target, 2);
      } else {
        repeat_pixel(block, pixel, bytes, target, repeat);
      }
      pixel += source->pixel_step;
      block += repeat * target->pixel_step;
    }
  }
}

INLINE void add_rows(const native_view *_Nonnull a, const native_view *_Nonnull b,
                     const native_view *_Nonnull target, int32_t rows, int32_t width,
                     int32_t channels, native_activation activation, float alpha, float beta,
                     native_type type_a, native_type type_b, native_type type) {
  format form_a = format_of(a), to = format_of(target);
  format form_b = b->data ? format_of(b) : form_a;
  form_a.type = type_a;
  form_b.type = type_b;
  to.type = type;
  const int64_t bytes_a = element_bytes(type_a), bytes_b = element_bytes(type_b);
  const int64_t bytes = element_bytes(type);
  const precision precise = precision_for(type);
  for (int32_t row = 0; row < rows; row++)
    for (int32_t x = 0; x < width; x++) {
      const uint8_t *pixel_a = a->data + row * a->row_step + x * a->pixel_step;
      const uint8_t *pixel_b = b->data ? b->data + row * b->row_step + x * b->pixel_step : NULL;
      uint8_t *pixel = target->data + row * target->row_step + x * target->pixel_step;
      for (int32_t c = 0; c < channels; c += lane_count) {
        int32_t count = smaller(lane_count, channels - c);
        vf value = vf_load_values(pixel_a + c * bytes_a, form_a, count);
        if (pixel_b) value = vf_add(value, vf_load_values(pixel_b + c * bytes_b, form_b, count));
        value = activate_lanes(value, activation, alpha, beta, precise);
        vf_store_values(pixel + c * bytes, value, to, count);
      }
    }
}

INLINE void add_typed(const native_view *_Nonnull a, const native_view *_Nonnull b,
                      const native_view *_Nonnull target, int32_t rows, int32_t width,
                      int32_t channels, native_activation activation, float alpha, float beta,
                      native_type type_a, native_type type_b, native_type type) {
  if (activation == NATIVE_IDENTITY)
    add_rows(a, b, target, rows, width, channels, NATIVE_IDENTITY, 0, 0, type_a, type_b, type);
  else
    add_rows(a, b, target, rows, width, channels, activation, alpha, beta, type_a, type_b, type);
}

void ISA(native_unary_add)(const native_view *_Nonnull a, const native_view *_Nonnull b,
                           const native_view *_Nonnull target, int32_t rows, int32_t width,
                           int32_t channels, native_activation activation, float alpha,
                           float beta) {
  const native_type type = target->type;
  const int same = a->type == type && (!b->data || b->type == type);
  // Loops without decisions where all types agree.
#define ADD(type_a, type_b, type)                                                            \
  add_typed(a, b, target, rows, width, channels, activation, alpha, beta, type_a, type_b, type)
  if (same && type == NATIVE_F32)
    ADD(NATIVE_F32, NATIVE_F32, NATIVE_F32);
  else if (same && type == NATIVE_BF16)
    ADD(NATIVE_BF16, NATIVE_BF16, NATIVE_BF16);
  else if (same && type == NATIVE_U8)
    ADD(NATIVE_U8, NATIVE_U8, NATIVE_U8);
  else
    ADD(a->type, b->data ? b->type : a->type, type);
#undef ADD
}
