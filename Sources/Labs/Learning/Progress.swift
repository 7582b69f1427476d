/// Where a learner stands, computed from the log alone.
package struct LabProgress: Sendable, Codable {
  /// One lab.
  package struct Standing: Sendable, Codable {
    package var lab: String
    /// Graded attempts that count.
    package var attempts: Int
    package var best: Int
    package var max: Int
    package var isPassed: Bool
    /// The tiers passed.
    package var tiers: [String]
  }
  package var standings: [Standing]

  /// Reads the events of one learner.
  package init(_ course: Course, learner: String, events: [EventLog.Event]) {
    standings = course.labs.map { lab in
      let graded = events.filter {
        $0.type == "graded" && $0.lab == lab.uuid && $0.learner == learner
          && $0.data["counts"] == "true"
      }
      let passed = graded.filter { $0.data["passed"] == "true" }
      var tiers: [String] = []
      for tier in passed.compactMap({ $0.data["tier"] }) where !tiers.contains(tier) {
        tiers.append(tier)
      }
      return Standing(
        lab: lab.id,
        attempts: graded.count,
        best: graded.compactMap { $0.data["points"].flatMap(Int.init) }.max() ?? 0,
        max: graded.compactMap { $0.data["max"].flatMap(Int.init) }.max()
          ?? lab.checks(at: lab.tiers[0]).reduce(0) { $0 + $1.points },
        isPassed: !passed.isEmpty,
        tiers: tiers
      )
    }
  }

  /// Labs that are open and not passed: those whose concepts others teach come after these. At most
  /// three, each with the concepts that it still needs.
  package func next(_ course: Course) -> [(lab: Lab, missing: [String])] {
    let done = Set(standings.filter(\.isPassed).map(\.lab))
    let known = Set(course.labs.filter { done.contains($0.id) }.flatMap(\.teaches))
    let taught = Set(course.labs.flatMap(\.teaches))
    let open = course.labs.filter { !done.contains($0.id) }.map { lab in
      (lab: lab, missing: lab.needs.filter { !known.contains($0) && taught.contains($0) })
    }
    let ready = open.filter(\.missing.isEmpty)
    return Array((ready + open.filter { !$0.missing.isEmpty }).prefix(3))
  }
}

/// Help in steps, each open after enough attempts.
package struct HintGate {
  /// What a learner gets.
  package enum Answer {
    case hint(step: Int, text: Localized)
    /// More attempts must be graded first.
    case attemptsNeeded(Int)
    /// The learner must first say what they think is wrong.
    case thoughtNeeded
    /// Every step has been given.
    case exhausted
  }

  /// The next step for a learner.
  /// - Parameters:
  ///   - given: how many steps the log says were given since the lab was started.
  ///   - attempts: checks and submissions that were graded since then.
  package static func next(_ lab: Lab, given: Int, attempts: Int, thought: String?) -> Answer {
    guard given < lab.hints.count else { return .exhausted }
    let step = lab.hints[given]
    guard attempts >= step.attempts else { return .attemptsNeeded(step.attempts - attempts) }
    // A few letters are no thought.
    guard !step.needsThought || (thought?.split(separator: " ").joined().count ?? 0) >= 8 else {
      return .thoughtNeeded
    }
    return .hint(step: given + 1, text: step.text)
  }
}
