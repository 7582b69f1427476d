// The few calls of ONNX Runtime's C interface that the project makes.
//
// ONNX Runtime publishes one function, OrtGetApiBase, which answers with a table of function
// pointers. The table only ever grows at its end, so each call is known by its slot number.
// The declarations here are the project's own: a slot number, argument types, nothing else.
// Source: onnxruntime, the order of the members of OrtApi (asserted there per API version).
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A table of function pointers.
typedef const void *const *VTOrtTable;
/// What a call answers: null, or an error to be read and released.
typedef struct VTOrtStatus VTOrtStatus;
typedef struct VTOrtEnvironment VTOrtEnvironment;
typedef struct VTOrtSession VTOrtSession;
typedef struct VTOrtSessionOptions VTOrtSessionOptions;
typedef struct VTOrtRunOptions VTOrtRunOptions;
typedef struct VTOrtValue VTOrtValue;
typedef struct VTOrtMemoryInfo VTOrtMemoryInfo;
typedef struct VTOrtAllocator VTOrtAllocator;
typedef struct VTOrtTypeInfo VTOrtTypeInfo;
typedef struct VTOrtTensorInfo VTOrtTensorInfo;
typedef struct VTOrtBinding VTOrtBinding;
typedef struct VTOrtCUDAOptions VTOrtCUDAOptions;

/// The table of interface `number` that the library at `symbol` (its OrtGetApiBase) has, or null.
static inline VTOrtTable vtOrtTable(void *symbol, uint32_t number) {
  VTOrtTable base = ((VTOrtTable(*)(void))symbol)();
  return base ? ((VTOrtTable(*)(uint32_t))base[0])(number) : NULL;
}

/// The version of the library at `symbol`, such as "1.32.0".
static inline const char *vtOrtVersion(void *symbol) {
  VTOrtTable base = ((VTOrtTable(*)(void))symbol)();
  return base ? ((const char *(*)(void))base[1])() : NULL;
}

#define VT_SLOT(number, result, ...) ((result(*)(__VA_ARGS__))t[number])

// Errors.
static inline int32_t vtOrtErrorCode(VTOrtTable t, const VTOrtStatus *status) {
  return VT_SLOT(1, int32_t, const VTOrtStatus *)(status);
}
static inline const char *vtOrtErrorMessage(VTOrtTable t, const VTOrtStatus *status) {
  return VT_SLOT(2, const char *, const VTOrtStatus *)(status);
}
static inline void vtOrtReleaseStatus(VTOrtTable t, VTOrtStatus *status) {
  VT_SLOT(93, void, VTOrtStatus *)(status);
}

// The environment: one per process, counted by the library.
static inline VTOrtStatus *vtOrtCreateEnvironment(
    VTOrtTable t, int32_t severity, const char *name, VTOrtEnvironment **out) {
  return VT_SLOT(3, VTOrtStatus *, int32_t, const char *, VTOrtEnvironment **)(severity, name, out);
}
static inline void vtOrtReleaseEnvironment(VTOrtTable t, VTOrtEnvironment *environment) {
  VT_SLOT(92, void, VTOrtEnvironment *)(environment);
}

