import Diagnostics
import Files

extension CaseGrader {
  /// All commands of a README together.
  private static var secondsLimit: Double { 120 }

  /// Runs what the submission's README.md says, in a folder with the submission's files, the quick check's public cases in `in/` and
  /// empty folders for answers in `out/`; nil where it has no README with commands, numbers or links of its own.
  ///
  /// - Parameter checks: what the grader found in this attempt; numbers named `CHECK/FIGURE` are compared with it.
  func document(_ checks: [Verdict.Check]) throws -> Verdict.Documentation? {
    guard let file = submission.files.first(where: { $0.name == Submission.readme }) else {
      return nil
    }
    let readme = Readme(file.bytes)
    var result = Verdict.Documentation()
    result.problem = readme.problem
    // The lab's own text, or notes that promise nothing that could be checked.
    guard readme.problem != nil || !(readme.commands.isEmpty && readme.claims.isEmpty) else {
      return nil
    }
    let names = Set(submission.files.map(\.name))
    result.links = readme.links.filter(Readme.isInside).map {
      .init(target: $0, problem: Readme.problem(ofLink: $0, files: names))
    }
    let printed = try run(readme.commands, into: &result)
    for claim in readme.claims {
      result.numbers.append(compare(claim, checks, printed, readme.commands))
    }
    return result
  }

  /// Runs the commands in order.
  /// - Returns: what they printed as `name = number` or `name: number`, the last of a name, as it was written.
  private func run(
    _ commands: [Readme.Command],
    into result: inout Verdict.Documentation
  ) throws -> [Substring: Substring] {
    guard !commands.isEmpty, let slot = slots.first else { return [:] }
    let bench = Workbench(
      folder: try TemporaryFolder(),
      limits: slot.limits,
      hidden: hidden,
      tools: tools,
      startsStrong: startsStrong
    )
    try task.furnish(bench.path)
    // Not the README itself: printing it proves nothing.
    try Submission(files: submission.files.filter { $0.name != Submission.readme })
      .write(to: bench.path)
    let problems = try publicCases(slot)
    for (number, problem) in problems.enumerated() {
      try Folder.create(bench.input(number + 1))
      try Folder.create(bench.output(number + 1))
      try task.write(problem, to: bench.input(number + 1))
    }
    let named = problems.enumerated().map { (Workbench.name($0 + 1), $1) }
    let conversation = try task.conversation(
      about: Dictionary(uniqueKeysWithValues: named),
      in: bench.path
    )
    bench.handOver()
    try conversation?.start()
    defer { conversation?.stop() }
    var printed: [Substring: Substring] = [:]
    var secondsLeft = Self.secondsLimit
    for command in commands {
      var run = Verdict.Documentation.Command(text: command.text, ending: "not run", seconds: 0)
      defer { result.commands.append(run) }
      guard let words = command.words else {
        run.ending = "needs a shell"
        continue
      }
      guard secondsLeft > 0.1 else { continue }
      if Self.shells.contains(Self.lastPart(words[0])), !isStrong(bench) {
        run.ending = "no shell without strong isolation"
        continue
      }
      do {
        let outcome = try bench.run(words, limits: Self.limits(slot.limits, words[0], secondsLeft))
        secondsLeft -= outcome.seconds
        (run.ending, run.seconds) = (outcome.ending.words, outcome.seconds)
        if outcome.ending != .exited(0), !outcome.errors.isEmpty {
          run.errors = String(outcome.errors.suffix(400))
        }
        // What a command that failed has printed counts for nothing.
        if outcome.ending == .exited(0) {
          for (name, number) in Self.numbers(outcome.output) { printed[name] = number }
        }
      } catch let error as DeployError where error.id == .labIsolationFailed {
        run.ending = "could not be started"
      }
    }
    return printed
  }

  private static var shells: Set<Substring> {
    ["sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "env"]
  }

  private static func lastPart(_ path: String) -> Substring {
    path.split(separator: "/").last ?? ""
  }

  private func isStrong(_ bench: Workbench) -> Bool {
    startsStrong && (try? bench.run(["true"]))?.isolation == .strong
  }

  private static func limits(_ slot: RunLimits, _ program: String, _ left: Double) -> RunLimits {
    var limits = program == SwiftCompiler.name ? SwiftCompiler.limits : slot
    limits.wallSeconds = min(limits.wallSeconds, left)
    return limits
  }

  /// The public cases of the quick check, as a reader of the README has them.
  private func publicCases(_ slot: Lab.Slot) throws -> [Task.Problem] {
    var reader = self
    reader.isQuick = true
    reader.seed = VariantSeed(publicFor: lab.uuid, learner: "reader")
    reader.only = nil
    let checks = lab.checks(at: tier).filter { $0.slot == slot.name && $0.quickCount > 0 }
    return try reader.items(checks).map(\.problem)
  }

  /// Lines of the form `name = 3.5`, `name: 3.5 ms` or `"name": 3.5,`.
  static func numbers(_ output: String) -> [(Substring, Substring)] {
    output.split(whereSeparator: \.isNewline).prefix(2000).compactMap { line in
      guard let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
      let name = line[..<mark].split(whereSeparator: { " \t\"{".contains($0) })
      let value = line[line.index(after: mark)...].split(whereSeparator: { " \t\",}%".contains($0) }
      )
      guard name.count == 1, Readme.isName(name[0]), let number = value.first,
        let parsed = Double(number), parsed.isFinite
      else { return nil }
      return (name[0], number)
    }
  }

  private func compare(
    _ claim: Readme.Claim,
    _ checks: [Verdict.Check],
    _ printed: [Substring: Substring],
    _ commands: [Readme.Command]
  ) -> Verdict.Documentation.Number {
    var number = Verdict.Documentation.Number(
      name: claim.name,
      stated: claim.value,
      found: nil,
      trust: .reported,
      holds: false
    )
    // Figures' own names may hold a slash.
    let halves = claim.name.split(separator: "/", maxSplits: 1)
    if halves.count == 2, let check = checks.first(where: { $0.id == halves[0] }),
      let figure = check.measured.first(where: { $0.name == halves[1] }), figure.value.isFinite
    {
      (number.found, number.trust) = (figure.value, .rerun)
    } else if let text = printed[claim.name[...]] {
      number.found = Double(text)
      number.trust = isRecited(claim.name, text, commands) ? .reported : .consistent
    }
    if let stated = claim.value, let found = number.found {
      number.holds = Verdict.Documentation.agree(stated, found)
    }
    return number
  }

  /// Whether a line of a file, or a command, holds the name and the very number beside each other: then printing is no computing.
  private func isRecited(
    _ name: String,
    _ number: Substring,
    _ commands: [Readme.Command]
  ) -> Bool {
    func holds(_ line: Substring) -> Bool {
      guard line.contains(name) else { return false }
      return line.split(whereSeparator: {
        !($0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)))
      })
      .contains { $0 == number || $0.hasSuffix("=\(number)") }
    }
    if commands.contains(where: { holds($0.text[...]) }) { return true }
    return submission.files.contains { file in
      guard file.name != Submission.readme, file.bytes.count <= 1 << 20 else { return false }
      return String(decoding: file.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        .contains(where: holds)
    }
  }
}
