#include "CTensorRT.h"

// Tables.

#define NONE VT_TRT_NONE
#define VT_TRT_8(name, class, method, a, b, c, d) .name = a,
#define VT_TRT_10(name, class, method, a, b, c, d) .name = b,
#define VT_TRT_11(name, class, method, a, b, c, d) .name = c,
#define VT_TRT_14(name, class, method, a, b, c, d) .name = d,
#define VT_TRT_N8(name, a, b, c, d) .name = a,
#define VT_TRT_N10(name, a, b, c, d) .name = b,
#define VT_TRT_N11(name, a, b, c, d) .name = c,
#define VT_TRT_N14(name, a, b, c, d) .name = d,

static const VTTrtTable table8 = {VT_TRT_METHODS(VT_TRT_8) VT_TRT_NUMBERS(VT_TRT_N8)};
static const VTTrtTable table10 = {VT_TRT_METHODS(VT_TRT_10) VT_TRT_NUMBERS(VT_TRT_N10)};
static const VTTrtTable table11 = {VT_TRT_METHODS(VT_TRT_11) VT_TRT_NUMBERS(VT_TRT_N11)};
static const VTTrtTable table14 = {VT_TRT_METHODS(VT_TRT_14) VT_TRT_NUMBERS(VT_TRT_N14)};

const VTTrtTable *vtTrtTable(int family) {
  switch (family) {
  case 8: return &table8;
  case 10: return &table10;
  case 11:
  case 15: return &table11;
  case 14: return &table14;
  default: return NULL;
  }
}

// Objects made here. Their tables follow the Itanium C++ ABI: virtual functions in the order of
// their declaration, a destructor as two entries.

typedef struct {
  const char *kind;
  int32_t major, minor;
} InterfaceInfo;

static int32_t language(void *self) { return 0; }
static InterfaceInfo loggerInfo(void *self) { return (InterfaceInfo){"ILogger", 1, 0}; }
static InterfaceInfo progressInfo(void *self) {
  return (InterfaceInfo){"IProgressMonitor", 1, 0};
}
static InterfaceInfo profilerInfo(void *self) { return (InterfaceInfo){"IProfiler", 1, 0}; }
/// The library never owns what is made here.
static void keep(void *self) {}

static void log_(VTTrtLogger *self, int32_t severity, const char *text) {
  self->function(self->user, severity, text);
}
static void *const loggerWithoutHead[] = {(void *)log_, (void *)keep, (void *)keep};
static void *const loggerWithHead[] = {
    (void *)language, (void *)loggerInfo, (void *)keep, (void *)keep, (void *)log_};

void vtTrtMakeLogger(const VTTrtTable *t, VTTrtLogger *logger, VTTrtLogFunction f, void *user) {
  *logger = (VTTrtLogger){t->loggerForm ? loggerWithHead : loggerWithoutHead, f, user};
}

static void begin(VTTrtProgress *self, const char *phase, const char *parent, int32_t steps) {
  self->begin(self->user, phase, parent, steps);
}
static bool step(VTTrtProgress *self, const char *phase, int32_t index) {
  return self->step(self->user, phase, index);
}
static void end(VTTrtProgress *self, const char *phase) { self->end(self->user, phase); }
static void *const progressTable[] = {
    (void *)language, (void *)progressInfo, (void *)keep, (void *)keep,
    (void *)begin,    (void *)step,         (void *)end};

void vtTrtMakeProgress(VTTrtProgress *progress) { progress->table = progressTable; }

static void layer(VTTrtProfiler *self, const char *name, float milliseconds) {
  self->layer(self->user, name, milliseconds);
}
static void *const profilerWithoutHead[] = {(void *)layer, (void *)keep, (void *)keep};
static void *const profilerWithHead[] = {
    (void *)language, (void *)profilerInfo, (void *)keep, (void *)keep, (void *)layer};

void vtTrtMakeProfiler(const VTTrtTable *t, VTTrtProfiler *profiler) {
  profiler->table = t->profilerForm ? profilerWithHead : profilerWithoutHead;
}

