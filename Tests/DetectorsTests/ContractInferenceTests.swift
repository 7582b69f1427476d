import Backends
import Detectors
import Diagnostics
import Graphs
import Tensors
import Testing

@Suite("What shapes tell about a network")
struct ContractInferenceTests {
  static func infer(_ outputs: [[Dimension]]) throws -> ModelContract {
    let plan = FakePlan(
      input: [1, 3, 320, 416],
      outputs: outputs.map { TensorType(.float32, $0) }
    )
    let inferred = try ContractInference.infer(from: plan.info)
    #expect(inferred.diagnostics.map(\.id) == [.detectorAssumedContract])
    return inferred.contract
  }

  @Test("decoded, end-to-end and classification outputs")
  func single() throws {
    let decoded = try Self.infer([[1, 8190, 85]])
    #expect(decoded.head == .decoded)
    #expect(decoded.classNames.count == 80)
    #expect(decoded.inputSize == [320, 416])
    #expect(try Self.infer([[.symbol("detections"), 7]]).head == .end2end)
    let classifier = try Self.infer([[1, 8]])
    #expect(classifier.task == .classify)
    #expect(classifier.classNames.count == 8)
  }

  @Test("raw levels in both layouts, three and four of them")
  func raw() throws {
    let planar = try Self.infer([[1, 87, 40, 52], [1, 87, 20, 26], [1, 87, 10, 13]])
    #expect(planar.head == .raw)
    #expect(planar.classNames.count == 24)
    #expect(planar.levels.map(\.stride) == [8, 16, 32])
    #expect(planar.levels[2].anchors[0].width == 116)
    let four = try Self.infer((0..<4).map { [1, 3, .fixed(40 >> $0), .fixed(52 >> $0), 15] })
    #expect(four.levels.map(\.stride) == [8, 16, 32, 64])
    #expect(four.classNames.count == 10)
  }

  @Test(
    "other outputs are refused",
    arguments: [[[1, 5, 4]], [[1, 85, 40, 52]], [[2, 2, 2, 2, 2]]]
  )
  func refused(_ shapes: [[Int]]) {
    let outputs = shapes.map { TensorType(.float32, $0.map(Dimension.fixed)) }
    let plan = FakePlan(input: [1, 3, 320, 416], outputs: outputs)
    #expect { try ContractInference.infer(from: plan.info) } throws: {
      ($0 as? DeployError)?.id == .detectorHeadMismatch
    }
  }
}