// Session options.
static inline VTOrtStatus *vtOrtCreateSessionOptions(VTOrtTable t, VTOrtSessionOptions **out) {
  return VT_SLOT(10, VTOrtStatus *, VTOrtSessionOptions **)(out);
}
static inline VTOrtStatus *vtOrtSetExecutionMode(
    VTOrtTable t, VTOrtSessionOptions *options, int32_t mode) {
  return VT_SLOT(13, VTOrtStatus *, VTOrtSessionOptions *, int32_t)(options, mode);
}
static inline VTOrtStatus *vtOrtSetLogSeverity(
    VTOrtTable t, VTOrtSessionOptions *options, int32_t severity) {
  return VT_SLOT(22, VTOrtStatus *, VTOrtSessionOptions *, int32_t)(options, severity);
}
static inline VTOrtStatus *vtOrtSetOptimization(
    VTOrtTable t, VTOrtSessionOptions *options, int32_t level) {
  return VT_SLOT(23, VTOrtStatus *, VTOrtSessionOptions *, int32_t)(options, level);
}
static inline VTOrtStatus *vtOrtSetIntraOpThreads(
    VTOrtTable t, VTOrtSessionOptions *options, int32_t count) {
  return VT_SLOT(24, VTOrtStatus *, VTOrtSessionOptions *, int32_t)(options, count);
}
static inline VTOrtStatus *vtOrtSetInterOpThreads(
    VTOrtTable t, VTOrtSessionOptions *options, int32_t count) {
  return VT_SLOT(25, VTOrtStatus *, VTOrtSessionOptions *, int32_t)(options, count);
}
static inline VTOrtStatus *vtOrtAddConfigEntry(
    VTOrtTable t, VTOrtSessionOptions *options, const char *key, const char *value) {
  return VT_SLOT(130, VTOrtStatus *, VTOrtSessionOptions *, const char *, const char *)(
      options, key, value);
}
static inline void vtOrtReleaseSessionOptions(VTOrtTable t, VTOrtSessionOptions *options) {
  VT_SLOT(100, void, VTOrtSessionOptions *)(options);
}

// Providers: the names are to be given back with their number.
static inline VTOrtStatus *vtOrtAvailableProviders(VTOrtTable t, char ***names, int32_t *count) {
  return VT_SLOT(125, VTOrtStatus *, char ***, int32_t *)(names, count);
}
static inline VTOrtStatus *vtOrtReleaseProviders(VTOrtTable t, char **names, int32_t count) {
  return VT_SLOT(126, VTOrtStatus *, char **, int32_t)(names, count);
}
static inline VTOrtStatus *vtOrtAppendCUDA(
    VTOrtTable t, VTOrtSessionOptions *options, const VTOrtCUDAOptions *cuda) {
  return VT_SLOT(204, VTOrtStatus *, VTOrtSessionOptions *, const VTOrtCUDAOptions *)(
      options, cuda);
}
static inline VTOrtStatus *vtOrtCreateCUDAOptions(VTOrtTable t, VTOrtCUDAOptions **out) {
  return VT_SLOT(205, VTOrtStatus *, VTOrtCUDAOptions **)(out);
}
static inline VTOrtStatus *vtOrtUpdateCUDAOptions(
    VTOrtTable t, VTOrtCUDAOptions *cuda, const char *const *keys, const char *const *values,
    size_t count) {
  return VT_SLOT(206, VTOrtStatus *, VTOrtCUDAOptions *, const char *const *, const char *const *,
                 size_t)(cuda, keys, values, count);
}
static inline void vtOrtReleaseCUDAOptions(VTOrtTable t, VTOrtCUDAOptions *cuda) {
  VT_SLOT(208, void, VTOrtCUDAOptions *)(cuda);
}

// Sessions (plans, in this project's words): loaded networks, safe to run from several threads.
static inline VTOrtStatus *vtOrtCreateSession(
    VTOrtTable t, const VTOrtEnvironment *environment, const char *path,
    const VTOrtSessionOptions *options, VTOrtSession **out) {
  return VT_SLOT(7, VTOrtStatus *, const VTOrtEnvironment *, const char *,
                 const VTOrtSessionOptions *, VTOrtSession **)(environment, path, options, out);
}
static inline VTOrtStatus *vtOrtCreateSessionFromBytes(
    VTOrtTable t, const VTOrtEnvironment *environment, const void *bytes, size_t count,
    const VTOrtSessionOptions *options, VTOrtSession **out) {
  return VT_SLOT(8, VTOrtStatus *, const VTOrtEnvironment *, const void *, size_t,
                 const VTOrtSessionOptions *, VTOrtSession **)(
      environment, bytes, count, options, out);
}
static inline void vtOrtReleaseSession(VTOrtTable t, VTOrtSession *session) {
  VT_SLOT(95, void, VTOrtSession *)(session);
}

