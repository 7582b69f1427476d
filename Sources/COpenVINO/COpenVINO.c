#include "COpenVINO.h"

const char *vtOvFill(void *library, VTOvTable *table) {
#define VT_OV_FIND(name, result, ...)               \
  *(void **)&table->name = dlsym(library, #name);   \
  if (!table->name) return #name;
  VT_OV_FUNCTIONS(VT_OV_FIND)
#undef VT_OV_FIND
  return NULL;
}
