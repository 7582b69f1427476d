import Backends
import Files
public import Reports

/// Reports → a page, with what a page needs beside the documents: layouts and the chart library.
public struct ReportPages: Sendable {
  /// The folder where `Scripts/setup` keeps plotly.js; nil makes pages without charts.
  public var cache: String?
  /// The language that a page opens in.
  public var language = ReportLanguage.english

  /// Creates a maker of pages.
  public init(cache: String?) { self.cache = cache }

  /// One page of HTML.
  public func html(_ reports: [Report]) -> String {
    var renderer = HTMLRenderer()
    renderer.language = language
    renderer.chartLibrary = chartLibrary() ?? ""
    renderer.layouts = reports.map { report in
      report.structure.map { GraphvizLayout.layouts(of: $0) } ?? []
    }
    return renderer.render(reports)
  }

  /// plotly.js; nil where it was not set up.
  public func chartLibrary() -> String? {
    guard let cache else { return nil }
    let paths = EngineFolder(cache + "/engines").libraries(of: "plotly", prefix: "plotly.min.js")
    guard let path = paths.first, let file = try? MappedFile(path: path), file.count < 32 << 20
    else { return nil }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    // Whatever the file says, it must not end the element that holds it.
    return text.firstRange(of: "</script") == nil ? text : nil
  }
}
