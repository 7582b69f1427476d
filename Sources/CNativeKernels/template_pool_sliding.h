#pragma once

// Max-pooling of whole registers in the views' own type, without conversions: with a stride of 1
// along the row, each column's maximum is found once and kept for the windows it belongs to.

enum { widest_window = 16 };

/// The maximum of one column of the window, in the keys' order.
INLINE rv pool_column(const uint8_t *_Nonnull source, int64_t row_step, int32_t rows,
                      int32_t bytes, native_type type) {
  rv best = rv_key(rv_load(source, bytes), type);
  for (int32_t y = 1; y < rows; y++) {
    source += row_step;
    best = rv_max(best, rv_key(rv_load(source, bytes), type), type);
  }
  return best;
}

INLINE void pool_strip(const native_pool *_Nonnull pool, const uint8_t *_Nonnull source,
                       uint8_t *_Nonnull target, int32_t rows, int32_t bytes,
                       native_type type) {
  const int64_t step = pool->input.pixel_step, row_step = pool->input.row_step;
  if (pool->stride_width > 1) {
    for (int32_t column = 0; column < pool->output_width; column++) {
      int32_t left = column * pool->stride_width - pool->pad_left;
      int32_t right = smaller(left + pool->kernel_width, pool->input_width);
      left = larger(left, 0);
      rv best = pool_column(source + left * step, row_step, rows, bytes, type);
      for (int32_t x = left + 1; x < right; x++)
        best = rv_max(best, pool_column(source + x * step, row_step, rows, bytes, type), type);
      rv_store(target + column * pool->output.pixel_step, rv_key(best, type), bytes);
    }
    return;
  }
  // Column x's maximum is at place x mod widest_window.
  rv columns[widest_window];
  int32_t known = 0;
  for (int32_t column = 0; column < pool->output_width; column++) {
    int32_t left = column - pool->pad_left;
    int32_t right = smaller(left + pool->kernel_width, pool->input_width);
    left = larger(left, 0);
    for (; known < right; known++)
      columns[known % widest_window] =
          pool_column(source + known * step, row_step, rows, bytes, type);
    rv best = columns[left % widest_window];
    for (int32_t x = left + 1; x < right; x++)
      best = rv_max(best, columns[x % widest_window], type);
    rv_store(target + column * pool->output.pixel_step, rv_key(best, type), bytes);
  }
}

INLINE void pool_rows(const native_pool *_Nonnull pool, int32_t first_row, int32_t row_count,
                      native_type type) {
  const int32_t bytes = pool->channels * (int32_t)element_bytes(type);
  for (int32_t row = first_row; row < first_row + row_count; row++) {
    int32_t top = row * pool->stride_height - pool->pad_top;
    int32_t rows = smaller(top + pool->kernel_height, pool->input_height);
    top = larger(top, 0);
    rows -= top;
    const uint8_t *source = pool->input.data + top * pool->input.row_step;
    uint8_t *target = pool->output.data + row * pool->output.row_step;
    int32_t done = 0;
    for (; done + raw_bytes <= bytes; done += raw_bytes)
      pool_strip(pool, source + done, target + done, rows, raw_bytes, type);
    if (done < bytes) pool_strip(pool, source + done, target + done, rows, bytes - done, type);
  }
}

void ISA(native_max_pool)(const native_pool *_Nonnull pool, int32_t first_row,
                          int32_t row_count) {
  if (!same_format(format_of(&pool->input), format_of(&pool->output)) ||
      pool->kernel_width > widest_window) {
    pool_any(pool, first_row, row_count);
    return;
  }
  switch (pool->input.type) {
    case NATIVE_U8: pool_rows(pool, first_row, row_count, NATIVE_U8); break;
    case NATIVE_BF16: pool_rows(pool, first_row, row_count, NATIVE_BF16); break;
    case NATIVE_F32: pool_rows(pool, first_row, row_count, NATIVE_F32); break;
    default: pool_any(pool, first_row, row_count); break;
  }
}
