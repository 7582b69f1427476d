import Diagnostics
import Files
import Pipelines
import Reports

/// Runs everything that ``CourseGate`` asks of one lab.
struct LabProof {
  let course: Course
  let lab: Lab
  let effort: CourseGate.Effort
  let tools: String?
  let progress: ProgressHandler

  /// Programs of mutants are made from this one.
  private static let programming = "python"

  func run() throws -> CourseGate.Row {
    let limit = lab.slots.map(\.limits.wallSeconds).max() ?? 0
    var row = CourseGate.Row(
      lab: lab.id,
      seeds: effort.solutionSeeds,
      solutionPasses: 0,
      alternates: lab.alternates.count,
      alternatesPassed: 0,
      mutants: lab.mutants.count,
      mutantRuns: 0,
      mutantsCaught: 0,
      diagnosed: 0,
      diagnosable: 0,
      slowest: 0,
      limit: limit,
      staleSections: lab.texts.stale,
      translations: [],
      problems: []
    )
    let total =
      lab.tiers.count + effort.solutionSeeds + lab.alternates.count
      + lab.mutants.count * effort.mutantSeeds
    progress(.began(stage: lab.id, total: total))
    let starter = try StarterFiles(lab, Self.programming)
    try checkStarters(starter, lab.tiers[...], &row)
    row.solutionPasses = try checkSolution(starter, &row)
    try checkAlternates(starter, &row)
    try checkMutants(starter, &row)
    for programming in lab.starterLanguages where programming != Self.programming {
      try checkTranslation(programming, &row)
    }
    if !row.staleSections.isEmpty {
      row.problems.append("text: zh-Hans is older than en in \(row.staleSections)")
    }
    let summary = row.isPassed ? "proved" : "\(row.problems.count) problems"
    progress(.finished(summary: summary))
    return row
  }

  private func seed(_ number: Int) -> VariantSeed {
    VariantSeed(
      secret: Array("course check".utf8),
      lab: lab.uuid,
      learner: "author",
      purpose: "seed \(number)"
    )
  }

  private func grade(
    _ files: [Submission.File],
    _ number: Int,
    _ tier: Lab.Tier,
    _ row: inout CourseGate.Row
  ) throws -> Verdict {
    var grader = Grader(course: course, lab: lab, tier: tier, learner: "author")
    grader.tools = tools
    var verdict = try grader.grade(
      Submission(files: files),
      seed(number),
      mode: .check,
      attempt: 0
    )
    // What nothing could be said of costs nothing: it is graded again, three times at most.
    for _ in 0..<2 where verdict.checks.contains(where: { $0.status == .inconclusive }) {
      verdict = try grader.grade(Submission(files: files), seed(number), mode: .check, attempt: 0)
    }
    row.slowest = max(row.slowest, verdict.runs.map(\.seconds).max() ?? 0)
    checkWords(verdict, &row)
    return verdict
  }

  /// What is given to a learner must not pass as it is, and not for the reason that it is no program.
  private func checkStarters(
    _ starter: StarterFiles,
    _ tiers: ArraySlice<Lab.Tier>,
    _ row: inout CourseGate.Row
  ) throws {
    for tier in tiers {
      let verdict = try grade(try starter.rendered(tier.scaffold, .english), 1, tier, &row)
      if verdict.isPassed {
        row.problems.append("\(starter.programming) starter: passes untouched at tier \(tier.name)")
      }
      if verdict.checks.contains(where: { Self.compilerFailed.contains($0.message?.id) }) {
        row.problems.append(
          "\(starter.programming) starter: does not compile at tier \(tier.name): \(Self.words(verdict))"
        )
      }
    }
  }

  private static let compilerFailed: Set<String?> = ["run.not-compiled", "run.compiler-stopped"]

  private var hardest: Lab.Tier { lab.tiers[lab.tiers.count - 1] }

  /// - Returns: how many seeds it passes.
  private func checkSolution(_ starter: StarterFiles, _ row: inout CourseGate.Row) throws -> Int {
    let files = try starter.rendered(3, .english)
    var passes = 0
    for number in 1...effort.solutionSeeds {
      let verdict = try grade(files, number, hardest, &row)
      if verdict.isProved {
        passes += 1
      } else {
        row.problems.append(
          "\(starter.programming) solution: fails seed \(number): \(Self.words(verdict))"
        )
      }
    }
    if row.slowest > row.limit / 3 {
      row.problems.append(
        "time: \(VerdictText.decimal(row.slowest, 2)) s is more than a third of "
          + "\(VerdictText.decimal(row.limit, 1)) s"
      )
    }
    return passes
  }

