// A stand-in for TensorRT and its ONNX parser, for tests on machines without a GPU.
//
// Its objects have their methods where CTensorRTSlots.h says that the release's objects have them
// (-DFAMILY=8, 10 or 11), so that the same calls reach them; a call of a slot that it does not have
// ends the process. An engine is the ONNX file that was parsed. It is computed by ONNX Runtime where
// STAND_IN_ONNXRUNTIME names its library, else by a function that a test sets. It says nothing of what
// TensorRT itself does with a network, nor whether the table of slots is right: that is compared with
// NVIDIA's own bindings (Scripts/check-tensorrt-abi) and run with TensorRT for RTX.
//
// More than 400 lines, because one library must answer every method that is called.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CTensorRTSlots.h"
#include "onnx_run.h"

#define NONE VT_TRT_NONE
#if FAMILY == 8
#define PICK(a, b, c, d) a
enum { versionNumber = 8601, major = 8, minor = 6, patch = 1 };
#elif FAMILY == 10
#define PICK(a, b, c, d) b
enum { versionNumber = 101601, major = 10, minor = 16, patch = 1 };
#else
#define PICK(a, b, c, d) c
enum { versionNumber = 110400, major = 11, minor = 4, patch = 0 };
#endif

/// Slot numbers, by the names that the table gives methods.
enum {
#define SLOT(name, class, method, a, b, c, d) slot_##name = PICK(a, b, c, d),
  VT_TRT_METHODS(SLOT)
#undef SLOT
#define NUMBER(name, a, b, c, d) number_##name = PICK(a, b, c, d),
  VT_TRT_NUMBERS(NUMBER)
#undef NUMBER
};

int standInEnqueue(void *stream, void (*function)(void *), const void *arguments, size_t size);
int standInHolds(const void *bytes, size_t size);

// --- What tests see and set ---

enum { slotCount = 128 };

static long live;
static void (*network)(Run *);
static char planned[64];
static int32_t plannedAfter, rangeCount, sharesProfiles, lastProfile;
static char lastRange[256];

long standInObjects(void) { return live; }
/// What computes engines where there is no ONNX Runtime.
void standInSetNetwork(void (*function)(Run *)) { network = function; }
/// The call after `after` others of that method fails, once.
void standInFailMethod(const char *name, int32_t after) {
  snprintf(planned, sizeof planned, "%s", name ? name : "");
  plannedAfter = after;
}
/// Ranges that the last build was given.
int32_t standInRanges(void) { return rangeCount; }
const char *standInLastRange(void) { return lastRange; }
int32_t standInSharesProfiles(void) { return sharesProfiles; }
int32_t standInLastProfile(void) { return lastProfile; }

static bool fails(const char *name) {
  if (strcmp(planned, name) != 0 || plannedAfter-- != 0) return false;
  planned[0] = 0;
  return true;
}

// --- Objects: [table][implementation], where the implementation is the object itself ---

typedef struct Object Object;
typedef struct {
  void *const *table;
  void *implementation;
} Head;

static void missing(void) {
  fputs("stand-in for TensorRT: a method that it does not have was called\n", stderr);
  abort();
}

struct Network;
struct Object {
  void *const *table;
  Object *implementation;
  void (*release)(Object *);
};

static void delete_(Object *object) {
  __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
  if (object->release) object->release(object);
  free(object);
}
static void *make(size_t size, void *const *table, void (*release)(Object *)) {
  Object *object = calloc(1, size);
  object->table = table;
  object->implementation = object;
  object->release = release;
  __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
  return object;
}

#define TABLE(name) static void *name[slotCount]
TABLE(builderTable);
TABLE(configTable);
TABLE(profileTable);
TABLE(networkTable);
TABLE(tensorTable);
TABLE(layerTable);
TABLE(memoryTable);
TABLE(cacheTable);
TABLE(runtimeTable);
TABLE(engineTable);
TABLE(contextTable);
TABLE(inspectorTable);
TABLE(parserTable);
TABLE(errorTable);

