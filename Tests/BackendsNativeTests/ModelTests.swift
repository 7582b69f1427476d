import Backends
import BackendsNative
import Formats
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Whole networks: every module kind of YOLOv5, against PyTorch's recorded results.
///
/// `VITRINE_RANDOM_MODELS` names a folder that `Tools/random_models.py` filled (every official
/// configuration), `VITRINE_RANDOM_ONLY` picks some by a part of the name.
@Suite struct ModelTests {
  private static let fixtures = SharedData.checkout + "/Tests/ModelsTests/Fixtures"
  private static let tiny = [
    "tiny-detect", "tiny-early", "tiny-ghost", "tiny-transformer", "tiny-sum", "tiny-fused",
    "tiny-seg", "tiny-cls",
  ]
  private static let folder = getenv("VITRINE_RANDOM_MODELS").map { String(cString: $0) }
  private static let only = getenv("VITRINE_RANDOM_ONLY").map { String(cString: $0) } ?? ""

  private static func graph(
    _ name: String,
    in folder: String,
    _ size: [Int],
    _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> Graph {
    var options = ImportOptions()
    options.imageSize = size
    change(&options)
    let checkpoint = try CheckpointReader.read(path: "\(folder)/\(name).pt")
    return try ModelImporter().graph(from: checkpoint, options: options).graph
  }

  /// What PyTorch made of the recorded picture.
  private static func recorded(_ name: String, in folder: String) throws -> (
    input: Tensor, outputs: [String: Tensor]
  ) {
    var outputs: [String: Tensor] = [:]
    for index in 0..<4 {
      let path = "\(folder)/\(name).output\(index).npy"
      if access(path, R_OK) == 0 { outputs["output\(index)"] = try NPYFile.read(path: path) }
    }
    return (try NPYFile.read(path: "\(folder)/\(name).input.npy"), outputs)
  }

  /// Float32, then bfloat16: 8 bits through some dozens of layers.
  private static func check(_ name: String, in folder: String) async throws {
    let (input, expected) = try recorded(name, in: folder)
    let graph = try graph(name, in: folder, Array(input.shape.dimensions.suffix(2)))
    let inputs = ["images": input]
    let one = try await native(graph, inputs, configuration(threads: 1))
    let difference = try Agreement(relative: 1e-4).difference(one, expected)
    #expect(difference == nil, "\(name)")
    let two = try await native(graph, inputs, configuration(threads: 2))
    #expect(try sameBits(one, two), "\(name), 2 threads")
    let portable = try await native(graph, inputs, configuration(without: "vector-kernels"))
    #expect(
      try Agreement(relative: 1e-4).difference(portable, expected) == nil,
      "\(name), portable"
    )
    let short = try await native(graph, inputs, configuration(precision: .bfloat16))
    let coarse = try Agreement(relative: 0.1).difference(short, expected)
    #expect(coarse == nil, "\(name), bfloat16")
  }

  @Test(arguments: tiny) func everyModuleEqualsPyTorch(_ name: String) async throws {
    try await Self.check(name, in: Self.fixtures)
  }

  @Test(.enabled(if: folder != nil, "needs VITRINE_RANDOM_MODELS"))
  func everyConfigurationEqualsPyTorch() async throws {
    let folder = try #require(Self.folder)
    let directory = try #require(opendir(folder))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".output0.npy") { names.append(String(name.dropLast(12))) }
    }
    names = names.filter { Self.only.isEmpty || $0.contains(Self.only) }.sorted()
    #expect(!names.isEmpty)
    for name in names {
      do {
        try await Self.check(name, in: folder)
        print("\(name): as PyTorch")
      } catch { Issue.record("\(name): \(error)") }
    }
  }

  // MARK: Heads

  private func decodedHeads(_ plan: any Plan) -> Int {
    plan.info.layers.count { $0.tactic.contains("decode") }
  }

  /// The form in which this project writes heads.
  @Test func ownHeadsAreDecodedByOneKernel() async throws {
    for name in ["tiny-detect", "tiny-seg"] {
      let graph = try Self.graph(name, in: Self.fixtures, [64, 32])
      let plan = try await NativeBackend().build(graph, configuration: configuration()).plan
      #expect(decodedHeads(plan) == 2, "\(name)")
      #expect(!plan.info.layers.contains { $0.tactic.hasPrefix("reference") }, "\(name)")
    }
  }

  /// The form in which PyTorch's exporter writes heads.
  @Test(.enabled(if: SharedData.isAvailable)) func exportedHeadsAreDecodedByOneKernel() async throws
  {
    let path = SharedData.path("models/reference_yolov5n_v7.0_opset17_dynamic.onnx")
    let open = try ONNXReader.read(path: path)
    let name = open[open.inputs[0]].name
    let shape: Shape = [1, 3, 640, 640]
    let bound = try open.retyped(inputs: [name: TensorType(.float32, shape)])
    let plan = try await NativeBackend()
      .build(bound, configuration: configuration(threads: 2)).plan
    #expect(decodedHeads(plan) == 3)
    #expect(!plan.info.layers.contains { $0.tactic.hasPrefix("reference") })
    // The same weights by our own importer.
    let own = try Self.graph("yolov5n_v7.0", in: SharedData.path("models"), [640, 640])
    var net = Network(1)
    let picture = try net.tensor(shape, 0.5, 0.5)
    let ours = try await native(own, ["images": picture], configuration(threads: 2))
    let theirs = try plan.makeSession().run([name: picture])
    let (left, right) = (try #require(ours["output0"]), try #require(theirs["output0"]))
    #expect(try Agreement(relative: 1e-4).difference(["": left], ["": right]) == nil)
    // Open extents, bound by the caller.
    let session = try await NativeBackend()
      .build(open, configuration: configuration(threads: 2)).plan.makeSession()
    let again = try session.run([name: picture])
    #expect(try sameBits(["": right], ["": #require(again["output0"])]))
  }
}
