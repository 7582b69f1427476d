import Files
import FoundationEssentials
import Glibc

/// One run of an experiment, as it is kept: so that learners see what a changed setting did.
package struct WhyRun: Sendable, Codable {
  /// The number of the event that promised it.
  package var number: Int
  package var question: String
  package var time: String
  package var settings: WhySettings
  /// What the learner had said before; nil for a further run that asked for no prediction.
  package var predicted: Double?
  /// How far off the learner expected to be at most.
  package var margin: Double?
  package var findings: WhyFindings

  package init(
    number: Int,
    question: String,
    settings: WhySettings,
    predicted: Double?,
    margin: Double?,
    findings: WhyFindings
  ) {
    (self.number, self.question, self.settings) = (number, question, settings)
    (self.predicted, self.margin, self.findings) = (predicted, margin, findings)
    time = EventLog.now()
  }
}

/// The runs of experiments below the state's folder: `answers/LEARNER-QUESTION-NUMBER.json`.
package struct WhyRunStore: Sendable {
  /// The most runs that are kept of a learner and a question; the question's own always is.
  package static let limit = 16
  private let folder: String

  /// The store of a state's folder; nothing is read yet.
  package init(state folder: String) { self.folder = folder + "/answers" }

  private func prefix(_ learner: String, _ question: String) -> String {
    "\(learner.split(separator: ":").last ?? "")-\(question)-"
  }

  /// The files of a learner, of all questions.
  func files(of learner: String) -> [String] {
    guard let name = learner.split(separator: ":").last, Folder.exists(folder) else { return [] }
    return ((try? Folder.files(below: folder)) ?? []).filter { $0.hasPrefix("\(folder)/\(name)-") }
  }

  /// The runs of a learner in order; what cannot be read is not there.
  package func runs(of learner: String, _ question: WhyQuestion) -> [WhyRun] {
    let start = "\(folder)/\(prefix(learner, question.id))"
    return files(of: learner).filter { $0.hasPrefix(start) }.compactMap { path in
      guard let bytes = try? MappedFile.contents(of: path, limit: 1 << 20),
        let run = try? JSONDecoder().decode(WhyRun.self, from: Data(bytes)),
        run.question == question.id, run.isWhole
      else { return nil }
      return run
    }.sorted { $0.number < $1.number }
  }

  /// Keeps a run, and forgets the oldest where there are too many.
  /// - Throws: `file.…`.
  package func keep(_ run: WhyRun, of learner: String, _ question: WhyQuestion) throws {
    try Folder.create(folder)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let start = "\(folder)/\(prefix(learner, question.id))"
    try AtomicFile.write(Array(try encoder.encode(run)), to: "\(start)\(run.number).json")
    let old = runs(of: learner, question).filter { !question.isOwn($0.settings) }
      .dropLast(Self.limit - 1)
    for run in old { unlink("\(start)\(run.number).json") }
  }
}

extension WhyRun {
  /// Whether every row has a number for every column.
  fileprivate var isWhole: Bool {
    findings.rows.count <= 1000
      && findings.rows.allSatisfy { $0.count == findings.columns.count }
  }
}
