// A stand-in for NVIDIA's management library: a device whose memory in use is what the stand-in for the
// driver has given out. Its other figures are made up, and marked so by the device's name.
#include <stdint.h>
#include <stdio.h>

long long standInBytes(void);

static int device;

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
  *handle = &device;
  return index ? 2 : 0;
}
int nvmlDeviceGetName(void *handle, char *name, unsigned size) {
  snprintf(name, size, "stand-in, no GPU");
  return 0;
}
int nvmlSystemGetDriverVersion(char *version, unsigned size) {
  snprintf(version, size, "0.0");
  return 0;
}
int nvmlDeviceGetUtilizationRates(void *handle, unsigned shares[2]) {
  shares[0] = shares[1] = 0;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void *handle, uint64_t bytes[3]) {
  bytes[2] = (uint64_t)standInBytes();
  bytes[0] = (uint64_t)1 << 33;
  bytes[1] = bytes[0] - bytes[2];
  return 0;
}
