import Backends
import BackendsNative
import BackendsONNXRuntime
import BackendsOpenVINO
import Diagnostics
import Formats
import Graphs
import Tensors
import TestSupport
import Testing

/// A backend of this machine, under the name that test reports show.
struct TestedBackend: Sendable, CustomTestStringConvertible {
  let backend: any Backend
  var name: String { type(of: backend).name }
  var testDescription: String { name }

  static let catalog = BackendCatalog([
    ReferenceBackend(),
    NativeBackend(),
    ONNXRuntimeBackend(engines: EngineFolder(Engines.folder)),
    OpenVINOBackend(engines: EngineFolder(Engines.folder)),
  ])
  static let available = catalog.available().map { TestedBackend(backend: $0) }
}

@Suite("Every backend on tiny networks")
struct ConformanceTests {
  @Test(
    "Graphs give what ONNX Runtime's own binding gives",
    arguments: TestedBackend.available,
    Fixture.all
  )
  func networks(_ tested: TestedBackend, _ fixture: Fixture) async throws {
    let session = try await session(tested, fixture)
    for example in try fixture.cases() {
      let results = try session.run(try example.inputs.mapValues { try $0.tensor() })
      #expect(Set(results.keys) == Set(example.outputs.keys))
      for (name, expected) in example.outputs {
        let (actual, truth) = (try #require(results[name]), try expected.tensor())
        #expect(actual.shape == truth.shape && actual.scalarType == truth.scalarType)
        let pairs = zip(try actual.floats(), try truth.floats())
        #expect(pairs.allSatisfy { Tolerance.rounding.accepts(Double($0), Double($1)) }, "\(name)")
      }
    }
  }

  @Test("Wrong names and shapes are the same errors everywhere", arguments: TestedBackend.available)
  func mistakes(_ tested: TestedBackend) async throws {
    let session = try await session(tested, Fixture(name: "dynamic"))
    expect(.backendUnknownBinding) { try session.run(observer: nil) }
    expect(.backendUnknownBinding) { _ = try session.input("pictures", shape: [1]) }
    expect(.backendShapeMismatch) { _ = try session.input("images", shape: [1, 4, 6, 6]) }
    expect(.backendShapeMismatch) { _ = try session.input("images", shape: [1, 3, 6]) }
    expect(.backendUnknownBinding) { _ = try session.output("features") }
  }

  @Test(
    "Observers see layers with provenance, and tapped values",
    arguments: TestedBackend.available
  )
  func observation(_ tested: TestedBackend) async throws {
    let fixture = Fixture(name: "fixed")
    var configuration = BuildConfiguration()
    configuration.profilesLayers = true
    configuration.optimization = .none
    configuration.tappedValues = ["hidden"]
    let session = try await session(tested, fixture, configuration)
    #expect(session.outputNames == ["features"])
    let example = try #require(try fixture.cases().first)
    let recorder = Recorder()
    for _ in 0..<2 {
      recorder.layers = []
      let inputs = try example.inputs.mapValues { try $0.tensor() }
      let results = try session.run(inputs, observer: recorder)
      #expect(results.keys.sorted() == ["features"])
    }
    #expect(recorder.layers.contains { $0.provenance.nodes.contains("model.0.conv") })
    #expect(recorder.layers.count >= 3)
    #expect(recorder.values["hidden"]?.shape == [1, 4, 3, 3])
    #expect(recorder.phases.contains(.compute))
  }

  @Test("A value that does not exist cannot be tapped", arguments: TestedBackend.available)
  func unknownTap(_ tested: TestedBackend) async throws {
    var configuration = BuildConfiguration()
    configuration.tappedValues = ["nothing"]
    await #expect {
      _ = try await session(tested, Fixture(name: "fixed"), configuration)
    } throws: {
      ($0 as? DeployError)?.id == .backendUnknownBinding
    }
  }

  @Test("The catalogue finds by name and says which names there are")
  func catalog() throws {
    #expect(TestedBackend.catalog.names == ["reference", "native", "onnxruntime", "openvino"])
    let found = try TestedBackend.catalog.backend(named: "reference")
    #expect(found is ReferenceBackend)
    #expect(TestedBackend.available.contains { $0.name == "reference" })
    #expect {
      _ = try TestedBackend.catalog.backend(named: "tensorflow")
    } throws: { error in
      guard let error = error as? DeployError else { return false }
      return error.id == .backendUnknown
        && error.diagnostics[0].remedy?.contains("reference, native, onnxruntime, openvino") == true
    }
  }

  private func session(
    _ tested: TestedBackend,
    _ fixture: Fixture,
    _ configuration: BuildConfiguration = BuildConfiguration()
  ) async throws -> any Session {
    let graph = try ONNXReader.read(path: fixture.path)
    let result = try await tested.backend.build(graph, configuration: configuration)
    return try result.plan.makeSession()
  }

  private func expect(_ id: Diagnostic.ID, _ body: () throws -> Void) {
    #expect { try body() } throws: { ($0 as? DeployError)?.id == id }
  }
}

/// Keeps what it is told.
private final class Recorder: SessionObserver {
  var layers: [LayerInfo] = []
  var phases: [RunPhase] = []
  var values: [String: Tensor] = [:]

  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    layers.append(layer)
  }
  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    phases.append(phase)
  }
  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
    values[value] = tensor
  }
}
