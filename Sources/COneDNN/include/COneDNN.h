// The few calls of oneDNN's C interface that the native engine makes: convolutions, and the
// rearranging of their weights.
//
// The library is opened at run time and its functions are looked up by name once. The declarations
// here are the project's own: names, argument types, numbers, nothing else.
// Source: oneDNN 3.2, the functions and enumerations of oneapi/dnnl/dnnl.h.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

typedef struct VTDnnlEngine VTDnnlEngine;
typedef struct VTDnnlStream VTDnnlStream;
/// The shape, element type and order of a memory's elements.
typedef struct VTDnnlLayout VTDnnlLayout;
typedef struct VTDnnlMemory VTDnnlMemory;
typedef struct VTDnnlAttributes VTDnnlAttributes;
typedef struct VTDnnlPostOps VTDnnlPostOps;
/// What a primitive will do, and by which implementation.
typedef struct VTDnnlDescription VTDnnlDescription;
typedef struct VTDnnlPrimitive VTDnnlPrimitive;

typedef struct {
  int32_t major, minor, patch;
  const char *hash;
  uint32_t processorRuntime, deviceRuntime;
} VTDnnlVersion;

typedef struct {
  int32_t argument;
  VTDnnlMemory *memory;
} VTDnnlArgument;

/// Functions of the library: name, result, arguments.
#define VT_DNNL_FUNCTIONS(X)                                                                      \
  X(dnnl_version, const VTDnnlVersion *, void)                                                    \
  X(dnnl_engine_create, int32_t, VTDnnlEngine **, int32_t, size_t)                                \
  X(dnnl_engine_destroy, int32_t, VTDnnlEngine *)                                                 \
  X(dnnl_stream_create, int32_t, VTDnnlStream **, VTDnnlEngine *, uint32_t)                       \
  X(dnnl_stream_destroy, int32_t, VTDnnlStream *)                                                 \
  X(dnnl_memory_desc_create_with_strides, int32_t, VTDnnlLayout **, int32_t, const int64_t *,     \
    int32_t, const int64_t *)                                                                     \
  X(dnnl_memory_desc_create_with_tag, int32_t, VTDnnlLayout **, int32_t, const int64_t *,         \
    int32_t, int32_t)                                                                             \
  X(dnnl_memory_desc_destroy, int32_t, VTDnnlLayout *)                                            \
  X(dnnl_memory_desc_get_size, size_t, const VTDnnlLayout *)                                      \
  X(dnnl_memory_create, int32_t, VTDnnlMemory **, const VTDnnlLayout *, VTDnnlEngine *, void *)   \
  X(dnnl_memory_set_data_handle, int32_t, VTDnnlMemory *, void *)                                 \
  X(dnnl_memory_destroy, int32_t, VTDnnlMemory *)                                                 \
  X(dnnl_primitive_attr_create, int32_t, VTDnnlAttributes **)                                     \
  X(dnnl_primitive_attr_set_scratchpad_mode, int32_t, VTDnnlAttributes *, int32_t)                \
  X(dnnl_primitive_attr_set_post_ops, int32_t, VTDnnlAttributes *, const VTDnnlPostOps *)         \
  X(dnnl_primitive_attr_destroy, int32_t, VTDnnlAttributes *)                                     \
  X(dnnl_post_ops_create, int32_t, VTDnnlPostOps **)                                              \
  X(dnnl_post_ops_append_eltwise, int32_t, VTDnnlPostOps *, int32_t, float, float)                \
  X(dnnl_post_ops_append_sum, int32_t, VTDnnlPostOps *, float, int32_t, int32_t)                  \
  X(dnnl_post_ops_destroy, int32_t, VTDnnlPostOps *)                                              \
  X(dnnl_convolution_forward_primitive_desc_create, int32_t, VTDnnlDescription **,                \
    VTDnnlEngine *, int32_t, int32_t, const VTDnnlLayout *, const VTDnnlLayout *,                 \
    const VTDnnlLayout *, const VTDnnlLayout *, const int64_t *, const int64_t *,                 \
    const int64_t *, const int64_t *, const VTDnnlAttributes *)                                   \
  X(dnnl_reorder_primitive_desc_create, int32_t, VTDnnlDescription **, const VTDnnlLayout *,      \
    VTDnnlEngine *, const VTDnnlLayout *, VTDnnlEngine *, const VTDnnlAttributes *)               \
  X(dnnl_primitive_desc_query, int32_t, const VTDnnlDescription *, int32_t, int32_t, void *)      \
  X(dnnl_primitive_desc_query_md, const VTDnnlLayout *, const VTDnnlDescription *, int32_t,       \
    int32_t)                                                                                      \
  X(dnnl_primitive_desc_destroy, int32_t, VTDnnlDescription *)                                    \
  X(dnnl_primitive_create, int32_t, VTDnnlPrimitive **, const VTDnnlDescription *)                \
  X(dnnl_primitive_execute, int32_t, const VTDnnlPrimitive *, VTDnnlStream *, int32_t,            \
    const VTDnnlArgument *)                                                                       \
  X(dnnl_primitive_destroy, int32_t, VTDnnlPrimitive *)                                           \
  X(omp_set_num_threads, void, int32_t)                                                           \
  X(omp_get_max_threads, int32_t, void)

