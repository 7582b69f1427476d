import FoundationEssentials
import Tensors
import TestSupport

/// The models and numbers that `Fixtures/onnx/make.py` made.
enum ONNXFixtures {
  struct Numbers: Decodable {
    let shape: [Int]
    let type: String
    let values: [Double]

    func tensor() throws -> Tensor {
      let scalars = try Tensor(values, shape: Shape(shape))
      return try scalars.converted(to: ScalarType(rawValue: type) ?? .float32)
    }
  }

  struct Case: Decodable, Sendable, CustomStringConvertible {
    let name: String
    let operators: [String]
    let inputs: [String: Numbers]
    let outputs: [String: Numbers]
    var description: String { name }
  }

  struct Broken: Decodable {
    let bytes: Data
    let valid: Bool
    let verdict: String
  }

  static func path(_ name: String) -> String {
    SharedData.checkout + "/Tests/FormatsTests/Fixtures/onnx/" + name
  }

  static let cases: [Case] = decoded("cases.json") ?? []
  static let broken: [String: Broken] = decoded("broken.json") ?? [:]

  static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path(name))))
  }

  private static func decoded<Content: Decodable>(_ name: String) -> Content? {
    try? JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(filePath: path(name))))
  }
}

extension ONNXFixtures.Numbers: Sendable {}
extension ONNXFixtures.Broken: Sendable {}
