import Diagnostics
import Files
import Glibc
import Testing

@testable import Labs

@Suite(.serialized) struct CourseTests {
  @Test func readsTheCourse() throws {
    let course = try Course(path: courseFolder)
    #expect(!course.labs.isEmpty)
    for lab in course.labs { #expect(lab.texts.stale == [], "\(lab.id)") }
    #expect(course.lab("l03")?.id == "L03")
  }

  /// The short form of `vitrine lab course check`; the whole is run on demand.
  @Test(arguments: (try? Course(path: courseFolder))?.labs.map(\.id) ?? ["?"])
  func provesTheLab(_ id: String) throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab(id))
    var gate = CourseGate(course: course, effort: .short)
    // The executable lies beside the test bundle.
    gate.tools = CommandLine.arguments[0].lastIndex(of: "/")
      .map { String(CommandLine.arguments[0][..<$0]) }
    let row = try gate.prove(lab)
    #expect(row.problems == [], "\(id)")
    #expect(row.solutionPasses == 1 && row.mutantsCaught == row.mutantRuns)
  }

  @Test func refusesACourseThatIsWrong() throws {
    let broken = try WorkFolder()
    #expect(errorID { _ = try Course(path: broken.path) } == .courseNotFound)
    try Self.copy(courseFolder, to: broken.path)
    _ = try Course(path: broken.path)
    try Self.change(broken.path + "/messages/zh-Hans.yaml", "{seconds}", "{second}")
    #expect(errorID { _ = try Course(path: broken.path) } == .courseTextsDiffer)
    try Self.change(broken.path + "/messages/zh-Hans.yaml", "{second}", "{seconds}")
    try Self.change(broken.path + "/labs/L03-letterbox/checks.yaml", "nearest,", "nearest-of-all,")
    #expect(errorID { _ = try Course(path: broken.path) } == .courseInvalidValue)
    try Self.change(broken.path + "/labs/L03-letterbox/checks.yaml", "nearest-of-all,", "nearest,")
    try Self.change(broken.path + "/labs/L03-letterbox/text/en.md", "## The rules", "## Some rules")
    let course = try Course(path: broken.path)
    #expect(course.lab("L03")?.texts.stale == ["rules"])
    try Self.change(broken.path + "/labs/L03-letterbox/lab.yaml", "teaches:", "teach:")
    let id = errorID { _ = try Course(path: broken.path) }
    #expect(id == .courseMissingKey || id == .courseUnknownKey)
  }

  static func copy(_ source: String, to target: String) throws {
    for path in try Folder.files(below: source) {
      let name = path.dropFirst(source.count + 1)
      if let slash = name.lastIndex(of: "/") { try Folder.create(target + "/" + name[..<slash]) }
      try AtomicFile.write(try MappedFile.contents(of: path), to: target + "/" + name)
    }
  }

  /// Replaces the first occurrence of a text in a file.
  static func change(_ path: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try MappedFile.contents(of: path), as: UTF8.self)
    let range = try #require(text.firstRange(of: old))
    try AtomicFile.write(text.replacingCharacters(range, new), to: path)
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<String.Index>, _ new: String) -> String {
    String(self[..<range.lowerBound]) + new + self[range.upperBound...]
  }
}
