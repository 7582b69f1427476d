extension BuildTask {
  static let taughtForms: Set<String> = ["workspace: the largest that fits"]

  /// Only the cap leaves a choice, among five sizes. What it brings in time is not measured here: plans are never run.
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice? {
    guard let memory = problem.memory, answer.hasPlan else { return nil }
    let values = answer.memory - answer.workspace
    let fitting = Array(
      Self.workspaces.map(Self.bytes).filter { $0 + values <= memory }.reversed()
    )
    let size =
      switch fitting.firstIndex(of: answer.workspace) {
      case 0: "the largest that fits"
      case let steps?: "\(steps) below the largest"
      case nil: fitting.contains { $0 > answer.workspace } ? "of another size" : "too large"
      }
    return CaseChoice(features: "workspace: \(size)", gain: nil)
  }
}
