#include "CCUDADriver.h"
#include <dlfcn.h>

const char *vtCuFill(void *library, VTCuTable *table) {
#define VT_CU_FIND(field, name, ...)                \
  *(void **)&table->field = dlsym(library, #name);  \
  if (!table->field) return #name;
  VT_CU_FUNCTIONS(VT_CU_FIND)
#undef VT_CU_FIND
  return NULL;
}
