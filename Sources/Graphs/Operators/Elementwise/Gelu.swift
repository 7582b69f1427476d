import Diagnostics
import Glibc

/// x · Φ(x), Φ being the normal distribution, or its tanh approximation.
/// Source: ONNX Gelu, opset 20.
public struct Gelu: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Gelu"
  /// Whether tanh approximates the normal distribution.
  public let isApproximate: Bool
  /// Creates the operator.
  public init(isApproximate: Bool = false) { self.isApproximate = isApproximate }
  /// Reads `approximate`: `none` or `tanh`.
  public init(attributes: Attributes, outputCount: Int) throws {
    let text = try attributes.string("approximate", default: "none")
    guard text == "none" || text == "tanh" else {
      throw DeployError.attribute("approximate is '\(text)', neither 'none' nor 'tanh'")
    }
    isApproximate = text == "tanh"
  }
  /// `approximate`.
  public var attributes: [String: Attribute] {
    ["approximate": .string(isApproximate ? "tanh" : "none")]
  }
  /// x · Φ(x).
  public func apply(_ x: Double) -> Double {
    guard isApproximate else { return 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
    let inner = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
    return 0.5 * x * (1 + tanh(inner))
  }
}
