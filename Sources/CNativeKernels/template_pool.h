#pragma once

// Max-pooling over any window, over the lanes of one instruction set.

INLINE void pool_pixel(const native_pool *_Nonnull pool, uint8_t *_Nonnull target, int32_t top,
                       int32_t bottom, int32_t left, int32_t right, format from, format to) {
  const int64_t from_bytes = element_bytes(from.type), to_bytes = element_bytes(to.type);
  for (int32_t c = 0; c < pool->channels; c += lane_count) {
    int32_t count = smaller(lane_count, pool->channels - c);
    vf best = vf_set(-INFINITY);
    for (int32_t y = top; y < bottom; y++)
      for (int32_t x = left; x < right; x++) {
        const uint8_t *source = pool->input.data + y * pool->input.row_step +
                                x * pool->input.pixel_step + c * from_bytes;
        best = vf_max(best, vf_load_values(source, from, count));
      }
    vf_store_values(target + c * to_bytes, best, to, count);
  }
}

INLINE void pool_any(const native_pool *_Nonnull pool, int32_t first_row, int32_t row_count) {
  const format from = format_of(&pool->input), to = format_of(&pool->output);
  for (int32_t row = first_row; row < first_row + row_count; row++) {
    int32_t top = row * pool->stride_height - pool->pad_top;
    int32_t bottom = smaller(top + pool->kernel_height, pool->input_height);
    for (int32_t column = 0; column < pool->output_width; column++) {
      int32_t left = column * pool->stride_width - pool->pad_left;
      int32_t right = smaller(left + pool->kernel_width, pool->input_width);
      uint8_t *target =
          pool->output.data + row * pool->output.row_step + column * pool->output.pixel_step;
      pool_pixel(pool, target, larger(top, 0), bottom, larger(left, 0), right, from, to);
    }
  }
}
