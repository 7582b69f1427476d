import Diagnostics
import Files
import Glibc
import Metrics

/// Draws cases, lets the learner's program solve them, and compares.
struct CaseGrader<Task: CaseTask> {
  let task: Task
  let lab: Lab
  let tier: Lab.Tier
  /// Those slots of the lab whose cases are of this task.
  let slots: [Lab.Slot]
  let submission: Submission
  var seed: VariantSeed
  /// Whether only the few cases of quick checks are drawn.
  var isQuick: Bool
  let hidden: [String]
  var tools: String?
  var startsStrong = true
  /// One case only, as `check/number`; for replaying it.
  var only: String?
  /// Whether what was chosen is looked at, which may take measurements of its own.
  var looksAtChoices = false

  /// What came out.
  struct Result {
    var checks: [Verdict.Check] = []
    var runs: [Verdict.Run] = []
    var isolation: IsolationLevel?
    /// What right answers chose, where their task leaves a choice.
    var choices: [CaseChoice] = []
  }

  /// One case with its place.
  struct Item {
    let check: CheckRecipe
    let index: Int
    /// Its folder's number.
    let number: Int
    let problem: Task.Problem

    var id: String { "\(check.id)/\(index)" }
  }

  func grade() throws -> Result {
    var result = Result()
    for slot in slots {
      let checks = lab.checks(at: tier).filter {
        $0.slot == slot.name && (!isQuick || $0.quickCount > 0)
          && (only == nil || only?.hasPrefix($0.id + "/") == true)
      }
      if !checks.isEmpty { try grade(slot, checks, into: &result) }
    }
    return result
  }

  /// The cases of some checks, in order.
  func items(_ checks: [CheckRecipe]) throws -> [Item] {
    var items: [Item] = []
    for check in checks {
      var random = seed.random("\(check.id)/\(check.group)")
      for index in 1...(isQuick ? check.quickCount : check.caseCount) {
        let problem = try task.problem(check.group, index: index, random: &random)
        let item = Item(check: check, index: index, number: items.count + 1, problem: problem)
        if only == nil || only == item.id { items.append(item) }
      }
    }
    return items
  }

  private func grade(_ slot: Lab.Slot, _ checks: [CheckRecipe], into result: inout Result) throws {
    guard let command = try submission.command(of: slot.name, among: lab.slots.map(\.name)) else {
      result.checks += checks.map { failed($0, "run.no-program", ["slot": slot.name]) }
      return
    }
    let items = try items(checks)
    let bench = Workbench(
      folder: try TemporaryFolder(),
      limits: slot.limits,
      hidden: hidden,
      tools: tools,
      startsStrong: startsStrong
    )
    try task.furnish(bench.path)
    try submission.write(to: bench.path + "/program")
    for item in items {
      try Folder.create(bench.input(item.number))
      try Folder.create(bench.output(item.number))
      try task.write(item.problem, to: bench.input(item.number))
    }
    let problems = items.map { (Workbench.name($0.number), $0.problem) }
    let conversation = try task.conversation(
      about: Dictionary(uniqueKeysWithValues: problems),
      in: bench.path
    )
    bench.handOver()
    let (words, failure) = try bench.prepare(command)
    try conversation?.start()
    defer { conversation?.stop() }
    let outcome = try failure ?? bench.run(words)
    conversation?.stop()
    result.isolation = result.isolation ?? outcome.isolation
    result.runs.append(
      Verdict.Run(
        slot: slot.name,
        command: words,
        ending: outcome.ending.words,
        seconds: outcome.seconds,
        limitSeconds: (failure == nil ? slot.limits : SwiftCompiler.limits).wallSeconds,
        errors: outcome.errors
      )
    )
    if let failure {
      // A compiler that ends by itself says what is wrong; one that was stopped has no words for it.
      let id = failure.ending == .exited(1) ? "run.not-compiled" : "run.compiler-stopped"
      result.checks += checks.map { failed($0, id, [:], status: .error) }
      return
    }
    var tally = FolderTally(byteLimit: slot.limits.folderBytes, entryLimit: RunWatch.entryLimit)
    tally.add(bench.path + "/out")
    for check in checks {
      let own = items.filter { $0.check.id == check.id }
      guard !own.isEmpty else { continue }
      if let foreign = tally.foreign {
        let name = String(foreign.dropFirst(bench.path.count + 1))
        result.checks.append(failed(check, "run.foreign-file", ["file": name], status: .error))
      } else {
        let judged = try judged(check, own, bench)
        let verdict = verdict(check, judged, Bands(check.bands(at: tier)), outcome, slot)
        result.checks.append(verdict)
        guard looksAtChoices, verdict.status == .pass else { continue }
        result.choices += judged.compactMap { item in
          item.answer.flatMap { task.choice($0, item.item.problem) }
        }
      }
    }
  }

  /// A check that failed as a whole, without cases.
  private func failed(
    _ check: CheckRecipe,
    _ message: String,
    _ values: [String: String],
    status: Verdict.Status = .fail
  ) -> Verdict.Check {
    Verdict.Check(
      id: check.id,
      status: status,
      points: 0,
      maxPoints: check.points,
      trust: .rerun,
      concepts: check.concepts,
      passed: 0,
      cases: isQuick ? check.quickCount : check.caseCount,
      measured: [],
      diagnosis: [],
      message: Verdict.Message(id: message, params: values)
    )
  }
}

extension RunOutcome.Ending {
  /// For the verdict's document.
  var words: String {
    switch self {
    case .exited(let code): "exit \(code)"
    case .signalled(let number): "signal \(number)"
    case .timeLimit: "time limit"
    case .outputLimit: "output limit"
    case .folderLimit: "folder limit"
    }
  }

  /// The sentence for the learner; nil where the program ended well.
  func message(_ limits: RunLimits) -> Verdict.Message? {
    switch self {
    case .exited(0): nil
    case .exited(let code): Verdict.Message(id: "run.exited", params: ["code": "\(code)"])
    case .signalled(let number):
      Verdict.Message(id: "run.signalled", params: ["signal": "\(number)"])
    case .timeLimit:
      Verdict.Message(id: "run.time-limit", params: ["seconds": "\(limits.wallSeconds)"])
    case .outputLimit:
      Verdict.Message(id: "run.output-limit", params: ["kb": "\(limits.outputBytes >> 10)"])
    case .folderLimit:
      Verdict.Message(id: "run.folder-limit", params: ["mb": "\(limits.folderBytes >> 20)"])
    }
  }
}
