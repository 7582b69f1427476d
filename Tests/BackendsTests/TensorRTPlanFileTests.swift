import Backends
import BackendsTensorRT
import Diagnostics
import Files
import Graphs
import TestSupport
import Testing

@Suite("TensorRT plans as files", .enabled(if: RTXRelease.areAvailable))
struct TensorRTPlanFileTests {
  /// The file of a small network, built once by the newer release.
  private static let built = Task {
    try await RTXRelease.second.backend.buildPlanFile(
      try TensorRTNetwork.quantized(),
      options: PlanBuildOptions(),
      source: PlanSource(name: "quantized.onnx")
    ) { _ in }.bytes
  }

  @Test("A whole plan is described and loaded")
  func whole() async throws {
    let file = TemporaryFile(try await Self.built.value, suffix: ".plan")
    let plan = try RTXRelease.second.backend.loadPlan(
      path: file.path,
      configuration: BuildConfiguration()
    )
    #expect(plan.info.backend == "tensorrt-rtx")
    #expect(plan.info.inputs[0].type.description == "float32[1, 3, 16, 16]")
    #expect(plan.info.layers.contains { $0.provenance.modules.contains("model.1") })
  }

  @Test("A plan of another release is refused in words")
  func otherRelease() async throws {
    let file = TemporaryFile(try await Self.built.value, suffix: ".plan")
    let error = try #require(failure { _ = try load(file.path, .first) })
    #expect(error.id == .planOtherVersion)
    #expect(error.diagnostics[0].message.contains("built by TensorRT for RTX 1.7.1"))
    #expect(error.diagnostics[0].message.contains("has 1.4.0"))
    #expect(error.diagnostics[0].location == .file(path: file.path))
  }

  @Test("Where both releases are there, each plan finds its own")
  func bothReleases() async throws {
    let backend = TensorRTForRTXBackend(engines: EngineFolder(Engines.folder))
    let older = try await RTXRelease.first.backend.buildPlanFile(
      try TensorRTNetwork.quantized(.nothing),
      options: PlanBuildOptions(),
      source: PlanSource(name: "plain")
    ) { _ in }.bytes
    for bytes in [older, try await Self.built.value] {
      let file = TemporaryFile(bytes, suffix: ".plan")
      let plan = try backend.loadPlan(path: file.path, configuration: BuildConfiguration())
      #expect(plan.info.outputs.map(\.name) == ["features"])
    }
  }

