import Backends
import BackendsOpenVINO
import Diagnostics
import Files
import Formats
import Graphs
import Tensors
import TestSupport
import Testing

private let backend = OpenVINOBackend(engines: EngineFolder(Engines.folder))

/// Whether OpenVINO is there: run Scripts/setup openvino where these tests are skipped.
private var isAvailable: Bool {
  if case .available = backend.availability() { return true }
  return false
}

@Suite("OpenVINO on files", .enabled(if: isAvailable, "run Scripts/setup openvino"))
struct OpenVINOFileTests {
  @Test("Tiny files give what ONNX Runtime's own binding gives", arguments: Fixture.all)
  func fixtures(_ fixture: Fixture) throws {
    let session = try backend.plan(onnxFile: fixture.path).makeSession()
    for example in try fixture.cases() {
      let results = try session.run(try example.inputs.mapValues { try $0.tensor() })
      #expect(results.count == example.outputs.count)
      for (name, expected) in example.outputs {
        let (actual, truth) = (try #require(results[name]), try expected.tensor())
        #expect(actual.shape == truth.shape && actual.scalarType == truth.scalarType)
        let pairs = zip(try actual.floats(), try truth.floats())
        #expect(pairs.allSatisfy { Tolerance.rounding.accepts(Double($0), Double($1)) }, "\(name)")
      }
    }
  }

  @Test("The same shape gives the same memory, and no copy stands between caller and library")
  func buffers() throws {
    let session = try backend.plan(onnxFile: Fixture(name: "fixed").path).makeSession()
    let first = try session.input("images", shape: [1, 3, 6, 6])
    #expect(try session.input("images", shape: [1, 3, 6, 6]) === first)
    try session.run(observer: nil)
    let output = try session.output("features")
    let silent = output.tensor()
    try first.withScalars(of: Float.self) { $0.update(repeating: 1) }
    try session.run(observer: nil)
    #expect(try session.output("features") === output)
    #expect(output.tensor() != silent)
  }

  @Test("A run that fails inside says OpenVINO's words and leaves the session usable")
  func failureInside() throws {
    let session = try backend.plan(onnxFile: Fixture(name: "two").path).makeSession()
    let three = try Tensor([1, 2, 3] as [Float], shape: [3])
    let two = try Tensor([1, 2] as [Float], shape: [2])
    #expect {
      _ = try session.run(["a": three, "b": two])
    } throws: { error in
      guard let error = error as? DeployError, error.id == .backendFailed else { return false }
      return error.diagnostics[0].message.hasPrefix("openvino failed to run the network: ")
    }
    #expect(try session.run(["a": three, "b": three])["sum"]?.floats() == [2, 4, 6])
  }

  @Test("Files that are no network are refused by an error")
  func badFiles() throws {
    #expect(throws: DeployError.self) { _ = try backend.plan(onnxFile: "/nonexistent.onnx") }
    #expect(throws: DeployError.self) {
      _ = try backend.plan(onnxFile: Fixture.folder + "PROVENANCE.md")
    }
  }

  @Test("bfloat16 is used where it is asked for, and only there")
  func precision() async throws {
    let graph = try ONNXReader.read(path: Fixture(name: "fixed").path)
    let example = try #require(try Fixture(name: "fixed").cases().first)
    let inputs = try example.inputs.mapValues { try $0.tensor() }
    var configuration = BuildConfiguration()
    let exact = try await backend.build(graph, configuration: configuration)
    configuration.executionPrecisionHint = .bfloat16
    let rough = try await backend.build(graph, configuration: configuration)
    let truth = try #require(try exact.plan.makeSession().run(inputs)["features"]).floats()
    let actual = try #require(try rough.plan.makeSession().run(inputs)["features"]).floats()
    let scale = truth.map(abs).max() ?? 1
    #expect(zip(actual, truth).allSatisfy { abs($0 - $1) <= 0.02 * scale })
    // Where the processor has no bfloat16, the build says so.
    #expect(actual != truth || !rough.diagnostics.isEmpty)
  }

  @Test("Layer times of single runs add up to about the run, whoever ran before")
  func layerTimes() async throws {
    let graph = try ONNXReader.read(path: Fixture(name: "fixed").path)
    var configuration = BuildConfiguration()
    configuration.profilesLayers = true
    let plan = try await backend.build(graph, configuration: configuration).plan
    let session = try plan.makeSession()
    _ = try session.input("images", shape: [1, 3, 6, 6])
    for _ in 0..<7 { try session.run(observer: nil) }
    let times = Times()
    try session.run(observer: times)
    // Rounding of the library's averages: 8 runs, a microsecond each, per layer.
    let slack = Duration.microseconds(8 * times.layers.count)
    #expect(times.layers.reduce(.zero, +) <= times.compute + slack)
    #expect(!times.layers.isEmpty)
  }
}

@Suite("OpenVINO that is not there")
struct OpenVINOAbsenceTests {
  @Test("A missing or bogus library is explained, with a remedy")
  func absence() throws {
    for path in ["/nonexistent/libopenvino_c.so", Fixture.folder + "PROVENANCE.md", "libc.so.6"] {
      let broken = OpenVINOBackend(libraryPath: path)
      guard case .unavailable(let diagnostic) = broken.availability() else {
        Issue.record("\(path) was opened")
        continue
      }
      #expect(diagnostic.id == .backendUnavailable)
      #expect(diagnostic.remedy?.contains("Scripts/setup openvino") == true)
    }
  }
}

private final class Times: SessionObserver {
  var layers: [Duration] = []
  var compute = Duration.zero
  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    layers.append(duration)
  }
  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    compute = duration
  }
}