  /// The same lab in another programming language. Mutants prove the checks; they need no second language.
  private func checkTranslation(_ programming: String, _ row: inout CourseGate.Row) throws {
    var result = CourseGate.Translation(
      programming: programming,
      seeds: effort.solutionSeeds,
      solutionPasses: 0
    )
    if programming == "swift", !SwiftCompiler.isInstalled {
      result.skipped = "there is no \(SwiftCompiler.name) on this machine"
    } else {
      let starter = try StarterFiles(lab, programming)
      try checkStarters(starter, lab.tiers.prefix(effort.translatedTiers), &row)
      result.solutionPasses = try checkSolution(starter, &row)
    }
    row.translations.append(result)
  }

  private func checkAlternates(_ starter: StarterFiles, _ row: inout CourseGate.Row) throws {
    for name in lab.alternates {
      let folder = "\(lab.path)/alternates/\(name)"
      var files = try starter.rendered(3, .english)
      for path in try Folder.files(below: folder) {
        let file = File(
          name: String(path.dropFirst(folder.count + 1)),
          bytes: try MappedFile.contents(of: path),
          isExecutable: false
        )
        files.removeAll { $0.name == file.name }
        files.append(file)
      }
      let verdict = try grade(files, 1, hardest, &row)
      if verdict.isProved {
        row.alternatesPassed += 1
      } else {
        row.problems.append("alternate \(name): \(Self.words(verdict))")
      }
    }
  }

  private typealias File = Submission.File

  private func checkMutants(_ starter: StarterFiles, _ row: inout CourseGate.Row) throws {
    let files = try starter.rendered(3, .english)
    for mutant in lab.mutants {
      let changed = try mutant.applied(to: files, of: lab)
      for number in 1...effort.mutantSeeds {
        let verdict = try grade(changed, number, hardest, &row)
        row.mutantRuns += 1
        judge(verdict, mutant, number, &row)
      }
    }
    if let rate = row.diagnosisRate, rate < 0.9 {
      row.problems.append("diagnosis: right first in \(VerdictText.decimal(rate * 100, 0)) %")
    }
  }

  private func judge(
    _ verdict: Verdict,
    _ mutant: MutantRecipe,
    _ number: Int,
    _ row: inout CourseGate.Row
  ) {
    let failed = verdict.checks.filter { $0.status == .fail }
    let missed = mutant.mustFail.filter { id in !failed.contains { $0.id == id } }
    let isCaught = missed.isEmpty && (mutant.mustFail.isEmpty ? verdict.isProved : true)
    if isCaught {
      row.mutantsCaught += 1
    } else {
      row.problems.append(
        "\(mutant.id): seed \(number): \(missed) did not fail; \(Self.words(verdict))"
      )
    }
    guard let cause = mutant.diagnosis else { return }
    row.diagnosable += 1
    let first = failed.first { mutant.mustFail.contains($0.id) }?.diagnosis.first?.mutant
    if first == cause {
      row.diagnosed += 1
    } else {
      row.problems.append("\(mutant.id): seed \(number): diagnosed as \(first ?? "nothing")")
    }
  }

  /// Every failure must be said whole in both languages.
  private func checkWords(_ verdict: Verdict, _ row: inout CourseGate.Row) {
    for language in ReportLanguage.allCases {
      let words = VerdictText(course: course, lab: lab, language: language)
      for check in verdict.checks where check.status != .pass {
        let lines = words.failureLines(check, verdict)
        let unsaid = lines.filter { course.messages.texts[$0] == nil && Self.looksUnsaid($0) }
        if lines.count < 7 - (check.concepts.isEmpty ? 1 : 0) || !unsaid.isEmpty {
          let problem = "words: \(check.id) says too little in \(language.rawValue): \(unsaid)"
          if !row.problems.contains(problem) { row.problems.append(problem) }
        }
      }
    }
  }

  /// An identifier that no catalogue had a sentence for.
  private static func looksUnsaid(_ line: String) -> Bool {
    !line.contains(" ") && !line.contains("：") && line.contains(".") && line.utf8.count < 40
  }

  private static func words(_ verdict: Verdict) -> String {
    let parts = verdict.checks.filter { $0.status != .pass }.map { check in
      let figures = check.measured.map { "\($0.name) \(VerdictText.figure($0.value))" }
      let place = check.witness.map { " at \($0.id) \($0.title) \($0.place ?? "")" } ?? ""
      let message =
        check.message.map { "\($0.id) \($0.params.values.joined(separator: " "))" } ?? ""
      return "\(check.id) \(check.status.rawValue) \(figures)\(place) \(message)"
    }
    let errors = verdict.runs.map(\.errors).joined().split(separator: "\n").last ?? ""
    return parts.joined(separator: "; ") + (errors.isEmpty ? "" : " [\(errors)]")
  }
}

extension Verdict {
  /// Whether all that this machine can check passed: where an engine is missing, its checks prove nothing.
  fileprivate var isProved: Bool {
    checks.contains { $0.status == .pass }
      && checks.allSatisfy { $0.status == .pass || $0.status == .unsupported }
  }
}
