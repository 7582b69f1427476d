import Diagnostics
import Files

extension CaseGrader {
  /// What one answer came to.
  struct Judged {
    let item: Item
    let answer: Task.Answer?
    let expected: Task.Answer
    let judgement: Judgement?
    /// Why there is no answer.
    let problem: DeployError?

    var isRight: Bool { judgement?.isRight ?? false }
  }

  /// Reads and compares the answers of one check.
  func judged(_ check: CheckRecipe, _ items: [Item], _ bench: Workbench) throws -> [Judged] {
    let bands = Bands(check.bands(at: tier))
    return try items.map { item in
      let expected = try task.reference(item.problem)
      do {
        let answer = try task.read(bench.output(item.number), of: item.problem)
        let judgement = task.judge(answer, expected, item.problem, bands)
        return Judged(
          item: item,
          answer: answer,
          expected: expected,
          judgement: judgement,
          problem: nil
        )
      } catch let error as DeployError {
        return Judged(item: item, answer: nil, expected: expected, judgement: nil, problem: error)
      }
    }
  }

  func verdict(
    _ check: CheckRecipe,
    _ judged: [Judged],
    _ bands: Bands,
    _ outcome: RunOutcome,
    _ slot: Lab.Slot
  ) -> Verdict.Check {
    let doubtful = judged.filter { $0.judgement?.doubt != nil }
    // What is plainly wrong counts, however noisy the rest is.
    let plain = judged.filter { !$0.isRight && $0.judgement?.doubt == nil }
    if plain.isEmpty,
      let doubt = doubtful.first(where: { $0.judgement?.doubt?.isLack == true })
        ?? doubtful.first, outcome.ending == .exited(0)
    {
      return doubted(check, judged, doubt)
    }
    let wrong = judged.filter { !$0.isRight }
    let ending = outcome.ending.message(slot.limits)
    let hasDied = ending != nil && (wrong.isEmpty || wrong.contains { $0.answer == nil })
    // Of what is plainly wrong, if there is any: a noisy case shows nothing.
    let witness = (plain.isEmpty ? wrong : plain).min { left, right in
      // One with numbers says more than one without an answer.
      let (a, b) = (left.answer == nil ? 1 : 0, right.answer == nil ? 1 : 0)
      return a == b ? task.size(left.item.problem) < task.size(right.item.problem) : a < b
    }
    var result = Verdict.Check(
      id: check.id,
      status: hasDied ? .error : wrong.isEmpty ? .pass : .fail,
      points: wrong.isEmpty && !hasDied ? check.points : 0,
      maxPoints: check.points,
      trust: .rerun,
      concepts: check.concepts,
      passed: judged.count - wrong.count,
      cases: judged.count,
      measured: figures(witness, judged),
      diagnosis: [],
      message: nil
    )
    guard result.status != .pass else { return result }
    if let witness { result.witness = self.witness(witness) }
    result.message = hasDied ? ending : message(check, witness)
    let answered = judged.compactMap { item in
      item.answer.map { (item.item.problem, $0, item.expected, item.isRight) }
    }
    if answered.contains(where: { !$0.3 }) {
      result.diagnosis = Diagnosis.findings(task, answered, causes: check.hypotheses, bands: bands)
        .map {
          Verdict.Cause(
            mutant: $0.mutant,
            posterior: $0.posterior,
            explained: $0.explained,
            tried: $0.tried
          )
        }
    }
    return result
  }

  /// A check of which nothing can be said.
  private func doubted(
    _ check: CheckRecipe,
    _ judged: [Judged],
    _ witness: Judged
  ) -> Verdict.Check {
    let (status, words): (Verdict.Status, String) =
      switch witness.judgement?.doubt {
      case .unsupported(let words): (.unsupported, words)
      case .inconclusive(let words): (.inconclusive, words)
      case nil: (.inconclusive, "")
      }
    var result = Verdict.Check(
      id: check.id,
      status: status,
      points: 0,
      maxPoints: check.points,
      trust: .rerun,
      concepts: check.concepts,
      passed: judged.count { $0.isRight },
      cases: judged.count,
      measured: figures(witness, judged),
      diagnosis: [],
      message: Verdict.Message(id: "judged.\(status.rawValue)", params: ["problem": words])
    )
    result.witness = self.witness(witness)
    return result
  }

  /// The figures of the witness, or else the worst of each.
  private func figures(_ witness: Judged?, _ judged: [Judged]) -> [Verdict.Measured] {
    let source = witness?.judgement.map { [$0] } ?? judged.compactMap(\.judgement)
    var worst: [Judgement.Figure] = []
    for figure in source.flatMap(\.figures) {
      if let index = worst.firstIndex(where: { $0.name == figure.name }) {
        let isWorse =
          figure.rule == .atLeast
          ? figure.value < worst[index].value : figure.value > worst[index].value
        if isWorse { worst[index] = figure }
      } else {
        worst.append(figure)
      }
    }
    return worst.map {
      Verdict.Measured(name: $0.name, value: $0.value, rule: $0.rule.rawValue, limit: $0.limit)
    }
  }

  private func witness(_ judged: Judged) -> Verdict.Witness {
    Verdict.Witness(
      id: judged.item.id,
      title: task.title(judged.item.problem),
      place: judged.judgement?.place,
      replay: "vitrine lab replay \(judged.item.id)"
    )
  }

  private func message(_ check: CheckRecipe, _ witness: Judged?) -> Verdict.Message {
    guard let problem = witness?.problem else {
      return Verdict.Message(id: check.message, params: [:])
    }
    let isMissing = problem.id == .answerMissing || problem.id == .fileNotFound
    return Verdict.Message(
      id: isMissing ? "answer.missing" : "answer.malformed",
      params: ["problem": problem.diagnostics[0].message]
    )
  }
}

extension Judgement.Doubt {
  fileprivate var isLack: Bool { if case .unsupported = self { true } else { false } }
}