// What a session takes and gives; `output` is 0 for inputs, 1 for outputs.
static inline VTOrtStatus *vtOrtBindingCount(
    VTOrtTable t, const VTOrtSession *session, int output, size_t *out) {
  return VT_SLOT(output ? 31 : 30, VTOrtStatus *, const VTOrtSession *, size_t *)(session, out);
}
static inline VTOrtStatus *vtOrtBindingType(
    VTOrtTable t, const VTOrtSession *session, int output, size_t index, VTOrtTypeInfo **out) {
  return VT_SLOT(output ? 34 : 33, VTOrtStatus *, const VTOrtSession *, size_t, VTOrtTypeInfo **)(
      session, index, out);
}
static inline VTOrtStatus *vtOrtBindingName(
    VTOrtTable t, const VTOrtSession *session, int output, size_t index,
    VTOrtAllocator *allocator, char **out) {
  return VT_SLOT(output ? 37 : 36, VTOrtStatus *, const VTOrtSession *, size_t, VTOrtAllocator *,
                 char **)(session, index, allocator, out);
}

// Types.
static inline VTOrtStatus *vtOrtTensorInfoOfType(
    VTOrtTable t, const VTOrtTypeInfo *type, const VTOrtTensorInfo **out) {
  return VT_SLOT(55, VTOrtStatus *, const VTOrtTypeInfo *, const VTOrtTensorInfo **)(type, out);
}
static inline VTOrtStatus *vtOrtTensorInfoOfValue(
    VTOrtTable t, const VTOrtValue *value, VTOrtTensorInfo **out) {
  return VT_SLOT(65, VTOrtStatus *, const VTOrtValue *, VTOrtTensorInfo **)(value, out);
}
static inline VTOrtStatus *vtOrtElementType(
    VTOrtTable t, const VTOrtTensorInfo *info, int32_t *out) {
  return VT_SLOT(60, VTOrtStatus *, const VTOrtTensorInfo *, int32_t *)(info, out);
}
static inline VTOrtStatus *vtOrtRank(VTOrtTable t, const VTOrtTensorInfo *info, size_t *out) {
  return VT_SLOT(61, VTOrtStatus *, const VTOrtTensorInfo *, size_t *)(info, out);
}
static inline VTOrtStatus *vtOrtDimensions(
    VTOrtTable t, const VTOrtTensorInfo *info, int64_t *values, size_t count) {
  return VT_SLOT(62, VTOrtStatus *, const VTOrtTensorInfo *, int64_t *, size_t)(
      info, values, count);
}
static inline VTOrtStatus *vtOrtSymbols(
    VTOrtTable t, const VTOrtTensorInfo *info, const char **values, size_t count) {
  return VT_SLOT(63, VTOrtStatus *, const VTOrtTensorInfo *, const char **, size_t)(
      info, values, count);
}
static inline void vtOrtReleaseTypeInfo(VTOrtTable t, VTOrtTypeInfo *type) {
  VT_SLOT(98, void, VTOrtTypeInfo *)(type);
}
static inline void vtOrtReleaseTensorInfo(VTOrtTable t, VTOrtTensorInfo *info) {
  VT_SLOT(99, void, VTOrtTensorInfo *)(info);
}

// Memory and values.
static inline VTOrtStatus *vtOrtCreateHostMemoryInfo(VTOrtTable t, VTOrtMemoryInfo **out) {
  return VT_SLOT(69, VTOrtStatus *, int32_t, int32_t, VTOrtMemoryInfo **)(1, 0, out);
}
static inline void vtOrtReleaseMemoryInfo(VTOrtTable t, VTOrtMemoryInfo *info) {
  VT_SLOT(94, void, VTOrtMemoryInfo *)(info);
}
static inline VTOrtStatus *vtOrtDefaultAllocator(VTOrtTable t, VTOrtAllocator **out) {
  return VT_SLOT(78, VTOrtStatus *, VTOrtAllocator **)(out);
}
static inline VTOrtStatus *vtOrtFree(VTOrtTable t, VTOrtAllocator *allocator, void *bytes) {
  return VT_SLOT(76, VTOrtStatus *, VTOrtAllocator *, void *)(allocator, bytes);
}
static inline VTOrtStatus *vtOrtCreateValue(
    VTOrtTable t, const VTOrtMemoryInfo *info, void *bytes, size_t byteCount,
    const int64_t *dimensions, size_t rank, int32_t elementType, VTOrtValue **out) {
  return VT_SLOT(49, VTOrtStatus *, const VTOrtMemoryInfo *, void *, size_t, const int64_t *,
                 size_t, int32_t, VTOrtValue **)(
      info, bytes, byteCount, dimensions, rank, elementType, out);
}
static inline VTOrtStatus *vtOrtIsTensor(VTOrtTable t, const VTOrtValue *value, int *out) {
  return VT_SLOT(50, VTOrtStatus *, const VTOrtValue *, int *)(value, out);
}
static inline VTOrtStatus *vtOrtValueBytes(VTOrtTable t, VTOrtValue *value, void **out) {
  return VT_SLOT(51, VTOrtStatus *, VTOrtValue *, void **)(value, out);
}
static inline void vtOrtReleaseValue(VTOrtTable t, VTOrtValue *value) {
  VT_SLOT(96, void, VTOrtValue *)(value);
}

