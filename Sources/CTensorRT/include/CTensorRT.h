// TensorRT and TensorRT for RTX without their headers: the calls that the project makes.
//
// The libraries are opened at run time; the release that is found decides the table of slots. The
// declarations here are the project's own; facts and their sources are in CTensorRTSlots.h.
#pragma once
#include "CCUDADriver.h"
#include "CNVRTC.h"
#include "CTensorRTSlots.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_TRT_FIELD(name, ...) uint8_t name;
/// The slots and numbers of one release family.
typedef struct {
  VT_TRT_METHODS(VT_TRT_FIELD)
  VT_TRT_NUMBERS(VT_TRT_FIELD)
} VTTrtTable;
#undef VT_TRT_FIELD

/// TensorRT 8.6 is 8, TensorRT 10 is 10, TensorRT 11 is 11; TensorRT for RTX 1.4 is 14 and its later
/// releases are 15. Null for every other number.
const VTTrtTable *vtTrtTable(int family);

/// A shape of at most 8 dimensions; -1 where one is open. `count` is -1 for an invalid one.
typedef struct {
  int32_t count;
  int64_t extents[8];
} VTTrtDims;

typedef void (*VTTrtLogFunction)(void *user, int32_t severity, const char *text);

/// An `ILogger` made here. Its address is what the library gets; it must outlive every object.
typedef struct {
  void *const *table;
  VTTrtLogFunction function;
  void *user;
} VTTrtLogger;
void vtTrtMakeLogger(const VTTrtTable *t, VTTrtLogger *logger, VTTrtLogFunction f, void *user);

/// What an `IProgressMonitor` made here calls. `step` answers whether to go on.
typedef struct {
  void *const *table;
  void (*begin)(void *user, const char *phase, const char *parent, int32_t steps);
  bool (*step)(void *user, const char *phase, int32_t step);
  void (*end)(void *user, const char *phase);
  void *user;
} VTTrtProgress;
/// Fills in the table of functions.
void vtTrtMakeProgress(VTTrtProgress *progress);

/// An `IProfiler` made here: told of each layer's time in milliseconds.
typedef struct {
  void *const *table;
  void (*layer)(void *user, const char *name, float milliseconds);
  void *user;
} VTTrtProfiler;
void vtTrtMakeProfiler(const VTTrtTable *t, VTTrtProfiler *profiler);

/// An `IErrorRecorder` made here: what one object reports while it works. It counts nobody who refers
/// to it, and must outlive the objects that it was given to.
typedef struct {
  void *const *table;
  void (*report)(void *user, int32_t code, const char *text);
  int32_t (*count)(void *user);
  int32_t (*code)(void *user, int32_t index);
  const char *(*text)(void *user, int32_t index);
  void (*clear)(void *user);
  void *user;
} VTTrtRecorder;
/// Fills in the table of functions.
void vtTrtMakeRecorder(const VTTrtTable *t, VTTrtRecorder *recorder);

// Objects of the library. Every function that returns one may answer null.
typedef struct VTTrtObject VTTrtObject;

/// Exported makers, as found by dlsym: createInferBuilder_INTERNAL, createInferRuntime_INTERNAL.
VTTrtObject *vtTrtMake(void *maker, VTTrtLogger *logger, int32_t version);
/// createNvOnnxParser_INTERNAL.
VTTrtObject *vtTrtMakeParser(
    void *maker, VTTrtObject *network, VTTrtLogger *logger, int32_t version);
int32_t vtTrtNumber(void *function);
/// Deletes any object but a parser.
void vtTrtDelete(VTTrtObject *object);
void vtTrtDeleteParser(const VTTrtTable *t, VTTrtObject *parser);

// Parser.
bool vtTrtParse(const VTTrtTable *t, VTTrtObject *parser, const void *bytes, size_t count);
int32_t vtTrtParserErrorCount(const VTTrtTable *t, VTTrtObject *parser);
/// Texts are the library's own and may be null.
typedef struct {
  int32_t code;
  int32_t node;
  const char *text;
  const char *name;
  const char *op;
} VTTrtParserError;
VTTrtParserError vtTrtParserError(const VTTrtTable *t, VTTrtObject *parser, int32_t index);

// Builder.
VTTrtObject *vtTrtCreateNetwork(const VTTrtTable *t, VTTrtObject *builder);
VTTrtObject *vtTrtCreateConfig(const VTTrtTable *t, VTTrtObject *builder);
VTTrtObject *vtTrtCreateProfile(const VTTrtTable *t, VTTrtObject *builder);
VTTrtObject *vtTrtBuild(
    const VTTrtTable *t, VTTrtObject *builder, VTTrtObject *network, VTTrtObject *config);

void vtTrtSetBuilderRecorder(const VTTrtTable *t, VTTrtObject *builder, VTTrtRecorder *recorder);

// Network.
int32_t vtTrtLayerCount(const VTTrtTable *t, VTTrtObject *network);
/// `output`: 0 for inputs, 1 for outputs.
int32_t vtTrtBindingCount(const VTTrtTable *t, VTTrtObject *network, int output);
VTTrtObject *vtTrtBinding(const VTTrtTable *t, VTTrtObject *network, int output, int32_t index);
const char *vtTrtTensorName(const VTTrtTable *t, VTTrtObject *tensor);
int32_t vtTrtTensorType(const VTTrtTable *t, VTTrtObject *tensor);
VTTrtDims vtTrtTensorDimensions(const VTTrtTable *t, VTTrtObject *tensor);
/// Results of a layer; null where there is none.
int32_t vtTrtResultCount(const VTTrtTable *t, VTTrtObject *network, int32_t layer);
VTTrtObject *vtTrtResult(const VTTrtTable *t, VTTrtObject *network, int32_t layer, int32_t index);
/// False where the release takes no ranges, or not these.
bool vtTrtSetRange(const VTTrtTable *t, VTTrtObject *tensor, float least, float greatest);

