import CIsolation
package import Diagnostics
import Files
import Glibc
import Pipelines

/// How far a learner's program is kept apart; written in every verdict.
package enum IsolationLevel: String, Sendable, Codable {
  /// Name spaces, refused system calls, limits; no network.
  case strong
  /// A session of its own, refused system calls, limits.
  case basic
}

/// What became of a program.
package struct RunOutcome: Sendable {
  /// How it ended.
  package enum Ending: Sendable, Hashable {
    case exited(Int)
    case signalled(Int)
    /// It took longer than it may.
    case timeLimit
    /// It printed more than it may.
    case outputLimit
    /// It wrote more, or more files, than it may.
    case folderLimit
  }
  package var ending: Ending
  package var isolation: IsolationLevel
  package var seconds: Double
  /// The end of what it printed on its two streams.
  package var output: String
  package var errors: String
}

/// One run of a program that a learner wrote, in a folder of its own.
struct LearnerProgram {
  /// The command: the program is an absolute path or is looked for in `PATH`.
  let command: [String]
  /// Its folder; the only one that it may write to.
  let folder: String
  let limits: RunLimits
  /// Folders that it must not see.
  var hidden: [String] = []
  /// A folder of programs that it may call besides the system's.
  var tools: String?
  /// Whether to fall back to basic isolation where the system refuses name spaces.
  var mayBeBasic = true
  var startsStrong = true

  /// Runs it to its end or to a limit; every process that it started is gone afterwards.
  /// - Throws: `lab.isolation-failed` where it cannot be started.
  func run() throws -> RunOutcome {
    if startsStrong {
      do { return try run(.strong) } catch let error as StartFailure {
        guard mayBeBasic, error.isAboutIsolation else { throw error.deployError(command[0]) }
      }
    }
    do { return try run(.basic) } catch let error as StartFailure {
      throw error.deployError(command[0])
    }
  }

  private struct StartFailure: Error {
    let stage: String
    let code: Int32

    /// Whether weaker isolation could still work.
    var isAboutIsolation: Bool { !["program", "folder", "streams"].contains(stage) }

    func deployError(_ program: String) -> DeployError {
      DeployError(
        .labIsolationFailed,
        "'\(program)' could not be started (\(stage): \(String(cString: strerror(code))))",
        remedy: stage == "program"
          ? "check that it is there and may be run" : "run the grader where processes can be made"
      )
    }
  }

  /// Gives a folder and what it holds to the user that programs run as, where this process is root.
  static func handOver(_ folder: String) {
    guard geteuid() == 0 else { return }
    Folder.visit(folder) { entry, _ in _ = lchown(entry, 65534, 65534) }
    _ = lchown(folder, 65534, 65534)
  }

  private func run(_ level: IsolationLevel) throws -> RunOutcome {
    let outlet = try Pipe()
    let errorOutlet = try Pipe()
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(input) }
    var child = isolation_child()
    // At most this many files wait for the folder's size to be looked at.
    let result = withRequest(level, input, outlet.writeEnd, errorOutlet.writeEnd) {
      isolation_start($0, &child)
    }
    outlet.closeWriteEnd()
    errorOutlet.closeWriteEnd()
    guard result == 0 else {
      let failure = StartFailure(stage: Self.stage(of: child), code: child.error)
      isolation_finish(&child)
      throw failure
    }
    let watch = RunWatch(outlet: outlet, errors: errorOutlet, folder: folder, limits: limits)
    let (ending, seconds) = watch.wait(for: &child)
    isolation_finish(&child)
    return RunOutcome(
      ending: ending,
      isolation: level,
      seconds: seconds,
      output: watch.outputText,
      errors: watch.errorText
    )
  }

  private static func stage(of child: isolation_child) -> String {
    withUnsafeBytes(of: child.stage) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private func withRequest(
    _ level: IsolationLevel,
    _ input: Int32,
    _ output: Int32,
    _ errors: Int32,
    _ body: (UnsafePointer<isolation_request>) -> Int32
  ) -> Int32 {
    let words = [Interpreters.path(of: command[0])] + command.dropFirst()
    let home = level == .strong ? "/tmp/work" : folder
    // They may lie below a folder that isolation covers, such as /tmp.
    // Engines lie beside the checkout that tools were built in; where tools are seen, that is not.
    let engines = tools.flatMap { path in
      path.firstRange(of: "/.build/").map { String(path[..<$0.lowerBound]) + "/.cache" }
    }.flatMap { Folder.exists($0) ? $0 : nil }
    let seenEngines = level == .strong ? engines.map { _ in "/tmp/engines" } : engines
    let seenTools = level == .strong ? tools.map { _ in "/tmp/tools" } : tools
    let environment = [
      "PATH=\(seenTools.map { $0 + ":" } ?? "")\(Interpreters.searchPath)", "HOME=\(home)",
      "TMPDIR=/tmp", "LANG=C.UTF-8", "VITRINE_CACHE=\(seenEngines ?? home)",
      "PYTHONDONTWRITEBYTECODE=1", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1",
    ]
    return withCStrings(words) { arguments in
      withCStrings(environment) { environment in
        withCStrings(hidden) { hidden in
          withCStrings([folder, tools ?? "", engines ?? ""]) { places in
            var request = isolation_request()
            request.tools = tools == nil ? nil : places[1]
            request.engines = engines == nil ? nil : places[2]
            request.arguments = arguments
            request.environment = environment
            request.hidden = hidden
            request.work = places[0]
            (request.input, request.output, request.errors) = (input, output, errors)
            request.level = Int32(level == .strong ? ISOLATION_STRONG : ISOLATION_BASIC)
            request.reads_as_root = Interpreters.isPrivate(words[0]) ? 1 : 0
            request.memory_bytes = UInt64(limits.memoryBytes)
            request.file_bytes = UInt64(limits.folderBytes)
            request.cpu_seconds = UInt64(limits.wallSeconds.rounded(.up)) + 1
            request.process_count = UInt64(limits.processCount)
            request.open_files = 256
            return body(&request)
          }
        }
      }
    }
  }
}

extension Diagnostic.ID {
  /// A program could not be started at all: not the learner's fault.
  package static let labIsolationFailed: Self = "lab.isolation-failed"
}

/// Lends texts as an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
  _ texts: [String],
  _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let copies = texts.map { UnsafePointer<CChar>(strdup($0)) } + [nil]
  defer { for copy in copies { free(UnsafeMutableRawPointer(mutating: copy)) } }
  return copies.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("an array with an end") }
    return body(base)
  }
}

/// Both ends of a pipe.
final class Pipe {
  let readEnd: Int32
  private(set) var writeEnd: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    guard isolation_pipe(&ends) == 0 else {
      throw DeployError(.labIsolationFailed, "no pipe could be made")
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
  }

  func closeWriteEnd() {
    if writeEnd >= 0 { close(writeEnd) }
    writeEnd = -1
  }

  deinit {
    closeWriteEnd()
    close(readEnd)
  }
}

extension IsolationLevel {
  /// What this machine grants a program that does nothing.
  /// - Throws: `lab.isolation-failed`, `file.…`.
  package static func reached() throws -> IsolationLevel {
    let folder = try TemporaryFolder()
    LearnerProgram.handOver(folder.path)
    return try LearnerProgram(
      command: ["sh", "-c", "true"],
      folder: folder.path,
      limits: RunLimits()
    ).run().isolation
  }
}
