public import Diagnostics
import Glibc

/// Something about an experiment that a learner may change, within bounds that keep it short and safe.
package struct WhyParameter: Sendable, Hashable {
  package let name: String
  /// The value that the question is asked for.
  package let initial: Double
  package let range: ClosedRange<Double>
  /// Values lie on steps of this size from the lower bound on.
  package let step: Double

  init(_ name: String, _ initial: Double, in range: ClosedRange<Double>, step: Double = 1) {
    (self.name, self.initial, self.range, self.step) = (name, initial, range, step)
  }

  /// Threads of the engine; 0 leaves the choice to it.
  static let threads = WhyParameter("threads", 0, in: 0...8)

  /// Whether a value lies within the bounds and on a step.
  func allows(_ value: Double) -> Bool {
    guard value.isFinite, range.contains(value) else { return false }
    let steps = (value - range.lowerBound) / step
    return abs(steps - steps.rounded()) < 1e-6
  }
}

/// A value for each parameter of an experiment.
package struct WhySettings: Sendable, Hashable, Codable {
  /// By the parameter's name.
  package let values: [String: Double]

  /// The question's own values, with some changed.
  /// - Throws: `lab.invalid-setting`.
  init(_ parameters: [WhyParameter], changing changes: [String: Double] = [:]) throws {
    var values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.initial) })
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        throw DeployError(
          .labInvalidSetting,
          "this experiment has no '\(name.prefix(40))'",
          remedy: parameters.isEmpty
            ? "it has nothing to set"
            : "set one of \(parameters.map(\.name).joined(separator: ", "))"
        )
      }
      guard parameter.allows(value) else {
        let (low, high) = (parameter.range.lowerBound, parameter.range.upperBound)
        throw DeployError(
          .labInvalidSetting,
          "\(name) cannot be \(Self.text(value))",
          remedy:
            "choose \(Self.text(low)) to \(Self.text(high)) in steps of \(Self.text(parameter.step))"
        )
      }
      values[name] = value
    }
    self.values = values
  }

  /// Reads `name=value`.
  /// - Throws: `lab.invalid-setting`.
  package static func changes(_ texts: [String]) throws -> [String: Double] {
    try texts.reduce(into: [:]) { changes, text in
      let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard halves.count == 2, let value = Double(halves[1]), value.isFinite,
        changes[halves[0]] == nil
      else {
        throw DeployError(
          .labInvalidSetting,
          "'\(text.prefix(60))' sets nothing, or sets it twice",
          remedy: "write name=number, each name once"
        )
      }
      changes[halves[0]] = value
    }
  }

  /// Names and values in order, `channels=32 spread=100`: what the log keeps.
  package var text: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.text($0.value))" }
      .joined(separator: " ")
  }

  /// A value; the experiment names its own parameters only.
  subscript(_ name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("no parameter \(name)") }
    return value
  }

  func count(_ name: String) -> Int { Int(self[name].rounded()) }

  /// The number of threads; nil where the engine chooses.
  var threads: Int? { count("threads") == 0 ? nil : count("threads") }

  /// A number without needless digits.
  static func text(_ value: Double) -> String {
    guard value != value.rounded() || abs(value) >= 1e9 else { return "\(Int(value))" }
    // Steps of a tenth are not exact in binary.
    return "\((value * 1e6).rounded() / 1e6)"
  }
}

extension Diagnostic.ID {
  /// A setting that an experiment does not have, or that lies out of bounds.
  public static let labInvalidSetting: Self = "lab.invalid-setting"
}