// --- Logger and recorder, which are the caller's ---

static void *theLogger;
static void logText(int32_t severity, const char *text) {
  void **table = theLogger ? *(void ***)theLogger : NULL;
  if (!table) return;
  // 11 has four functions before it, 8.6 and 10 none.
  ((void (*)(void *, int32_t, const char *))table[number_loggerForm ? 4 : 0])(
      theLogger, severity, text);
}
static void record(void *recorder, const char *text) {
  if (!recorder) return;
  void **table = *(void ***)recorder;
  ((bool (*)(void *, int32_t, const char *))table[number_recorderForm ? 9 : 7])(recorder, 1, text);
}

// --- Network, tensors, layers ---

typedef struct {
  Object head;
  struct NetworkObject *owner;
  int32_t index;
} Tensor;
typedef struct NetworkObject {
  Object head;
  uint8_t *onnx;
  size_t size;
  Run run;
  Tensor tensors[portLimit];
  Object layer;
} NetworkObject;

static void releaseNetwork(Object *object) {
  NetworkObject *n = (NetworkObject *)object;
  free(n->onnx);
  freePorts(&n->run);
}
static int32_t portCount(NetworkObject *n, bool isOutput) {
  int32_t count = 0;
  for (int i = 0; i < n->run.count; i++) count += n->run.ports[i].isOutput == isOutput;
  return count;
}
static Tensor *port(NetworkObject *n, bool isOutput, int32_t index) {
  for (int i = 0; i < n->run.count; i++)
    if (n->run.ports[i].isOutput == isOutput && index-- == 0) return &n->tensors[i];
  return NULL;
}
static int32_t layerCount(NetworkObject *n) { return n->run.count ? 1 : 0; }
static int32_t inputCount(NetworkObject *n) { return portCount(n, false); }
static int32_t outputCount(NetworkObject *n) { return portCount(n, true); }
static Tensor *input(NetworkObject *n, int32_t index) { return port(n, false, index); }
static Tensor *output(NetworkObject *n, int32_t index) { return port(n, true, index); }
static Object *layer(NetworkObject *n, int32_t index) { return index ? NULL : &n->layer; }
static NetworkObject *ownerOf(Object *layer) {
  return (NetworkObject *)((char *)layer - offsetof(NetworkObject, layer));
}
static int32_t resultCount(Object *layer) { return outputCount(ownerOf(layer)); }
static Tensor *result(Object *layer, int32_t index) { return output(ownerOf(layer), index); }

static const char *tensorName(Tensor *x) { return x->owner->run.ports[x->index].name; }
static int32_t tensorType(Tensor *x) { return x->owner->run.ports[x->index].elementType; }
static bool setRange(Tensor *x, float least, float greatest) {
  if (!(least < greatest)) return false;
  rangeCount++;
  snprintf(lastRange, sizeof lastRange, "%s %g %g", tensorName(x), (double)least, (double)greatest);
  return true;
}

#if FAMILY == 8
typedef struct {
  int32_t count, extents[rankLimit];
} LibraryDims;
static LibraryDims given(Dims dims) {
  LibraryDims narrow = {dims.count, {0}};
  for (int i = 0; i < rankLimit; i++) narrow.extents[i] = (int32_t)dims.extents[i];
  return narrow;
}
static Dims taken(const LibraryDims *narrow) {
  Dims dims = {narrow->count, {0}};
  for (int i = 0; i < rankLimit; i++) dims.extents[i] = narrow->extents[i];
  return dims;
}
#else
typedef Dims LibraryDims;
static LibraryDims given(Dims dims) { return dims; }
static Dims taken(const LibraryDims *dims) { return *dims; }
#endif
static LibraryDims tensorDims(Tensor *x) { return given(x->owner->run.ports[x->index].dims); }

// --- Parser ---

