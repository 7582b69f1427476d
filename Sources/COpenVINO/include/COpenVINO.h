// The few calls of OpenVINO's C interface that the project makes.
//
// The library is opened at run time and its functions are looked up by name once. The
// declarations here are the project's own: names, argument types, layouts, nothing else.
// Source: OpenVINO 2026.4, the functions of openvino/c.
#pragma once
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct VTOvCore VTOvCore;
typedef struct VTOvModel VTOvModel;
typedef struct VTOvCompiled VTOvCompiled;
typedef struct VTOvRequest VTOvRequest;
typedef struct VTOvTensor VTOvTensor;
typedef struct VTOvPort VTOvPort;

/// A shape: a rank and that many extents, allocated by the library when it answers with one.
typedef struct {
  int64_t rank;
  int64_t *extents;
} VTOvShape;

/// The bounds of an extent, both inclusive; the upper one is -1 where there is none.
typedef struct {
  int64_t lower;
  int64_t upper;
} VTOvExtent;

/// A shape whose extents may be open.
typedef struct {
  VTOvExtent rank;
  VTOvExtent *extents;
} VTOvOpenShape;

/// What a layer did in the last run. Times in microseconds.
typedef struct {
  /// 0: not run, 1: removed by the engine, 2: executed.
  int32_t status;
  int64_t realTime;
  int64_t processorTime;
  const char *name;
  const char *tactic;
  const char *type;
} VTOvLayer;

/// The layers of the last run.
typedef struct {
  VTOvLayer *layers;
  size_t count;
} VTOvLayers;

/// How a network is built; texts as the library's properties want them.
typedef struct {
  const char *precision;
  const char *threads;
  const char *profiles;
} VTOvBuild;

typedef struct {
  const char *number;
  const char *description;
} VTOvVersion;

/// Functions of the library: name, result, arguments.
#define VT_OV_FUNCTIONS(X)                                                                        \
  X(ov_get_openvino_version, int32_t, VTOvVersion *)                                              \
  X(ov_version_free, void, VTOvVersion *)                                                         \
  X(ov_get_error_info, const char *, int32_t)                                                     \
  X(ov_get_last_err_msg, const char *, void)                                                      \
  X(ov_free, void, const char *)                                                                  \
  X(ov_core_create, int32_t, VTOvCore **)                                                         \
  X(ov_core_free, void, VTOvCore *)                                                               \
  X(ov_core_get_property, int32_t, const VTOvCore *, const char *, const char *, char **)         \
  X(ov_core_read_model, int32_t, const VTOvCore *, const char *, const char *, VTOvModel **)      \
  X(ov_core_read_model_from_memory_buffer, int32_t, const VTOvCore *, const char *, size_t,       \
    const VTOvTensor *, VTOvModel **)                                                             \
  X(ov_core_compile_model, int32_t, const VTOvCore *, const VTOvModel *, const char *, size_t,    \
    VTOvCompiled **, ...)                                                                         \
  X(ov_model_free, void, VTOvModel *)                                                             \
  X(ov_compiled_model_free, void, VTOvCompiled *)                                                 \
  X(ov_compiled_model_inputs_size, int32_t, const VTOvCompiled *, size_t *)                       \
  X(ov_compiled_model_outputs_size, int32_t, const VTOvCompiled *, size_t *)                      \
  X(ov_compiled_model_input_by_index, int32_t, const VTOvCompiled *, size_t, VTOvPort **)         \
  X(ov_compiled_model_output_by_index, int32_t, const VTOvCompiled *, size_t, VTOvPort **)        \
  X(ov_compiled_model_create_infer_request, int32_t, const VTOvCompiled *, VTOvRequest **)        \
  X(ov_port_get_any_name, int32_t, const VTOvPort *, char **)                                     \
  X(ov_port_get_partial_shape, int32_t, const VTOvPort *, VTOvOpenShape *)                        \
  X(ov_port_get_element_type, int32_t, const VTOvPort *, int32_t *)                               \
  X(ov_output_const_port_free, void, VTOvPort *)                                                  \
  X(ov_partial_shape_free, void, VTOvOpenShape *)                                                 \
  X(ov_shape_free, int32_t, VTOvShape *)                                                          \
  X(ov_tensor_create, int32_t, int32_t, VTOvShape, VTOvTensor **)                                 \
  X(ov_tensor_create_from_host_ptr, int32_t, int32_t, VTOvShape, void *, VTOvTensor **)           \
  X(ov_tensor_get_shape, int32_t, const VTOvTensor *, VTOvShape *)                                \
  X(ov_tensor_get_element_type, int32_t, const VTOvTensor *, int32_t *)                           \
  X(ov_tensor_get_byte_size, int32_t, const VTOvTensor *, size_t *)                               \
  X(ov_tensor_data, int32_t, const VTOvTensor *, void **)                                         \
  X(ov_tensor_free, void, VTOvTensor *)                                                           \
  X(ov_infer_request_set_input_tensor_by_index, int32_t, VTOvRequest *, size_t,                   \
    const VTOvTensor *)                                                                           \
  X(ov_infer_request_set_output_tensor_by_index, int32_t, VTOvRequest *, size_t,                  \
    const VTOvTensor *)                                                                           \
  X(ov_infer_request_get_output_tensor_by_index, int32_t, const VTOvRequest *, size_t,            \
    VTOvTensor **)                                                                                \
  X(ov_infer_request_infer, int32_t, VTOvRequest *)                                               \
  X(ov_infer_request_get_profiling_info, int32_t, const VTOvRequest *, VTOvLayers *)              \
  X(ov_profiling_info_list_free, void, VTOvLayers *)                                              \
  X(ov_infer_request_free, void, VTOvRequest *)

