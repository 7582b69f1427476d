// Where the methods of TensorRT's objects stand in their tables, per release family.
//
// The public objects are laid out `[table][implementation]`; a method is a virtual function of the
// implementation, whose first two slots are its destructors. Parser objects are direct: their own
// table holds the methods.
//
// Columns: TensorRT 8.6 · TensorRT 10 · TensorRT 11 and TensorRT for RTX from 1.5 on · TensorRT for
// RTX 1.4. NONE: the release has no such method, or it is not called there.
//
// Source: the machine code of NVIDIA's own Python bindings (8.6.1; 10.0.1, 10.9.0, 10.16.1; 11.0.0,
// 11.4.0; RTX 1.4.0, 1.5.0, 1.6.1, 1.7.1), read by Scripts/check-tensorrt-abi, which compares this
// table with such a binding or with NvInferImpl.h. Methods marked `run` in Tests/BackendsTests are
// called there through RTX 1.4.0 and 1.7.1.
#pragma once

#define VT_TRT_NONE 255

/// X(name here, class, method, 8.6, 10, 11 and RTX 1.5+, RTX 1.4)
#define VT_TRT_METHODS(X)                                                                        \
  X(builderCreateNetwork, IBuilder, createNetworkV2, 11, 8, 6, 8)                                \
  X(builderCreateConfig, IBuilder, createBuilderConfig, 9, 7, 5, 7)                              \
  X(builderCreateProfile, IBuilder, createOptimizationProfile, 12, 9, 7, 9)                      \
  X(builderBuild, IBuilder, buildSerializedNetwork, 17, 14, 11, 14)                              \
  X(builderSetRecorder, IBuilder, setErrorRecorder, 13, 10, 8, 10)                               \
  X(configSetFlag, IBuilderConfig, setFlag, 15, 11, 9, 9)                                        \
  X(configGetFlags, IBuilderConfig, getFlags, 13, 9, 7, 7)                                       \
  X(configSetDLACore, IBuilderConfig, setDLACore, 22, 18, 16, 16)                                \
  X(configSetDefaultDevice, IBuilderConfig, setDefaultDeviceType, 24, 20, 18, 18)                \
  X(configAddProfile, IBuilderConfig, addOptimizationProfile, 29, 25, 23, 23)                    \
  X(configSetVerbosity, IBuilderConfig, setProfilingVerbosity, 31, 27, 25, 25)                   \
  X(configGetVerbosity, IBuilderConfig, getProfilingVerbosity, 32, 28, 26, 26)                   \
  X(configSetTacticSources, IBuilderConfig, setTacticSources, 42, 38, 27, 27)                    \
  X(configCreateTimingCache, IBuilderConfig, createTimingCache, 44, 40, 29, 29)                  \
  X(configSetTimingCache, IBuilderConfig, setTimingCache, 45, 41, 30, 30)                        \
  X(configGetTimingCache, IBuilderConfig, getTimingCache, 46, 42, 31, 31)                        \
  X(configSetMemoryLimit, IBuilderConfig, setMemoryPoolLimit, 47, 43, 32, 32)                    \
  X(configGetMemoryLimit, IBuilderConfig, getMemoryPoolLimit, 48, 44, 33, 33)                    \
  X(configSetLevel, IBuilderConfig, setBuilderOptimizationLevel, 51, 47, 36, 36)                 \
  X(configGetLevel, IBuilderConfig, getBuilderOptimizationLevel, 52, 48, 37, 37)                 \
  X(configSetHardware, IBuilderConfig, setHardwareCompatibilityLevel, 53, 49, 38, 38)            \
  X(configSetPreview, IBuilderConfig, setPreviewFeature, 49, NONE, NONE, NONE)                   \
  X(configSetProgress, IBuilderConfig, setProgressMonitor, NONE, 56, 45, 45)                     \
  X(configSetTargetCount, IBuilderConfig, setNbComputeCapabilities, NONE, NONE, 55, 55)          \
  X(configGetTargetCount, IBuilderConfig, getNbComputeCapabilities, NONE, NONE, 56, 56)          \
  X(configSetTarget, IBuilderConfig, setComputeCapability, NONE, NONE, 57, 57)                   \
  X(profileSetDimensions, IOptimizationProfile, setDimensions, 2, 2, 2, 2)                       \
  X(profileIsValid, IOptimizationProfile, isValid, 9, 9, 7, 9)                                   \
  X(cacheSerialize, ITimingCache, serialize, 2, 2, 2, 2)                                         \
  X(networkLayerCount, INetworkDefinition, getNbLayers, 17, 12, 12, 12)                          \
  X(networkLayer, INetworkDefinition, getLayer, 18, 13, 13, 13)                                  \
  X(networkInputCount, INetworkDefinition, getNbInputs, 19, 14, 14, 14)                          \
  X(networkInput, INetworkDefinition, getInput, 20, 15, 15, 15)                                  \
  X(networkOutputCount, INetworkDefinition, getNbOutputs, 21, 16, 16, 16)                        \
  X(networkOutput, INetworkDefinition, getOutput, 22, 17, 17, 17)                                \
  X(layerOutputCount, ILayer, getNbOutputs, 7, 7, 7, 7)                                          \
  X(layerOutput, ILayer, getOutput, 8, 8, 8, 8)                                                  \
  X(tensorName, ITensor, getName, 3, 3, 3, 3)                                                    \
  X(tensorDimensions, ITensor, getDimensions, 5, 5, 5, 5)                                        \
  X(tensorType, ITensor, getType, 7, 7, 6, 7)                                                    \
  X(tensorSetRange, ITensor, setDynamicRange, 8, NONE, NONE, NONE)                               \
  X(memoryData, IHostMemory, data, 2, 2, 2, 2)                                                   \
  X(memorySize, IHostMemory, size, 3, 3, 3, 3)                                                   \
  X(runtimeLoad, IRuntime, deserializeCudaEngine, 2, 3, 3, 3)                                    \
  X(runtimeAllowHostCode, IRuntime, setEngineHostCodeAllowed, 20, 21, 20, 21)                    \
  X(engineTensorCount, ICudaEngine, getNbIOTensors, 45, 30, 26, 28)                              \
  X(engineTensorName, ICudaEngine, getIOTensorName, 46, 31, 27, 29)                              \
  X(engineTensorShape, ICudaEngine, getTensorShape, 34, 19, 15, 17)                              \
  X(engineTensorType, ICudaEngine, getTensorDataType, 35, 20, 16, 18)                            \
  X(engineTensorMode, ICudaEngine, getTensorIOMode, 38, 23, 19, 21)                              \
  X(engineCreateContext, ICudaEngine, createExecutionContext, 11, 5, 5, 5)                       \
  X(engineCreateInspector, ICudaEngine, createEngineInspector, 33, 18, 14, 16)                   \
  X(inspectorText, IEngineInspector, getEngineInformation, 5, 6, 6, 6)                           \
  X(contextSetShape, IExecutionContext, setInputShape, 29, 21, 20, 21)                           \
  X(contextShape, IExecutionContext, getTensorShape, 30, 22, 21, 22)                             \
  X(contextSetAddress, IExecutionContext, setTensorAddress, 32, 24, 23, 24)                      \
  X(contextEnqueue, IExecutionContext, enqueueV3, 44, 37, 36, 37)                                \
  X(contextSetProfiler, IExecutionContext, setProfiler, 6, 5, 5, 5)                              \
  X(contextSetRecorder, IExecutionContext, setErrorRecorder, 21, 14, 13, 14)                     \
  X(contextSetProfile, IExecutionContext, setOptimizationProfileAsync, 25, 17, 16, 17)           \
  X(parserParse, IParser, parse, 0, 0, 0, 0)                                                     \
  X(parserErrorCount, IParser, getNbErrors, 6, 5, 3, 5)                                          \
  X(parserError, IParser, getError, 7, 6, 4, 6)                                                  \
  X(parserDelete, IParser, operator_delete, 10, 9, 7, 9)                                         \
  X(errorCode, IParserError, code, 0, 0, 0, 0)                                                   \
  X(errorText, IParserError, desc, 1, 1, 1, 1)                                                   \
  X(errorNode, IParserError, node, 5, 5, 5, 5)                                                   \
  X(errorNodeName, IParserError, nodeName, NONE, 6, 6, 6)                                        \
  X(errorOperator, IParserError, nodeOperator, NONE, 7, 7, 7)

