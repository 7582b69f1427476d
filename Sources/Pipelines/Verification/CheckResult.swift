public import Diagnostics
public import Metrics
public import Reports

/// Whether a file is sound and equal to its source.
public struct CheckResult: Sendable, Codable {
  /// The checked file.
  public var model: String
  /// What it was compared with, if with another file.
  public var against: String?
  /// The checks in order.
  public var checks: [Check] = []
  /// Outputs, tensor by tensor.
  public var outputs: [String: TensorComparison] = [:]
  /// Every compared inner value, where that was asked for.
  public var layers: Divergence?
  /// Findings about the structure, warnings and notes.
  public var diagnostics: [Diagnostic] = []

  /// Whether every check holds.
  public var passes: Bool { checks.allSatisfy(\.passes) }

  init(model: String, against: String?) {
    self.model = model
    self.against = against
  }
}