static InterfaceInfo recorderInfo(void *self) { return (InterfaceInfo){"IErrorRecorder", 1, 0}; }
static int32_t recorderCount(VTTrtRecorder *self) { return self->count(self->user); }
static int32_t recorderCode(VTTrtRecorder *self, int32_t index) {
  return self->code(self->user, index);
}
static const char *recorderText(VTTrtRecorder *self, int32_t index) {
  return self->text(self->user, index);
}
static bool recorderOverflowed(VTTrtRecorder *self) { return false; }
static void recorderClear(VTTrtRecorder *self) { self->clear(self->user); }
static bool recorderReport(VTTrtRecorder *self, int32_t code, const char *text) {
  self->report(self->user, code, text);
  // Nothing is final: every failed call is answered by its caller.
  return false;
}
static int32_t recorderReferences(VTTrtRecorder *self) { return 1; }
#define RECORDER_METHODS                                                                   \
  (void *)recorderCount, (void *)recorderCode, (void *)recorderText,                       \
      (void *)recorderOverflowed, (void *)recorderClear, (void *)recorderReport,           \
      (void *)recorderReferences, (void *)recorderReferences
static void *const recorderWithoutHead[] = {(void *)keep, (void *)keep, RECORDER_METHODS};
static void *const recorderWithHead[] = {
    (void *)language, (void *)recorderInfo, (void *)keep, (void *)keep, RECORDER_METHODS};

void vtTrtMakeRecorder(const VTTrtTable *t, VTTrtRecorder *recorder) {
  recorder->table = t->recorderForm ? recorderWithHead : recorderWithoutHead;
}

// Calls.

struct VTTrtObject {
  void **table;
  struct VTTrtObject *implementation;
};

