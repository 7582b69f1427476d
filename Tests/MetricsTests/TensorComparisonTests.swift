import Glibc
import Metrics
import Tensors
import Testing

@Suite struct TensorComparisonTests {
  private func fixture(file: String = #filePath) -> [String: [Double]] {
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    guard let stream = fopen("/\(folder)/Fixtures/comparison.txt", "rb") else { return [:] }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, stream)
    var lists: [String: [Double]] = [:]
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      lists[String(words[0])] = words.dropFirst().compactMap { Double($0) }
    }
    return lists
  }

  @Test func givesTheNumbersOfNumPy() throws {
    let numbers = fixture()
    let list = { (name: String) in try #require(numbers[name]) }
    let tensors = try ["a", "b"].map { try Tensor(list($0).map(Float.init), shape: [2, 3, 5]) }
    let tolerance = Tolerance(absolute: 1e-3, relative: 1e-4)
    let result = try TensorComparison(tensors[0], with: tensors[1], tolerance: tolerance)
    let isNear = { (a: Double?, name: String) in
      let b = try list(name)[0]
      return abs((a ?? .nan) - b) <= 1e-12 * abs(b)
    }
    #expect(try isNear(result.largestAbsoluteError?.error, "max_abs"))
    #expect(try result.largestAbsoluteError?.index.map(Double.init) == list("abs_index"))
    #expect(try isNear(result.largestRelativeError?.error, "max_rel"))
    #expect(try result.largestRelativeError?.index.map(Double.init) == list("rel_index"))
    #expect(try isNear(result.meanAbsoluteError, "mean"))
    #expect(try isNear(result.cosineSimilarity, "cosine"))
    #expect(try isNear(result.signalToNoiseDecibels, "snr"))
    #expect(try isNear(result.actual.minimum, "min"))
    #expect(try isNear(result.actual.maximum, "max"))
    #expect(try Double(result.violationCount) == list("violations")[0])
    #expect(!result.passes)
  }

  @Test func equalTensorsPassExactly() throws {
    let tensor = try Tensor([Float(0), -1, .nan, .infinity], shape: [4])
    let result = try TensorComparison(tensor, with: tensor, tolerance: .exact)
    #expect(result.passes)
    #expect(result.largestAbsoluteError == nil)
    #expect(result.signalToNoiseDecibels == nil)
    #expect(result.actual.nanCount == 1)
    #expect(result.actual.infinityCount == 1)
    #expect(result.cosineSimilarity == 1)
    #expect(result.words.hasPrefix("equal in all 4 elements"))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aSpecialNumberNeverPasses(_ special: Float) throws {
    let (good, bad) = (
      try Tensor([Float(1), 2], shape: [2]), try Tensor([1, special], shape: [2])
    )
    let loose = Tolerance(absolute: .infinity, relative: .infinity)
    for (a, b) in [(good, bad), (bad, good)] {
      let result = try TensorComparison(a, with: b, tolerance: loose)
      #expect(!result.passes)
      #expect(result.firstViolation?.index == [1])
    }
  }

  @Test func shapesMustAgree() throws {
    let left = try Tensor([Float(1), 2], shape: [2])
    let result = try TensorComparison(left, with: left.reshaped(to: [1, 2]))
    #expect(!result.passes)
    #expect(result.words == "shape [2] instead of [1, 2]")
  }

  @Test func elementTypesMayDiffer() throws {
    let expected = try Tensor([Float(0.1), 100, -3], shape: [3])
    for type in [ScalarType.float16, .float64, .bfloat16] {
      let result = try TensorComparison(
        expected.converted(to: type),
        with: expected,
        tolerance: .half
      )
      #expect(result.passes, "\(type)")
    }
    let half = try expected.converted(to: .float16)
    #expect(try TensorComparison(half, with: half, tolerance: .exact).passes)
  }

  @Test func emptyTensorsAgree() throws {
    let none = try Tensor([Float](), shape: [0, 3])
    let result = try TensorComparison(none, with: none)
    #expect(result.passes)
    #expect(result.elementCount == 0)
    #expect(result.actual.minimum == nil)
  }
}
