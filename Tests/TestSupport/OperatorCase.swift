import Diagnostics
import FoundationEssentials
public import Graphs
public import Tensors

/// One operator on small operands, with the results that ONNX Runtime gives.
///
/// Made by `Tools/operator_fixtures.py`; every backend may be held against these.
public struct OperatorCase: Sendable, CustomStringConvertible {
  /// The operator's name and a number, such as `Conv-3`.
  public let name: String
  /// The ONNX `op_type`.
  public let operatorName: String
  /// The attributes as the file has them.
  public let attributes: Attributes
  /// The operands; nil where an optional one is left out.
  public let inputs: [Tensor?]
  /// What ONNX Runtime gives.
  public let outputs: [Tensor]

  /// The operator of the standard catalogue.
  public func makeOperator() throws -> (any Operator)? {
    try OperatorCatalog.standard[operatorName]?.init(
      attributes: attributes,
      outputCount: outputs.count
    )
  }

  /// The name.
  public var description: String { name }

  /// Every case.
  public static let all: [OperatorCase] = load("operators.json")

  private static func load(_ file: String) -> [OperatorCase] {
    let path = SharedData.checkout + "/Tests/GraphsTests/Fixtures/" + file
    do {
      let data = try Data(contentsOf: URL(filePath: path))
      return try JSONDecoder().decode(StoredCases.self, from: data).cases.map { try $0.value() }
    } catch {
      preconditionFailure("\(path): \(error)")
    }
  }
}

/// The file.
private struct StoredCases: Decodable {
  let cases: [StoredCase]
}

private struct StoredCase: Decodable {
  let name: String
  let op: String
  let attributes: [String: StoredAttribute]
  let inputs: [StoredTensor?]
  let outputs: [StoredTensor]

  func value() throws -> OperatorCase {
    OperatorCase(
      name: name,
      operatorName: op,
      attributes: Attributes(try attributes.mapValues { try $0.value() }),
      inputs: try inputs.map { try $0?.value() },
      outputs: try outputs.map { try $0.value() }
    )
  }
}

private struct StoredAttribute: Decodable {
  let int: Int64?
  let ints: [Int64]?
  let float: Float?
  let string: String?
  let tensor: StoredTensor?

  func value() throws -> Attribute {
    if let int { return .int(int) }
    if let ints { return .ints(ints) }
    if let float { return .float(float) }
    if let tensor { return .tensor(try tensor.value()) }
    return .string(string ?? "")
  }
}

private struct StoredTensor: Decodable {
  let type: ScalarType
  let shape: [Int]
  let data: String

  func value() throws -> Tensor {
    let bytes = Data(base64Encoded: data) ?? Data()
    return try bytes.withUnsafeBytes {
      try Tensor(copying: $0, shape: Shape(shape), scalarType: type)
    }
  }
}
