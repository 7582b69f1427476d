import FoundationEssentials
import Tensors
import TestSupport
import Testing

/// A tiny network of the Fixtures folder, with inputs and ONNX Runtime's own results.
struct Fixture: Sendable, CustomTestStringConvertible {
  struct Case: Decodable {
    let inputs: [String: Numbers]
    let outputs: [String: Numbers]
  }
  struct Numbers: Decodable {
    let shape: [Int]
    let type: String
    let values: [Double]

    func tensor() throws -> Tensor {
      let scalarType = try #require(ScalarType(rawValue: type))
      return try Tensor(values, shape: Shape(shape)).converted(to: scalarType)
    }
  }

  let name: String
  var testDescription: String { name }
  var path: String { Self.folder + name + ".onnx" }

  static let folder = SharedData.checkout + "/Tests/BackendsTests/Fixtures/"
  static let all = ["fixed", "dynamic", "half", "positions", "two"].map { Fixture(name: $0) }

  func cases() throws -> [Case] {
    let data = try Data(contentsOf: URL(filePath: Self.folder + name + ".json"))
    return try JSONDecoder().decode([Case].self, from: data)
  }
}
