import Files
import Reports
import Testing

@testable import Labs

/// Experiments whose data do not hang on a clock; those that time things are run by hand.
@Suite(.serialized) struct WhyTests {
  private static let sample = courseFolder + "/../Samples/shapes-yolov5n.pt"

  private func findings(_ id: String) async throws -> (WhyQuestion, WhyFindings) {
    let course = try Course(path: courseFolder)
    let question = try #require(course.questions.first { $0.id == id })
    return (question, try await question.run(model: Self.sample))
  }

  @Test(arguments: ["W4", "W7", "W8", "W10"])
  func agreesWithItsExplanation(_ id: String) async throws {
    let (question, found) = try await findings(id)
    #expect(found.agrees, "\(found)")
    #expect(question.range.contains(found.value))
    #expect(found.rows.allSatisfy { $0.count == found.columns.count })
    #expect(found.labels.isEmpty || found.labels.count == found.rows.count)
    for language in ReportLanguage.allCases {
      let text = Messages.fill(question.explanation[language], found.figures.mapValues { "\($0)" })
      #expect(!text.contains("{"), "a figure is missing: \(text)")
    }
    for name in found.columns + found.labels where !Self.isPlain(name) {
      #expect(question.term(name, .chinese) != name, "\(id) has no Chinese for '\(name)'")
    }
  }

  /// What is the same in both languages.
  private static func isPlain(_ name: String) -> Bool { ["AP50", "float32"].contains(name) }

  /// 64 products with 0.25, four times: 16⁴ · x reaches 65520, which rounds to infinity, at x ≈ 0.9998 on the
  /// mean channel and somewhat sooner on the largest.
  @Test func findsTheRangeOfHalfPrecision() async throws {
    let (_, found) = try await findings("W8")
    #expect((0.95...1).contains(found.value))
    #expect(found.rows.contains { $0[2] > 0 } && found.rows.contains { $0[2] == 0 })
  }

  /// A batch's neighbour changes nothing in use.
  @Test func normalizesByTheBatchInTrainingOnly() async throws {
    let (_, found) = try await findings("W4")
    #expect(Set(found.rows.map { $0[1] }).count == 1 && Set(found.rows.map { $0[2] }).count > 1)
  }

  @Test func asksAllTwelveAndMore() throws {
    let course = try Course(path: courseFolder)
    let ids = Set(course.questions.map(\.id))
    for number in 1...14 { #expect(ids.contains("W\(number)")) }
    #expect(ids.count == course.questions.count)
  }

  @Test func settingsStayWithinTheirBounds() throws {
    let course = try Course(path: courseFolder)
    for question in course.questions {
      #expect(!question.parameters.isEmpty && question.trial != nil, "\(question.id)")
      let own = try question.settings()
      #expect(question.isOwn(own))
      for parameter in question.parameters {
        #expect(parameter.allows(parameter.initial), "\(question.id) \(parameter.name)")
        #expect(parameter.allows(parameter.range.lowerBound))
        #expect(
          question.label(parameter.name, .chinese) != question.label(parameter.name, .english)
        )
        for wrong in [
          parameter.range.upperBound + parameter.step, parameter.range.lowerBound - parameter.step,
          parameter.initial + parameter.step / 2, .nan, .infinity, 1e300,
        ] {
          #expect(
            errorID { _ = try question.settings([parameter.name: wrong]) } == .labInvalidSetting,
            "\(question.id) \(parameter.name) \(wrong)"
          )
        }
      }
      #expect(errorID { _ = try question.settings(["nothing": 1]) } == .labInvalidSetting)
      // What the log keeps can be read again.
      let read = try question.settings(
        WhySettings.changes(own.text.split(separator: " ").map(String.init))
      )
      #expect(read == own)
    }
    for text in ["x", "x=", "=1", "x=y", "x=nan", "x=1e999"] {
      #expect(errorID { _ = try WhySettings.changes([text]) } == .labInvalidSetting, "\(text)")
    }
    #expect(errorID { _ = try WhySettings.changes(["x=1", "x=2"]) } == .labInvalidSetting)
  }

  /// The rule that the explanation states, at other settings: 10 dB on the mean for each tenfold, until the
  /// smallest channel falls below one step.
  @Test func movingTheSpreadMovesTheGain() async throws {
    let course = try Course(path: courseFolder)
    let question = try #require(course.questions.first { $0.id == "W9" })
    for (spread, expected) in [(1.0, 0.0), (10, 10), (100, 20)] {
      let settings = try question.settings(["spread": spread])
      let found = try await question.run(model: Self.sample, settings: settings)
      #expect(abs(found.value - expected) < 1 && found.agrees, "\(spread): \(found.value)")
    }
    let broken = try await question.run(
      model: Self.sample,
      settings: try question.settings(["spread": 2000, "bits": 3])
    )
    #expect(broken.value < 20 && !broken.agrees)
  }

  /// 65504 divided by (channels · weight) four times.
  @Test(arguments: [(0.5, 64.0), (0.25, 128), (0.2, 32)])
  func movingTheWeightsMovesTheLimit(_ weight: Double, _ channels: Double) async throws {
    let course = try Course(path: courseFolder)
    let question = try #require(course.questions.first { $0.id == "W8" })
    let settings = try question.settings(["weight": weight, "channels": channels])
    let found = try await question.run(model: Self.sample, settings: settings)
    let gain = weight * channels
    let limit = 65504 / (gain * gain * gain * gain)
    #expect(abs(found.value / limit - 1) < 0.1 && found.agrees, "\(found.value) \(limit)")
  }

  @Test func aCancelledExperimentEnds() async throws {
    let course = try Course(path: courseFolder)
    let question = try #require(course.questions.first { $0.id == "W5" })
    let task = Task { try await question.run(model: Self.sample) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func runsAreKeptInOrderAndNotForEver() throws {
    let course = try Course(path: courseFolder)
    let question = try #require(course.questions.first { $0.id == "W9" })
    let folder = try WorkFolder()
    let store = WhyRunStore(state: folder.path)
    let findings = WhyFindings(value: 1, columns: ["a"], rows: [[1]], agrees: true, figures: [:])
    for number in 1...30 {
      let settings = try question.settings(number == 1 ? [:] : ["spread": Double(number)])
      let run = WhyRun(
        number: number,
        question: "W9",
        settings: settings,
        predicted: nil,
        margin: nil,
        findings: findings
      )
      try store.keep(run, of: "learner:a", question)
    }
    let kept = store.runs(of: "learner:a", question).map(\.number)
    #expect(kept == [1] + Array(16...30))
    #expect(store.runs(of: "learner:b", question).isEmpty)
    // What is no number is kept all the same.
    var open = findings
    (open.rows, open.figures) = ([[.infinity], [2]], ["x": .nan])
    let run = WhyRun(
      number: 31,
      question: "W9",
      settings: try question.settings(["spread": 31]),
      predicted: nil,
      margin: nil,
      findings: open
    )
    try store.keep(run, of: "learner:c", question)
    let read = try #require(store.runs(of: "learner:c", question).first)
    #expect(read.findings.rows[0][0].isNaN && read.findings.rows[1] == [2])
    // A file that is no run, or one of another shape, is not there.
    try folder.write("{", "answers/a-W9-99.json")
    #expect(store.runs(of: "learner:a", question).count == 16)
  }
}
