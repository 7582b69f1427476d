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
