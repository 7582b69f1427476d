import Diagnostics
import Tensors

/// x where x ≥ 0, else slope · x; the slope broadcasts to X. Source: ONNX PRelu, opset 16.
public struct PRelu: ElementwiseBinary {
  /// The ONNX `op_type`.
  public static let name = "PRelu"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let slope: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: true)
    try checkSame(x.scalarType, slope.scalarType, of: Self.name)
    let shape = try broadcast(x.dimensions, slope.dimensions)
    guard shape.count == x.rank, TensorType(x.scalarType, shape).isCompatible(with: x) else {
      throw DeployError.operand("PRelu's slope \(slope) does not broadcast to \(x)")
    }
    return [x]
  }
  /// x or slope · x.
  public func apply(_ a: Double, _ b: Double) -> Double { a < 0 ? a * b : a }
  /// The same, wrapping.
  public func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64 { a < 0 ? a &* b : a }
}