// Configuration. Bits are taken from the table; one that is VT_TRT_NONE must not be set.
void vtTrtSetFlag(const VTTrtTable *t, VTTrtObject *config, uint8_t bit);
uint32_t vtTrtFlags(const VTTrtTable *t, VTTrtObject *config);
void vtTrtSetVerbosity(const VTTrtTable *t, VTTrtObject *config, int32_t verbosity);
int32_t vtTrtVerbosity(const VTTrtTable *t, VTTrtObject *config);
/// Lets several contexts use one optimization profile, which 8.6 must be told.
void vtTrtShareProfiles(const VTTrtTable *t, VTTrtObject *config);
void vtTrtSetLevel(const VTTrtTable *t, VTTrtObject *config, int32_t level);
int32_t vtTrtLevel(const VTTrtTable *t, VTTrtObject *config);
/// Pool 0 is the workspace.
void vtTrtSetMemoryLimit(const VTTrtTable *t, VTTrtObject *config, int32_t pool, size_t bytes);
size_t vtTrtMemoryLimit(const VTTrtTable *t, VTTrtObject *config, int32_t pool);
bool vtTrtSetTacticSources(const VTTrtTable *t, VTTrtObject *config, uint32_t sources);
void vtTrtSetHardware(const VTTrtTable *t, VTTrtObject *config, int32_t level);
void vtTrtSetDLA(const VTTrtTable *t, VTTrtObject *config, int32_t core);
bool vtTrtSetProgress(const VTTrtTable *t, VTTrtObject *config, VTTrtProgress *progress);
/// False where the release cannot choose, or does not know one of them.
bool vtTrtSetTargets(
    const VTTrtTable *t, VTTrtObject *config, const int32_t *capabilities, int32_t count);
int32_t vtTrtTargetCount(const VTTrtTable *t, VTTrtObject *config);
int32_t vtTrtAddProfile(const VTTrtTable *t, VTTrtObject *config, VTTrtObject *profile);
/// `which`: 0 the least, 1 the usual, 2 the greatest.
bool vtTrtProfileSetDimensions(
    const VTTrtTable *t, VTTrtObject *profile, const char *input, int32_t which, VTTrtDims dims);
bool vtTrtProfileIsValid(const VTTrtTable *t, VTTrtObject *profile);
/// A cache from earlier bytes (none: an empty one), to be deleted by the caller after the build.
VTTrtObject *vtTrtCreateTimingCache(
    const VTTrtTable *t, VTTrtObject *config, const void *bytes, size_t count);
bool vtTrtSetTimingCache(const VTTrtTable *t, VTTrtObject *config, VTTrtObject *cache);
/// Owned by the configuration.
VTTrtObject *vtTrtTimingCache(const VTTrtTable *t, VTTrtObject *config);
VTTrtObject *vtTrtSerializeTimingCache(const VTTrtTable *t, VTTrtObject *cache);

// Memory that the library returned.
const void *vtTrtMemoryBytes(const VTTrtTable *t, VTTrtObject *memory);
size_t vtTrtMemoryCount(const VTTrtTable *t, VTTrtObject *memory);

// Runtime. These need a GPU.
VTTrtObject *vtTrtLoad(const VTTrtTable *t, VTTrtObject *runtime, const void *bytes, size_t count);
void vtTrtAllowHostCode(const VTTrtTable *t, VTTrtObject *runtime);
int32_t vtTrtEngineTensorCount(const VTTrtTable *t, VTTrtObject *engine);
const char *vtTrtEngineTensorName(const VTTrtTable *t, VTTrtObject *engine, int32_t index);
VTTrtDims vtTrtEngineShape(const VTTrtTable *t, VTTrtObject *engine, const char *name);
int32_t vtTrtEngineType(const VTTrtTable *t, VTTrtObject *engine, const char *name);
/// 1: input, 2: output.
int32_t vtTrtEngineMode(const VTTrtTable *t, VTTrtObject *engine, const char *name);
VTTrtObject *vtTrtCreateContext(const VTTrtTable *t, VTTrtObject *engine);
VTTrtObject *vtTrtCreateInspector(const VTTrtTable *t, VTTrtObject *engine);
/// The layers in JSON, owned by the inspector.
const char *vtTrtInspectorText(const VTTrtTable *t, VTTrtObject *inspector);
bool vtTrtSetShape(const VTTrtTable *t, VTTrtObject *context, const char *name, VTTrtDims dims);
VTTrtDims vtTrtContextShape(const VTTrtTable *t, VTTrtObject *context, const char *name);
bool vtTrtSetAddress(const VTTrtTable *t, VTTrtObject *context, const char *name, uint64_t address);
void vtTrtSetProfiler(const VTTrtTable *t, VTTrtObject *context, VTTrtProfiler *profiler);
void vtTrtSetContextRecorder(const VTTrtTable *t, VTTrtObject *context, VTTrtRecorder *recorder);
/// Sets the context to an optimization profile, in the order of the stream.
bool vtTrtSetProfile(const VTTrtTable *t, VTTrtObject *context, int32_t profile, void *stream);
bool vtTrtEnqueue(const VTTrtTable *t, VTTrtObject *context, void *stream);
