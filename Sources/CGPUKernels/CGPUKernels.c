#include "CGPUKernels.h"

// #embed is C23; the compiler takes it in every language version.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char kernels[] = {
#embed "kernels.cu.h"
    , 0};
static const char structures[] = {
#embed "include/GPUKernels.h"
    , 0};

const char *vtGPUKernelSource(void) { return kernels; }
const char *vtGPUKernelHeader(void) { return structures; }