typedef struct {
  void **table;
  NetworkObject *network;
} Parser;
static bool parse(Parser *p, const void *bytes, size_t size, const char *path) {
  NetworkObject *n = p->network;
  if (fails("parse")) return false;
  n->onnx = malloc(size);
  memcpy(n->onnx, bytes, size);
  n->size = size;
  n->run = readPorts(n->onnx, size);
  for (int i = 0; i < n->run.count; i++) {
    n->tensors[i] = (Tensor){{(void *const *)tensorTable, NULL, NULL}, n, i};
    n->tensors[i].head.implementation = &n->tensors[i].head;
  }
  n->layer = (Object){(void *const *)layerTable, NULL, NULL};
  n->layer.implementation = &n->layer;
  return n->run.count > 0;
}
static int32_t noErrors(Parser *p) { return 0; }
static void deleteParser(Parser *p) {
  __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
  free(p);
}

// --- Configuration ---

typedef struct {
  Object head;
  uint32_t flags;
  int32_t verbosity, level;
  size_t workspace;
} Config;
static void setFlag(Config *c, int32_t bit) { c->flags |= 1u << bit; }
static uint32_t flags(Config *c) { return c->flags; }
static void setVerbosity(Config *c, int32_t value) { c->verbosity = value; }
static int32_t verbosity(Config *c) { return c->verbosity; }
static void setLevel(Config *c, int32_t value) { c->level = value; }
static int32_t level(Config *c) { return c->level; }
static void setLimit(Config *c, int32_t pool, size_t bytes) { c->workspace = bytes; }
static size_t limit(Config *c, int32_t pool) { return c->workspace; }
static bool setSources(Config *c, uint32_t sources) { return true; }
static void setNumber(Config *c, int32_t value) {}
static void setProgress(Config *c, void *monitor) {}
static int32_t addProfile(Config *c, void *profile) { return 0; }
static void setPreview(Config *c, int32_t feature, bool isOn) {
  if (feature == number_previewSharing) sharesProfiles = isOn;
}
typedef struct {
  Object head;
  size_t size;
  uint8_t bytes[];
} Memory;
static void *memory(size_t size) {
  Memory *m = make(sizeof(Memory) + size, (void *const *)memoryTable, NULL);
  m->size = size;
  return m;
}
static const void *memoryData(Memory *m) { return m->bytes; }
static size_t memorySize(Memory *m) { return m->size; }
static void *createCache(Config *c, const void *bytes, size_t size) {
  return make(sizeof(Object), (void *const *)cacheTable, NULL);
}
static bool setCache(Config *c, void *cache, bool ignore) { return true; }
static void *getCache(Config *c) {
  static Object kept;
  kept = (Object){(void *const *)cacheTable, &kept, NULL};
  return &kept;
}
static void *serialize(Object *cache) { return memory(8); }

static bool setProfileDims(Object *p, const char *name, int32_t which,
#if FAMILY == 8
                           LibraryDims dims
#else
                           const LibraryDims *dims
#endif
) {
  return true;
}
static bool isValid(Object *p) { return true; }

// --- Builder ---

typedef struct {
  Object head;
  void *recorder;
} Builder;
enum { headerSize = 64 };

static void *createNetwork(Builder *b, uint32_t flags) {
  NetworkObject *n = make(sizeof *n, (void *const *)networkTable, releaseNetwork);
  return n;
}
static void *createConfig(Builder *b) {
  rangeCount = 0;
  return make(sizeof(Config), (void *const *)configTable, NULL);
}
static void *createProfile(Builder *b) {
  // The builder owns its profiles.
  static Object profile;
  profile = (Object){(void *const *)profileTable, &profile, NULL};
  return &profile;
}
static void setBuilderRecorder(Builder *b, void *recorder) { b->recorder = recorder; }
static void *build(Builder *b, NetworkObject *n, Config *config) {
  if (fails("build")) {
    record(b->recorder, "[stand-in.c::build::1] Error Code 10: a planned failure of the builder");
    return NULL;
  }
  Memory *m = memory(headerSize + n->size);
  memcpy(m->bytes, "ftrt", 4);
  m->bytes[24] = major;
  m->bytes[25] = minor;
  m->bytes[26] = patch;
  memcpy(m->bytes + headerSize, n->onnx, n->size);
  return m;
}

