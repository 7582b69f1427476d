import Backends
import BackendsONNXRuntime
import Diagnostics
import Files
import Graphs
import Tensors
import TestSupport
import Testing

private let backend = ONNXRuntimeBackend(engines: EngineFolder(Engines.folder))

/// Whether ONNX Runtime is there: run Scripts/setup where these tests are skipped.
private var isAvailable: Bool {
  if case .available = backend.availability() { return true }
  return false
}

@Suite("ONNX Runtime on files", .enabled(if: isAvailable, "run Scripts/setup"))
struct ONNXRuntimeFileTests {
  @Test("Tiny networks give what ONNX Runtime's own binding gives", arguments: Fixture.all)
  func fixtures(_ fixture: Fixture) throws {
    let session = try backend.plan(onnxFile: fixture.path).makeSession()
    for example in try fixture.cases() {
      let results = try session.run(try example.inputs.mapValues { try $0.tensor() })
      #expect(results.count == example.outputs.count)
      for (name, expected) in example.outputs {
        let result = try #require(results[name])
        #expect(result == (try expected.tensor()), "\(name)")
      }
    }
  }

  @Test("A plan tells its inputs and outputs with their symbols")
  func info() throws {
    let info = try backend.plan(onnxFile: Fixture(name: "dynamic").path).info
    #expect(info.inputs.map(\.name) == ["images"])
    #expect(info.inputs[0].type.description == "float32[batch, 3, height, width]")
    #expect(info.outputs[0].type.description == "float32[batch, 4, h, w]")
    #expect(info.backend == "onnxruntime")
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

  @Test("Wrong names, shapes, types and orders of calls are errors with IDs")
  func mistakes() throws {
    let session = try backend.plan(onnxFile: Fixture(name: "fixed").path).makeSession()
    #expect(throws: DeployError.self) { try session.run(observer: nil) }
    expect(.backendUnknownBinding) { _ = try session.input("pictures", shape: [1]) }
    expect(.backendShapeMismatch) { _ = try session.input("images", shape: [1, 3, 6, 7]) }
    expect(.backendShapeMismatch) { _ = try session.input("images", shape: [1, 3, 6]) }
    expect(.backendUnknownBinding) { try session.run(observer: nil) }
    expect(.tensorScalarTypeMismatch) {
      let half = try Tensor([Double](repeating: 0, count: 108), shape: [1, 3, 6, 6])
      _ = try session.run(["images": half])
    }
    expect(.backendUnknownBinding) { _ = try session.output("features") }
    expect(.backendUnknownBinding) { _ = try session.output("nothing") }
    let dynamic = try backend.plan(onnxFile: Fixture(name: "dynamic").path).makeSession()
    expect(.backendShapeMismatch) {
      _ = try dynamic.input("images", shape: Shape([1 << 40, 3, 1 << 30, 1]))
    }
  }

  @Test("A run that fails inside leaves the session usable")
  func failureInside() throws {
    let session = try backend.plan(onnxFile: Fixture(name: "two").path).makeSession()
    let three = try Tensor([1, 2, 3] as [Float], shape: [3])
    let two = try Tensor([1, 2] as [Float], shape: [2])
    expect(.backendFailed) { _ = try session.run(["a": three, "b": two]) }
    expect(.backendUnknownBinding) { _ = try session.output("sum") }
    let sum = try session.run(["a": three, "b": three])["sum"]
    #expect(try sum?.floats() == [2, 4, 6])
  }

  @Test("Files that are no network are refused by an error")
  func badFiles() throws {
    expect(.fileNotFound) { _ = try backend.plan(onnxFile: "/nonexistent.onnx") }
    expect(.backendFailed) { _ = try backend.plan(onnxFile: Fixture.folder + "PROVENANCE.md") }
    expect(.backendFailed) {
      _ = try backend.plan(onnxBytes: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let whole = try MappedFile(path: Fixture(name: "fixed").path)
    for length in stride(from: 1, to: whole.count, by: 37) {
      #expect(throws: DeployError.self) {
        _ = try backend.plan(onnxBytes: UnsafeRawBufferPointer(rebasing: whole.bytes[..<length]))
      }
    }
  }

  @Test("Four sessions of one plan on four threads agree")
  func threads() async throws {
    let fixture = Fixture(name: "dynamic")
    let plan = try backend.plan(onnxFile: fixture.path)
    let inputs = try fixture.cases().map { try $0.inputs.mapValues { try $0.tensor() } }
    let results = try await withThrowingTaskGroup(of: [[String: Tensor]].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let session = try plan.makeSession()
          return try (0..<20).map { try session.run(inputs[$0 % inputs.count]) }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 4)
    #expect(Set(results).count == 1)
  }

  private func expect(_ id: Diagnostic.ID, _ body: () throws -> Void) {
    #expect { try body() } throws: { ($0 as? DeployError)?.id == id }
  }
}

@Suite("ONNX Runtime that is not there")
struct ONNXRuntimeAbsenceTests {
  @Test("A missing or bogus library is explained, with a remedy")
  func absence() throws {
    for path in ["/nonexistent/libonnxruntime.so", Fixture.folder + "PROVENANCE.md", "libc.so.6"] {
      let broken = ONNXRuntimeBackend(libraryPath: path)
      guard case .unavailable(let diagnostic) = broken.availability() else {
        Issue.record("\(path) was opened")
        continue
      }
      #expect(diagnostic.id == .backendUnavailable)
      #expect(diagnostic.remedy != nil)
    }
  }

  @Test("The engine folder lists versions newest first, and no other package's")
  func folder() throws {
    #expect(EngineFolder("/nonexistent").libraries(of: "onnxruntime", prefix: "lib") == [])
  }
}

@Suite("ONNX Runtime on real networks", .enabled(if: isAvailable && SharedData.isAvailable))
struct ONNXRuntimeRealTests {
  @Test("PyTorch's export of yolov5n gives PyTorch's raw output on the bus")
  func yolov5n() throws {
    let plan = try backend.plan(
      onnxFile: SharedData.path("models/reference_yolov5n_v7.0_opset17_dynamic.onnx")
    )
    let session = try plan.makeSession()
    let pixels = try array("reference/bus_square640_input_rgb_u8.npy")
    let expected = try array("reference/raw_bus_square640_yolov5n_v7.0.npy")
    let input = try session.input("images", shape: [1, 3, 640, 640])
    let values = try pixels.scalars(of: UInt8.self)  // [H, W, 3]
    try input.withScalars(of: Float.self) { target in
      for channel in 0..<3 {
        for pixel in 0..<640 * 640 {
          target[channel * 640 * 640 + pixel] = Float(values[pixel * 3 + channel]) / 255
        }
      }
    }
    try session.run(observer: nil)
    let output = try session.output(session.outputNames[0]).tensor()
    let (actual, truth) = (try output.floats(), try expected.floats())
    #expect(actual.count == truth.count)
    var worstBox: Float = 0
    var worstScore: Float = 0
    for index in actual.indices {
      let difference = abs(actual[index] - truth[index])
      if index % 85 < 4 {
        worstBox = max(worstBox, difference)
      } else {
        worstScore = max(worstScore, difference)
      }
    }
    #expect(worstBox <= 0.1)
    #expect(worstScore <= 1e-4)
  }

  /// Reads an array of NumPy's format, version 1 (uint8 or float32, C order).
  private func array(_ name: String) throws -> Tensor {
    let file = try MappedFile(path: SharedData.path(name))
    let length = 10 + Int(file.bytes[8]) + 256 * Int(file.bytes[9])
    let header = String(decoding: file.bytes[10..<length], as: UTF8.self)
    let inner = try #require(header.split(separator: "(").last?.split(separator: ")").first)
    let shape = inner.split(separator: ",").compactMap {
      Int($0.drop { $0 == " " })
    }
    return try Tensor(
      borrowing: UnsafeRawBufferPointer(rebasing: file.bytes[length...]),
      of: file,
      shape: Shape(shape),
      scalarType: header.contains("|u1") ? .uint8 : .float32
    )
  }
}
