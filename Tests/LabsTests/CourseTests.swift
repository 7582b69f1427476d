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
  /// Those that measure, with engines or on a clock, are left to it altogether.
  @Test(arguments: CourseTests.quickLabs)
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
    #expect(row.translations.map(\.programming) == ["swift"])
    #expect(row.translations.allSatisfy { $0.solutionPasses == 1 || $0.skipped != nil })
  }

  private static let quickLabs =
    (try? Course(path: courseFolder))?.labs.map(\.id).filter { !measuredLabs.contains($0) } ?? ["?"]
  private static let measuredLabs = ["L20", "L23", "L24", "L25"]

  /// What the tasks of those labs say of right and wrong answers, without a program.
  @Test func judgesWhatIsMeasured() throws {
    let task = PipeliningTask()
    let problem = PipeliningTask.Problem(
      stages: [.init(name: "read", ms: 6), .init(name: "network", ms: 21)],
      threads: 4,
      latency: 300
    )
    let right = try task.reference(problem)
    #expect(right.workers == [1, 3] && right.capacity == 1)
    let single = task.judge(
      .init(workers: [1, 1], capacity: 1),
      right,
      problem,
      Bands(["throughput": 0.75, "overlap": 0])
    )
    #expect(!single.isRight)
    let pair = FrameworkTask.Run(
      engine: "native",
      input: [1, 3, 64, 64],
      precision: "float32",
      threads: 1,
      warmUp: 3,
      timed: ["network", "suppression"],
      difference: 0,
      ms: 1
    )
    var other = pair
    (other.engine, other.timed) = ("openvino", ["suppression", "network"])
    #expect(FrameworkTask.Pair(a: pair, b: other).reasons.isEmpty)
    (other.threads, other.warmUp) = (2, 0)
    #expect(FrameworkTask.Pair(a: pair, b: other).reasons == ["threads", "warm-up"])
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
