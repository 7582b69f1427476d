import Diagnostics
import Files
import Glibc

/// A folder in which one program solves a list of cases.
struct Workbench {
  let folder: TemporaryFolder
  let limits: RunLimits
  let hidden: [String]
  var tools: String?
  var startsStrong = true
  var compilerLimits = SwiftCompiler.limits

  var path: String { folder.path }

  static func name(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  func input(_ number: Int) -> String { "\(path)/in/\(Self.name(number))" }
  func output(_ number: Int) -> String { "\(path)/out/\(Self.name(number))" }

  /// Builds the program if it must be built.
  /// - Returns: its command, or the failed run of the compiler.
  func prepare(_ command: ProgramCommand) throws -> (command: [String], failure: RunOutcome?) {
    switch command {
    case .run(let words):
      guard let first = words.first, first.hasPrefix("program/") else { return (words, nil) }
      return (["./" + first] + words.dropFirst(), nil)
    case .compile(let sources, let digest):
      let built = "program/built"
      if let program = SwiftCompiler.program(digest) {
        try AtomicFile.write(program, to: "\(path)/\(built)")
        chmod("\(path)/\(built)", 0o755)
        return (["./\(built)"], nil)
      }
      guard SwiftCompiler.isInstalled else {
        throw DeployError(
          .labIsolationFailed,
          "there is no Swift compiler (\(SwiftCompiler.name)) on this machine",
          remedy: "install Swift (swift.org/install), or hand in a program in Python"
        )
      }
      let words = SwiftCompiler.command(sources.map { "program/\($0)" }, output: built)
      var outcome = try run(words, limits: compilerLimits)
      // What it kept for itself is not the program's.
      Folder.delete("\(path)/\(SwiftCompiler.modules)")
      outcome.errors = SwiftCompiler.errors(in: outcome.errors)
      guard outcome.ending == .exited(0) else { return (words, outcome) }
      SwiftCompiler.keep("\(path)/\(built)", for: digest)
      return (["./\(built)"], nil)
    }
  }

  func run(_ command: [String], limits: RunLimits? = nil) throws -> RunOutcome {
    try LearnerProgram(
      command: command,
      folder: path,
      limits: limits ?? self.limits,
      hidden: hidden,
      tools: tools,
      startsStrong: startsStrong
    ).run()
  }

  /// Gives the folder to the user that the program runs as.
  func handOver() { LearnerProgram.handOver(path) }
}