#define VT_OV_FIELD(name, result, ...) result (*name)(__VA_ARGS__);
/// The functions of an opened library.
typedef struct {
  VT_OV_FUNCTIONS(VT_OV_FIELD)
} VTOvTable;
#undef VT_OV_FIELD

/// Looks every function up; the answer is the name of one that is missing, or null.
const char *vtOvFill(void *library, VTOvTable *table);

// Calls. Those that answer int32_t give 0 for success.
static inline int32_t vtOvVersion(const VTOvTable *t, VTOvVersion *out) {
  return t->ov_get_openvino_version(out);
}
static inline void vtOvFreeVersion(const VTOvTable *t, VTOvVersion *version) {
  t->ov_version_free(version);
}
static inline const char *vtOvStatusText(const VTOvTable *t, int32_t status) {
  return t->ov_get_error_info(status);
}
/// The text of the last failure in the process, to be freed with vtOvFreeText; may be null.
static inline const char *vtOvLastFailure(const VTOvTable *t) { return t->ov_get_last_err_msg(); }
static inline void vtOvFreeText(const VTOvTable *t, const char *text) { t->ov_free(text); }

static inline int32_t vtOvCreateCore(const VTOvTable *t, VTOvCore **out) {
  return t->ov_core_create(out);
}
static inline void vtOvFreeCore(const VTOvTable *t, VTOvCore *core) { t->ov_core_free(core); }
static inline int32_t vtOvProcessorProperty(
    const VTOvTable *t, const VTOvCore *core, const char *key, char **out) {
  return t->ov_core_get_property(core, "CPU", key, out);
}
static inline int32_t vtOvReadFile(
    const VTOvTable *t, const VTOvCore *core, const char *path, VTOvModel **out) {
  return t->ov_core_read_model(core, path, NULL, out);
}
static inline int32_t vtOvReadBytes(
    const VTOvTable *t, const VTOvCore *core, const void *bytes, size_t count, VTOvModel **out) {
  return t->ov_core_read_model_from_memory_buffer(core, (const char *)bytes, count, NULL, out);
}
/// One stream: one run at a time with all threads, which is what latency means.
static inline int32_t vtOvBuild(
    const VTOvTable *t, const VTOvCore *core, const VTOvModel *model, const VTOvBuild *build,
    VTOvCompiled **out) {
  return t->ov_core_compile_model(
      core, model, "CPU", 10, out, "PERFORMANCE_HINT", "LATENCY", "NUM_STREAMS", "1",
      "INFERENCE_PRECISION_HINT", build->precision, "INFERENCE_NUM_THREADS", build->threads,
      "PERF_COUNT", build->profiles);
}
static inline void vtOvFreeModel(const VTOvTable *t, VTOvModel *model) { t->ov_model_free(model); }
static inline void vtOvFreeCompiled(const VTOvTable *t, VTOvCompiled *compiled) {
  t->ov_compiled_model_free(compiled);
}

