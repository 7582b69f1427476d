import Diagnostics
import Files

/// A folder in which one program solves a list of cases.
struct Workbench {
  let folder: TemporaryFolder
  let limits: RunLimits
  let hidden: [String]
  var tools: String?
  var startsStrong = true

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
    case .compile(let sources):
      var compilation = RunLimits()
      compilation.wallSeconds = 120
      compilation.memoryBytes = 16 << 30
      compilation.processCount = 128
      let words =
        ["swiftc", "-O", "-module-cache-path", "/tmp/modules", "-o", "program/built"]
        + sources.map { "program/\($0)" }
      let outcome = try run(words, limits: compilation)
      guard outcome.ending == .exited(0) else { return (words, outcome) }
      return (["./program/built"], nil)
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
