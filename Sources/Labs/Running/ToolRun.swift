import Diagnostics
import Files
import Glibc

/// One run of this program's own commands on files that strangers have sent: in a process of its own, as far
/// apart and as limited as learners' programs are.
package struct ToolRun: Sendable {
  /// The folder of the program `vitrine`.
  package var tools: String
  /// Folders that it must not see.
  package var hidden: [String]
  package var limits = RunLimits()
  /// How isolation calls its folder, and the program.
  static let seen = "/tmp/work"
  static let program = "vitrine"

  package init(tools: String, hidden: [String]) {
    (self.tools, self.hidden) = (tools, hidden)
  }

  /// A file by the name that the command knows it by.
  package struct File: Sendable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
  }

  /// What came of it.
  package enum Result: Sendable {
    case file([UInt8])
    /// The command's own words.
    case problem(String)
  }

  /// Runs `vitrine` with arguments in a folder that holds some files.
  /// - Parameters:
  ///   - output: the file that it is to write.
  ///   - limit: the most bytes that are taken of it.
  /// - Throws: `lab.isolation-failed`, `file.…`.
  package func run(
    _ arguments: [String],
    on files: [File],
    output: String,
    limit: Int
  ) throws -> Result {
    let folder = try TemporaryFolder()
    for file in files { try AtomicFile.write(file.bytes, to: "\(folder.path)/\(file.name)") }
    LearnerProgram.handOver(folder.path)
    let outcome = try LearnerProgram(
      // By the search path, which leads to the tools wherever isolation shows them.
      command: ["sh", "-c", "exec \(Self.program) \"$@\"", "sh"] + arguments,
      folder: folder.path,
      limits: limits,
      hidden: hidden,
      tools: tools
    ).run()
    if let problem = problem(outcome, folder.path) { return .problem(problem) }
    let path = "\(folder.path)/\(output)"
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      return .problem("nothing was written")
    }
    return .file(try MappedFile.contents(of: path, limit: limit))
  }

  private func problem(_ outcome: RunOutcome, _ folder: String) -> String? {
    switch outcome.ending {
    case .exited(0): return nil
    case .exited:
      // Places are of the folder that is gone.
      let lines = outcome.errors.split(separator: "\n").map { line in
        line.replacing(Self.seen + "/", with: "").replacing(folder + "/", with: "")
      }
      let text = lines.filter { !$0.hasPrefix("usage") }.suffix(6).joined(separator: "\n")
      return text.isEmpty ? "it ended without a word" : String(text.prefix(1500))
    case .signalled:
      return
        "reading it was ended by the system: it asked for more than \(limits.memoryBytes >> 20) MiB of memory, or for something that is not allowed"
    case .timeLimit: return "it took longer than \(Int(limits.wallSeconds)) s"
    case .outputLimit, .folderLimit: return "it wrote more than it may"
    }
  }
}
