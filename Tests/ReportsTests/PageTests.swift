import Foundation
import Metrics
import Testing

@testable import Reports

/// What pages and texts hold, and that what a document says is never more than text.
@Suite struct PageTests {
  private static let hostile = "</script><img src=x onerror=\"alert('x')\">&\u{2028}'\"\n|`*_"

  @Test func everythingInADocumentIsOnThePage() {
    let page = HTMLRenderer().render(FullReport.make())
    for section in [
      "verdicts", "pictures", "checks", "accuracy", "latency", "frameworks", "precision",
      "attribution", "structure", "profile", "arena", "timeline", "stages", "graph", "notes",
      "machine",
    ] {
      #expect(page.contains("<section id=\"\(section)\">"), "\(section)")
      #expect(page.contains("href=\"#\(section)\""), "\(section)")
    }
    for tool in ["structure", "timeline", "heatmap"] {
      #expect(page.contains("data-tool=\"\(tool)\""), "\(tool)")
    }
  }

  @Test func everyChartHasItsTable() {
    let page = HTMLRenderer().render(FullReport.make())
    let figures = page.components(separatedBy: "data-chart=").dropFirst()
    #expect(figures.count >= 12)
    for figure in figures {
      let rest = figure.components(separatedBy: "</figure>")[0]
      #expect(rest.contains("<tbody>") && rest.contains("<td"))
    }
  }

  @Test func hostileTextStaysText() {
    let page = HTMLRenderer().render(FullReport.make(Self.hostile))
    #expect(!page.contains("<img src=x"))
    // One script element for each that the page opens by itself.
    let opened = page.components(separatedBy: "<script").count
    #expect(page.components(separatedBy: "</script>").count == opened)
    for tag in ["section", "table", "details", "figure", "article", "div"] {
      let text = ReportTests.withoutScripts(page)
      let starts =
        text.components(separatedBy: "<\(tag)>").count
        + text.components(separatedBy: "<\(tag) ").count - 1
      #expect(text.components(separatedBy: "</\(tag)>").count == starts, "\(tag)")
    }
  }

  @Test func dataOfThePageIsJSON() throws {
    let page = HTMLRenderer().render(FullReport.make(Self.hostile))
    let blocks = page.components(separatedBy: "<script type=\"application/json\" id=\"").dropFirst()
    #expect(blocks.count > 14)
    for block in blocks {
      let text = block.components(separatedBy: "</script>")[0]
      let json = text.drop { $0 != ">" }.dropFirst()
      _ = try JSONSerialization.jsonObject(with: Data(json.utf8), options: [.fragmentsAllowed])
      #expect(!json.contains("<"))
    }
  }

  @Test func nothingMayBeFetched() {
    let page = HTMLRenderer().render(FullReport.make())
    #expect(page.contains("default-src 'none'"))
    #expect(!page.contains("<link rel=\"stylesheet\"") && !page.contains("<script src"))
    let text = ReportTests.withoutScripts(page)
    #expect(!text.contains("url(") && !text.contains("@import"))
  }

  @Test(arguments: ReportLanguage.allCases)
  func markdownHoldsEveryTable(language: ReportLanguage) {
    var renderer = MarkdownRenderer()
    renderer.language = language
    let text = renderer.render([FullReport.make(Self.hostile)])
    #expect(!text.contains("<img") && !text.contains("</script>"))
    let tables = text.components(separatedBy: "\n\n").filter { $0.hasPrefix("| ") }
    #expect(tables.count > 25)
    for table in tables {
      let lines = table.split(separator: "\n")
      let widths = lines.map { line in
        line.replacing("\\|", with: "").count { $0 == "|" }
      }
      #expect(Set(widths).count == 1, "\(lines.prefix(3))")
    }
  }

  @Test func severalDocumentsAreCompared() {
    let page = HTMLRenderer().render([FullReport.make("a"), FullReport.make("b")])
    #expect(page.contains("<section id=\"comparison\">"))
    #expect(
      page.contains("<article id=\"report-1\">") && page.contains("<article id=\"report-2\">")
    )
    #expect(page.contains("id=\"timeline-1\"") && page.contains("id=\"timeline-2\""))
    let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
    #expect(Set(ids).count == ids.count, "an id is there once")
  }

  @Test func withoutTheChartLibraryThePageSaysSo() {
    #expect(HTMLRenderer().render(FullReport.make()).contains("class=\"no-charts\""))
    var renderer = HTMLRenderer()
    renderer.chartLibrary = "window.Plotly = {};"
    #expect(!renderer.render(FullReport.make()).contains("class=\"no-charts\""))
  }

  @Test func plainRowsStandInForGraphviz() {
    let stage = FullReport.structure("x").stages[1]
    let layout = StructureLayout(layering: stage)
    #expect(layout.nodes.count == 2 && layout.edges.count == 1)
    #expect(layout.nodes[0][1] < layout.nodes[1][1])
    #expect(StructureLayout(layering: .init(.onnx, name: "", nodes: [], edges: [])).height == 0)
  }
}
