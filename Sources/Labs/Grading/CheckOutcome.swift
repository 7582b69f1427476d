/// How one check of a submission ended, as the log keeps it: `parity=fail:channels-swapped`.
package struct CheckOutcome: Sendable, Hashable {
  package var check: String
  package var status: Verdict.Status
  /// The likeliest known cause; nil where none was found or looked for.
  package var cause: String?

  /// All checks of a verdict, separated by spaces.
  static func text(_ verdict: Verdict) -> String {
    verdict.checks.map { check in
      let cause = check.diagnosis.first.map { ":\($0.mutant)" } ?? ""
      return "\(check.id)=\(check.status.rawValue)\(cause)"
    }.joined(separator: " ")
  }

  /// Reads what the log keeps; what is not in this form is left out.
  package static func read(_ text: String) -> [CheckOutcome] {
    text.split(separator: " ").compactMap { part in
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      let ending = halves[1].split(separator: ":", maxSplits: 1)
      guard let status = ending.first.flatMap({ Verdict.Status(rawValue: String($0)) }) else {
        return nil
      }
      let cause = ending.count == 2 ? String(ending[1]) : nil
      return CheckOutcome(check: String(halves[0]), status: status, cause: cause)
    }
  }
}
