extension PipeliningTask {
  static let taughtForms: Set<String> = ["threads: slowest stage first; queue 1"]

  /// Where the spare threads went, and how long queues are; the gain is the time between results that one thread for each stage
  /// would take more. That time is stated: stages only wait.
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice? {
    let best = Self.best(problem.stages, problem.threads)
    let used = answer.workers.reduce(0, +)
    let gap = zip(problem.stages, answer.workers).map { $0.ms / Double($1) }.max() ?? 0
    let threads: String
    if answer.workers == best.workers {
      threads = "slowest stage first"
    } else if gap <= best.gap * 1.001 {
      threads = used < best.workers.reduce(0, +) ? "as fast with fewer" : "as fast otherwise"
    } else {
      threads = used < problem.threads ? "some unused" : "spread"
    }
    let queue =
      switch answer.capacity {
      case 1: "1"
      case 2: "2"
      case 3...4: "3-4"
      default: "5+"
      }
    let plain = problem.stages.map(\.ms).max() ?? 0
    let measured = measuredGap(answer, problem)
    return CaseChoice(
      features: "threads: \(threads); queue \(queue)",
      gain: measured.flatMap { plain > 0 ? 1 - $0 / plain : nil }
    )
  }
}
