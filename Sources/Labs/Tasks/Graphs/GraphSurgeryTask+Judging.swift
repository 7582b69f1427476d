import Metrics

extension GraphSurgeryTask {
  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let problems = answer.parts.flatMap(\.problems)
    let seen = Differences(answer, expected)
    let names = Self.wrongNames(answer, expected)
    let (error, place) = Self.error(answer, expected)
    func none(_ name: String, _ count: Int) -> Judgement.Figure {
      .init(name: name, value: Double(count), rule: .atMost, limit: 0)
    }
    var result = Judgement(figures: [
      none("onnx-problems", problems.count),
      none("wrong-names", names.count),
      none("nodes-lost", seen.lost.count),
      none("nodes-left-over", seen.extra.count),
      none("unused-weights", answer.parts.reduce(0) { $0 + $1.unusedWeights }),
      .init(name: "error", value: error, rule: .atMost, limit: bands("parity", or: 0)),
    ])
    guard !result.isRight else { return result }
    let nodes =
      seen.extra.first.map { "\($0) is left over" } ?? seen.lost.first.map { "\($0) is missing" }
    let weights = answer.parts.first { $0.unusedWeights > 0 }.map {
      "\($0.unusedWeights) constants that no node reads"
    }
    result.place = problems.first ?? names.first ?? nodes ?? weights ?? place
    return result
  }

  /// Nodes by the part that they are in: `0 conv3`.
  private struct Differences {
    let lost: [String]
    let extra: [String]

    init(_ answer: Answer, _ expected: Answer) {
      func list(_ answer: Answer) -> [String] {
        answer.parts.enumerated().flatMap { part in
          part.element.nodes.map { answer.parts.count > 1 ? "\(part.offset) \($0.name)" : $0.name }
        }
      }
      let (own, right) = (list(answer), list(expected))
      (lost, extra) = (right.filter { !own.contains($0) }, own.filter { !right.contains($0) })
    }
  }

  private static func wrongNames(_ answer: Answer, _ expected: Answer) -> [String] {
    zip(answer.parts, expected.parts).flatMap { own, right in
      var wrong: [String] = []
      // The order of what goes from one part to the other is free.
      if Set(own.inputs) != Set(right.inputs) {
        wrong.append("inputs \(own.inputs) ≠ \(right.inputs)")
      }
      if Set(own.outputs) != Set(right.outputs) || own.outputs.count != right.outputs.count {
        wrong.append("outputs \(own.outputs) ≠ \(right.outputs)")
      }
      return wrong
    }
  }

  /// The largest difference over the largest magnitude, and where it is.
  private static func error(_ answer: Answer, _ expected: Answer) -> (Double, String?) {
    guard let results = answer.results, let right = expected.results else {
      return (.infinity, "it does not run")
    }
    var (worst, place): (Double, String?) = (0, nil)
    for (name, numbers) in right {
      guard let own = results[name], own.count == numbers.count else {
        return (.infinity, "'\(name)' is not computed")
      }
      let largest = numbers.reduce(Float(1e-9)) { max($0, abs($1)) }
      for (index, (value, truth)) in zip(own, numbers).enumerated() {
        let error = value.isFinite ? Double(abs(value - truth) / largest) : .infinity
        if error > worst {
          (worst, place) = (error, "'\(name)', number \(index): \(value) ≠ \(truth)")
        }
      }
    }
    return (worst, place)
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .shows("weights-kept") { answer, _ in
        answer.parts.allSatisfy(\.problems.isEmpty)
          && answer.parts.contains { $0.unusedWeights > 0 } && answer.results != nil
      },
      .shows("dead-kept") { answer, problem in
        // Nothing was taken out.
        answer.parts[0].nodes.count >= problem.network.nodes.count
      },
      .shows("readers-not-renamed") { answer, problem in
        problem.orders.at == nil && !answer.parts[0].problems.isEmpty
          && answer.parts[0].problems[0].contains("'image'")
      },
      .shows("names-kept") { answer, problem in
        guard let outputs = problem.orders.outputs else { return false }
        return answer.parts[0].problems.isEmpty
          && Set(answer.parts[0].outputs) == Set(outputs.map(\.value))
      },
      .make("cut-too-early") { problem in
        guard let outputs = problem.orders.outputs, outputs.count == 1,
          let step = problem.network.nodes.first(where: { $0.name == outputs[0].value })
        else { return nil }
        var other = problem
        other.orders.outputs?[0].value = step.inputs[0]
        return try GraphSurgeryTask().reference(other)
      },
      .shows("skip-forgotten") { answer, problem in
        guard let at = problem.orders.at, answer.parts.count == 2 else { return false }
        return answer.parts[0].outputs == [at]
      },
      .shows("computed-twice") { answer, problem in
        guard problem.orders.at != nil, answer.parts.count == 2 else { return false }
        let first = Set(answer.parts[0].nodes.map(\.name))
        return answer.parts[1].nodes.contains { first.contains($0.name) }
      },
    ]
  }
}
