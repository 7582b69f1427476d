import Backends
import Detectors
import Diagnostics
import Graphs
import Images
import Tensors
import Testing

@Suite("Detector on a network of known answers")
struct DetectorTests {
  /// One box per picture of the batch, centred at (16, 16), 20 wide and 10 high, of class 1.
  static let network: FakePlan.Network = { input in
    let row: [Float] = [16, 16, 20, 10, 0.9, 0.1, 0.8]
    let quiet: [Float] = [16, 16, 20, 10, 0.1, 0.9, 0.9]
    let count = input.shape[0]
    let values = (0..<count).flatMap { _ in quiet + row }
    return [try Tensor(values, shape: [count, 2, 7])]
  }

  static func plan(_ sides: [Dimension], batch: Dimension = .symbol("batch")) -> FakePlan {
    FakePlan(
      input: [batch, 3] + sides,
      outputs: [TensorType(.float32, [batch, 2, 7])],
      contract: .test(),
      network: network
    )
  }

  static let dynamic: [Dimension] = [.symbol("height"), .symbol("width")]

  @Test("rectangles where the plan takes them, squares where it does not")
  func shapes() throws {
    let image = Image(width: 128, height: 32)
    let wide = try Detector(plan: Self.plan(Self.dynamic)).makeSession()
    let found = try wide.detect(image)
    #expect(found.inputSize == [32, 64])
    // 128 × 32 becomes 64 × 16 with a border of 8 above: x · 2, (y - 8) · 2.
    let expected = Box(x1: 12, y1: 6, x2: 52, y2: 26)
    #expect(found.detections.map(\.box) == [expected])
    #expect(found.detections.map(\.classIndex) == [1])
    #expect(abs(found.detections[0].confidence - 0.72) < 1e-6)
    let fixed = try Detector(plan: Self.plan([64, 64], batch: 1)).makeSession()
    #expect(try fixed.detect(image).inputSize == [64, 64])
  }

  @Test("the same memory serves every picture of a size")
  func memoryIsReused() throws {
    let session = try Detector(plan: Self.plan(Self.dynamic)).makeSession()
    for _ in 0..<5 { _ = try session.detect(Image(width: 100, height: 50)) }
    let fake = try #require(session.session as? FakeSession)
    #expect(fake.inputCount == 1)
    #expect(Set(fake.buffers).count == 1)
    #expect(fake.buffers.count == 5)
  }

  @Test("pictures of one size share a run, up to the limit")
  func batches() throws {
    var options = Detector.Options()
    options.batchSize = 2
    let session = try Detector(plan: Self.plan(Self.dynamic), options: options).makeSession()
    let same = Image(width: 64, height: 64)
    let results = try session.detect([same, same, same, Image(width: 64, height: 32)])
    #expect(results.map(\.batchSize) == [2, 2, 1, 1])
    #expect(results.allSatisfy { $0.detections.count == 1 })
    let fake = try #require(session.session as? FakeSession)
    #expect(fake.shapes == [[2, 3, 64, 64], [1, 3, 64, 64], [1, 3, 32, 64]])
  }

  @Test("half-precision inputs hold level / 255")
  func halfInput() throws {
    let plan = FakePlan(
      input: [1, 3, 64, 64],
      outputs: [TensorType(.float16, [1, 1, 7])],
      contract: .test(),
      inputScalarType: .float16
    ) { input in
      let first = try input.withScalars(of: Float16.self) { Float($0[0]) }
      let row: [Float16] = [16, 16, 20, 10, 1, Float16(first), 0]
      return [try Tensor(row, shape: [1, 1, 7])]
    }
    let image = Image(width: 64, height: 64, filledWith: .white)
    let found = try Detector(plan: plan).makeSession().detect(image)
    #expect(found.detections.map(\.confidence) == [1])
    #expect(found.detections.map(\.classIndex) == [0])
  }

  @Test("what no detector can run is refused")
  func refusals() throws {
    var classifier = ModelContract.test()
    classifier.task = .classify
    let plan = Self.plan([64, 64], batch: 1)
    #expect { try Detector(plan: plan, contract: classifier) } throws: {
      ($0 as? DeployError)?.id == .detectorWrongTask
    }
    #expect { try Detector(plan: FakePlan(input: [1, 4, 64, 64])) } throws: {
      ($0 as? DeployError)?.id == .detectorUnsuitableInput
    }
    var options = Detector.Options()
    options.suppression.confidenceThreshold = .nan
    #expect { try Detector(plan: plan, options: options) } throws: {
      ($0 as? DeployError)?.id == .detectorInvalidThreshold
    }
    #expect {
      try Detector(plan: plan, contract: .test(classCount: 5)).makeSession()
        .detect(Image(width: 8, height: 8))
    } throws: {
      ($0 as? DeployError)?.id == .detectorHeadMismatch
    }
  }
}