// --- Runtime and engine ---

typedef struct {
  Object head;
  uint8_t *onnx;
  size_t size;
  Run run;
  VTOrtSession *session;
} Engine;

static void releaseEngine(Object *object) {
  Engine *e = (Engine *)object;
  if (e->session) vtOrtReleaseSession(ort, e->session);
  free(e->onnx);
  freePorts(&e->run);
}
static void *load_(Object *runtime, const uint8_t *bytes, size_t size) {
  if (size < headerSize || memcmp(bytes, "ftrt", 4) != 0 || bytes[24] != major || fails("load")) {
    logText(1, "[stand-in.c::load::2] Error Code 1: the engine is not of this release");
    return NULL;
  }
  Engine *e = make(sizeof *e, (void *const *)engineTable, releaseEngine);
  e->size = size - headerSize;
  e->onnx = malloc(e->size);
  memcpy(e->onnx, bytes + headerSize, e->size);
  e->run = readPorts(e->onnx, e->size);
  openONNXRuntime();
  if (ort) {
    VTOrtSessionOptions *options = NULL;
    vtOrtCreateSessionOptions(ort, &options);
    VTOrtStatus *status =
        vtOrtCreateSessionFromBytes(ort, ortEnvironment, e->onnx, e->size, options, &e->session);
    vtOrtReleaseSessionOptions(ort, options);
    if (status) {
      logText(1, vtOrtErrorMessage(ort, status));
      vtOrtReleaseStatus(ort, status);
      delete_((Object *)e);
      return NULL;
    }
  }
  return e;
}
static void allowHostCode(Object *runtime, bool isAllowed) {}
static int32_t tensorCount(Engine *e) { return e->run.count; }
static const char *engineName(Engine *e, int32_t index) { return e->run.ports[index].name; }
static Port *named(Run *run, const char *name) {
  for (int i = 0; i < run->count; i++)
    if (strcmp(run->ports[i].name, name) == 0) return &run->ports[i];
  return NULL;
}
static LibraryDims engineShape(Engine *e, const char *name) {
  Port *port = named(&e->run, name);
  return given(port ? port->dims : (Dims){-1, {0}});
}
static int32_t engineType(Engine *e, const char *name) { return named(&e->run, name)->elementType; }
static int32_t engineMode(Engine *e, const char *name) { return named(&e->run, name)->isOutput + 1; }
static const char *inspectorText(Object *inspector, int32_t form) {
  return "{\"Layers\": [\"stand-in\"], \"Bindings\": []}";
}
static void *createInspector(Engine *e) {
  return make(sizeof(Object), (void *const *)inspectorTable, NULL);
}

// --- Contexts ---

typedef struct {
  Object head;
  Engine *engine;
  Run run;
  void *recorder, *profiler;
} Context;

static void *createContext(Engine *e) {
  if (fails("createExecutionContext")) return NULL;
  Context *c = make(sizeof *c, (void *const *)contextTable, NULL);
  c->engine = e;
  c->run = e->run;
  return c;
}
static void setContextRecorder(Context *c, void *recorder) { c->recorder = recorder; }
static void setProfiler(Context *c, void *profiler) { c->profiler = profiler; }
static bool setProfile(Context *c, int32_t profile, void *stream) {
  lastProfile = profile;
  return !fails("setOptimizationProfileAsync");
}

