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
    let terms = Set(question.terms.map(\.english))
    for name in found.columns + found.labels where !Self.isPlain(name) {
      #expect(terms.contains(name), "\(id) has no Chinese for '\(name)'")
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
}
