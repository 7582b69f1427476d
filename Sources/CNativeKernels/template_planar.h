#pragma once

// Planar memory in and out: the plain form, an element at a time in the narrow direction.

INLINE void from_planar_any(const void *_Nonnull planes, native_type type, int64_t plane_step,
                            int64_t plane_row, const native_view *_Nonnull target,
                            int32_t first_row, int32_t rows, int32_t first, int32_t width,
                            int32_t channels, int32_t padded_channels) {
  const format to = format_of(target);
  const int64_t bytes = element_bytes(to.type), source_bytes = element_bytes(type);
  for (int32_t row = first_row; row < first_row + rows; row++)
    for (int32_t x = first; x < width; x++) {
      uint8_t *pixel = target->data + row * target->row_step + x * target->pixel_step;
      for (int32_t c = 0; c < padded_channels; c++) {
        float value = 0;
        if (c < channels)
          value = load_planar((const uint8_t *)planes + c * plane_step + row * plane_row +
                                  x * source_bytes,
                              type);
        store_value(pixel + c * bytes, value, to);
      }
    }
}

INLINE void to_planar_any(const native_view *_Nonnull source, float *_Nonnull planes,
                          int64_t plane_step, int64_t plane_row, int32_t first_row, int32_t rows,
                          int32_t first, int32_t width, int32_t first_channel, int32_t channels) {
  const format from = format_of(source);
  const int64_t bytes = element_bytes(from.type);
  for (int32_t row = first_row; row < first_row + rows; row++)
    for (int32_t x = first; x < width; x++) {
      const uint8_t *pixel = source->data + row * source->row_step + x * source->pixel_step;
      for (int32_t c = first_channel; c < channels; c++) {
        float value = load_value(pixel + c * bytes, from);
        memcpy((uint8_t *)planes + c * plane_step + row * plane_row + 4 * (int64_t)x, &value, 4);
      }
    }
}
