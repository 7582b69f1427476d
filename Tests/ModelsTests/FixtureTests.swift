import Formats
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

@testable import Models

/// Networks of a few channels that have every module kind, against PyTorch's results.
struct FixtureTests {
  static let folder = SharedData.checkout + "/Tests/ModelsTests/Fixtures"
  static let detectors = [
    "tiny-detect", "tiny-early", "tiny-ghost", "tiny-transformer", "tiny-sum", "tiny-fused",
  ]

  static func checkpoint(_ name: String) throws -> Checkpoint {
    try CheckpointReader.read(path: "\(folder)/\(name).pt")
  }

  static func model(
    _ name: String,
    _ size: [Int] = [32, 32],
    _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> ImportedModel {
    var options = ImportOptions()
    options.imageSize = size
    change(&options)
    return try ModelImporter().graph(from: checkpoint(name), options: options)
  }

  /// A seeded picture, [batch, 3, height, width].
  static func picture(_ batch: Int, _ height: Int, _ width: Int) throws -> Tensor {
    var generator = SeededGenerator(seed: 7)
    let values = (0..<batch * 3 * height * width).map { _ in
      Float.random(in: 0..<1, using: &generator)
    }
    return try Tensor(values, shape: [batch, 3, height, width])
  }

  @Test(arguments: detectors + ["tiny-seg", "tiny-cls"])
  func equalsPyTorch(_ name: String) throws {
    let error = try RandomModelTests.relativeError(of: name, in: Self.folder)
    #expect(error <= 1e-5, "\(name): \(error)")
  }

  @Test(arguments: detectors + ["tiny-seg", "tiny-cls"])
  func dynamicSizeEqualsPyTorch(_ name: String) throws {
    let error = try RandomModelTests.relativeError(of: name, in: Self.folder, dynamic: .size)
    #expect(error <= 1e-5, "\(name): \(error)")
  }

  @Test(arguments: detectors, [ModelContract.Head.decoded, .raw])
  func dynamicEqualsFixedAtAnotherSize(_ name: String, _ head: ModelContract.Head) throws {
    let open = try Self.model(name) {
      $0.dynamic = .size
      $0.head = head
    }
    let fixed = try Self.model(name, [48, 64]) {
      $0.batch = 3
      $0.head = head
    }
    let inputs = ["images": try Self.picture(3, 48, 64)]
    let expected = try fixed.graph.evaluate(inputs: inputs)
    let actual = try open.graph.evaluate(inputs: inputs)
    #expect(actual.keys == expected.keys && !expected.isEmpty)
    for (name, tensor) in expected {
      #expect(actual[name]?.shape == tensor.shape)
      #expect(try actual[name]?.floats() == tensor.floats())
    }
  }

  @Test func rawHeadsDecodeToTheDecodedForm() throws {
    let inputs = ["images": try Self.picture(1, 32, 32)]
    let model = try Self.model("tiny-detect") { $0.head = .raw }
    let raw = try model.graph.evaluate(inputs: inputs)
    let decoded = try Self.model("tiny-detect").graph.evaluate(inputs: inputs)
    let rows = try #require(decoded["output0"]).floats()
    var row = 0
    for (index, level) in model.contract.levels.enumerated() {
      let map = try #require(raw["output\(index)"])
      #expect(map.shape == [1, 2, 32 / level.stride, 32 / level.stride, 7])
      let values = try map.floats()
      let width = map.shape[3]
      for cell in 0..<values.count / 7 {
        func sigmoid(_ field: Int) -> Float { 1 / (1 + exp(-values[cell * 7 + field])) }
        let anchor = level.anchors[cell / (width * width)]
        let x = (2 * sigmoid(0) - 0.5 + Float(cell % width)) * Float(level.stride)
        let height = 4 * sigmoid(3) * sigmoid(3) * anchor.height
        #expect(abs(x - rows[row * 7]) < 1e-3 && abs(height - rows[row * 7 + 3]) < 1e-3)
        #expect(abs(sigmoid(4) - rows[row * 7 + 4]) < 1e-5)
        row += 1
      }
    }
    #expect(row == rows.count / 7)
  }

  @Test(arguments: detectors + ["tiny-seg", "tiny-cls"])
  func nodeNamesAreUnique(_ name: String) throws {
    let names = try Self.model(name).graph.nodes.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func weightsStayHalfUntilRead() throws {
    let graph = try Self.model("tiny-detect").graph
    let weight = try #require(graph.value(named: "model.0.conv.weight"))
    #expect(weight.type == TensorType(.float32, [8, 3, 6, 6]))
    let stored = try #require(
      Self.checkpoint("tiny-detect").model?.child("model")?.child("0")?.child("conv")?
        .parameters["weight"]
    )
    #expect(stored.scalarType == .float16)
    #expect(try weight.constant?.floats() == stored.floats())
    #expect(graph.producer(of: graph.outputs[0])?.provenance.modules == ["model.9"])
  }
}