// Runs.
static inline VTOrtStatus *vtOrtCreateRunOptions(VTOrtTable t, VTOrtRunOptions **out) {
  return VT_SLOT(39, VTOrtStatus *, VTOrtRunOptions **)(out);
}
static inline void vtOrtReleaseRunOptions(VTOrtTable t, VTOrtRunOptions *options) {
  VT_SLOT(97, void, VTOrtRunOptions *)(options);
}
/// Only in tables of interface 25 (release 1.25) and newer.
static inline VTOrtStatus *vtOrtProfileRun(
    VTOrtTable t, VTOrtRunOptions *options, const char *prefix) {
  return VT_SLOT(415, VTOrtStatus *, VTOrtRunOptions *, const char *)(options, prefix);
}
static inline VTOrtStatus *vtOrtCreateBinding(
    VTOrtTable t, VTOrtSession *session, VTOrtBinding **out) {
  return VT_SLOT(134, VTOrtStatus *, VTOrtSession *, VTOrtBinding **)(session, out);
}
static inline void vtOrtReleaseBinding(VTOrtTable t, VTOrtBinding *binding) {
  VT_SLOT(135, void, VTOrtBinding *)(binding);
}
static inline VTOrtStatus *vtOrtBindInput(
    VTOrtTable t, VTOrtBinding *binding, const char *name, const VTOrtValue *value) {
  return VT_SLOT(136, VTOrtStatus *, VTOrtBinding *, const char *, const VTOrtValue *)(
      binding, name, value);
}
static inline VTOrtStatus *vtOrtBindOutput(
    VTOrtTable t, VTOrtBinding *binding, const char *name, const VTOrtValue *value) {
  return VT_SLOT(137, VTOrtStatus *, VTOrtBinding *, const char *, const VTOrtValue *)(
      binding, name, value);
}
static inline VTOrtStatus *vtOrtBindOutputToHost(
    VTOrtTable t, VTOrtBinding *binding, const char *name, const VTOrtMemoryInfo *info) {
  return VT_SLOT(138, VTOrtStatus *, VTOrtBinding *, const char *, const VTOrtMemoryInfo *)(
      binding, name, info);
}
/// The values that the last run wrote, in the order in which outputs were bound; `values` is to
/// be freed with `allocator`, each value with vtOrtReleaseValue.
static inline VTOrtStatus *vtOrtBoundOutputs(
    VTOrtTable t, const VTOrtBinding *binding, VTOrtAllocator *allocator, VTOrtValue ***values,
    size_t *count) {
  return VT_SLOT(140, VTOrtStatus *, const VTOrtBinding *, VTOrtAllocator *, VTOrtValue ***,
                 size_t *)(binding, allocator, values, count);
}
static inline VTOrtStatus *vtOrtRun(
    VTOrtTable t, VTOrtSession *session, const VTOrtRunOptions *options,
    const VTOrtBinding *binding) {
  return VT_SLOT(133, VTOrtStatus *, VTOrtSession *, const VTOrtRunOptions *,
                 const VTOrtBinding *)(session, options, binding);
}

#undef VT_SLOT