/// A method of the object itself.
#define DIRECT(result, object, slot, ...) ((result(*)(void *, ##__VA_ARGS__))(object)->table[slot])
/// A method of the object's implementation; the arguments follow as one more list.
#define METHOD(result, object, slot, ...)                                                         \
  ((result(*)(void *, ##__VA_ARGS__))(object)->implementation->table[slot])
#define SELF(object) ((void *)(object)->implementation)

typedef struct {
  int32_t count;
  int32_t extents[8];
} Dims32;

static VTTrtDims widened(Dims32 narrow) {
  VTTrtDims dims = {narrow.count, {0}};
  for (int i = 0; i < 8 && i < narrow.count; i++) dims.extents[i] = narrow.extents[i];
  return dims;
}
static Dims32 narrowed(VTTrtDims dims) {
  Dims32 narrow = {dims.count, {0}};
  for (int i = 0; i < 8 && i < dims.count; i++) narrow.extents[i] = (int32_t)dims.extents[i];
  return narrow;
}

VTTrtObject *vtTrtMake(void *maker, VTTrtLogger *logger, int32_t version) {
  return ((VTTrtObject * (*)(void *, int32_t)) maker)(logger, version);
}
VTTrtObject *vtTrtMakeParser(
    void *maker, VTTrtObject *network, VTTrtLogger *logger, int32_t version) {
  return ((VTTrtObject * (*)(void *, void *, int32_t)) maker)(network, logger, version);
}
int32_t vtTrtNumber(void *function) { return ((int32_t(*)(void))function)(); }
void vtTrtDelete(VTTrtObject *object) { DIRECT(void, object, 1)(object); }
void vtTrtDeleteParser(const VTTrtTable *t, VTTrtObject *parser) {
  DIRECT(void, parser, t->parserDelete)(parser);
}

bool vtTrtParse(const VTTrtTable *t, VTTrtObject *parser, const void *bytes, size_t count) {
  return DIRECT(bool, parser, t->parserParse, const void *, size_t, const char *)(
      parser, bytes, count, NULL);
}
int32_t vtTrtParserErrorCount(const VTTrtTable *t, VTTrtObject *parser) {
  return DIRECT(int32_t, parser, t->parserErrorCount)(parser);
}
VTTrtParserError vtTrtParserError(const VTTrtTable *t, VTTrtObject *parser, int32_t index) {
  VTTrtParserError answer = {0, -1, NULL, NULL, NULL};
  VTTrtObject *error = DIRECT(VTTrtObject *, parser, t->parserError, int32_t)(parser, index);
  if (!error) return answer;
  answer.code = DIRECT(int32_t, error, t->errorCode)(error);
  answer.node = DIRECT(int32_t, error, t->errorNode)(error);
  answer.text = DIRECT(const char *, error, t->errorText)(error);
  if (t->errorNodeName != NONE) {
    answer.name = DIRECT(const char *, error, t->errorNodeName)(error);
    answer.op = DIRECT(const char *, error, t->errorOperator)(error);
  }
  return answer;
}

VTTrtObject *vtTrtCreateNetwork(const VTTrtTable *t, VTTrtObject *b) {
  return METHOD(VTTrtObject *, b, t->builderCreateNetwork, uint32_t)(SELF(b), 1u << t->networkFlag);
}
VTTrtObject *vtTrtCreateConfig(const VTTrtTable *t, VTTrtObject *b) {
  return METHOD(VTTrtObject *, b, t->builderCreateConfig)(SELF(b));
}
VTTrtObject *vtTrtCreateProfile(const VTTrtTable *t, VTTrtObject *b) {
  return METHOD(VTTrtObject *, b, t->builderCreateProfile)(SELF(b));
}
VTTrtObject *vtTrtBuild(
    const VTTrtTable *t, VTTrtObject *b, VTTrtObject *network, VTTrtObject *config) {
  return METHOD(VTTrtObject *, b, t->builderBuild, void *, void *)(SELF(b), network, config);
}

void vtTrtSetBuilderRecorder(const VTTrtTable *t, VTTrtObject *b, VTTrtRecorder *recorder) {
  METHOD(void, b, t->builderSetRecorder, void *)(SELF(b), recorder);
}

int32_t vtTrtLayerCount(const VTTrtTable *t, VTTrtObject *n) {
  return METHOD(int32_t, n, t->networkLayerCount)(SELF(n));
}
int32_t vtTrtBindingCount(const VTTrtTable *t, VTTrtObject *n, int output) {
  return METHOD(int32_t, n, output ? t->networkOutputCount : t->networkInputCount)(SELF(n));
}
VTTrtObject *vtTrtBinding(const VTTrtTable *t, VTTrtObject *n, int output, int32_t index) {
  return METHOD(VTTrtObject *, n, output ? t->networkOutput : t->networkInput, int32_t)(
      SELF(n), index);
}
const char *vtTrtTensorName(const VTTrtTable *t, VTTrtObject *x) {
  return METHOD(const char *, x, t->tensorName)(SELF(x));
}
int32_t vtTrtTensorType(const VTTrtTable *t, VTTrtObject *x) {
  return METHOD(int32_t, x, t->tensorType)(SELF(x));
}
VTTrtDims vtTrtTensorDimensions(const VTTrtTable *t, VTTrtObject *x) {
  if (t->narrowDimensions) return widened(METHOD(Dims32, x, t->tensorDimensions)(SELF(x)));
  return METHOD(VTTrtDims, x, t->tensorDimensions)(SELF(x));
}

static VTTrtObject *layerOf(const VTTrtTable *t, VTTrtObject *n, int32_t index) {
  return METHOD(VTTrtObject *, n, t->networkLayer, int32_t)(SELF(n), index);
}
int32_t vtTrtResultCount(const VTTrtTable *t, VTTrtObject *n, int32_t index) {
  VTTrtObject *found = layerOf(t, n, index);
  return found ? METHOD(int32_t, found, t->layerOutputCount)(SELF(found)) : 0;
}
VTTrtObject *vtTrtResult(const VTTrtTable *t, VTTrtObject *n, int32_t index, int32_t result) {
  VTTrtObject *found = layerOf(t, n, index);
  if (!found) return NULL;
  return METHOD(VTTrtObject *, found, t->layerOutput, int32_t)(SELF(found), result);
}
bool vtTrtSetRange(const VTTrtTable *t, VTTrtObject *x, float least, float greatest) {
  if (t->tensorSetRange == NONE) return false;
  return METHOD(bool, x, t->tensorSetRange, float, float)(SELF(x), least, greatest);
}

void vtTrtShareProfiles(const VTTrtTable *t, VTTrtObject *c) {
  if (t->configSetPreview == NONE) return;
  METHOD(void, c, t->configSetPreview, int32_t, bool)(SELF(c), t->previewSharing, true);
}
void vtTrtSetFlag(const VTTrtTable *t, VTTrtObject *c, uint8_t bit) {
  METHOD(void, c, t->configSetFlag, int32_t)(SELF(c), bit);
}
uint32_t vtTrtFlags(const VTTrtTable *t, VTTrtObject *c) {
  return METHOD(uint32_t, c, t->configGetFlags)(SELF(c));
}
void vtTrtSetVerbosity(const VTTrtTable *t, VTTrtObject *c, int32_t verbosity) {
  METHOD(void, c, t->configSetVerbosity, int32_t)(SELF(c), verbosity);
}
int32_t vtTrtVerbosity(const VTTrtTable *t, VTTrtObject *c) {
  return METHOD(int32_t, c, t->configGetVerbosity)(SELF(c));
}
void vtTrtSetLevel(const VTTrtTable *t, VTTrtObject *c, int32_t level) {
  METHOD(void, c, t->configSetLevel, int32_t)(SELF(c), level);
}
int32_t vtTrtLevel(const VTTrtTable *t, VTTrtObject *c) {
  return METHOD(int32_t, c, t->configGetLevel)(SELF(c));
}
void vtTrtSetMemoryLimit(const VTTrtTable *t, VTTrtObject *c, int32_t pool, size_t bytes) {
  METHOD(void, c, t->configSetMemoryLimit, int32_t, size_t)(SELF(c), pool, bytes);
}
size_t vtTrtMemoryLimit(const VTTrtTable *t, VTTrtObject *c, int32_t pool) {
  return METHOD(size_t, c, t->configGetMemoryLimit, int32_t)(SELF(c), pool);
}
bool vtTrtSetTacticSources(const VTTrtTable *t, VTTrtObject *c, uint32_t sources) {
  return METHOD(bool, c, t->configSetTacticSources, uint32_t)(SELF(c), sources);
}
void vtTrtSetHardware(const VTTrtTable *t, VTTrtObject *c, int32_t level) {
  METHOD(void, c, t->configSetHardware, int32_t)(SELF(c), level);
}
void vtTrtSetDLA(const VTTrtTable *t, VTTrtObject *c, int32_t core) {
  METHOD(void, c, t->configSetDefaultDevice, int32_t)(SELF(c), 1);
  METHOD(void, c, t->configSetDLACore, int32_t)(SELF(c), core);
}
bool vtTrtSetProgress(const VTTrtTable *t, VTTrtObject *c, VTTrtProgress *progress) {
  if (t->configSetProgress == NONE) return false;
  METHOD(void, c, t->configSetProgress, void *)(SELF(c), progress);
  return true;
}
bool vtTrtSetTargets(
    const VTTrtTable *t, VTTrtObject *c, const int32_t *capabilities, int32_t count) {
  if (t->configSetTargetCount == NONE) return false;
  if (!METHOD(bool, c, t->configSetTargetCount, int32_t)(SELF(c), count)) return false;
  for (int32_t i = 0; i < count; i++) {
    bool ok = METHOD(bool, c, t->configSetTarget, int32_t, int32_t)(SELF(c), capabilities[i], i);
    if (!ok) return false;
  }
  return true;
}
int32_t vtTrtTargetCount(const VTTrtTable *t, VTTrtObject *c) {
  if (t->configGetTargetCount == NONE) return 0;
  return METHOD(int32_t, c, t->configGetTargetCount)(SELF(c));
}
int32_t vtTrtAddProfile(const VTTrtTable *t, VTTrtObject *c, VTTrtObject *profile) {
  return METHOD(int32_t, c, t->configAddProfile, void *)(SELF(c), profile);
}
bool vtTrtProfileSetDimensions(
    const VTTrtTable *t, VTTrtObject *p, const char *input, int32_t which, VTTrtDims dims) {
  if (t->narrowDimensions) {
    return METHOD(bool, p, t->profileSetDimensions, const char *, int32_t, Dims32)(
        SELF(p), input, which, narrowed(dims));
  }
  return METHOD(bool, p, t->profileSetDimensions, const char *, int32_t, const VTTrtDims *)(
      SELF(p), input, which, &dims);
}
bool vtTrtProfileIsValid(const VTTrtTable *t, VTTrtObject *p) {
  return METHOD(bool, p, t->profileIsValid)(SELF(p));
}
VTTrtObject *vtTrtCreateTimingCache(
    const VTTrtTable *t, VTTrtObject *c, const void *bytes, size_t count) {
  return METHOD(VTTrtObject *, c, t->configCreateTimingCache, const void *, size_t)(
      SELF(c), bytes, count);
}
bool vtTrtSetTimingCache(const VTTrtTable *t, VTTrtObject *c, VTTrtObject *cache) {
  return METHOD(bool, c, t->configSetTimingCache, void *, bool)(SELF(c), cache, false);
}
VTTrtObject *vtTrtTimingCache(const VTTrtTable *t, VTTrtObject *c) {
  return METHOD(VTTrtObject *, c, t->configGetTimingCache)(SELF(c));
}
VTTrtObject *vtTrtSerializeTimingCache(const VTTrtTable *t, VTTrtObject *cache) {
  return METHOD(VTTrtObject *, cache, t->cacheSerialize)(SELF(cache));
}

const void *vtTrtMemoryBytes(const VTTrtTable *t, VTTrtObject *m) {
  return METHOD(const void *, m, t->memoryData)(SELF(m));
}
size_t vtTrtMemoryCount(const VTTrtTable *t, VTTrtObject *m) {
  return METHOD(size_t, m, t->memorySize)(SELF(m));
}

VTTrtObject *vtTrtLoad(const VTTrtTable *t, VTTrtObject *r, const void *bytes, size_t count) {
  if (!t->narrowDimensions) {
    return METHOD(VTTrtObject *, r, t->runtimeLoad, const void *, size_t)(SELF(r), bytes, count);
  }
  // 8.6 takes a plugin factory too, which nobody has had since.
  return METHOD(VTTrtObject *, r, t->runtimeLoad, const void *, size_t, void *)(
      SELF(r), bytes, count, NULL);
}
void vtTrtAllowHostCode(const VTTrtTable *t, VTTrtObject *r) {
  METHOD(void, r, t->runtimeAllowHostCode, bool)(SELF(r), true);
}
int32_t vtTrtEngineTensorCount(const VTTrtTable *t, VTTrtObject *e) {
  return METHOD(int32_t, e, t->engineTensorCount)(SELF(e));
}
const char *vtTrtEngineTensorName(const VTTrtTable *t, VTTrtObject *e, int32_t index) {
  return METHOD(const char *, e, t->engineTensorName, int32_t)(SELF(e), index);
}
VTTrtDims vtTrtEngineShape(const VTTrtTable *t, VTTrtObject *e, const char *name) {
  if (t->narrowDimensions) {
    return widened(METHOD(Dims32, e, t->engineTensorShape, const char *)(SELF(e), name));
  }
  return METHOD(VTTrtDims, e, t->engineTensorShape, const char *)(SELF(e), name);
}
int32_t vtTrtEngineType(const VTTrtTable *t, VTTrtObject *e, const char *name) {
  return METHOD(int32_t, e, t->engineTensorType, const char *)(SELF(e), name);
}
int32_t vtTrtEngineMode(const VTTrtTable *t, VTTrtObject *e, const char *name) {
  return METHOD(int32_t, e, t->engineTensorMode, const char *)(SELF(e), name);
}
VTTrtObject *vtTrtCreateContext(const VTTrtTable *t, VTTrtObject *e) {
  // 8.6 takes no strategy; an argument too many does no harm. 0: memory for the worst case.
  return METHOD(VTTrtObject *, e, t->engineCreateContext, int32_t)(SELF(e), 0);
}
VTTrtObject *vtTrtCreateInspector(const VTTrtTable *t, VTTrtObject *e) {
  return METHOD(VTTrtObject *, e, t->engineCreateInspector)(SELF(e));
}
const char *vtTrtInspectorText(const VTTrtTable *t, VTTrtObject *i) {
  return METHOD(const char *, i, t->inspectorText, int32_t)(SELF(i), 1);
}
bool vtTrtSetShape(const VTTrtTable *t, VTTrtObject *c, const char *name, VTTrtDims dims) {
  Dims32 narrow = narrowed(dims);
  const void *shape = t->narrowDimensions ? (const void *)&narrow : (const void *)&dims;
  return METHOD(bool, c, t->contextSetShape, const char *, const void *)(SELF(c), name, shape);
}
VTTrtDims vtTrtContextShape(const VTTrtTable *t, VTTrtObject *c, const char *name) {
  if (t->narrowDimensions) {
    return widened(METHOD(Dims32, c, t->contextShape, const char *)(SELF(c), name));
  }
  return METHOD(VTTrtDims, c, t->contextShape, const char *)(SELF(c), name);
}
bool vtTrtSetAddress(const VTTrtTable *t, VTTrtObject *c, const char *name, uint64_t address) {
  return METHOD(bool, c, t->contextSetAddress, const char *, void *)(
      SELF(c), name, (void *)(uintptr_t)address);
}
void vtTrtSetProfiler(const VTTrtTable *t, VTTrtObject *c, VTTrtProfiler *profiler) {
  METHOD(void, c, t->contextSetProfiler, void *)(SELF(c), profiler);
}
void vtTrtSetContextRecorder(const VTTrtTable *t, VTTrtObject *c, VTTrtRecorder *recorder) {
  METHOD(void, c, t->contextSetRecorder, void *)(SELF(c), recorder);
}
bool vtTrtSetProfile(const VTTrtTable *t, VTTrtObject *c, int32_t profile, void *stream) {
  return METHOD(bool, c, t->contextSetProfile, int32_t, void *)(SELF(c), profile, stream);
}
bool vtTrtEnqueue(const VTTrtTable *t, VTTrtObject *c, void *stream) {
  return METHOD(bool, c, t->contextEnqueue, void *)(SELF(c), stream);
}
