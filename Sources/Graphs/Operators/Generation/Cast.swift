import Diagnostics
public import Tensors

/// The same values in another element type. Source: ONNX Cast, opset 21.
public struct Cast: Operator {
  /// The ONNX `op_type`.
  public static let name = "Cast"
  /// The element type of the result.
  public let target: ScalarType
  /// Creates the operator.
  public init(to target: ScalarType) { self.target = target }
  /// Reads `to`.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard let code = try attributes.int("to"), let target = ScalarType(onnxCode: code) else {
      throw DeployError.attribute(
        "Cast to element type \(try attributes.int("to").map(String.init) ?? "(none)") is not "
          + "supported"
      )
    }
    self.target = target
  }
  /// `to`.
  public var attributes: [String: Attribute] { ["to": .int(Int64(target.onnxCode))] }
  /// The shape in the other element type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    [TensorType(target, try inputs.required(0, of: Self.name).type.dimensions)]
  }
  /// See ``Tensor/converted(to:)``.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).converted(to: target)]
  }
}

extension ScalarType {
  /// The number of the type in ONNX files. Source: onnx.proto, TensorProto.DataType.
  public var onnxCode: Int {
    switch self {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .bfloat16: 16
    }
  }

  /// The type of a number in ONNX files, where tensors here can hold it.
  public init?(onnxCode code: Int) {
    guard let type = Self.allCases.first(where: { $0.onnxCode == code }) else { return nil }
    self = type
  }
}
