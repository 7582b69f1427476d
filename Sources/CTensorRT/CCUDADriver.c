#include "CCUDADriver.h"
#include "CNVRTC.h"
#include <dlfcn.h>

const char *vtCuFill(void *library, VTCuTable *table) {
#define VT_CU_FIND(field, name, ...) *(void **)&table->field = dlsym(library, #name);
  VT_CU_POOL_FUNCTIONS(VT_CU_FIND)
#undef VT_CU_FIND
#define VT_CU_FIND(field, name, ...)                \
  *(void **)&table->field = dlsym(library, #name);  \
  if (!table->field) return #name;
  VT_CU_FUNCTIONS(VT_CU_FIND)
#undef VT_CU_FIND
  return NULL;
}

const char *vtNVRTCFill(void *library, VTNVRTCTable *table) {
#define VT_NVRTC_FIND(field, result, name, ...)     \
  *(void **)&table->field = dlsym(library, #name);  \
  if (!table->field) return #name;
  VT_NVRTC_FUNCTIONS(VT_NVRTC_FIND)
#undef VT_NVRTC_FIND
  return NULL;
}
