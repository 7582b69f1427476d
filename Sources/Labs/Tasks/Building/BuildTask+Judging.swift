extension BuildTask {
  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    func figure(_ name: String, _ isWrong: Bool) -> Judgement.Figure {
      .init(name: name, value: isWrong ? 1 : 0, rule: .atMost, limit: 0)
    }
    var figures = [
      figure("plan-missing-or-too-much", answer.hasPlan != expected.hasPlan),
      figure("plan-unreadable", answer.problem != nil),
    ]
    var place = answer.problem
    if answer.hasPlan != expected.hasPlan {
      place = answer.hasPlan ? "a plan of a broken model" : "no plan"
    }
    if expected.hasPlan {
      let wrong = answer.wrongOptions.sorted().joined(separator: ", ")
      figures += [
        figure("of-another-model", !answer.isOfModel),
        .init(
          name: "wrong-options",
          value: Double(answer.wrongOptions.count),
          rule: .atMost,
          limit: 0
        ),
        .init(
          name: "untrue-statements",
          value: Double(answer.untrue.count),
          rule: .atMost,
          limit: 0
        ),
        figure("rebuild-differs", !answer.isRebuilt), figure("timed-anew", answer.timesAnew),
      ]
      place =
        place ?? (wrong.isEmpty ? nil : "options: \(wrong)")
        ?? answer.untrue.first.map { "manifest: \($0)" }
        ?? (answer.timesAnew ? "cache.json" : nil)
      if let memory = problem.memory {
        figures.append(
          .init(name: "memory", value: Double(answer.memory), rule: .atMost, limit: Double(memory))
        )
        figures.append(
          .init(
            name: "workspace",
            value: Double(answer.workspace),
            rule: .atLeast,
            limit: Double(expected.workspace)
          )
        )
        place = place ?? "workspace \(answer.workspace) B, together \(answer.memory) B"
      }
    } else {
      figures.append(figure("wrong-error", answer.manifest.error != expected.manifest.error))
      place =
        place ?? "\(answer.manifest.error?.prefix(60) ?? "–") ≠ \(expected.manifest.error ?? "–")"
    }
    let result = Judgement(figures: figures, place: place)
    return result.isRight ? Judgement(figures: figures, place: nil) : result
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func shows(
      _ id: String,
      _ test: @escaping @Sendable (Answer, Problem) -> Bool
    ) -> Hypothesis<Problem, Answer> {
      .shows(id) { answer, problem in answer.hasPlan && test(answer, problem) }
    }
    return [
      shows("threads-left-out") { answer, _ in answer.unstated.contains("threads") },
      shows("precision-left-out") { answer, _ in answer.unstated.contains("precision") },
      shows("workspace-left-out") { answer, _ in answer.unstated.contains("workspace") },
      shows("cache-not-kept") { answer, _ in answer.timesAnew && answer.unstated.isEmpty },
      shows("plan-digest-wrong") { answer, _ in answer.untrue == ["plan"] },
      .shows("stale-plan") { answer, problem in
        // Where the model is sound, the mistake does not show.
        problem.isBroken ? answer.hasPlan && !answer.isOfModel : answer.hasPlan
      },
      .shows("error-not-said") { answer, problem in
        problem.isBroken ? !answer.hasPlan && answer.manifest.error == nil : answer.hasPlan
      },
      .shows("values-not-counted") { answer, problem in
        guard let memory = problem.memory else { return false }
        // The largest that fits by itself.
        let alone = Self.workspaces.map(Self.bytes).last { $0 <= memory }
        return answer.workspace == alone
      },
      .shows("smallest-chosen") { answer, problem in
        problem.memory != nil && answer.workspace == Self.bytes(Self.workspaces[0])
      },
    ]
  }
}
