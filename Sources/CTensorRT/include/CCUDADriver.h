// The few calls of CUDA's driver interface that the project makes. The driver is opened at run time
// and its functions are looked up by name; the declarations are the project's own.
// Source: CUDA driver API, the forms that hold since CUDA 11.4.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct VTCuContext VTCuContext;
typedef struct VTCuStream VTCuStream;
typedef struct VTCuEvent VTCuEvent;
typedef struct VTCuGraph VTCuGraph;
typedef struct VTCuRunnable VTCuRunnable;
typedef struct VTCuPool VTCuPool;
typedef struct VTCuModule VTCuModule;
typedef struct VTCuFunction VTCuFunction;

/// X(field, exported name, arguments); every function answers 0 or an error code.
#define VT_CU_FUNCTIONS(X)                                                                       \
  X(start, cuInit, unsigned)                                                                     \
  X(deviceCount, cuDeviceGetCount, int *)                                                        \
  X(device, cuDeviceGet, int *, int)                                                             \
  X(attribute, cuDeviceGetAttribute, int *, int, int)                                            \
  X(retainContext, cuDevicePrimaryCtxRetain, VTCuContext **, int)                                \
  X(setContext, cuCtxSetCurrent, VTCuContext *)                                                  \
  X(errorText, cuGetErrorString, int, const char **)                                             \
  X(createStream, cuStreamCreate, VTCuStream **, unsigned)                                       \
  X(destroyStream, cuStreamDestroy_v2, VTCuStream *)                                             \
  X(synchronize, cuStreamSynchronize, VTCuStream *)                                              \
  X(allocate, cuMemAlloc_v2, uint64_t *, size_t)                                                 \
  X(release, cuMemFree_v2, uint64_t)                                                             \
  X(allocateHost, cuMemHostAlloc, void **, size_t, unsigned)                                     \
  X(releaseHost, cuMemFreeHost, void *)                                                          \
  X(copyToDevice, cuMemcpyHtoDAsync_v2, uint64_t, const void *, size_t, VTCuStream *)            \
  X(copyToHost, cuMemcpyDtoHAsync_v2, void *, uint64_t, size_t, VTCuStream *)                    \
  X(createEvent, cuEventCreate, VTCuEvent **, unsigned)                                          \
  X(destroyEvent, cuEventDestroy_v2, VTCuEvent *)                                                \
  X(recordEvent, cuEventRecord, VTCuEvent *, VTCuStream *)                                       \
  X(elapsed, cuEventElapsedTime, float *, VTCuEvent *, VTCuEvent *)                              \
  X(beginCapture, cuStreamBeginCapture_v2, VTCuStream *, unsigned)                               \
  X(endCapture, cuStreamEndCapture, VTCuStream *, VTCuGraph **)                                  \
  X(instantiate, cuGraphInstantiateWithFlags, VTCuRunnable **, VTCuGraph *, unsigned long long)  \
  X(launch, cuGraphLaunch, VTCuRunnable *, VTCuStream *)                                         \
  X(destroyGraph, cuGraphDestroy, VTCuGraph *)                                                   \
  X(destroyRunnable, cuGraphExecDestroy, VTCuRunnable *)                                         \
  X(loadModule, cuModuleLoadData, VTCuModule **, const void *)                                   \
  X(unloadModule, cuModuleUnload, VTCuModule *)                                                  \
  X(function, cuModuleGetFunction, VTCuFunction **, VTCuModule *, const char *)                  \
  X(launchKernel, cuLaunchKernel, VTCuFunction *, unsigned, unsigned, unsigned, unsigned,        \
    unsigned, unsigned, unsigned, VTCuStream *, void **, void **)

/// Functions that a driver may lack: memory in the order of a stream, since CUDA 11.2.
#define VT_CU_POOL_FUNCTIONS(X)                                                                  \
  X(allocateInOrder, cuMemAllocAsync, uint64_t *, size_t, VTCuStream *)                          \
  X(releaseInOrder, cuMemFreeAsync, uint64_t, VTCuStream *)                                      \
  X(defaultPool, cuDeviceGetDefaultMemPool, VTCuPool **, int)                                    \
  X(setPool, cuMemPoolSetAttribute, VTCuPool *, int, void *)

#define VT_CU_FIELD(field, name, ...) int (*field)(__VA_ARGS__);
/// The functions of an opened driver; those of the second list may be null.
typedef struct {
  VT_CU_FUNCTIONS(VT_CU_FIELD)
  VT_CU_POOL_FUNCTIONS(VT_CU_FIELD)
} VTCuTable;
#undef VT_CU_FIELD

/// Looks every function up; the answer is the name of one that is missing, or null.
const char *vtCuFill(void *library, VTCuTable *table);