  @Test("A plan of the other library is refused, and the right backend named")
  func otherLibrary() async throws {
    let file = TemporaryFile(try await Self.built.value, suffix: ".plan")
    let full = TensorRTBackend(libraryPath: RTXRelease.second.library)
    let configuration = BuildConfiguration()
    let error = try #require(
      failure { _ = try full.loadPlan(path: file.path, configuration: configuration) }
    )
    #expect(error.id == .planOtherBackend)
    #expect(error.diagnostics[0].remedy?.contains("tensorrt-rtx") == true)
  }

  @Test("Flipped bytes and lost ends are told apart")
  func damage() async throws {
    let bytes = try await Self.built.value
    for place in [9, 30, 120, bytes.count / 2, bytes.count - 1] {
      var flipped = bytes
      flipped[place] ^= 0x10
      let file = TemporaryFile(flipped, suffix: ".plan")
      let id = try #require(failure { _ = try load(file.path, .second) }).id
      #expect(id == .planDamaged || (place == 9 && id == .planTruncated), "\(place): \(id)")
    }
    for count in [0, 7, 8, 60, 88, 400, bytes.count - 1] {
      let file = TemporaryFile(Array(bytes.prefix(count)), suffix: ".plan")
      let id = try #require(failure { _ = try load(file.path, .second) }).id
      #expect(id == (count < 8 ? .planUnknown : .planTruncated), "\(count): \(id)")
    }
    let longer = TemporaryFile(bytes + [0], suffix: ".plan")
    #expect(failure { _ = try load(longer.path, .second) }?.id == .planDamaged)
  }

  @Test("No damaged plan does harm")
  func hostile() async throws {
    let bytes = try await Self.built.value
    let file = TemporaryFile(suffix: ".plan")
    let summary = try HostileInput("tensorrt-plan", bytes: bytes).attack(
      prefixes: 200,
      mutations: 200
    ) { damaged in
      let file = TemporaryFile(damaged, suffix: ".plan")
      _ = try RTXRelease.second.backend.describePlan(path: file.path)
    }
    _ = file
    // A mutation may put back the byte that was there.
    #expect(summary.accepted < 5)
    #expect(summary.count > 300)
  }

  @Test("An engine without a passport is described by its header, and not loaded")
  func bare() async throws {
    let bytes = try await Self.built.value
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("vtrt".utf8)) })
    let engine = Array(bytes[start...])
    let facts = try engine.withUnsafeBytes { try BareEngine.describe($0) }.facts
    #expect(facts.contains { $0.value == "TensorRT for RTX 1.7.1.116" })
    let file = TemporaryFile(engine, suffix: ".plan")
    #expect(failure { _ = try load(file.path, .second) }?.id == .planOtherBackend)
    #expect(throws: DeployError.self) {
      _ = try Array(engine.prefix(engine.count - 1)).withUnsafeBytes {
        try BareEngine.describe($0)
      }
    }
    for count in 0..<64 {
      #expect(throws: DeployError.self) {
        _ = try Array(engine.prefix(count)).withUnsafeBytes { try BareEngine.describe($0) }
      }
    }
  }

  private func load(_ path: String, _ release: RTXRelease) throws -> any Plan {
    try release.backend.loadPlan(path: path, configuration: BuildConfiguration())
  }

  private func failure(_ body: () throws -> Void) -> DeployError? {
    do { try body() } catch { return error as? DeployError }
    return nil
  }
}

@Suite("TensorRT that is not there, or is not TensorRT")
struct TensorRTAbsenceTests {
  @Test("A wrong library is explained, with a remedy")
  func absence() throws {
    for path in ["/nonexistent/libnvinfer.so.10", Fixture.folder + "PROVENANCE.md", "libc.so.6"] {
      let backends: [any PlanFileBackend] = [
        TensorRTBackend(libraryPath: path), TensorRTForRTXBackend(libraryPath: path),
      ]
      for backend in backends {
        guard case .unavailable(let diagnostic) = backend.availability() else {
          Issue.record("\(path) was opened")
          continue
        }
        #expect(diagnostic.id == .backendUnavailable)
        #expect(diagnostic.remedy != nil)
      }
    }
  }

  @Test("One library is not taken for the other", .enabled(if: RTXRelease.areAvailable))
  func otherLibrary() throws {
    let backend = TensorRTBackend(libraryPath: RTXRelease.second.library)
    guard case .unavailable(let diagnostic) = backend.availability() else {
      Issue.record("TensorRT for RTX was taken for TensorRT")
      return
    }
    #expect(diagnostic.message.contains("release 1.7.1"))
    #expect(diagnostic.message.contains("not known here"))
  }

  @Test("Profiles are read from what users type")
  func profiles() throws {
    let profile = try #require(ShapeProfile("a=1x3:2x3:4x3,b=7"))
    #expect(profile.ranges.map(\.input) == ["a", "b"])
    #expect(profile.ranges[0].least == [1, 3] && profile.ranges[0].greatest == [4, 3])
    #expect(profile.ranges[1].usual == [7])
    let wrong = [
      "", "1x3:2x3", "2x3:1x3:4x3", "1x-3", "1xx3", "1x3:1x3x3:1x3", "0x3", "a=", "a=1,",
    ]
    for text in wrong { #expect(ShapeProfile(text) == nil, "\(text)") }
  }
}
