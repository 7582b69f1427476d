import Foundation
import Reports
import Testing

@testable import Labs

/// Grades for other systems, with names that want to be something else.
@Suite struct ExportTests {
  private let course: Course
  private let lab: Lab
  private let export: GradeExport

  init() throws {
    course = try Course(path: courseFolder)
    lab = try #require(course.lab("L18"))
    export = GradeExport(course: course, language: .chinese)
  }

  private func verdict(problem: String = "", status: Verdict.Status = .fail) -> Verdict {
    let check = Verdict.Check(
      id: "chain",
      status: status,
      points: status == .pass ? 6 : 0,
      maxPoints: 6,
      trust: .rerun,
      concepts: ["memory-reuse"],
      passed: 3,
      cases: 8,
      measured: [],
      diagnosis: [],
      message: .init(id: "answer.malformed", params: ["problem": problem])
    )
    return Verdict(
      lab: lab.id,
      uuid: lab.uuid,
      course: course.version,
      tier: "basic",
      learner: "learner:x",
      attempt: 1,
      mode: "submit",
      variant: .init(commitment: "sha256:0", seed: "00"),
      grader: .init(version: "0", isolation: .strong, measuredBy: "server"),
      submission: [:],
      runs: [],
      checks: [check],
      score: .init(points: check.points, max: 6),
      seconds: 1.5,
      date: "2030-01-01T00:00:00Z"
    )
  }

  /// A strict reader of RFC 4180, byte by byte, as other systems have them; nil where it is no such file.
  private static func cells(_ text: String) -> [[String]]? {
    var (rows, row, cell): ([[String]], [String], [UInt8]) = ([], [], [])
    let bytes = Array(text.utf8)
    var index = 0
    func word() -> String { String(decoding: cell, as: UTF8.self) }
    while index < bytes.count {
      if bytes[index] == 0x22, cell.isEmpty {
        index += 1
        while true {
          guard index < bytes.count else { return nil }
          if bytes[index] == 0x22 {
            guard index + 1 < bytes.count, bytes[index + 1] == 0x22 else { break }
            index += 1
          }
          cell.append(bytes[index])
          index += 1
        }
        index += 1
        guard index < bytes.count, bytes[index] == 0x2C || bytes[index] == 0x0D else { return nil }
      }
      switch bytes[index] {
      case 0x2C:
        row.append(word())
        cell = []
      case 0x0D:
        guard index + 1 < bytes.count, bytes[index + 1] == 0x0A else { return nil }
        index += 1
        rows.append(row + [word()])
        (row, cell) = ([], [])
      case 0x22, 0x0A: return nil
      default: cell.append(bytes[index])
      }
      index += 1
    }
    return cell.isEmpty && row.isEmpty ? rows : nil
  }

  private static let hostile = [
    "=HYPERLINK(\"http://example.org\",\"x\")", "+1+1|cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
    "\n=1",
    "＝1+1", "＋1", "－1", "＠x", "=\u{301}1+1", "a\"b", "\"\u{301}\",0,\"", "a\r\nb,c", "a\r\n=1",
    "张三, 李四",
    "O'Neil", "🙂\u{200D}x", "e\u{301}", "nul\0inside", "\u{1B}[31mred", "\u{202E}txt", "", "007",
    "1e5", "-5",
  ]

  @Test(arguments: hostile) func namesStayNames(_ name: String) throws {
    for format in [GradeExport.Format.canvas, .moodle] {
      let text = try export.text(
        format,
        [verdict(), verdict(status: .pass)],
        assignment: name,
        students: ["\(name),4711", "B,\(name)"]
      )
      let rows = try #require(Self.cells(text), "\(format): \(text.debugDescription)")
      let width = format == .canvas ? 6 : 4
      #expect(rows.allSatisfy { $0.count == width }, "\(rows)")
      #expect(rows.count == (format == .canvas ? 4 : 3))
      // No cell is a formula, numbers excepted.
      for cell in rows.joined() {
        let first = cell.unicodeScalars.first
        let isFormula = first.map { "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? false
        #expect(!isFormula || Double(cell) != nil, "\(cell.debugDescription)")
        #expect(
          !cell.unicodeScalars.contains { $0.value < 0x20 && !"\t\r\n".unicodeScalars.contains($0) }
        )
      }
      // Grades stand where they belong, whatever stands before them.
      let grades = rows.suffix(2).map { $0[format == .canvas ? 5 : 2] }
      #expect(grades == ["0", "6"])
      // What is kept of a name is the name.
      let shown = rows[rows.count - 2][format == .canvas ? 0 : 1]
      let plain = name.unicodeScalars.filter {
        $0.value >= 0x20 || "\t\r\n".unicodeScalars.contains($0)
      }
      #expect(
        shown == String(String.UnicodeScalarView(plain))
          || shown.dropFirst() == String(String.UnicodeScalarView(plain))
      )
    }
  }

  /// The columns that Canvas and Moodle match by.
  @Test func gradebooksHaveTheirColumns() throws {
    let canvas = try export.text(
      .canvas,
      [verdict()],
      assignment: "L18 (99)",
      students: ["Zhang San,7"]
    )
    let rows = try #require(Self.cells(canvas))
    #expect(rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "L18 (99)"])
    #expect(rows[1] == ["    Points Possible", "", "", "", "", "6"])
    #expect(rows[2] == ["Zhang San", "7", "", "", "", "0"])
    // Grade and feedback in one file: feedback alone would wipe the grade.
    let moodle = try #require(
      Self.cells(
        try export.text(.moodle, [verdict()], assignment: "L18", students: ["Zhang San,7"])
      )
    )
    #expect(moodle[0] == ["idnumber", "fullname", "L18", "L18 (feedback)"])
    #expect(moodle[1].prefix(3) == ["7", "Zhang San", "0"] && !moodle[1][3].isEmpty)
  }

  /// What a program said goes into JSON and Markdown, and stays text there.
  @Test(
    arguments: hostile + [
      "</script><script>", "![x](http://example.org/x.png)", "```", "| a | b |", "*\u{301}b*",
    ]
  )
  func resultsStayDocuments(_ said: String) throws {
    let text = try export.text(.gradescope, [verdict(problem: said)], assignment: "", students: [])
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let result = try #require(json)
    #expect(result["score"] as? Int == 0 && result["execution_time"] as? Int == 2)
    #expect(
      result["visibility"] as? String == "visible" && result["output_format"] as? String == "md"
    )
    let test = try #require((result["tests"] as? [[String: Any]])?.first)
    let keys: Set = [
      "name", "score", "max_score", "status", "output", "output_format", "visibility", "tags",
    ]
    #expect(Set(test.keys) == keys)
    #expect(test["status"] as? String == "failed" && test["max_score"] as? Int == 6)
    // Each of Markdown's own characters has a backslash before it, also where a mark is put on top.
    let output = Array(try #require(test["output"] as? String).unicodeScalars)
    for (index, scalar) in output.enumerated() where "`*_<>[]#|".unicodeScalars.contains(scalar) {
      #expect(index > 0 && output[index - 1] == "\\", "\(said.debugDescription)")
    }
    let line = try export.text(.autolab, [verdict(problem: said)], assignment: "", students: [])
    #expect(line == "{\"scoreboard\":[0],\"scores\":{\"chain\":0}}\n")
  }
}
