/// Computes an assessment from a learner's events. Pure: the same events give the same result.
package struct AssessmentMaker {
  let course: Course
  let learner: String
  /// The learner's own.
  let events: [EventLog.Event]
  /// Everybody's: what is rare is seen by what others did.
  let cohort: [EventLog.Event]

  /// - Parameter events: of the whole log. Of others only what they chose and what they answered to the learner's reviews is looked at.
  package init(course: Course, learner: String, events: [EventLog.Event]) {
    self.course = course
    self.learner = learner
    self.events = events.filter { $0.learner == learner }
    cohort = events
  }

  /// The assessment.
  package func assessment() -> Assessment {
    let criteria = course.rubrics.map(criterion)
    let dimensions = Rubric.Dimension.allCases.map { id in
      let levels = criteria.filter { $0.dimension == id }.compactMap(\.level)
      let mean = levels.isEmpty ? 0 : levels.reduce(0, +) / levels.count
      return Assessment.Dimension(
        id: id,
        level: levels.count >= 2 ? mean : nil,
        known: levels.count
      )
    }
    return Assessment(
      learner: learner,
      course: course.version,
      criteria: criteria,
      dimensions: dimensions,
      badge: Self.badge(dimensions.map(\.level))
    )
  }

  /// Basic: every dimension at 2, two at 3. Advanced: 3 and 3. Expert: 3 and two at 4.
  static func badge(_ levels: [Int?]) -> String? {
    let known = levels.compactMap(\.self)
    guard known.count == 3 else { return nil }
    func reaches(_ all: Int, _ two: Int) -> Bool {
      known.allSatisfy { $0 >= all } && known.count { $0 >= two } >= 2
    }
    return reaches(3, 4) ? "expert" : reaches(3, 3) ? "advanced" : reaches(2, 3) ? "basic" : nil
  }

  private func criterion(_ rubric: Rubric) -> Assessment.Criterion {
    let evidence = self.evidence(rubric)
    let weight = evidence.reduce(0) { $0 + $1.weight }
    let value = weight > 0 ? evidence.reduce(0) { $0 + $1.weight * $1.value } / weight : nil
    return Assessment.Criterion(
      id: rubric.id,
      dimension: rubric.dimension,
      value: value,
      computedLevel: evidence.count { $0.weight > 0 } >= rubric.least
        ? value.map(rubric.level) : nil,
      least: rubric.least,
      override: override(rubric.id),
      evidence: evidence
    )
  }

  private func evidence(_ rubric: Rubric) -> [Assessment.Evidence] {
    switch rubric.method {
    case .labs: labs(rubric.sources)
    case .repairs: repairs()
    case .runs: runs()
    case .predictions: predictions().map(\.evidence)
    case .analysis: analysis(rubric.sources)
    case .readmes: readmes()
    case .reviews: reviews()
    case .ideas: ideas()
    case .person: []
    }
  }

  func graded(_ lab: Lab) -> [EventLog.Event] {
    events.filter { $0.type == "graded" && $0.lab == lab.uuid && $0.data["counts"] == "true" }
  }

  private static func share(_ event: EventLog.Event) -> Double {
    let points = event.data["points"].flatMap(Double.init) ?? 0
    let most = event.data["max"].flatMap(Double.init) ?? 0
    return most > 0 ? min(1, max(0, points / most)) : 0
  }

  /// How much a full result counts at a tier: 0.7 at the first, 0.85 at the second, 1 at the third.
  static func tierWeight(_ name: String?) -> Double {
    switch name {
    case "expert": 1
    case "advanced": 0.85
    default: 0.7
    }
  }

  func evidence(_ event: EventLog.Event, _ lab: Lab, _ value: Double) -> Assessment.Evidence {
    Assessment.Evidence(
      subject: lab.id,
      value: value,
      weight: 1,
      attempt: event.data["attempt"].flatMap(Int.init),
      tier: event.data["tier"],
      verdict: event.data["verdict"],
      event: event.number,
      figures: "\(event.data["points"] ?? "?")/\(event.data["max"] ?? "?")"
    )
  }

  /// Of each lab the best attempt: share of points × weight of its tier.
  private func labs(_ sources: [Rubric.Source]) -> [Assessment.Evidence] {
    sources.compactMap { source in
      guard let lab = course.lab(source.lab) else { return nil }
      let valued = graded(lab).map { ($0, Self.share($0) * Self.tierWeight($0.data["tier"])) }
      // The first of equals.
      guard let best = valued.max(by: { $0.1 == $1.1 ? $0.0.number > $1.0.number : $0.1 < $1.1 })
      else { return nil }
      var result = evidence(best.0, lab, best.1)
      result.weight = source.weight
      return result
    }
  }

  /// Of each lab in which an attempt failed: 0 while it is not repaired; otherwise 1, less 0.1 for each
  /// failure after the first and 0.15 for each hint after the first, but not below 0.4.
  private func repairs() -> [Assessment.Evidence] {
    course.labs.compactMap { lab in
      let attempts = graded(lab)
      guard let failed = attempts.firstIndex(where: { $0.data["passed"] != "true" }) else {
        return nil
      }
      let repaired = attempts[failed...].first { $0.data["passed"] == "true" }
      let last = repaired ?? attempts[attempts.count - 1]
      let failures = attempts[failed...].count {
        $0.number < last.number || ($0.number == last.number && repaired == nil)
      }
      let hints = events.count {
        $0.type == "hinted" && $0.lab == lab.uuid && $0.number < last.number
      }
      let cost = 0.1 * Double(failures - 1) + 0.15 * Double(max(0, hints - 1))
      var result = evidence(last, lab, repaired == nil ? 0 : max(0.4, 1 - cost))
      result.figures = "\(failures) ✗, \(hints) hints" + (repaired == nil ? "" : ", ✓")
      return result
    }
  }

  /// Of each lab: the share of attempts in which no program died, failed to compile or left foreign files.
  private func runs() -> [Assessment.Evidence] {
    course.labs.compactMap { lab in
      let attempts = graded(lab).filter { $0.data["checks"] != nil }
      guard let last = attempts.last else { return nil }
      let whole = attempts.count { event in
        !CheckOutcome.read(event.data["checks"] ?? "").contains { $0.status == .error }
      }
      var result = evidence(last, lab, Double(whole) / Double(attempts.count))
      result.figures = "\(whole)/\(attempts.count)"
      return result
    }
  }

  /// A locked prediction with what came out.
  struct Prediction {
    var evidence: Assessment.Evidence
    var isWithin: Bool
  }

  /// Of each answered question: 1 less half the error in tolerances, so 0.5 at the tolerance and 0 at
  /// twice that. The first answer counts.
  func predictions() -> [Prediction] {
    course.questions.compactMap { question in
      guard let answer = events.first(where: { $0.type == "answered" && $0.lab == question.id }),
        let found = answer.data["value"].flatMap(Double.init), found.isFinite,
        let said = answer.data["predicted"].flatMap(Double.init), said.isFinite
      else { return nil }
      let error = abs(found - said)
      let scale = max(question.tolerance, 1e-9)
      let figures = "\(VerdictText.decimal(said, 2)) → \(VerdictText.decimal(found, 2))"
      return Prediction(
        evidence: Assessment.Evidence(
          subject: question.id,
          value: max(0, 1 - 0.5 * error / scale),
          weight: 1,
          event: answer.number,
          figures: "\(figures) ± \(VerdictText.decimal(question.tolerance, 2))"
        ),
        isWithin: error <= question.tolerance
      )
    }
  }

  private func analysis(_ sources: [Rubric.Source]) -> [Assessment.Evidence] {
    labs(sources)
      + predictions().map { prediction in
        var evidence = prediction.evidence
        evidence.value = prediction.isWithin ? 1 : 0
        return evidence
      }
  }

  /// The last word of a person; one without a level takes it back.
  private func override(_ criterion: String) -> Assessment.Override? {
    guard
      let event = events.last(where: {
        $0.type == "overridden" && $0.data["criterion"] == criterion
      }), let level = event.data["level"].flatMap(Int.init), (0...4).contains(level)
    else { return nil }
    return Assessment.Override(
      level: level,
      reason: event.data["reason"] ?? "",
      by: event.data["by"] ?? "",
      time: event.time,
      event: event.number
    )
  }
}
