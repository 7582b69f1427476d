import Diagnostics
import Files
import FoundationEssentials
import Glibc

/// Everything that is kept of one learner: given out, or erased.
package struct LearnerData {
  let state: LabState
  let learner: String

  /// - Parameter learner: as it stands in the log.
  package init(_ state: LabState, learner: String) { (self.state, self.learner) = (state, learner) }

  /// What was found.
  package struct Tally: Sendable, Codable {
    package var events: Int
    package var submissions: Int
  }

  private var webFolder: String { state.folder + "/web/submissions" }

  /// Pages made of what the learner uploaded to be looked at.
  private var looks: String? {
    learner.split(separator: ":").last.map { "\(state.folder)/web/looks/\($0)" }
      .flatMap { Folder.exists($0) ? $0 : nil }
  }

  /// What experiments found.
  private var answers: [String] { WhyRunStore(state: state.folder).files(of: learner) }

  /// The folders of submissions, of the command line and of the pages.
  private func submissions(_ events: [EventLog.Event]) -> [(name: String, path: String)] {
    let store = HandedIn(state)
    let own = store.entries(of: learner).map { ("\($0.lab)-\($0.attempt)", store.path($0)) }
    let tickets = events.filter { $0.learner == learner && $0.type == "queued" }
      .compactMap { $0.data["ticket"] }
      .filter {
        !$0.isEmpty
          && $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      }
    return own + tickets.map { ("web-\($0)", "\(webFolder)/\($0)") }.filter { Folder.exists($0.1) }
  }

  /// Writes the learner's events, assessment, submissions, looks and runs of experiments into a new folder, which appears when it is whole.
  /// - Throws: `lab.no-workspace` where the folder is there; `lab.tampered`, `file.…`.
  package func export(_ course: Course, to folder: String) throws -> Tally {
    guard access(folder, F_OK) != 0 else {
      throw DeployError(
        .labNoWorkspace,
        "is there already",
        at: .file(path: folder),
        remedy: "name a new folder with -o"
      )
    }
    let all = try state.log.events()
    let own = all.filter { $0.learner == learner }
    return try AtomicFolder.write(to: folder) { temporary in
      let lines = try own.map { String(decoding: try EventLog.encoded($0), as: UTF8.self) + "\n" }
      try AtomicFile.write(lines.joined(), to: temporary + "/events.jsonl")
      let assessment = AssessmentMaker(course: course, learner: learner, events: all).assessment()
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write(
        Array(try encoder.encode(assessment)) + [0x0A],
        to: temporary + "/assessment.json"
      )
      let kept = submissions(all)
      let folders: [(String, String)] =
        kept.map { ("submissions/\($0.name)", $0.path) } + (looks.map { [("looks", $0)] } ?? [])
      for (name, path) in folders {
        for file in try Folder.files(below: path) {
          try Self.copy(file, to: "\(temporary)/\(name)\(file.dropFirst(path.count))")
        }
      }
      for file in answers {
        try Self.copy(file, to: "\(temporary)/answers/\(file.split(separator: "/").last ?? "")")
      }
      return Tally(events: own.count, submissions: kept.count)
    }
  }

  private static func copy(_ file: String, to target: String) throws {
    try Folder.create(String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]))
    try AtomicFile.write(try MappedFile.contents(of: file), to: target)
  }

  /// Erases the learner: files first, so that what is cut off in between can simply be done again; then the log, and the tables with it.
  /// - Throws: `lab.tampered`, `lab.cohort-unusable`, `file.…`.
  package func erase() throws -> Tally {
    let kept = submissions(try state.log.events())
    for (_, path) in kept { Folder.delete(path) }
    if let looks { Folder.delete(looks) }
    for file in answers { unlink(file) }
    HandedIn(state).erase(learner)
    let count = try state.log.erase(learner)
    _ = try CohortStore.rebuilt(from: try state.log.events(), in: state.folder)
    return Tally(events: count, submissions: kept.count)
  }
}
