import Connections
import Diagnostics
import Files
import Glibc
import Labs

/// Takes submissions and grades them in order. What it has promised is on the disk and in the log before
/// it answers, so that a new process takes up what a killed one left.
final class GradingDesk: Sendable {
  let course: Course
  let state: LabState
  let log: LogReader
  let store: SubmissionStore
  let queue: WorkQueue
  /// The folder of the programs that learners may call.
  let tools: String?
  let version: String
  /// Who stands in verdicts as the one who measured.
  let measuredBy: String
  /// What one learner may have unfinished, and hand in per hour.
  static let (unfinishedLimit, hourLimit) = (6, 60)
  private let pace = RateLimit(most: hourLimit, window: .seconds(3600))

  init(
    course: Course,
    state: LabState,
    workers: Int,
    tools: String?,
    version: String,
    measuredBy: String
  ) throws {
    self.course = course
    self.state = state
    self.tools = tools
    self.version = version
    self.measuredBy = measuredBy
    log = LogReader(state.log)
    store = try SubmissionStore(data: state.folder)
    queue = WorkQueue(width: workers, limit: 500)
  }

  /// One submission, as the log has it.
  struct Entry: Sendable {
    var ticket: String
    var lab: Lab
    var learner: String
    var tier: String
    /// Whether it is graded on hidden cases.
    var isOfficial: Bool
    var time: String
    /// The event that ended it; nil while it waits or runs.
    var end: EventLog.Event?
  }

  /// The submissions of a learner, or all, in order.
  func entries(of learner: String? = nil) throws -> [Entry] {
    let events = try log.events()
    var ends: [String: EventLog.Event] = [:]
    for event in events where ["graded", "checked", "refused"].contains(event.type) {
      if let ticket = event.data["ticket"] { ends[ticket] = event }
    }
    return events.compactMap { event in
      guard event.type == "queued", learner == nil || event.learner == learner,
        let ticket = event.data["ticket"], let lab = course.lab(event.lab)
      else { return nil }
      return Entry(
        ticket: ticket,
        lab: lab,
        learner: event.learner,
        tier: event.data["tier"] ?? "",
        isOfficial: event.data["mode"] == "submit",
        time: event.time,
        end: ends[ticket]
      )
    }
  }

  /// Takes files to be graded.
  /// - Returns: the ticket.
  /// - Throws: `lab.invalid-submission`, `lab.busy`, `file.…`.
  func take(
    _ uploads: [SubmissionStore.Upload],
    lab: Lab,
    tier: Lab.Tier,
    learner: String,
    isOfficial: Bool
  ) throws -> String {
    let unfinished = try entries(of: learner).count { $0.end == nil }
    guard queue.hasRoom, unfinished < Self.unfinishedLimit, pace.take(learner) else {
      throw DeployError(
        .labBusy,
        "\(unfinished) of your submissions wait, or too many came within an hour",
        remedy: "wait for the results that are under way"
      )
    }
    let ticket = Token.random(bytes: 16)
    try store.keep(uploads, as: ticket)
    try state.log.append(
      "queued",
      lab: lab.uuid,
      learner: learner,
      ["ticket": ticket, "tier": tier.name, "mode": isOfficial ? "submit" : "check"]
    )
    enqueue(ticket, lab, tier, learner, isOfficial)
    return ticket
  }

  /// Takes up what an earlier process left unfinished, and removes what it never promised.
  /// - Returns: how many submissions.
  func resume() throws -> Int {
    let entries = try entries()
    store.removeAll(except: Set(entries.map(\.ticket)))
    let open = entries.filter { $0.end == nil }
    for entry in open {
      guard let tier = entry.lab.tier(entry.tier) else { continue }
      enqueue(entry.ticket, entry.lab, tier, entry.learner, entry.isOfficial)
    }
    return open.count
  }

  private func enqueue(
    _ ticket: String,
    _ lab: Lab,
    _ tier: Lab.Tier,
    _ learner: String,
    _ isOfficial: Bool
  ) {
    queue.add(
      WorkQueue.Job(id: ticket, runsAlone: false) {
        do {
          try await onThread { try self.grade(ticket, lab, tier, learner, isOfficial) }
        } catch {
          let message = (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
          // Not counted: the learner reads why, and hands in again.
          _ = try? self.state.log.append(
            "refused",
            lab: lab.uuid,
            learner: learner,
            ["ticket": ticket, "problem": String(message.prefix(500))]
          )
        }
      }
    )
  }

  private func grade(
    _ ticket: String,
    _ lab: Lab,
    _ tier: Lab.Tier,
    _ learner: String,
    _ isOfficial: Bool
  ) throws {
    var grader = Grader(course: course, lab: lab, tier: tier, learner: learner)
    grader.version = version
    grader.measuredBy = measuredBy
    grader.hidden = [state.folder]
    grader.tools = tools
    let files = store.files(ticket)
    if isOfficial {
      _ = try grader.submit(files, state: state, ticket: ticket) { verdict in
        try keep(verdict, ticket, grader)
      }
    } else {
      let verdict = try grader.practise(files, quick: false)
      try keep(verdict, ticket, grader)
      try state.log.append(
        "checked",
        lab: lab.uuid,
        learner: learner,
        [
          "ticket": ticket, "points": "\(verdict.score.points)", "max": "\(verdict.score.max)",
          "mode": verdict.mode,
        ]
      )
    }
  }

  /// Writes the verdict, and runs the first two cases that failed once more for their pictures.
  private func keep(_ verdict: Verdict, _ ticket: String, _ grader: Grader) throws {
    try AtomicFile.write(try verdict.json(), to: store.verdictPath(ticket))
    guard let seed = VariantSeed(hex: verdict.variant.seed) else { return }
    for witness in verdict.checks.compactMap(\.witness).prefix(2) {
      // Without the picture the verdict still says everything.
      _ = try? grader.replay(witness.id, seed: seed, in: store.files(ticket))
    }
  }

  /// The files that a replayed case has left, by name: `in/image.npy`, `difference.png` …
  func witnessFiles(_ ticket: String, _ witness: String) -> [String] {
    let folder = witnessFolder(ticket, witness)
    guard Folder.exists(folder) else { return [] }
    let all = (try? Folder.files(below: folder)) ?? []
    return all.map { String($0.dropFirst(folder.count + 1)) }
  }

  func witnessFolder(_ ticket: String, _ witness: String) -> String {
    let name = witness.split(separator: "/").joined(separator: "-")
    return "\(store.files(ticket))/witness/\(name)"
  }
}

extension Diagnostic.ID {
  /// More than can be graded was handed in.
  static let labBusy: Self = "lab.busy"
}