// What a network takes and gives; `output` is 0 for inputs, 1 for outputs.
static inline int32_t vtOvPortCount(
    const VTOvTable *t, const VTOvCompiled *compiled, int output, size_t *out) {
  return output ? t->ov_compiled_model_outputs_size(compiled, out)
                : t->ov_compiled_model_inputs_size(compiled, out);
}
static inline int32_t vtOvPort(
    const VTOvTable *t, const VTOvCompiled *compiled, int output, size_t index, VTOvPort **out) {
  return output ? t->ov_compiled_model_output_by_index(compiled, index, out)
                : t->ov_compiled_model_input_by_index(compiled, index, out);
}
static inline int32_t vtOvPortName(const VTOvTable *t, const VTOvPort *port, char **out) {
  return t->ov_port_get_any_name(port, out);
}
static inline int32_t vtOvPortShape(const VTOvTable *t, const VTOvPort *port, VTOvOpenShape *out) {
  return t->ov_port_get_partial_shape(port, out);
}
static inline int32_t vtOvPortType(const VTOvTable *t, const VTOvPort *port, int32_t *out) {
  return t->ov_port_get_element_type(port, out);
}
static inline void vtOvFreePort(const VTOvTable *t, VTOvPort *port) {
  t->ov_output_const_port_free(port);
}
static inline void vtOvFreeOpenShape(const VTOvTable *t, VTOvOpenShape *shape) {
  t->ov_partial_shape_free(shape);
}
static inline void vtOvFreeShape(const VTOvTable *t, VTOvShape *shape) { t->ov_shape_free(shape); }

// Tensors.
static inline int32_t vtOvCreateTensor(
    const VTOvTable *t, int32_t type, const int64_t *extents, size_t rank, VTOvTensor **out) {
  VTOvShape shape = {(int64_t)rank, (int64_t *)extents};
  return t->ov_tensor_create(type, shape, out);
}
/// A tensor over the caller's memory, which must outlive it.
static inline int32_t vtOvWrapTensor(
    const VTOvTable *t, int32_t type, const int64_t *extents, size_t rank, void *bytes,
    VTOvTensor **out) {
  VTOvShape shape = {(int64_t)rank, (int64_t *)extents};
  return t->ov_tensor_create_from_host_ptr(type, shape, bytes, out);
}
static inline int32_t vtOvTensorShape(const VTOvTable *t, const VTOvTensor *x, VTOvShape *out) {
  return t->ov_tensor_get_shape(x, out);
}
static inline int32_t vtOvTensorType(const VTOvTable *t, const VTOvTensor *x, int32_t *out) {
  return t->ov_tensor_get_element_type(x, out);
}
static inline int32_t vtOvTensorByteCount(const VTOvTable *t, const VTOvTensor *x, size_t *out) {
  return t->ov_tensor_get_byte_size(x, out);
}
static inline int32_t vtOvTensorBytes(const VTOvTable *t, const VTOvTensor *x, void **out) {
  return t->ov_tensor_data(x, out);
}
static inline void vtOvFreeTensor(const VTOvTable *t, VTOvTensor *x) { t->ov_tensor_free(x); }

// Runs.
static inline int32_t vtOvCreateRequest(
    const VTOvTable *t, const VTOvCompiled *compiled, VTOvRequest **out) {
  return t->ov_compiled_model_create_infer_request(compiled, out);
}
static inline void vtOvFreeRequest(const VTOvTable *t, VTOvRequest *request) {
  t->ov_infer_request_free(request);
}
static inline int32_t vtOvSetTensor(
    const VTOvTable *t, VTOvRequest *request, int output, size_t index, const VTOvTensor *x) {
  return output ? t->ov_infer_request_set_output_tensor_by_index(request, index, x)
                : t->ov_infer_request_set_input_tensor_by_index(request, index, x);
}
static inline int32_t vtOvOutput(
    const VTOvTable *t, const VTOvRequest *request, size_t index, VTOvTensor **out) {
  return t->ov_infer_request_get_output_tensor_by_index(request, index, out);
}
static inline int32_t vtOvRun(const VTOvTable *t, VTOvRequest *request) {
  return t->ov_infer_request_infer(request);
}
static inline int32_t vtOvRequestLayers(
    const VTOvTable *t, const VTOvRequest *request, VTOvLayers *out) {
  return t->ov_infer_request_get_profiling_info(request, out);
}
static inline void vtOvFreeLayers(const VTOvTable *t, VTOvLayers *layers) {
  t->ov_profiling_info_list_free(layers);
}
