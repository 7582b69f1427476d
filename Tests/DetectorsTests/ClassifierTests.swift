import Graphs
import Images
import Tensors
import Testing

@testable import Detectors

@Suite struct ClassifierTests {
  private static var contract: ModelContract {
    var contract = ModelContract(
      task: .classify,
      family: "test",
      classNames: ["a", "b", "c"],
      levels: [],
      inputSize: [2, 2]
    )
    contract.preprocessing.fit = .centreCrop
    return contract
  }

  @Test("takes the centre square and gives the softmax by falling probability")
  func classifies() throws {
    let plan = FakePlan(
      input: [1, 3, 2, 2],
      outputs: [TensorType(.float32, [1, 3])],
      contract: Self.contract
    ) { input in
      // The centre 2 × 2 of the 4 × 2 picture: columns 1 and 2, whose red is 51 and 102.
      let red = try input.tensor().withScalars(of: Float.self) { Array($0[0..<4]) }
      #expect(red == [0.2, 0.4, 0.2, 0.4])
      return [try Tensor([0, 2, 1] as [Float], shape: [1, 3])]
    }
    var image = Image(width: 4, height: 2)
    for row in 0..<2 {
      for column in 0..<4 { image.pixels[(row * 4 + column) * 3] = UInt8(51 * column) }
    }
    let found = try Classifier(plan: plan).makeSession().classify(image)
    #expect(found.scores.map(\.classIndex) == [1, 2, 0])
    // exp(0), exp(1), exp(2) over their sum.
    #expect(abs(found.scores[0].probability - 0.665_240_96) < 1e-6)
    #expect(abs(found.scores.reduce(0) { $0 + $1.probability } - 1) < 1e-6)
  }

  @Test("a network that detects is refused")
  func wrongTask() throws {
    let plan = FakePlan(input: [1, 3, 64, 64], contract: .test())
    #expect { try Classifier(plan: plan) } throws: { "\($0)".contains("classif") }
  }
}
