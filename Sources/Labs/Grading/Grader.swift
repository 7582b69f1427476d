import Diagnostics
import Files
import FoundationEssentials
import Glibc
package import Reports

/// Grades one workspace.
package struct Grader: Sendable {
  /// How much is graded.
  package enum Mode: String, Sendable {
    /// A few public cases, within a second.
    case quick
    /// Every check, on public cases.
    case check
    /// Every check, on cases that are drawn after the files were taken.
    case submit
  }

  package let course: Course
  package let lab: Lab
  package let tier: Lab.Tier
  package let learner: String
  /// Folders that programs must not see besides the grader's own.
  package var hidden: [String] = []
  /// The folder of programs that learners may call besides the system's.
  package var tools: String?
  /// Who measures: `self` on the learner's own machine, `server` on another's.
  package var measuredBy = "self"
  /// The version of the grader.
  package var version = "0.1.0"

  package init(course: Course, lab: Lab, tier: Lab.Tier, learner: String) {
    self.course = course
    self.lab = lab
    self.tier = tier
    self.learner = learner
  }

  /// Grades on public cases.
  /// - Throws: `lab.invalid-submission`, `file.…`.
  package func practise(_ folder: String, quick: Bool) throws -> Verdict {
    let submission = try Submission(folder: folder)
    let seed = VariantSeed(publicFor: lab.uuid, learner: learner)
    return try grade(submission, seed, mode: quick ? .quick : .check, attempt: 0)
  }

  /// Takes the files, draws hidden cases, grades and signs; every step is in the log.
  /// - Parameters:
  ///   - ticket: names the submission where it may be graded again after a crash: it keeps its attempt
  ///     and its cases then.
  ///   - keep: gets the signed verdict before the log says that there is one.
  /// - Throws: `lab.invalid-submission`, `lab.tampered`, `file.…`, and what `keep` throws.
  package func submit(
    _ folder: String,
    state: LabState,
    ticket: String? = nil,
    keep: (Verdict) throws -> Void = { _ in }
  ) throws -> Verdict {
    let submission = try Submission(folder: folder)
    let files = submission.digests.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var earlier = try own(state)
    var attempt = 0
    if let begun = earlier.last(where: {
      $0.type == "submitted" && ticket != nil && $0.data["ticket"] == ticket
    }) {
      attempt = begun.data["attempt"].flatMap(Int.init) ?? 0
    } else {
      // Every attempt has a number of its own, also where two come at once: none sees another's cases.
      try state.log.append("submitted", lab: lab.uuid, learner: learner) {
        earlier = try own(state)
        attempt = earlier.count { $0.type == "submitted" } + 1
        var data = [
          "attempt": "\(attempt)", "tier": tier.name,
          "commitment": state.seed(lab: lab.uuid, learner: learner, attempt: attempt).commitment,
          "files": String(files.joined(separator: "\n").prefix(8000)),
        ]
        data["ticket"] = ticket
        return data
      }
    }
    let seed = state.seed(lab: lab.uuid, learner: learner, attempt: attempt)
    var verdict = try grade(submission, seed, mode: .submit, attempt: attempt)
    verdict.previous = earlier.last { $0.type == "graded" }?.data["verdict"]
    verdict = try state.signed(verdict)
    let bytes = try verdict.json()
    let digest = bytes.withUnsafeBytes { "sha256:" + SHA256.hex($0) }
    try keep(verdict)
    var data = [
      "attempt": "\(attempt)", "seed": seed.hex, "verdict": digest, "tier": tier.name,
      "points": "\(verdict.score.points)", "max": "\(verdict.score.max)",
      "passed": "\(verdict.isPassed)", "counts": "\(verdict.counts)",
      "checks": CheckOutcome.text(verdict),
    ]
    data["ticket"] = ticket
    if let documentation = verdict.documentation {
      data["readme"] = DocumentationOutcome(documentation).text
    }
    if let choice = verdict.choice { data.merge(choice.logged) { $1 } }
    // Who reviews wants files. Where the disk has no room for them, there is less to review; the grade stands.
    if course.review?.sharesSubmissions == true {
      try? HandedIn(state).keep(submission, learner, lab, attempt)
    }
    try state.log.append("graded", lab: lab.uuid, learner: learner, data)
    return verdict
  }

  private func own(_ state: LabState) throws -> [EventLog.Event] {
    try state.log.events().filter { $0.lab == lab.uuid && $0.learner == learner }
  }

  /// Grades given files on the cases of a seed.
  func grade(
    _ submission: Submission,
    _ seed: VariantSeed,
    mode: Mode,
    attempt: Int,
    only: String? = nil,
    startsStrong: Bool = true
  ) throws -> Verdict {
    let start = ContinuousClock.now
    var outcome = Outcome()
    var tasks: [String] = []
    for slot in lab.slots where !tasks.contains(slot.task) { tasks.append(slot.task) }
    var taught: Set<String> = []
    let catalog = TaskCatalog(course: course.path)
    for name in tasks {
      guard let task = catalog.task(name) else {
        throw DeployError(.courseInvalidValue, "there is no task '\(name)'")
      }
      let part = try run(task, submission, seed, mode, only, startsStrong)
      outcome.checks += part.checks
      outcome.runs += part.runs
      if outcome.choices.isEmpty {
        (outcome.choices, taught) = (part.choices, type(of: task).taughtForms)
      }
      outcome.isolation = outcome.isolation ?? part.isolation
    }
    // In the order of the lab, whatever their slots.
    let order = lab.checks.map(\.id)
    outcome.checks.sort { (order.firstIndex(of: $0.id) ?? 0) < (order.firstIndex(of: $1.id) ?? 0) }
    // A README speaks of the whole lab: it is looked at when every check is known, beside cases of the first program.
    if mode != .quick, only == nil, !outcome.checks.contains(where: { $0.status == .infra }),
      let first = tasks.first.flatMap(catalog.task)
    {
      outcome.documentation = documented(first, submission, seed, startsStrong, outcome.checks)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var verdict = Verdict(
      lab: lab.id,
      uuid: lab.uuid,
      course: course.version,
      tier: tier.name,
      learner: learner,
      attempt: attempt,
      mode: mode.rawValue,
      variant: Verdict.Variant(commitment: seed.commitment, seed: seed.hex),
      grader: Verdict.Grader(
        version: version,
        isolation: outcome.isolation,
        measuredBy: measuredBy
      ),
      submission: submission.digests,
      runs: outcome.runs,
      checks: outcome.checks,
      score: Verdict.Score(
        points: outcome.checks.reduce(0) { $0 + $1.points },
        max: outcome.checks.reduce(0) { $0 + $1.maxPoints }
      ),
      seconds: seconds,
      date: EventLog.now()
    )
    verdict.documentation = outcome.documentation
    if verdict.isPassed {
      verdict.choice = Choice(outcome.choices, taught: taught)
    }
    return verdict
  }

  func caseGrader<Task: CaseTask>(
    _ task: Task,
    _ submission: Submission,
    _ seed: VariantSeed,
    isQuick: Bool,
    only: String?
  ) -> CaseGrader<Task> {
    CaseGrader(
      task: task,
      lab: lab,
      tier: tier,
      slots: lab.slots.filter { $0.task == Task.name },
      submission: submission,
      seed: seed,
      isQuick: isQuick,
      hidden: hidden + [course.path],
      tools: tools,
      only: only
    )
  }

  /// A README never changes how a program is graded, whatever stands in it.
  private func documented(
    _ task: some CaseTask,
    _ submission: Submission,
    _ seed: VariantSeed,
    _ startsStrong: Bool,
    _ checks: [Verdict.Check]
  ) -> Verdict.Documentation? {
    var grader = caseGrader(task, submission, seed, isQuick: false, only: nil)
    grader.startsStrong = startsStrong
    do { return try grader.document(checks) } catch {
      let problem = (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
      return Verdict.Documentation(problem: String(problem.prefix(300)))
    }
  }

  private struct Outcome {
    var checks: [Verdict.Check] = []
    var runs: [Verdict.Run] = []
    var isolation: IsolationLevel?
    var choices: [CaseChoice] = []
    var documentation: Verdict.Documentation?
  }

  private func run(
    _ task: some CaseTask,
    _ submission: Submission,
    _ seed: VariantSeed,
    _ mode: Mode,
    _ only: String?,
    _ startsStrong: Bool
  ) throws -> Outcome {
    var grader = caseGrader(task, submission, seed, isQuick: mode == .quick, only: only)
    grader.startsStrong = startsStrong
    grader.looksAtChoices = mode == .submit
    do {
      let result = try grader.grade()
      var outcome = Outcome(checks: result.checks, runs: result.runs, isolation: result.isolation)
      outcome.choices = result.choices
      return outcome
    } catch let error as DeployError where error.id == .labIsolationFailed {
      // Not the learner's fault: nothing counts.
      let slots = Set(grader.slots.map(\.name))
      let checks = lab.checks(at: tier).filter { slots.contains($0.slot) }.map { check in
        Verdict.Check(
          id: check.id,
          status: .infra,
          points: 0,
          maxPoints: check.points,
          trust: .rerun,
          concepts: check.concepts,
          passed: 0,
          cases: 0,
          measured: [],
          diagnosis: [],
          message: Verdict.Message(
            id: "run.infra",
            params: ["problem": error.diagnostics[0].message]
          )
        )
      }
      return Outcome(checks: checks, runs: [], isolation: nil)
    }
  }
}
