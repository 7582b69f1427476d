import Backends
import BackendsTensorRT
import Diagnostics
import Files
import Formats
import Glibc
import Graphs
import Synchronization
import Tensors
import TestSupport
import Testing

/// What a build may tell: collected from the library's threads.
private final class Phases: Sendable {
  private let notes = Mutex<[PlanBuildProgress]>([])
  var all: [PlanBuildProgress] { notes.withLock { $0 } }
  func take(_ note: PlanBuildProgress) { notes.withLock { $0.append(note) } }
}

/// Cancels a task from within it. The first note waits until the task is known.
private final class Brake: Sendable {
  private let task = Mutex<Task<Void, any Error>?>(nil)
  func take(_ running: Task<Void, any Error>) { task.withLock { $0 = running } }
  func pull() {
    while !task.withLock({ running in
      running?.cancel()
      return running != nil
    }) { usleep(1000) }
  }
}

@Suite(
  "TensorRT for RTX, both tables of slots, without a GPU",
  .enabled(if: RTXRelease.areAvailable, "run Scripts/setup tensorrt-rtx"),
  .serialized
)
struct TensorRTBuildTests {
  @Test("Each release is found to be what it is", arguments: RTXRelease.allCases)
  func release(_ release: RTXRelease) throws {
    guard case .available(let version) = release.backend.availability() else {
      Issue.record("\(release) is not available")
      return
    }
    #expect(version == release.version)
  }

