public import Tensors

/// Arithmetic work and memory traffic of one node, for the roofline and the report.
public struct Cost: Sendable, Hashable, Codable {
  /// Multiplications with an addition; 1 multiply-add counts as 2 operations elsewhere.
  public var multiplyAdds: Int64
  /// Bytes of all operands, each once.
  public var bytesRead: Int64
  /// Bytes of all results.
  public var bytesWritten: Int64
  /// Creates a cost.
  public init(multiplyAdds: Int64, bytesRead: Int64, bytesWritten: Int64) {
    self.multiplyAdds = multiplyAdds
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }
  /// Nothing.
  public static let zero = Cost(multiplyAdds: 0, bytesRead: 0, bytesWritten: 0)
}

/// What a shape rule knows of an operand: its type, and its contents if it is a constant.
public struct Operand: Sendable {
  /// The static type.
  public let type: TensorType
  /// The contents, where they are known before running.
  public let constant: Tensor?
  /// Creates an operand.
  public init(type: TensorType, constant: Tensor? = nil) {
    self.type = type
    self.constant = constant
  }
}

/// What an operator means: its attributes, its shape rule and its reference result.
///
/// An operator has the form of ONNX opset 21 (operands where older opsets had attributes); the
/// ONNX reader lifts older forms to it and the writer lowers it again. One operator is one value
/// type in one file; rewriting and fast kernels live elsewhere.
public protocol Operator: Sendable {
  /// The ONNX `op_type`, for example `Conv`.
  static var name: String { get }
  /// Reads the attributes as ONNX opset 21 defines them.
  /// - Parameter outputCount: how many outputs the node names.
  init(attributes: Attributes, outputCount: Int) throws
  /// The attributes as ONNX opset 21 defines them; those equal to their default may be absent.
  var attributes: [String: Attribute] { get }
  /// The types of the results. Operands may be symbolic; the rule says what it can.
  /// - Throws: `graph.invalid-operand`, `graph.invalid-attribute`.
  func outputTypes(for inputs: [Operand?]) throws -> [TensorType]
  /// The results: the definition, clear and never fast. Operands were checked by the shape rule.
  func evaluate(_ inputs: [Tensor?]) throws -> [Tensor]
  /// The arithmetic and traffic for operands of known shape; ``Cost/zero`` arithmetic for pure
  /// data movement.
  func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64
  /// How closely another implementation must agree with ``evaluate(_:)``.
  var tolerance: Tolerance { get }
}

extension Operator {
  /// No arithmetic: the default for operators that only move data.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 { 0 }
  /// Bit for bit: the default for operators that only move data.
  public var tolerance: Tolerance { .exact }

  /// The arithmetic and the traffic, where every shape is known.
  public func cost(inputs: [TensorType?], outputs: [TensorType]) -> Cost {
    Cost(
      multiplyAdds: multiplyAdds(inputs: inputs, outputs: outputs),
      bytesRead: inputs.reduce(0) { $0 + Int64($1?.byteCount ?? 0) },
      bytesWritten: outputs.reduce(0) { $0 + Int64($1.byteCount ?? 0) }
    )
  }
}
