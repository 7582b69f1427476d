import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct TensorConversionTests {
  /// One conversion by NumPy.
  struct Case: Decodable, CustomTestStringConvertible {
    let from: ScalarType
    let to: ScalarType
    let count: Int
    let input: Data
    let output: Data
    var testDescription: String { "\(from.rawValue) to \(to.rawValue)" }
  }

  static let cases: [Case] = {
    let path = SharedData.checkout + "/Tests/TensorsTests/Fixtures/conversions.json"
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
  }()

  @Test func everyPairOfTypesHasACase() {
    #expect(Self.cases.count == ScalarType.allCases.count * ScalarType.allCases.count)
  }

  @Test(arguments: cases) func isNumPys(_ example: Case) throws {
    let shape = Shape([example.count])
    let tensor = try example.input.withUnsafeBytes {
      try Tensor(copying: $0, shape: shape, scalarType: example.from)
    }
    let expected = try example.output.withUnsafeBytes {
      try Tensor(copying: $0, shape: shape, scalarType: example.to)
    }
    let actual = try tensor.converted(to: example.to)
    #expect(actual.scalarType == example.to)
    let width = example.to.byteCount
    let (left, right) = (try actual.withBytes(Array.init), try expected.withBytes(Array.init))
    for index in 0..<example.count {
      let range = index * width..<(index + 1) * width
      #expect(left[range] == right[range], "element \(index)")
    }
    let deferred = Tensor(deferred: shape, example.from) { tensor }
    #expect(try deferred.converted(to: example.to) == expected)
  }

  @Test func outOfRangeSaturatesAndNaNIsZero() throws {
    let tensor = try Tensor([Float.infinity, -.infinity, .nan, 1e20, -1e20, 300, -5], shape: [7])
    let (high, low) = (Int64.max, Int64.min)
    #expect(
      try tensor.converted(to: .int64).scalars(of: Int64.self) == [
        high, low, 0, high, low, 300, -5,
      ]
    )
    #expect(
      try tensor.converted(to: .uint8).scalars(of: UInt8.self) == [255, 0, 0, 255, 0, 255, 0]
    )
    #expect(
      try tensor.converted(to: .int8).scalars(of: Int8.self) == [127, -128, 0, 127, -128, 127, -5]
    )
    #expect(try tensor.converted(to: .bool).scalars(of: Bool.self).allSatisfy { $0 })
  }

  @Test(arguments: [ScalarType.float64, .float32, .float16, .bfloat16])
  func naNStaysNaN(type: ScalarType) throws {
    // A signalling NaN whose payload lies in the low bits only must not become infinity.
    let tensor = try Tensor([Float(bitPattern: 0x7F80_0001), .nan, -.nan], shape: [3])
    let there = try tensor.converted(to: type)
    #expect(try there.floats().allSatisfy(\.isNaN))
  }

  @Test func everyHalfAndBFloatSurvivesSinglePrecision() throws {
    for type in [ScalarType.float16, .bfloat16] {
      let bits = (0...UInt16.max).map { $0 }
      let tensor = try bits.withUnsafeBytes {
        try Tensor(copying: $0, shape: [65536], scalarType: type)
      }
      let back = try tensor.converted(to: .float32).converted(to: type)
      let result = try back.withBytes { Array($0.bindMemory(to: UInt16.self)) }
      let exponent: UInt16 = type == .float16 ? 0x7C00 : 0x7F80
      for (before, after) in zip(bits, result) where before & 0x7FFF <= exponent {
        #expect(before == after)
      }
    }
  }
}
