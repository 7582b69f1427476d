import Diagnostics
import Glibc

/// The remainder of a / b: with the sign of b, or with `fmod` that of a.
/// Source: ONNX Mod, opset 21.
public struct Mod: ElementwiseBinary {
  /// The ONNX `op_type`.
  public static let name = "Mod"
  /// Whether the result has the sign of the dividend, as in C.
  public let fmod: Bool
  /// Creates the operator.
  public init(fmod: Bool = false) { self.fmod = fmod }
  /// Reads `fmod`.
  public init(attributes: Attributes, outputCount: Int) throws {
    fmod = try attributes.int("fmod", default: 0) != 0
  }
  /// `fmod`.
  public var attributes: [String: Attribute] { ["fmod": .int(fmod ? 1 : 0)] }
  /// The remainder.
  public func apply(_ a: Double, _ b: Double) -> Double {
    let remainder = Glibc.fmod(a, b)
    return !fmod && remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  }
  /// The remainder.
  /// - Throws: `graph.invalid-operand` for division by zero.
  public func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64 {
    guard b != 0 else { throw DeployError.operand("integer \(a) is divided by zero") }
    let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
    return !fmod && remainder != 0 && (remainder < 0) != (b < 0) ? remainder &+ b : remainder
  }
}
