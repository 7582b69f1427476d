import Graphs
import Tensors
import Testing

@testable import Models

/// Suppression in the graph against a plain loop over the decoded boxes.
struct SuppressionTests {
  struct Detection: Equatable {
    var image: Int
    var kind: Int
    var confidence: Float
    var box: [Float]
  }

  @Test(arguments: [(Float(0.05), Float(0.3), 300), (0.2, 0.45, 300), (0.0, 0.6, 5), (1, 0.5, 10)])
  func equalsThePlainLoop(_ confidence: Float, _ overlap: Float, _ most: Int) throws {
    let inputs = ["images": try FixtureTests.picture(3, 32, 32)]
    let boxes = try FixtureTests.model("tiny-detect") { $0.batch = 3 }.graph
      .evaluate(inputs: inputs)["output0"]
    let model = try FixtureTests.model("tiny-detect") {
      $0.batch = 3
      $0.head = .end2end
      $0.suppression.confidence = confidence
      $0.suppression.overlap = overlap
      $0.suppression.maximumDetections = most
    }
    let result = try #require(try model.graph.evaluate(inputs: inputs)["detections"])
    let expected = try plain(#require(boxes), confidence, overlap, most)
    #expect(result.shape == [expected.count, 7])
    let values = try result.floats()
    for (index, detection) in expected.enumerated() where index < result.shape[0] {
      let row = Array(values[index * 7..<index * 7 + 7])
      #expect(Int(row[0]) == detection.image && Int(row[5]) == detection.kind)
      #expect(abs(row[6] - detection.confidence) < 1e-6)
      #expect(zip(row[1...4], detection.box).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(confidence == 1 || !expected.isEmpty)
  }

  private func plain(
    _ boxes: Tensor,
    _ confidence: Float,
    _ overlap: Float,
    _ most: Int
  ) throws -> [Detection] {
    let values = try boxes.floats()
    let (rows, width) = (boxes.shape[1], boxes.shape[2])
    return (0..<boxes.shape[0]).flatMap { image in
      var found: [Detection] = []
      for row in 0..<rows {
        let v = Array(values[(image * rows + row) * width..<(image * rows + row + 1) * width])
        let kind = v[5] >= v[6] ? 0 : 1
        let score = v[4] * v[5 + kind]
        guard score > confidence else { continue }
        let box = [v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2]
        found.append(Detection(image: image, kind: kind, confidence: score, box: box))
      }
      found.sort { $0.confidence > $1.confidence }
      var kept: [Detection] = []
      for one in found where kept.allSatisfy({ $0.kind != one.kind || iou($0, one) <= overlap }) {
        kept.append(one)
      }
      return Array(kept.prefix(most))
    }
  }

  private func iou(_ a: Detection, _ b: Detection) -> Float {
    let width = max(0, min(a.box[2], b.box[2]) - max(a.box[0], b.box[0]))
    let height = max(0, min(a.box[3], b.box[3]) - max(a.box[1], b.box[1]))
    func area(_ c: [Float]) -> Float { (c[2] - c[0]) * (c[3] - c[1]) }
    let shared = width * height
    return shared / (area(a.box) + area(b.box) - shared)
  }
}
