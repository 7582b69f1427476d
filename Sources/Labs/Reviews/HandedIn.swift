import Files
import Glibc

/// The files of everybody's last submission to each lab, for reviewers: `handed-in/LEARNER/LAB-ATTEMPT/`.
struct HandedIn {
  private let folder: String

  init(_ state: LabState) { folder = state.folder + "/handed-in" }

  /// One submission.
  struct Entry: Hashable {
    /// As it stands in the log.
    let learner: String
    let lab: String
    let attempt: Int
  }

  private static func part(_ learner: String) -> String {
    learner.split(separator: ":").joined(separator: "-").filter {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
    }
  }

  private func home(_ learner: String) -> String { "\(folder)/\(Self.part(learner))" }

  func path(_ entry: Entry) -> String { "\(home(entry.learner))/\(entry.lab)-\(entry.attempt)" }

  /// Keeps one submission instead of earlier ones to the same lab.
  /// - Throws: `file.…`.
  func keep(_ submission: Submission, _ learner: String, _ lab: Lab, _ attempt: Int) throws {
    let target = path(Entry(learner: learner, lab: lab.id, attempt: attempt))
    let temporary = target + ".part"
    if Folder.exists(temporary) { Folder.delete(temporary) }
    do { try submission.write(to: temporary) } catch {
      Folder.delete(temporary)
      throw error
    }
    if Folder.exists(target) { Folder.delete(target) }
    guard rename(temporary, target) == 0 else { return Folder.delete(temporary) }
    for other in entries(of: learner) where other.lab == lab.id && other.attempt < attempt {
      Folder.delete(path(other))
    }
  }

  /// What is kept of a learner.
  func entries(of learner: String) -> [Entry] {
    ((try? Folder.folders(in: home(learner))) ?? []).compactMap { name in
      let parts = name.split(separator: "-")
      guard parts.count == 2, let attempt = Int(parts[1]) else { return nil }
      return Entry(learner: learner, lab: String(parts[0]), attempt: attempt)
    }
  }

  /// Removes everything of a learner.
  func erase(_ learner: String) { if Folder.exists(home(learner)) { Folder.delete(home(learner)) } }
}
