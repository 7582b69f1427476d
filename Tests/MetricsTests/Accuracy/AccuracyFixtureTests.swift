import Datasets
import FoundationEssentials
import Metrics
import Testing

/// Figures of pycocotools and of YOLOv5 itself.
@Suite struct AccuracyFixtureTests {
  private struct Case: Decodable {
    let name: String
    let kind: String
    let truth: String
    let results: String
    let figures: [Double]
  }

  private func cases(_ kind: String, file: String = #filePath) throws -> [Case] {
    let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
    let data = try Data(contentsOf: URL(filePath: "/\(folder)/Fixtures/accuracy.json"))
    return try JSONDecoder().decode([Case].self, from: data).filter { $0.kind == kind }
  }

  private func judged(
    _ test: Case,
    _ shape: COCOEvaluator.Shape = .boxes,
    resamples: Int = 0,
    workers: Int = 1
  ) async throws -> DetectionAccuracy {
    let reader = COCOReader(keepsRegions: shape == .masks)
    let dataset = try Array(test.truth.utf8).withUnsafeBytes {
      try reader.dataset(bytes: $0, path: test.name)
    }
    let found = try Array(test.results.utf8).withUnsafeBytes {
      try reader.results(bytes: $0, of: dataset)
    }
    var judge = AccuracyJudge(dataset)
    judge.resampleCount = resamples
    judge.workerCount = workers
    return try await judge.accuracy(of: found.predictions, shape: shape)
  }

  private func check(_ figures: [AccuracyFigure], _ test: Case, within limit: Double) {
    #expect(figures.count == test.figures.count)
    for (figure, expected) in zip(figures, test.figures) {
      #expect(abs(figure.value - expected) <= limit, "\(test.name): \(figure.name)")
    }
  }

  @Test func boxesEqualPycocotools() async throws {
    let tests = try cases("bbox")
    #expect(tests.count >= 20)
    for test in tests { check(try await judged(test).coco, test, within: 1e-9) }
  }

  @Test func masksEqualPycocotools() async throws {
    let tests = try cases("segm")
    #expect(tests.count >= 2)
    for test in tests { check(try await judged(test, .masks).coco, test, within: 1e-9) }
  }

  @Test func figuresEqualYOLOv5() async throws {
    let tests = try cases("yolo")
    #expect(tests.count >= 3)
    for test in tests { check(try await judged(test).yolo, test, within: 1e-6) }
  }

  @Test func intervalsDoNotDependOnWorkers() async throws {
    let test = try #require(try cases("bbox").first { $0.name.hasPrefix("random") })
    let one = try await judged(test, resamples: 50)
    let three = try await judged(test, resamples: 50, workers: 3)
    #expect(one == three)
    let interval = try #require(one.coco[0].interval)
    #expect(interval.lower <= interval.upper)
    // Draws without any object define nothing and do not count.
    #expect((1...50).contains(interval.resampleCount))
  }

  @Test func curvesFitTheirAxes() async throws {
    let test = try #require(try cases("bbox").first { $0.name.hasPrefix("random") })
    let curves = try #require(try await judged(test).curves)
    #expect(curves.confidences.first == 0)
    #expect(curves.confidences.last == 1)
    #expect(curves.values(.f1)?.count == curves.confidences.count)
    for curve in curves.curves {
      let axis = curve.kind.isOverConfidence ? curves.confidences : curves.recalls
      #expect(curve.values.count == axis.count)
      #expect(curve.values.allSatisfy { (0...1).contains($0) })
    }
  }
}
