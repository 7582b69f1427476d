import Foundation
import Metrics
import Testing

@testable import Reports

/// What documents say in English is said in the page's language.
@Suite struct SentencesTests {
  private static let chinese = Words(.chinese)
  private static let english = Words(.english)

  private static func verdict(_ factor: Double, rounds: Int = 40, _ obstacle: String? = nil)
    -> Verdict
  {
    let blocks = (0..<rounds).map { index in
      let drift = 1 + Double(index % 7) / 1000
      return InterleavedBlock(
        baseline: [10 * drift, 10 * drift],
        candidate: [10 * factor * drift, 10 * factor * drift]
      )
    }
    return Verdict(
      baseline: "onnxruntime · batch 1",
      candidate: "openvino · batch 1",
      quantity: "engine",
      blocks: blocks,
      obstacle: obstacle
    )
  }

  /// Verdicts as the code makes them, so that a change of its words is seen here.
  private static let made = [
    verdict(0.8), verdict(1.2), verdict(3), verdict(1), verdict(1, rounds: 3),
    verdict(1.2, "others took 91 % of the processor time"),
    verdict(1.2, "others took most of the processor time in one of the runs"),
  ]

  @Test func verdictsAreTranslated() {
    let words = Self.made.map { Self.chinese.text(.said($0.words)) }
    let expected = [
      "openvino · batch 1 快 20.0 % [", "openvino · batch 1 慢 20.0 % [",
      "openvino · batch 1 用时为 3.0 倍 [", "未显示差异", "轮数太少，无法判断（3 轮，至少需 12 轮）",
      "无法判断：其他程序占用了 91 % 的处理器时间", "无法判断：其中一次运行时其他程序占用了大部分处理器时间",
    ]
    for (text, start) in zip(words, expected) { #expect(text.hasPrefix(start), "\(text)") }
    let detail = Self.chinese.text(.said(Self.made[0].detail))
    #expect(
      detail.hasPrefix("引擎时间，openvino · batch 1 相对 onnxruntime · batch 1：-20.0 % ["),
      "\(detail)"
    )
    #expect(detail.hasSuffix("40 轮 A B B A"), "\(detail)")
  }

  @Test func attributionsAreTranslated() throws {
    let measurement = AttributionMeasurement(
      steps: [("a", "a"), ("b", "b"), ("c", "c")],
      chain: [[10, 8, 8, 9], [10, 8, 8, 9], [10, 8, 8, 9]],
      leavingOut: [[11, 9, 8], [11, 9, 8], [11, 9, 8]]
    )
    let bars = try #require(measurement.summary()).bars
    let words = bars.map { Self.chinese.text(.said($0.words)) }
    #expect(words[0] == "节省 2.00 ms（起点的 20.0 %）；仅去掉这一项会多用 2.00 ms")
    #expect(words[1] == "未显示差异；仅去掉这一项未显示差异")
    #expect(words[2] == "多用 1.00 ms（起点的 10.0 %）；仅去掉这一项会节省 1.00 ms")
  }

  /// The edits of the structure view, as the passes say them; its data holds the catalogue's keys.
  @Test func editsAreTranslated() {
    let bn = "fold model.0.bn into model.0.conv: both scale and shift each channel"
    #expect(Self.chinese.text(.said(bn)) == "把 model.0.bn 折叠进 model.0.conv：两者都对每个通道做缩放和平移")
    var report = FullReport.make()
    let page = HTMLRenderer().render(report)
    #expect(!page.contains("[\"said.patch.bnwhy\""))
    report.structure?.steps = [
      StructureRecord.Step(
        number: 1,
        pass: "fold",
        rule: "bn",
        reason: bn,
        before: [],
        after: [],
        sources: [],
        results: []
      )
    ]
    #expect(HTMLRenderer().render(report).contains("[\"said.patch.bnwhy\",\"model.0.bn\""))
  }

  @Test func runsAreTranslated() {
    let counts = [5, 70, 700].map { count in
      QueryRule(
        .single,
        milliseconds: [Double](repeating: 9, count: count),
        pictureCount: count,
        seconds: 6
      ).words
    }
    for words in counts {
      let text = Self.chinese.text(.said(words))
      #expect(text.contains("次查询") && text.contains("未达 MLPerf"), "\(text)")
      #expect(!text.contains("short of"), "\(text)")
    }
  }

  /// In English a page says to the letter what the document says.
  @Test func englishStaysAsItIs() {
    let texts =
      Self.made.flatMap { [$0.words, $0.detail] } + [
        "", "no difference", "structure; sound", "a; b. c, d", "{0}; {1}", "tensors, a, b",
        "smallest IoU 1.0000, largest score difference 0.0000",
        "5 of 6 detections found, 1 extra, smallest IoU 0.5",
        String(repeating: "fair; fair. ", count: 80) + "x", "said.none",
      ]
    for text in texts { #expect(Self.english.text(.said(text)) == text) }
  }

  /// Each template says each insertion once, or something of a sentence would be lost.
  @Test func templatesLoseNothing() {
    let templates = Self.english.texts.filter { $0.key.hasPrefix("said.") }
    #expect(templates.count > 60)
    for (key, text) in templates {
      let numbers = text.matches(of: /\{(\d)\}/).compactMap { Int($0.1) }
      #expect(numbers.sorted() == Array(numbers.indices), "\(key)")
    }
  }

  @Test func pagesOfBothKindsAreChinese() throws {
    var report = FullReport.make()
    report.verdicts = Self.made
    var markdown = MarkdownRenderer()
    markdown.language = .chinese
    let text = markdown.render([report])
    #expect(text.contains("未显示差异") && text.contains("openvino · batch 1 快 20.0 %"))
    #expect(!text.contains("no difference shown"))
    var html = HTMLRenderer()
    html.language = .chinese
    let page = html.render(report)
    #expect(page.contains(">未显示差异<"))
    // The page changes its language by itself: the sentence is marked, not only written.
    #expect(page.contains("data-t=\"said.none\""))
    #expect(page.contains("[&quot;said.engine&quot;]"))
  }
}
