import Detectors
import Metrics
import Testing

@Suite struct DetectionComparisonTests {
  private func detection(_ x: Float, _ classIndex: Int, _ confidence: Float) -> Detection {
    let box = Box(x1: x, y1: 0, x2: x + 100, y2: 100)
    return Detection(box: box, classIndex: classIndex, confidence: confidence)
  }

  @Test func equalListsPassInAnyOrder() {
    let list = [detection(0, 0, 0.9), detection(200, 1, 0.8), detection(210, 1, 0.7)]
    let result = DetectionComparison(list.reversed(), with: list)
    #expect(result.passes)
    #expect(result.pairs.map(\.expected) == list)
    #expect(result.minimumIoU == 1)
    #expect(result.words.hasPrefix("3 of 3 detections found"))
  }

  @Test func aShiftedBoxIsAPairThatFails() {
    // A shift by 1 of 100: intersection 99, union 101.
    let result = DetectionComparison([detection(1, 0, 0.9)], with: [detection(0, 0, 0.9)])
    #expect(result.pairs.count == 1)
    #expect(abs(result.minimumIoU - 99.0 / 101) < 1e-12)
    #expect(!result.passes)
  }

  @Test(arguments: [(Float(0.501), true), (0.503, false), (0.497, false)])
  func scoresMustAgree(_ score: Float, _ passes: Bool) {
    let result = DetectionComparison([detection(0, 0, score)], with: [detection(0, 0, 0.5)])
    #expect(result.passes == passes)
  }

  @Test func classesMustAgree() {
    let result = DetectionComparison([detection(0, 1, 0.9)], with: [detection(0, 0, 0.9)])
    #expect(result.pairs.isEmpty)
    #expect(result.extra.count == 1)
    #expect(result.missing.count == 1)
    #expect(!result.passes)
  }

  @Test func eachDetectionIsUsedOnce() {
    let expected = [detection(0, 0, 0.9), detection(2, 0, 0.8)]
    let result = DetectionComparison([detection(0, 0, 0.9)], with: expected)
    #expect(result.pairs.map(\.expected) == [expected[0]])
    #expect(result.missing == [expected[1]])
  }

  @Test func nothingAgreesWithNothing() {
    #expect(DetectionComparison([], with: []).passes)
    #expect(!DetectionComparison([detection(0, 0, 1)], with: []).passes)
  }
}
