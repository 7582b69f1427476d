import Backends
import BackendsONNXRuntime
import Diagnostics
import Formats
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("ONNX Runtime's CUDA provider, where it cannot be used")
struct ONNXRuntimeCUDATests {
  static let engines = EngineFolder(Engines.folder)
  /// The library of the processor's package, which has no such provider.
  static let host = engines.libraries(of: "onnxruntime", prefix: "libonnxruntime.so").first
  /// The library that has it: Scripts/setup onnxruntime-gpu.
  static let gpu = engines.libraries(of: "onnxruntime-gpu", prefix: "libonnxruntime.so").first
  static var hasDriver: Bool { dlopen("libcuda.so.1", RTLD_NOW) != nil }

  private func obstacle(_ backend: ONNXRuntimeCUDABackend) -> Diagnostic? {
    guard case .unavailable(let reason) = backend.availability() else { return nil }
    return reason
  }

  @Test("a build without the provider says which it has", .enabled(if: host != nil))
  func otherBuild() async throws {
    let backend = ONNXRuntimeCUDABackend(libraryPath: Self.host)
    let reason = try #require(obstacle(backend))
    #expect(reason.id == .backendUnavailable)
    #expect(reason.message.contains("CPUExecutionProvider"), "\(reason)")
    #expect(reason.remedy?.contains("onnxruntime-gpu") == true)
    var graph = Graph(name: "g")
    let input = graph.addInput("x", TensorType(.float32, [.fixed(1)]))
    let result = try graph.add(Sigmoid(), [input], name: "s", provenance: Provenance())
    graph.markOutput(result[0], named: "y")
    let error = await #expect(throws: DeployError.self) {
      _ = try await backend.build(graph, configuration: BuildConfiguration())
    }
    #expect(error?.id == .backendUnavailable)
  }

  @Test(
    "the build that has it says that there is no driver",
    .enabled(if: gpu != nil && !hasDriver, "needs Scripts/setup onnxruntime-gpu and no GPU")
  )
  func withoutDriver() throws {
    let reason = try #require(obstacle(ONNXRuntimeCUDABackend(libraryPath: Self.gpu)))
    #expect(reason.message.contains("driver"), "\(reason)")
    // On the processor the same library runs as any other.
    guard case .available = ONNXRuntimeBackend(libraryPath: Self.gpu).availability() else {
      Issue.record("the library does not run on the processor")
      return
    }
  }

  @Test("a library that is not there")
  func missing() throws {
    let reason = try #require(
      obstacle(ONNXRuntimeCUDABackend(libraryPath: "/nowhere/libonnxruntime.so"))
    )
    #expect(reason.id == .backendUnavailable)
  }
}
