import Detectors
import Files
import TestSupport
import Testing

@Suite("Non-maximum suppression")
struct SuppressionTests {
  struct Case {
    var suppression = NonMaxSuppression()
    var candidates: [Candidate] = []
    var kept: [Int] = []
  }

  static func cases() throws -> [Case] {
    let path = SharedData.checkout + "/Tests/DetectorsTests/Fixtures/suppression.txt"
    let file = try MappedFile(path: path)
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    var cases: [Case] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0] == "case" {
        var next = Case()
        next.suppression.isClassAgnostic = words[2] == "1"
        next.suppression.iouThreshold = try #require(Double(words[3]))
        next.suppression.maxDetections = 10_000
        cases.append(next)
      } else if words[0] == "kept" {
        cases[cases.count - 1].kept = words.dropFirst().compactMap { Int($0) }
      } else {
        let values = words.prefix(5).compactMap { Float($0) }
        let box = Box(x1: values[0], y1: values[1], x2: values[2], y2: values[3])
        let label = try #require(Int32(words[5]))
        cases[cases.count - 1].candidates.append(
          Candidate(box: box, confidence: values[4], classIndex: label)
        )
      }
    }
    return cases
  }

  @Test("keeps what torchvision keeps, in its order, by class and agnostic")
  func equalsTorchvision() throws {
    let cases = try Self.cases()
    try #require(cases.count == 5)
    for one in cases {
      let expected = one.kept.map { one.candidates[$0] }
      #expect(one.suppression.select(from: one.candidates) == expected)
    }
  }

  @Test("stops at the most detections, and looks at the surest candidates only")
  func limits() throws {
    let one = try Self.cases()[1]
    var suppression = one.suppression
    suppression.maxDetections = 7
    let expected = one.kept.prefix(7).map { one.candidates[$0] }
    #expect(suppression.select(from: one.candidates) == expected)
    suppression.maxCandidates = 1
    #expect(suppression.select(from: one.candidates) == [expected[0]])
    suppression.maxDetections = 0
    #expect(suppression.select(from: one.candidates).isEmpty)
    #expect(suppression.select(from: []).isEmpty)
  }
}
