// ONNX files computed by ONNX Runtime, for the stand-in for TensorRT.
#pragma once
#include <dlfcn.h>
#include <stdio.h>

#include "CONNXRuntime.h"
#include "onnx_ports.h"

static VTOrtTable ort;
static VTOrtEnvironment *ortEnvironment;
static VTOrtMemoryInfo *ortHost;
static VTOrtAllocator *ortAllocator;

static void openONNXRuntime(void) {
  const char *path = getenv("STAND_IN_ONNXRUNTIME");
  if (ort || !path || !*path) return;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void *base = library ? dlsym(library, "OrtGetApiBase") : NULL;
  ort = base ? vtOrtTable(base, 21) : NULL;
  if (!ort) return;
  vtOrtCreateEnvironment(ort, 4, "stand-in", &ortEnvironment);
  vtOrtCreateHostMemoryInfo(ort, &ortHost);
  vtOrtDefaultAllocator(ort, &ortAllocator);
}

static size_t byteCount(const Port *port) {
  size_t count = port->elementType == 1 ? 2 : port->elementType == 8 ? 8 : 4;
  for (int i = 0; i < port->dims.count; i++) count *= (size_t)port->dims.extents[i];
  return count;
}
static void runONNXRuntime(VTOrtSession *session, Run *run) {
  VTOrtBinding *binding = NULL;
  VTOrtValue *values[portLimit] = {0};
  vtOrtCreateBinding(ort, session, &binding);
  for (int i = 0; i < run->count; i++) {
    Port *port = &run->ports[i];
    int32_t type = port->elementType == 1 ? 10 : port->elementType == 8 ? 7 : 1;
    vtOrtCreateValue(ort, ortHost, port->bytes, byteCount(port), port->dims.extents,
                     (size_t)port->dims.count, type, &values[i]);
    if (port->isOutput) vtOrtBindOutput(ort, binding, port->name, values[i]);
    else vtOrtBindInput(ort, binding, port->name, values[i]);
  }
  VTOrtStatus *status = vtOrtRun(ort, session, NULL, binding);
  if (status) {
    fprintf(stderr, "stand-in for TensorRT: %s\n", vtOrtErrorMessage(ort, status));
    vtOrtReleaseStatus(ort, status);
  }
  for (int i = 0; i < run->count; i++)
    if (values[i]) vtOrtReleaseValue(ort, values[i]);
  vtOrtReleaseBinding(ort, binding);
}
