/// Which known cause fits a set of answers.
struct Diagnosis {
  /// What the cases say about one cause.
  struct Finding: Sendable, Hashable, Codable {
    let mutant: String
    /// How likely it is among the causes tried and "none of them", all equally likely beforehand.
    let posterior: Double
    /// Cases that fit it, of those tried.
    let explained: Int
    let tried: Int
  }

  /// The chance that a case contradicts a true cause, or fits a wrong one, by accident.
  private static let slip = 0.02

  /// Tries each cause on each case: a failing case fits where the cause explains the answer, a passing
  /// one where the cause would not have shown there.
  /// - Returns: the causes by falling likelihood; empty where none is likelier than "none of them".
  static func findings<Task: CaseTask>(
    _ task: Task,
    _ cases: [(problem: Task.Problem, answer: Task.Answer, expected: Task.Answer, isRight: Bool)],
    causes: [String],
    bands: Bands
  ) -> [Finding] {
    let failing = cases.filter { !$0.isRight }.prefix(12)
    let passing = cases.filter(\.isRight).prefix(6)
    let hypotheses = task.hypotheses.filter { causes.contains($0.id) }
    var weights: [(id: String, weight: Double, explained: Int)] = []
    let all = Array(failing) + Array(passing)
    for hypothesis in hypotheses {
      var (weight, explained) = (1.0, 0)
      for item in all {
        let fits = Self.fits(task, hypothesis, item, bands)
        weight *= fits ? 1 - slip : slip
        if fits { explained += 1 }
      }
      weights.append((hypothesis.id, weight, explained))
    }
    let tried = failing.count + passing.count
    // "None of them" makes a case fit or not with equal chances.
    let other = (0..<tried).reduce(1.0) { weight, _ in weight / 2 }
    let sum = weights.reduce(other) { $0 + $1.weight }
    return weights.filter { $0.weight > other && sum > 0 }
      .sorted { $0.weight > $1.weight }
      .map {
        Finding(mutant: $0.id, posterior: $0.weight / sum, explained: $0.explained, tried: tried)
      }
  }

  private static func fits<Task: CaseTask>(
    _ task: Task,
    _ hypothesis: Hypothesis<Task.Problem, Task.Answer>,
    _ item: (problem: Task.Problem, answer: Task.Answer, expected: Task.Answer, isRight: Bool),
    _ bands: Bands
  ) -> Bool {
    switch hypothesis.test {
    case .undo(let undo):
      // Where there is nothing to undo, the mistake does not show: that fits a right answer.
      guard let mended = try? undo(item.answer, item.problem) else { return item.isRight }
      return task.judge(mended, item.expected, item.problem, bands).isRight
    case .make(let make):
      guard let spoilt = try? make(item.problem) else { return item.isRight }
      return task.judge(item.answer, spoilt, item.problem, bands).isRight
    case .shows(let shows): return shows(item.answer, item.problem)
    case .solves(let change):
      guard let other = try? change(item.problem), let truth = try? task.reference(other) else {
        return item.isRight
      }
      return task.judge(item.answer, truth, other, bands).isRight
    }
  }
}