/// Numbers that changed between releases: X(name here, 8.6, 10, 11 and RTX 1.5+, RTX 1.4).
/// Flags are bit numbers; forms tell whether an interface that is made here begins with what all
/// versioned interfaces have. Source: the enumerations and tables of the same bindings.
#define VT_TRT_NUMBERS(X)                                                                        \
  X(flagRefit, 5, 4, 4, 4)                                                                       \
  X(flagTF32, 7, 6, 6, 6)                                                                        \
  X(flagHalf, 0, 0, NONE, NONE)                                                                  \
  X(flagInt8, 1, 1, NONE, NONE)                                                                  \
  X(flagObeyPrecision, 10, NONE, NONE, NONE)                                                     \
  X(flagGPUFallback, 3, 3, 3, 3)                                                                 \
  X(flagVersionCompatible, 15, 13, 12, 13)                                                       \
  X(flagExcludeLean, 16, 14, 13, 14)                                                             \
  X(flagStripPlan, NONE, 19, 18, 19)                                                             \
  X(networkFlag, 0, 1, 0, 1)                                                                     \
  X(tacticEdgeMask, 3, 3, 0, 3)                                                                  \
  X(tacticJIT, 4, 4, 1, 4)                                                                       \
  X(loggerForm, 0, 0, 1, 0)                                                                      \
  X(profilerForm, 0, 1, 1, 1)                                                                    \
  X(recorderForm, 0, 1, 1, 1)                                                                    \
  X(previewSharing, 2, NONE, NONE, NONE)                                                         \
  X(narrowDimensions, 1, 0, 0, 0)