/// Open extents of outputs: the batch, and of a YOLOv5 head with three levels its anchors.
static void inferShapes(Context *c) {
  const Dims *in = NULL;
  for (int i = 0; i < c->run.count; i++)
    if (!c->run.ports[i].isOutput) in = &c->run.ports[i].dims;
  for (int i = 0; in && i < c->run.count; i++) {
    if (!c->run.ports[i].isOutput) continue;
    const Dims *declared = &c->engine->run.ports[i].dims;
    Dims dims = *declared;
    if (dims.count > 0 && dims.extents[0] < 0) dims.extents[0] = in->extents[0];
    if (dims.count == 3 && dims.extents[1] < 0) {
      dims.extents[1] = 0;
      for (int stride = 8; stride <= 32; stride *= 2)
        dims.extents[1] += 3 * (in->extents[2] / stride) * (in->extents[3] / stride);
    }
    c->run.ports[i].dims = dims;
  }
}
static bool setShape(Context *c, const char *name, const LibraryDims *library) {
  Dims dims = taken(library);
  Port *port = named(&c->run, name), *declared = named(&c->engine->run, name);
  if (!port || dims.count != declared->dims.count || fails("setInputShape")) return false;
  for (int i = 0; i < dims.count; i++)
    if (declared->dims.extents[i] >= 0 && declared->dims.extents[i] != dims.extents[i]) return false;
  port->dims = dims;
  inferShapes(c);
  return true;
}
static LibraryDims contextShape(Context *c, const char *name) {
  Port *port = named(&c->run, name);
  return given(port ? port->dims : (Dims){-1, {0}});
}
static bool setAddress(Context *c, const char *name, void *address) {
  Port *port = named(&c->run, name);
  if (!port || !address || fails("setTensorAddress")) return false;
  port->bytes = address;
  return true;
}

typedef struct {
  Engine *engine;
  Run *run;
} Job;
static void compute(void *arguments) {
  Job job;
  memcpy(&job, arguments, sizeof job);
  if (job.engine->session) runONNXRuntime(job.engine->session, job.run);
  else if (network) network(job.run);
  // Without either, nothing is found.
  else
    for (int i = 0; i < job.run->count; i++)
      if (job.run->ports[i].isOutput)
        memset(job.run->ports[i].bytes, 0, byteCount(&job.run->ports[i]));
}
static bool enqueue(Context *c, void *stream) {
  Job job = {c->engine, &c->run};
  if (fails("enqueueV3")) {
    record(c->recorder, "[stand-in.c::enqueue::3] Error Code 1: a planned failure of the context");
    return false;
  }
  for (int i = 0; i < c->run.count; i++) {
    if (standInHolds(c->run.ports[i].bytes, byteCount(&c->run.ports[i]))) continue;
    record(c->recorder, "[stand-in.c::enqueue::4] Error Code 3: a tensor has too little memory");
    return false;
  }
  if (c->profiler) {
    void **table = *(void ***)c->profiler;
    ((void (*)(void *, const char *, float))table[number_profilerForm ? 4 : 0])(
        c->profiler, "stand-in", 0.5f);
  }
  return standInEnqueue(stream, compute, &job, sizeof job) == 0;
}

// --- Tables and exports ---

static void fill(void **table) {
  for (int i = 0; i < slotCount; i++) table[i] = (void *)missing;
  table[0] = table[1] = (void *)delete_;
}
#define PUT(table, slot, function) \
  if ((slot) != NONE) table[(slot) % slotCount] = (void *)(function)

