#pragma once

// What an instruction set has no faster form for.

#if defined(LANES_PLAIN)
void ISA(native_max_pool)(const native_pool *pool, int32_t first_row, int32_t row_count) {
  pool_any(pool, first_row, row_count);
}
#endif

#if !defined(LANES_PLANAR)
void ISA(native_from_planar)(const void *planes, native_type type, int64_t plane_step,
                             int64_t plane_row, const native_view *target, int32_t rows,
                             int32_t width, int32_t channels, int32_t padded_channels) {
  from_planar_any(planes, type, plane_step, plane_row, target, 0, rows, 0, width, channels,
                  padded_channels);
}

void ISA(native_to_planar)(const native_view *source, float *planes, int64_t plane_step,
                               int64_t plane_row, int32_t rows, int32_t width, int32_t channels) {
  to_planar_any(source, planes, plane_step, plane_row, 0, rows, 0, width, 0, channels);
}
#endif
