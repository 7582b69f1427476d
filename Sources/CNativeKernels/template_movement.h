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

void ISA(native_copy)(const native_view *_Nonnull source, const native_view *_Nonnull target,
                      int32_t rows, int32_t width, int32_t channels, int32_t repeat) {
  const format from = format_of(source), to = format_of(target);
  const int same = same_format(from, to);
  const int64_t bytes = channels * element_bytes(to.type);
  const int whole_rows =
      same && repeat == 1 && source->pixel_step == bytes && target->pixel_step == bytes;
  for (int32_t row = 0; row < rows; row++) {
    const uint8_t *pixel = source->data + row * source->row_step;
    uint8_t *first = target->data + (int64_t)row * repeat * target->row_step;
    if (whole_rows) {
      memcpy(first, pixel, (size_t)(bytes * width));
      continue;
    }
    for (int32_t x = 0; x < width; x++, pixel += source->pixel_step) {
      uint8_t *block = first + (int64_t)x * repeat * target->pixel_step;
      if (same)
        move_bytes(block, pixel, bytes);
      else
        convert_channels(pixel, block, channels, from, to);
      for (int32_t right = 1; right < repeat; right++)
        move_bytes(block + right * target->pixel_step, block, bytes);
    }
    for (int32_t down = 1; down < repeat; down++) {
      uint8_t *copy = first + down * target->row_step;
      if (target->pixel_step == bytes) {
        memcpy(copy, first, (size_t)(bytes * width * repeat));
        continue;
      }
      for (int32_t x = 0; x < width * repeat; x++)
        move_bytes(copy + x * target->pixel_step, first + x * target->pixel_step, bytes);
    }
  }
}

INLINE void add_rows(const native_view *_Nonnull a, const native_view *_Nonnull b,
                     const native_view *_Nonnull target, int32_t rows, int32_t width,
                     int32_t channels, native_activation activation, float alpha, float beta,
                     precision precise) {
  const format form_a = format_of(a), to = format_of(target);
  const format form_b = b->data ? format_of(b) : form_a;
  const int64_t bytes_a = element_bytes(a->type), bytes_b = element_bytes(b->type);
  const int64_t bytes = element_bytes(target->type);
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

void ISA(native_unary_add)(const native_view *_Nonnull a, const native_view *_Nonnull b,
                           const native_view *_Nonnull target, int32_t rows, int32_t width,
                           int32_t channels, native_activation activation, float alpha,
                           float beta) {
  const precision precise = precision_for(target->type);
  if (activation == NATIVE_IDENTITY)
    add_rows(a, b, target, rows, width, channels, NATIVE_IDENTITY, 0, 0, precise);
  else
    add_rows(a, b, target, rows, width, channels, activation, alpha, beta, precise);
}
