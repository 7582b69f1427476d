public import Backends
public import Graphs

/// TensorRT 8.6, 10 and 11, opened at run time. Builds and runs on a machine with an NVIDIA GPU.
public struct TensorRTBackend: PlanFileBackend {
  /// `tensorrt`.
  public static let name = "tensorrt"
  /// The first bytes of a plan file.
  public static var planMagic: [UInt8] { EnginePlanFile.magic }
  private let maker: TensorRTEngineMaker

  /// Creates the backend; nothing is opened yet.
  /// - Parameters:
  ///   - libraryPath: the library's file; nil searches `engines`, then the loader's path.
  ///   - driverPath: the NVIDIA driver's library; nil is `libcuda.so.1`.
  ///   - compilerPath: the library of NVRTC; nil searches like `libraryPath`.
  public init(
    libraryPath: String? = nil,
    engines: EngineFolder? = nil,
    driverPath: String? = nil,
    compilerPath: String? = nil
  ) {
    maker = TensorRTEngineMaker(
      flavor: .tensorRT,
      libraryPath: libraryPath,
      engines: engines,
      libraries: GPULibraries(
        driverPath: driverPath,
        compilerPath: compilerPath,
        engines: engines
      )
    )
  }

  /// Whether the library opens and there is a GPU.
  public func availability() -> Availability { maker.availability() }

  /// Builds a plan that is kept in memory.
  /// - Throws: `backend.unavailable`, `backend.failed`.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    try await maker.build(graph, configuration)
  }

  /// Builds the contents of a plan file.
  public func buildPlanFile(
    _ graph: Graph,
    options: PlanBuildOptions,
    source: PlanSource,
    progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> BuiltPlanFile {
    try await maker.buildFile(graph, options, source, progress)
  }

  /// Loads a plan after checking whether it belongs here.
  public func loadPlan(path: String, configuration: BuildConfiguration) throws -> any Plan {
    try maker.load(path, configuration)
  }

  /// Reads what a plan's file says of itself.
  public func describePlan(path: String) throws -> PlanFileDescription {
    try TensorRTEngineMaker.describe(path)
  }
}

/// TensorRT for RTX, opened at run time. Builds on any machine, runs on RTX GPUs.
public struct TensorRTForRTXBackend: PlanFileBackend {
  /// `tensorrt-rtx`.
  public static let name = "tensorrt-rtx"
  /// The first bytes of a plan file, the same as TensorRT's: the passport says whose it is.
  public static var planMagic: [UInt8] { EnginePlanFile.magic }
  private let maker: TensorRTEngineMaker

  /// Creates the backend; nothing is opened yet.
  /// - Parameters:
  ///   - libraryPath: the library's file; nil searches `engines`, then the loader's path.
  ///   - driverPath: the NVIDIA driver's library; nil is `libcuda.so.1`.
  ///   - compilerPath: the library of NVRTC; nil searches like `libraryPath`.
  public init(
    libraryPath: String? = nil,
    engines: EngineFolder? = nil,
    driverPath: String? = nil,
    compilerPath: String? = nil
  ) {
    maker = TensorRTEngineMaker(
      flavor: .rtx,
      libraryPath: libraryPath,
      engines: engines,
      libraries: GPULibraries(
        driverPath: driverPath,
        compilerPath: compilerPath,
        engines: engines
      )
    )
  }

  /// Whether the library opens; sessions need a GPU, building does not.
  public func availability() -> Availability { maker.availability() }

  /// Builds a plan that is kept in memory.
  /// - Throws: `backend.unavailable`, `backend.failed`.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    try await maker.build(graph, configuration)
  }

  /// Builds the contents of a plan file.
  public func buildPlanFile(
    _ graph: Graph,
    options: PlanBuildOptions,
    source: PlanSource,
    progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> BuiltPlanFile {
    try await maker.buildFile(graph, options, source, progress)
  }

  /// Loads a plan after checking whether it belongs here.
  public func loadPlan(path: String, configuration: BuildConfiguration) throws -> any Plan {
    try maker.load(path, configuration)
  }

  /// Reads what a plan's file says of itself.
  public func describePlan(path: String) throws -> PlanFileDescription {
    try TensorRTEngineMaker.describe(path)
  }
}
