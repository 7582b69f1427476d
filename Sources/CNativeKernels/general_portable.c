#include "lanes_portable.h"

#define ISA(name) name##_portable

#include "template_activation.h"
#include "template_finish.h"

#include "template_decode.h"
#include "template_depthwise.h"
#include "template_movement.h"
#include "template_planar.h"
#include "template_pool.h"

void native_max_pool_portable(const native_pool *pool, int32_t first_row, int32_t row_count) {
  pool_any(pool, first_row, row_count);
}

void native_from_planar_portable(const float *planes, int64_t plane_step, int64_t plane_row,
                                 const native_view *target, int32_t rows, int32_t width,
                                 int32_t channels, int32_t padded_channels) {
  from_planar_any(planes, plane_step, plane_row, target, 0, rows, 0, width, channels,
                  padded_channels);
}

void native_to_planar_portable(const native_view *source, float *planes, int64_t plane_step,
                               int64_t plane_row, int32_t rows, int32_t width, int32_t channels) {
  to_planar_any(source, planes, plane_step, plane_row, 0, rows, 0, width, 0, channels);
}