__attribute__((constructor)) static void fillTables(void) {
  void **all[] = {builderTable, configTable, profileTable,   networkTable, tensorTable, layerTable,
                  memoryTable,  runtimeTable, engineTable,   contextTable, inspectorTable,
                  parserTable,  errorTable, cacheTable};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) fill(all[i]);
  PUT(builderTable, slot_builderCreateNetwork, createNetwork);
  PUT(builderTable, slot_builderCreateConfig, createConfig);
  PUT(builderTable, slot_builderCreateProfile, createProfile);
  PUT(builderTable, slot_builderBuild, build);
  PUT(builderTable, slot_builderSetRecorder, setBuilderRecorder);
  PUT(configTable, slot_configSetFlag, setFlag);
  PUT(configTable, slot_configGetFlags, flags);
  PUT(configTable, slot_configSetVerbosity, setVerbosity);
  PUT(configTable, slot_configGetVerbosity, verbosity);
  PUT(configTable, slot_configSetLevel, setLevel);
  PUT(configTable, slot_configGetLevel, level);
  PUT(configTable, slot_configSetMemoryLimit, setLimit);
  PUT(configTable, slot_configGetMemoryLimit, limit);
  PUT(configTable, slot_configSetTacticSources, setSources);
  PUT(configTable, slot_configSetHardware, setNumber);
  PUT(configTable, slot_configSetProgress, setProgress);
  PUT(configTable, slot_configAddProfile, addProfile);
  PUT(configTable, slot_configSetPreview, setPreview);
  PUT(configTable, slot_configCreateTimingCache, createCache);
  PUT(configTable, slot_configSetTimingCache, setCache);
  PUT(configTable, slot_configGetTimingCache, getCache);
  PUT(cacheTable, slot_cacheSerialize, serialize);
  PUT(memoryTable, slot_memoryData, memoryData);
  PUT(memoryTable, slot_memorySize, memorySize);
  PUT(profileTable, slot_profileSetDimensions, setProfileDims);
  PUT(profileTable, slot_profileIsValid, isValid);
  PUT(networkTable, slot_networkLayerCount, layerCount);
  PUT(networkTable, slot_networkLayer, layer);
  PUT(networkTable, slot_networkInputCount, inputCount);
  PUT(networkTable, slot_networkInput, input);
  PUT(networkTable, slot_networkOutputCount, outputCount);
  PUT(networkTable, slot_networkOutput, output);
  PUT(layerTable, slot_layerOutputCount, resultCount);
  PUT(layerTable, slot_layerOutput, result);
  PUT(tensorTable, slot_tensorName, tensorName);
  PUT(tensorTable, slot_tensorType, tensorType);
  PUT(tensorTable, slot_tensorDimensions, tensorDims);
  PUT(tensorTable, slot_tensorSetRange, setRange);
  PUT(runtimeTable, slot_runtimeLoad, load_);
  PUT(runtimeTable, slot_runtimeAllowHostCode, allowHostCode);
  PUT(engineTable, slot_engineTensorCount, tensorCount);
  PUT(engineTable, slot_engineTensorName, engineName);
  PUT(engineTable, slot_engineTensorShape, engineShape);
  PUT(engineTable, slot_engineTensorType, engineType);
  PUT(engineTable, slot_engineTensorMode, engineMode);
  PUT(engineTable, slot_engineCreateContext, createContext);
  PUT(engineTable, slot_engineCreateInspector, createInspector);
  PUT(inspectorTable, slot_inspectorText, inspectorText);
  PUT(contextTable, slot_contextSetShape, setShape);
  PUT(contextTable, slot_contextShape, contextShape);
  PUT(contextTable, slot_contextSetAddress, setAddress);
  PUT(contextTable, slot_contextEnqueue, enqueue);
  PUT(contextTable, slot_contextSetProfiler, setProfiler);
  PUT(contextTable, slot_contextSetRecorder, setContextRecorder);
  PUT(contextTable, slot_contextSetProfile, setProfile);
  parserTable[slot_parserParse] = (void *)parse;
  parserTable[slot_parserErrorCount] = (void *)noErrors;
  parserTable[slot_parserDelete] = (void *)deleteParser;
}

int32_t getInferLibVersion(void) { return versionNumber; }
int32_t getNvOnnxParserVersion(void) { return versionNumber; }
void *createInferBuilder_INTERNAL(void *logger, int32_t version) {
  theLogger = logger;
  return make(sizeof(Builder), (void *const *)builderTable, NULL);
}
void *createInferRuntime_INTERNAL(void *logger, int32_t version) {
  theLogger = logger;
  return make(sizeof(Object), (void *const *)runtimeTable, NULL);
}
void *createNvOnnxParser_INTERNAL(NetworkObject *network, void *logger, int32_t version) {
  Parser *p = calloc(1, sizeof *p);
  p->table = parserTable;
  p->network = network;
  __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
  return p;
}
