// The kernels' source text, for the compiler at run time, and the structures that they are given.
#pragma once
#include "GPUKernels.h"

/// `kernels.cu.h`, which includes the header below as "GPUKernels.h".
const char *_Nonnull vtGPUKernelSource(void);
/// `GPUKernels.h`.
const char *_Nonnull vtGPUKernelHeader(void);