  @Test("A small network becomes an engine whose layers lead back", arguments: RTXRelease.allCases)
  func quantized(_ release: RTXRelease) async throws {
    let phases = Phases()
    // 1.4 builds no quantized network without a GPU.
    let built = try await release.backend.buildPlanFile(
      try TensorRTNetwork.quantized(release == .first ? .nothing : .everything),
      options: PlanBuildOptions(),
      source: PlanSource(name: "quantized.onnx", digest: "abc")
    ) { phases.take($0) }
    let modules = Set(built.description.layers.flatMap(\.provenance.modules))
    #expect(modules == ["model.0", "model.1"])
    #expect(built.description.backend == "tensorrt-rtx")
    let facts = Dictionary(built.description.facts.map { ($0.name, $0.value) }) { first, _ in first
    }
    #expect(facts["engine"] == "TensorRT for RTX \(release.rawValue)")
    if release == .second { #expect(facts["computes in"]?.contains("int8") == true, "\(facts)") }
    #expect(facts["built from"] == "quantized.onnx, SHA-256 abc")
    // Progress: a known number of steps, and all of them taken.
    let last = try #require(phases.all.last { $0.total > 0 })
    #expect(last.total >= 4 && last.completed >= last.total - 1, "\(phases.all)")
  }

  @Test(
    "yolov5n becomes an engine with a range of shapes",
    .enabled(if: SharedData.isAvailable),
    arguments: RTXRelease.allCases
  )
  func dynamic(_ release: RTXRelease) async throws {
    let path = SharedData.path("models/reference_yolov5n_v7.0_opset17_dynamic.onnx")
    let graph = try ONNXReader.read(path: path)
    let folder = try TemporaryFolder()
    var options = PlanBuildOptions()
    options.timingCache = folder.path + "/timings"
    options.level = 0
    options.targets = [86]
    options.workspaceByteCount = 512 << 20
    options.profiles = [try #require(ShapeProfile("1x3x320x320:1x3x640x640:4x3x640x640"))]
    let built = try await build(release, graph, options)
    let modules = Set(built.description.layers.flatMap(\.provenance.modules))
    // Every module with convolutions has its layers; PyTorch's scopes are the checkpoint's paths.
    for number in [0, 1, 2, 9, 13, 23] {
      #expect(modules.contains { $0.hasPrefix("model.\(number).") }, "model.\(number)")
    }
    #expect(modules.contains { $0.hasPrefix("model.24") })
    let facts = Dictionary(built.description.facts.map { ($0.name, $0.value) }) { first, _ in first
    }
    #expect(facts["targets"] == "8.6")
    #expect(facts["profile"] == "1x3x320x320 : 1x3x640x640 : 4x3x640x640")
    #expect(try MappedFile(path: folder.path + "/timings").count > 0)
    // The timings are read again, and a plan in a file is the one that was built.
    _ = try await build(
      release,
      try TensorRTNetwork.quantized(.nothing),
      with: folder.path + "/timings"
    )
    let file = folder.path + "/yolov5n.plan"
    try AtomicFile.write(built.bytes, to: file)
    #expect(try release.backend.describePlan(path: file).facts == built.description.facts)
  }

  @Test("What a release or this machine cannot do is said", arguments: RTXRelease.allCases)
  func flags(_ release: RTXRelease) async throws {
    let graph = try TensorRTNetwork.quantized(.nothing)
    var options = PlanBuildOptions()
    options.isHardwareCompatible = true
    let hardware = try await failure { _ = try await build(release, graph, options) }
    #expect(hardware.id == .buildUnsupportedOption)
    #expect(hardware.diagnostics[0].location == .option("--hardware-compatible"))
    options = PlanBuildOptions()
    options.tacticSources = ["magic"]
    let source = try await failure { _ = try await build(release, graph, options) }
    #expect(source.diagnostics[0].remedy?.contains("jit") == true)
    options = PlanBuildOptions()
    options.targets = [42]
    let target = try await failure { _ = try await build(release, graph, options) }
    #expect(target.diagnostics[0].location == .option("--target-sm"))
    // The library asks for what that flag needs, which shows that the flag is the right one.
    options = PlanBuildOptions()
    options.isVersionCompatible = true
    let version = try await failure { _ = try await build(release, graph, options) }
    #expect(version.diagnostics[0].message.contains("libnvinfer_lean"))
    #expect(version.diagnostics[0].remedy?.contains("--version-compatible") == true)
    guard !hasDriver else { return }
    options = PlanBuildOptions()
    options.isRefittable = true
    let refit = try await failure { _ = try await build(release, graph, options) }
    #expect(refit.diagnostics[0].remedy?.contains("--refit") == true)
  }

  @Test("The older release says what it needs for quantized networks")
  func oldInt8() async throws {
    guard !hasDriver else { return }
    for quantization in [TensorRTNetwork.Quantization.activations, .everything] {
      let graph = try TensorRTNetwork.quantized(quantization)
      let error = try await failure { _ = try await build(.first, graph) }
      #expect(error.id == .backendFailed)
      #expect(error.diagnostics[0].remedy?.contains("1.5 or newer") == true, "\(error)")
    }
  }

  @Test("A build is stopped where its task is cancelled", arguments: RTXRelease.allCases)
  func cancellation(_ release: RTXRelease) async throws {
    let graph = try TensorRTNetwork.quantized(.nothing)
    let brake = Brake()
    let task = Task {
      _ = try await release.backend.buildPlanFile(
        graph,
        options: PlanBuildOptions(),
        source: PlanSource(name: "x")
      ) { _ in brake.pull() }
    }
    brake.take(task)
    let error = try await failure { try await task.value }
    #expect(error.id == .buildCancelled)
    // The library can build again.
    _ = try await build(release, graph)
  }

  @Test("An int32 bias is refused at its node, with the remedy", arguments: RTXRelease.allCases)
  func wideBias(_ release: RTXRelease) async throws {
    let graph = try TensorRTNetwork.quantized(biasType: .int32)
    let error = try await failure { _ = try await build(release, graph) }
    #expect(error.id == .backendFailed)
    #expect(error.diagnostics[0].location == .node("model.0.bias32"), "\(error)")
    #expect(error.diagnostics[0].remedy?.contains("bias in float32") == true)
    #expect(error.diagnostics.contains { $0.location == .module("model.0") })
    #expect(error.description.contains("smallest part that fails alone is this node"))
  }

  @Test("What TensorRT cannot build is cut to the part that fails", arguments: RTXRelease.allCases)
  func failingPart(_ release: RTXRelease) async throws {
    var options = PlanBuildOptions()
    options.profiles = [try #require(ShapeProfile("1x1x15x8"))]
    let graph = try TensorRTNetwork.uneven()
    let error = try await failure { _ = try await build(release, graph, options) }
    #expect(error.id == .backendFailed)
    #expect(error.diagnostics[0].message.contains("Error Code"), "\(error)")
    #expect(error.diagnostics[0].location == .node("join"), "\(error)")
    #expect(error.diagnostics.contains { $0.location == .module("model.2") })
  }

  @Test("Open extents without a range are an error before anything is built")
  func withoutProfile() async throws {
    let graph = try TensorRTNetwork.uneven()
    let error = try await failure { _ = try await build(.second, graph) }
    #expect(error.id == .buildUnsupportedOption)
    #expect(error.diagnostics[0].location == .option("--profile"))
    var options = PlanBuildOptions()
    options.profiles = [try #require(ShapeProfile("pictures=1x1x16x8"))]
    let other = try await failure { _ = try await build(.second, graph, options) }
    #expect(other.diagnostics[0].remedy?.contains("images") == true)
    options.profiles = [try #require(ShapeProfile("1x2x16x8"))]
    let unfit = try await failure { _ = try await build(.second, graph, options) }
    #expect(unfit.id == .backendShapeMismatch)
  }

  @Test("Without a GPU a plan is built, and only its session is refused")
  func withoutDriver() async throws {
    let backend = RTXRelease.second.backend
    let configuration = BuildConfiguration()
    let result = try await backend.build(
      try TensorRTNetwork.quantized(),
      configuration: configuration
    )
    #expect(result.plan.info.inputs.map(\.name) == ["images"])
    #expect(result.plan.info.outputs.map(\.name) == ["features"])
    #expect(!result.plan.info.layers.isEmpty)
    guard !hasDriver else { return }
    let error = try await failure { _ = try result.plan.makeSession() }
    #expect(error.id == .backendUnavailable)
    #expect(error.diagnostics[0].message.contains("libcuda.so.1"))
    #expect(error.diagnostics[0].remedy?.contains("NVIDIA GPU") == true)
  }

  /// Whether this machine has a driver after all.
  private var hasDriver: Bool {
    if case .unavailable(let reason) = TensorRTBackend(libraryPath: RTXRelease.second.library)
      .availability()
    {
      return !reason.message.contains("libcuda")
    }
    return true
  }

  private func build(
    _ release: RTXRelease,
    _ graph: Graph,
    _ options: PlanBuildOptions = PlanBuildOptions()
  ) async throws -> BuiltPlanFile {
    try await release.backend.buildPlanFile(
      graph,
      options: options,
      source: PlanSource(name: graph.name)
    ) { _ in }
  }

  private func build(
    _ release: RTXRelease,
    _ graph: Graph,
    with timings: String
  ) async throws -> BuiltPlanFile {
    var options = PlanBuildOptions()
    options.timingCache = timings
    return try await build(release, graph, options)
  }
}

/// The `DeployError` that a piece of work ends with.
private func failure(_ body: () async throws -> Void) async throws -> DeployError {
  do { try await body() } catch let error as DeployError { return error }
  throw ExpectedFailure()
}

private struct ExpectedFailure: Error {}
