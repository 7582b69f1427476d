#include "lanes_portable.h"

#define ISA(name) name##_portable

#include "template_activation.h"
#include "template_finish.h"

#include "template_decode.h"
#include "template_depthwise.h"
#include "template_movement.h"
#include "template_planar.h"
#include "template_pool.h"
#include "template_plain.h"

float native_byte_activation(float value, native_activation activation, float alpha,
                             float beta) {
  return activate_lanes(value, activation, alpha, beta, precision_byte);
}
