import Diagnostics

extension Array {
  /// The operand at `index`.
  /// - Throws: `graph.invalid-operand` when it is left out.
  func required<Wrapped>(
    _ index: Int,
    of operatorName: String
  ) throws -> Wrapped where Element == Wrapped? {
    guard index < count, let operand = self[index] else {
      throw DeployError(.graphInvalidOperand, "\(operatorName) needs operand \(index)")
    }
    return operand
  }

  /// The operand at `index`, or nil when it is left out.
  func optional<Wrapped>(_ index: Int) -> Wrapped? where Element == Wrapped? {
    index < count ? self[index] : nil
  }
}
