// A stand-in for NVRTC: it takes the one source that it was made of, and gives a token that the
// stand-in for the driver knows. Whether NVRTC itself takes the source is another test's business.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char source[] = {
#embed "../../Sources/CGPUKernels/kernels.cu.h"
    , 0};
static const char header[] = {
#embed "../../Sources/CGPUKernels/include/GPUKernels.h"
    , 0};

enum { ok = 0, invalidValue = 3 };
static long programs;
long standInPrograms(void) { return programs; }
int standInPlan(const char *name);
#define BEGIN                         \
  {                                   \
    int code_ = standInPlan(__func__); \
    if (code_) return code_;          \
  }

typedef struct {
  int isKnown, isExact, target;
  char log[128];
} Program;

int nvrtcVersion(int *major, int *minor) {
  BEGIN
  *major = 12;
  *minor = 9;
  return ok;
}
const char *nvrtcGetErrorString(int code) { return code == 6 ? "NVRTC_ERROR_COMPILATION" : "planned"; }
static const int targets[] = {75, 80, 86, 89, 90, 100, 120};
int nvrtcGetNumSupportedArchs(int *found) {
  BEGIN
  *found = sizeof targets / sizeof *targets;
  return ok;
}
int nvrtcGetSupportedArchs(int *found) {
  memcpy(found, targets, sizeof targets);
  return ok;
}
int nvrtcCreateProgram(Program **program, const char *text, const char *name, int headerCount,
                       const char *const *headers, const char *const *names) {
  BEGIN
  *program = calloc(1, sizeof **program);
  (*program)->isKnown = strcmp(text, source) == 0 && headerCount == 1 &&
                        strcmp(headers[0], header) == 0 && strcmp(names[0], "GPUKernels.h") == 0;
  __atomic_add_fetch(&programs, 1, __ATOMIC_RELAXED);
  return ok;
}
int nvrtcDestroyProgram(Program **program) {
  free(*program);
  __atomic_sub_fetch(&programs, 1, __ATOMIC_RELAXED);
  return ok;
}
int nvrtcCompileProgram(Program *program, int optionCount, const char *const *options) {
  BEGIN
  int isExact = 0;
  for (int i = 0; i < optionCount; i++) {
    if (strncmp(options[i], "--gpu-architecture=sm_", 22) == 0) isExact = 1;
    if (strcmp(options[i], "--fmad=false") == 0) program->isKnown |= 2;
  }
  program->isExact = isExact;
  if (program->isKnown == 3) return ok;
  snprintf(program->log, sizeof program->log, "this is not the source that the stand-in was made of");
  return 6;
}
int nvrtcGetProgramLogSize(Program *program, size_t *size) {
  *size = strlen(program->log) + 1;
  return ok;
}
int nvrtcGetProgramLog(Program *program, char *log) {
  strcpy(log, program->log);
  return ok;
}
static const char binary[] = "stand-in binary", portable[] = "stand-in PTX";
int nvrtcGetCUBINSize(Program *program, size_t *size) {
  BEGIN
  *size = sizeof binary;
  return program->isExact ? ok : invalidValue;
}
int nvrtcGetCUBIN(Program *program, char *bytes) {
  memcpy(bytes, binary, sizeof binary);
  return ok;
}
int nvrtcGetPTXSize(Program *program, size_t *size) {
  BEGIN
  *size = sizeof portable;
  return ok;
}
int nvrtcGetPTX(Program *program, char *bytes) {
  memcpy(bytes, portable, sizeof portable);
  return ok;
}
