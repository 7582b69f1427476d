#include "CNativeKernels.h"
size_t native_winograd_packed_floats(int32_t a,int32_t b){return 1;}
void native_winograd_pack(const float*w,int32_t a,int32_t b,float*p){}
size_t native_winograd_workspace(int32_t w,int32_t a,int32_t b){return 1;}
void native_winograd_run(const native_winograd*c,native_isa i,int32_t f,int32_t n,void*w){}