/// The library's functions.
typedef struct {
#define VT_DNNL_FIELD(name, result, ...) result (*name)(__VA_ARGS__);
  VT_DNNL_FUNCTIONS(VT_DNNL_FIELD)
#undef VT_DNNL_FIELD
} VTDnnlTable;

/// Element types as the library numbers them.
enum { VTDnnlBFloat16 = 2, VTDnnlFloat32 = 3 };

/// Activations as the library numbers them; 0: none.
enum {
  VTDnnlRelu = 0x20,
  VTDnnlLogistic = 0x29,
  VTDnnlSwish = 0x2C,
  VTDnnlClip = 0x2E,
  VTDnnlHardSwish = 0x34,
};

/// A convolution of dense NHWC pixels, without padding: whoever calls it gives a source that has it.
typedef struct {
  /// [N, C, H, W].
  int64_t source[4], target[4];
  /// [M, C, kh, kw].
  int64_t weights[4];
  /// Vertical, horizontal. Dilations count from 1.
  int64_t strides[2], dilations[2];
  int32_t sourceType, targetType;
  /// One of the numbers above, with its parameters.
  int32_t activation;
  float alpha, beta;
  /// 0: what the target holds is written over; 1: it is added after the activation; 2: before it.
  int32_t sum;
} VTDnnlConvolution;

/// Looks up every function.
/// @returns the name of one that is missing, or null.
const char *vtDnnlFill(void *library, VTDnnlTable *table);

/// What a convolution will be done by. One thread works on it.
/// @param weights the weights' layout; null: the library's choice.
/// @returns 0, or the library's status.
int32_t vtDnnlDescribe(const VTDnnlTable *table, VTDnnlEngine *engine,
                       const VTDnnlConvolution *convolution, const VTDnnlLayout *weights,
                       VTDnnlDescription **description);

/// Rearranges weights [M, C, kh, kw] without gaps into a layout. One thread works on it.
int32_t vtDnnlRearrange(const VTDnnlTable *table, VTDnnlEngine *engine, const int64_t *extents,
                        int32_t type, const void *source, const VTDnnlLayout *layout,
                        void *target);

/// The name of the implementation.
const char *vtDnnlImplementation(const VTDnnlTable *table, const VTDnnlDescription *description);
const VTDnnlLayout *vtDnnlWeightsLayout(const VTDnnlTable *table,
                                        const VTDnnlDescription *description);
const VTDnnlLayout *vtDnnlScratchLayout(const VTDnnlTable *table,
                                        const VTDnnlDescription *description);

/// The memories of one thread. A layout of no bytes has no memory.
typedef struct {
  VTDnnlStream *stream;
  VTDnnlMemory *source, *target, *scratch;
} VTDnnlWorker;

/// Runs a convolution on this thread alone.
int32_t vtDnnlRun(const VTDnnlTable *table, const VTDnnlPrimitive *primitive,
                  const VTDnnlWorker *worker, VTDnnlMemory *weights, VTDnnlMemory *bias,
                  const void *source, void *target, void *scratch);
