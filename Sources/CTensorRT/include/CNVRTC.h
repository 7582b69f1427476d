// NVIDIA's compiler for kernels at run time. It is opened at run time and needs neither a GPU nor a driver;
// the declarations are the project's own.
// Source: NVRTC's documentation, the functions that there are since CUDA 11.3.
#pragma once
#include <stddef.h>

typedef struct VTNVRTCProgram VTNVRTCProgram;

/// X(field, result, exported name, arguments); a result of 0 is success.
#define VT_NVRTC_FUNCTIONS(X)                                                                      \
  X(version, int, nvrtcVersion, int *, int *)                                                      \
  X(errorText, const char *, nvrtcGetErrorString, int)                                             \
  X(targetCount, int, nvrtcGetNumSupportedArchs, int *)                                            \
  X(targets, int, nvrtcGetSupportedArchs, int *)                                                   \
  X(create, int, nvrtcCreateProgram, VTNVRTCProgram **, const char *, const char *, int,           \
    const char *const *, const char *const *)                                                      \
  X(destroy, int, nvrtcDestroyProgram, VTNVRTCProgram **)                                          \
  X(compile, int, nvrtcCompileProgram, VTNVRTCProgram *, int, const char *const *)                 \
  X(logSize, int, nvrtcGetProgramLogSize, VTNVRTCProgram *, size_t *)                              \
  X(log, int, nvrtcGetProgramLog, VTNVRTCProgram *, char *)                                        \
  X(portableSize, int, nvrtcGetPTXSize, VTNVRTCProgram *, size_t *)                                \
  X(portable, int, nvrtcGetPTX, VTNVRTCProgram *, char *)                                          \
  X(binarySize, int, nvrtcGetCUBINSize, VTNVRTCProgram *, size_t *)                                \
  X(binary, int, nvrtcGetCUBIN, VTNVRTCProgram *, char *)

#define VT_NVRTC_FIELD(field, result, name, ...) result (*field)(__VA_ARGS__);
/// The functions of an opened compiler.
typedef struct {
  VT_NVRTC_FUNCTIONS(VT_NVRTC_FIELD)
} VTNVRTCTable;
#undef VT_NVRTC_FIELD

/// Looks every function up; the answer is the name of one that is missing, or null.
const char *vtNVRTCFill(void *library, VTNVRTCTable *table);
