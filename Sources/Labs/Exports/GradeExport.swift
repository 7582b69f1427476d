import Diagnostics
import FoundationEssentials
package import Reports

/// Verdicts in the forms of other systems.
package struct GradeExport {
  /// The systems.
  package enum Format: String, CaseIterable, Sendable {
    case gradescope
    case autolab
    case canvas
    case moodle
  }

  let course: Course
  let language: ReportLanguage

  package init(course: Course, language: ReportLanguage) {
    self.course = course
    self.language = language
  }

  /// The text of the file, or the line, that the system reads.
  /// - Throws: `lab.tampered` where a verdict is of a lab that the course does not have.
  package func text(
    _ format: Format,
    _ verdicts: [Verdict],
    assignment: String,
    students: [String]
  ) throws -> String {
    switch format {
    case .gradescope: try verdicts.map(gradescope).joined()
    case .autolab: try verdicts.map(autolab).joined()
    case .canvas: canvas(verdicts, assignment, students)
    case .moodle: try moodle(verdicts, assignment, students)
    }
  }

  private struct GradescopeResult: Encodable {
    struct Test: Encodable {
      var name: String
      var score: Int
      var maxScore: Int
      var status: String
      var output: String
      var outputFormat = "md"
      var visibility = "visible"
      var tags: [String]
    }
    var score: Int
    var executionTime: Int
    var output: String
    var outputFormat = "md"
    var visibility = "visible"
    var tests: [Test]
    var extraData: [String: String]
  }

  /// Source: Gradescope, "Autograder specifications", results.json.
  private func gradescope(_ verdict: Verdict) throws -> String {
    let words = try self.words(verdict)
    let parts = words.parts(verdict)
    let tests = zip(verdict.checks, parts).map { check, part in
      GradescopeResult.Test(
        name: part.heading,
        score: check.points,
        maxScore: check.maxPoints,
        status: check.status == .pass ? "passed" : "failed",
        output: part.lines.map { "- " + Self.plain($0) }.joined(separator: "\n"),
        tags: check.concepts
      )
    }
    let result = GradescopeResult(
      score: verdict.score.points,
      executionTime: Int(verdict.seconds.rounded(.up)),
      output: words.summary(verdict).map(Self.plain).joined(separator: "\n\n"),
      tests: tests,
      extraData: [
        "seed": verdict.variant.seed, "isolation": verdict.grader.isolation?.rawValue ?? "",
      ]
    )
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(result), as: UTF8.self) + "\n"
  }

  /// Markdown's own characters in what a program said would change the page.
  private static func plain(_ text: String) -> String {
    // By code points: a combining mark does not take a character's meaning away.
    let marks = "\\`*_<>[]#|".unicodeScalars
    return String(
      text.unicodeScalars.reduce(into: String.UnicodeScalarView()) { result, scalar in
        if marks.contains(scalar) { result.append("\\") }
        result.append(scalar)
      }
    )
  }

  private struct AutolabResult: Encodable {
    var scores: [String: Int]
    var scoreboard: [Int]
  }

  /// The last line of standard output. Source: Autolab, "Guide for lab authors".
  private func autolab(_ verdict: Verdict) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let scores = verdict.checks.reduce(into: [:]) { $0[$1.id] = $1.points }
    let result = AutolabResult(scores: scores, scoreboard: [verdict.score.points])
    return String(decoding: try encoder.encode(result), as: UTF8.self) + "\n"
  }

  /// Source: Canvas, "How do I import grades in the Gradebook?": the columns of an exported file.
  private func canvas(_ verdicts: [Verdict], _ assignment: String, _ students: [String]) -> String {
    var lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment]]
    let most = verdicts.first?.score.max ?? 0
    lines.append(["    Points Possible", "", "", "", "", "\(most)"])
    for (verdict, student) in zip(verdicts, students) {
      let (name, identifier) = Self.split(student)
      lines.append([name, identifier, "", "", "", "\(verdict.score.points)"])
    }
    return Self.csv(lines)
  }

  /// Grade and feedback go together: feedback alone would wipe the grade.
  private func moodle(
    _ verdicts: [Verdict],
    _ assignment: String,
    _ students: [String]
  ) throws -> String {
    var lines = [["idnumber", "fullname", assignment, "\(assignment) (feedback)"]]
    for (verdict, student) in zip(verdicts, students) {
      let (name, identifier) = Self.split(student)
      let feedback = try words(verdict).parts(verdict).filter { $0.status != .pass }
        .map { ([$0.heading] + $0.lines).joined(separator: " ") }
      lines.append([identifier, name, "\(verdict.score.points)", feedback.joined(separator: " / ")])
    }
    return Self.csv(lines)
  }

  private func words(_ verdict: Verdict) throws -> VerdictText {
    guard let lab = course.lab(verdict.uuid) else {
      throw DeployError(
        .labTampered,
        "the verdict is of lab \(verdict.lab), which this course does not have",
        remedy: "give the course that it was graded in with --course"
      )
    }
    return VerdictText(course: course, lab: lab, language: language)
  }

  private static func split(_ student: String) -> (name: String, identifier: String) {
    let scalars = student.unicodeScalars
    guard let comma = scalars.lastIndex(of: ",") else { return (student, student) }
    return (String(scalars[..<comma]), String(scalars[scalars.index(after: comma)...]))
  }

  /// Source: RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe.
  static func csv(_ lines: [[String]]) -> String {
    lines.map { cells in
      cells.map(csv(cell:)).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// Looks at code points: a combining mark behind a quotation mark, or a line feed behind a carriage return, would make another
  /// character of it, which a reader of bytes does not see.
  private static func csv(cell: String) -> String {
    var text = String.UnicodeScalarView()
    // The wide forms are formulas to spreadsheets in Chinese and Japanese.
    let isFormula = cell.unicodeScalars.first.map {
      "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains($0)
    }
    if isFormula == true, Double(cell) == nil { text.append("'") }
    var isQuoted = false
    for scalar in cell.unicodeScalars
    where scalar.value >= 0x20 || "\t\r\n".unicodeScalars.contains(scalar) {
      if "\",\r\n".unicodeScalars.contains(scalar) { isQuoted = true }
      if scalar == "\"" { text.append("\"") }
      text.append(scalar)
    }
    return isQuoted ? "\"\(String(text))\"" : String(text)
  }
}
