#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "internal.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "lanes_avx2.h"

#define ISA(name) name##_avx2

#include "template_activation.h"
#include "template_finish.h"

#include "template_decode.h"
#include "template_depthwise.h"
#include "template_movement.h"
#include "template_planar.h"
#include "template_pool.h"
#include "template_pool_sliding.h"
#include "template_plain.h"

#pragma clang attribute pop
#endif
