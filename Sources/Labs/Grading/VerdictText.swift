package import Reports

/// A verdict in the words of one language.
///
/// Every failure says what was measured, what was needed, the smallest case that shows it, how to
/// replay it, the concept, and the likeliest cause with what supports it or that none is known.
package struct VerdictText {
  let course: Course
  let lab: Lab
  let language: ReportLanguage

  package init(course: Course, lab: Lab, language: ReportLanguage) {
    self.course = course
    self.lab = lab
    self.language = language
  }

  /// A paragraph: a heading and lines below it.
  package struct Part {
    package var status: Verdict.Status
    package var heading: String
    package var lines: [String]
  }

  /// One part for each check.
  package func parts(_ verdict: Verdict) -> [Part] {
    // One run may have spoilt several checks; what the program said is said once.
    let firstBroken = verdict.checks.first { $0.status == .error }?.id
    return verdict.checks.map { part($0, verdict, showsErrors: $0.id == firstBroken) }
  }

  /// `31 of 40 points …` and what is still hidden.
  package func summary(_ verdict: Verdict) -> [String] {
    let passed = verdict.checks.count { $0.status == .pass }
    var lines = [
      say(
        "summary",
        [
          "passed": "\(passed)", "checks": "\(verdict.checks.count)",
          "points": "\(verdict.score.points)", "max": "\(verdict.score.max)",
          "seconds": Self.decimal(verdict.seconds, 1),
        ]
      )
    ]
    lines += documentation(verdict) + choice(verdict)
    let isolation = verdict.grader.isolation?.rawValue ?? "none"
    let trust = verdict.grader.measuredBy == "server" ? "summary.trust-server" : "summary.trust"
    lines.append(say(trust, ["trust": "T2", "isolation": isolation]))
    if verdict.mode == Grader.Mode.quick.rawValue {
      lines.append(
        say(
          "summary.quick",
          ["all": "\(lab.checks(at: lab.tier(verdict.tier) ?? lab.tiers[0]).count)"]
        )
      )
    } else if verdict.mode == Grader.Mode.check.rawValue {
      lines.append(say("summary.public"))
    } else {
      lines.append(
        say(
          "summary.submitted",
          [
            "attempt": "\(verdict.attempt)",
            "commitment": String(verdict.variant.commitment.prefix(19)),
          ]
        )
      )
    }
    return lines
  }

  private func part(_ check: Verdict.Check, _ verdict: Verdict, showsErrors: Bool) -> Part {
    let recipe = lab.checks.first { $0.id == check.id }
    let name = recipe?.names[language] ?? check.id
    let heading =
      "\(name) (\(check.id)) · "
      + say("points", ["points": "\(check.points)", "max": "\(check.maxPoints)"])
    guard check.status != .pass else {
      return Part(
        status: .pass,
        heading: heading,
        lines: [say("cases.right", ["passed": "\(check.passed)", "cases": "\(check.cases)"])]
      )
    }
    return Part(
      status: check.status,
      heading: heading,
      lines: failureLines(check, verdict, showsErrors: showsErrors)
    )
  }

  /// The lines of a failure; each of the six is always there.
  func failureLines(
    _ check: Verdict.Check,
    _ verdict: Verdict,
    showsErrors: Bool = true
  ) -> [String] {
    var lines: [String] = []
    if let message = check.message { lines.append(say(message.id, message.params)) }
    if let run = verdict.runs.first(where: { $0.ending != "exit 0" && !$0.errors.isEmpty }),
      check.status == .error, showsErrors
    {
      lines.append(say(check.message?.id == "run.not-compiled" ? "run.compiler" : "run.errors"))
      lines += run.errors.split(separator: "\n").suffix(6).map { "  │ \($0)" }
    }
    let figures = check.measured.map { "\($0.name) = \(Self.figure($0.value))" }
    let limits = check.measured.map {
      "\($0.name) \($0.rule == "min" ? "≥" : "≤") \(Self.figure($0.limit))"
    }
    let cases = say("cases.right", ["passed": "\(check.passed)", "cases": "\(check.cases)"])
    lines.append(say("measured", ["figures": ([cases] + figures).joined(separator: "; ")]))
    let needed = [say("cases.all", ["cases": "\(check.cases)"])] + limits
    lines.append(say("needed", ["limits": needed.joined(separator: "; ")]))
    if let witness = check.witness {
      let place = witness.place.map { ": \($0)" } ?? ""
      lines.append(say("witness", ["witness": "\(witness.id), \(witness.title)\(place)"]))
      lines.append(say("replay", ["command": witness.replay]))
    } else {
      lines.append(say("witness", ["witness": say("witness.none")]))
      lines.append(say("replay", ["command": "vitrine lab check"]))
    }
    for id in check.concepts.prefix(1) {
      if let concept = course.concept(id) {
        lines.append(
          say("concept", ["name": concept.names[language], "text": concept.summary[language]])
        )
      }
    }
    lines.append(cause(check))
    return lines
  }

  private func cause(_ check: Verdict.Check) -> String {
    guard let first = check.diagnosis.first else {
      return say(check.witness?.place == nil ? "cause.untested" : "cause.none")
    }
    return say(
      "cause",
      [
        "cause": say("cause.\(first.mutant)"), "explained": "\(first.explained)",
        "tried": "\(first.tried)", "posterior": Self.decimal(first.posterior * 100, 0),
      ]
    )
  }

  func say(_ id: String, _ values: [String: String] = [:]) -> String {
    course.messages.text(id, values, in: language)
  }

  static func figure(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "∞" : "-∞" }
    return abs(value) >= 0.001 || value == 0 ? decimal(value, 4) : "\(Float(value))"
  }

  static func decimal(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    guard value.isFinite, abs(value) * scale < 1e15 else { return "\(value)" }
    let digits = String(Int64((abs(value) * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 ? "-" : ""
    return places == 0
      ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }
}
