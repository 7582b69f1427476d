import Detectors
import Diagnostics
import Foundation
import Testing

@testable import Reports

@Suite struct ReportTests {
  private static let hostile = "<script>alert('x')</script>&\"\n🦊"

  static func report(_ name: String = hostile) -> Report {
    let subject = Subject(
      file: name,
      byteCount: 1,
      family: name,
      task: name,
      classNames: [name],
      parameterCount: 1,
      gigaOperations: 2.5,
      inputSize: [64, 96]
    )
    var report = Report(command: name, date: name, subject: subject, environment: [name: name])
    report.stages = [Stage(name: name, milliseconds: 1.5, summary: name)]
    report.graph = GraphSummary(
      operatorsBefore: [name: 2],
      operatorsAfter: [name: 1],
      patches: []
    )
    let figure = Check.Figure(name, name, limit: name)
    report.checks = [Check(name: name, passes: false, figures: [figure], verdict: name)]
    report.latency = LatencyRecord(
      backend: name,
      threadCount: 0,
      inputShape: [1, 3, 64, 96],
      runCount: 3,
      warmUpCount: 1,
      p50: 1,
      p90: 2,
      minimum: 0.5
    )
    var picture = Picture(
      name: name,
      width: 10,
      height: 20,
      detections: [],
      preprocessMilliseconds: 1,
      inferenceMilliseconds: 2,
      postprocessMilliseconds: 3
    )
    picture.preview = [0xFF, 0xD8, 0xFF]
    report.pictures = [picture]
    report.diagnostics = [Diagnostic(.warning, "a.b", name, at: .file(path: name), remedy: name)]
    return report
  }

  @Test func namesFromFilesAreNeverMarkup() {
    let page = HTMLRenderer().render(Self.report())
    #expect(!page.contains("<script>alert"))
    #expect(!Self.withoutScripts(page).contains("alert('x')"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\n🦊"))
    // one in the title, at least one in each of the eight sections
    #expect(page.components(separatedBy: "&lt;script&gt;").count > 16)
    #expect(page.contains("data:image/jpeg;base64,/9j/\""))
    #expect(!Self.withoutScripts(page).contains("://"))
  }

  /// A page without what its script elements hold.
  static func withoutScripts(_ page: String) -> String {
    page.components(separatedBy: "<script").enumerated().map { index, part in
      index == 0 ? part : part.components(separatedBy: "</script>").dropFirst().joined()
    }.joined()
  }

  @Test func everyTagIsClosed() {
    let page = Self.withoutScripts(HTMLRenderer().render(Self.report()))
    for tag in ["section", "table", "details", "figure", "header", "tr", "td", "div", "main"] {
      let opened = page.components(separatedBy: "<\(tag)>").count
      let attributed = page.components(separatedBy: "<\(tag) ").count
      let closed = page.components(separatedBy: "</\(tag)>").count
      #expect(opened + attributed - 1 == closed, "\(tag)")
    }
  }

  // Expected: python3 -c "import base64; print(base64.b64encode(bytes(range(n))))" (3.11).
  @Test(arguments: [
    (0, ""), (1, "AA=="), (2, "AAE="), (3, "AAEC"), (4, "AAECAw=="),
    (17, "AAECAwQFBgcICQoLDA0ODxA="),
  ])
  func base64IsPythons(count: Int, expected: String) {
    #expect(HTML.base64((0..<count).map(UInt8.init)) == expected)
  }

  @Test func base64OfEveryByteIsFoundations() {
    for drop in 0..<3 {
      let bytes = Array((0...255).map(UInt8.init).reversed().dropLast(drop))
      #expect(HTML.base64(bytes) == Data(bytes).base64EncodedString())
    }
  }

  // Expected: Python's f"{value:.{places}f}" (3.11), save that no zero has a sign.
  @Test(arguments: [
    (0.0, 1, "0.0"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (2.675, 0, "3"), (-12.34, 1, "-12.3"),
    (0.999, 2, "1.00"), (12345.678, 3, "12345.678"),
  ])
  func decimals(value: Double, places: Int, expected: String) {
    #expect(HTML.decimal(value, places) == expected)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
  func strangeNumbersAreSaidNotTrapped(value: Double) {
    #expect(!HTML.decimal(value, 3).isEmpty)
  }

  @Test func jsonDecodesBack() throws {
    let report = Self.report()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(report)
    let again = try JSONDecoder().decode(Report.self, from: data)
    #expect(try encoder.encode(again) == data)
    #expect(again.subject.file == Self.hostile)
    #expect(again.schemaVersion == 2)
    #expect(again.pictures[0].preview.isEmpty)
    #expect(!again.passes)
  }

  @Test func aReportWithoutResultsIsAPage() {
    let subject = Subject(
      file: "x.pt",
      byteCount: 0,
      family: "",
      task: "detect",
      classNames: [],
      parameterCount: 0,
      gigaOperations: 0,
      inputSize: []
    )
    let report = Report(command: "deploy", date: "", subject: subject, environment: [:])
    #expect(report.passes)
    let page = HTMLRenderer().render(report)
    #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
    #expect(!Self.withoutScripts(page).contains("checks hold"))
  }
}
