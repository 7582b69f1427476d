#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "internal.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16"))), apply_to = function)

#define LANES_BF16 1
#include "lanes_avx512.h"

#define ISA(name) name##_avx512_bf16

#include "template_activation.h"
#include "template_finish.h"

#include "template_decode.h"
#include "template_depthwise.h"
#include "template_movement.h"
#include "template_planar.h"
#include "template_pool.h"
#include "template_pool_sliding.h"

#define LANES_PLANAR 1
#include "planar_avx512.h"
#include "template_plain.h"

#pragma clang attribute pop
#endif
