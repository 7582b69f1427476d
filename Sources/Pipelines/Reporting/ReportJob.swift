import Detectors
import Diagnostics
import Files
import FoundationEssentials
import Images
public import Reports

/// Documents → one page, text or document.
public struct ReportJob: Sendable {
  /// What is written.
  public enum Format: String, Sendable, CaseIterable {
    case html
    case markdown
    case json
  }

  /// What was written.
  public struct Result: Sendable, Codable {
    /// The file's path.
    public var output: String
    /// Its size in bytes.
    public var byteCount: Int
    /// The documents that it shows.
    public var documents: [String]
    /// Whether it draws charts; otherwise it has their tables only.
    public var hasCharts: Bool
    /// The time that it took, in milliseconds.
    public var milliseconds: Double
  }

  /// The documents' paths.
  public var documents: [String]
  /// The file to write; nil puts it next to the first document.
  public var output: String?
  /// What is written.
  public var format = Format.html
  /// The language of the text, and the one that a page opens in.
  public var language = ReportLanguage.english
  /// Whether ONNX files are run once, on our own engine, to show where their time goes.
  public var runsNetworks = false
  /// The folder where `Scripts/setup` keeps plotly.js.
  public var cache: String?

  /// Creates a job.
  public init(documents: [String]) { self.documents = documents }

  /// Where the file goes.
  public var path: String {
    if let output { return output }
    let first = documents.first ?? "report.json"
    let stem = first.lowercased().hasSuffix(".json") ? String(first.dropLast(5)) : first
    switch format {
    case .html: return stem + ".html"
    case .markdown: return stem + ".md"
    case .json: return stem + ".v\(Report.schemaVersion).json"
    }
  }

  /// Reads, renders and writes.
  /// - Throws: what reading throws; `report.onto-source`, `report.nothing-to-show`.
  public func run(progress: ProgressHandler = { _ in }) async throws -> Result {
    let start = ContinuousClock.now
    guard !documents.isEmpty else {
      throw DeployError(
        .reportNothingToShow,
        "no document was given",
        remedy: "name one report.json or more"
      )
    }
    if let same = documents.first(where: { MappedFile.areSame($0, path) }) {
      throw DeployError(
        .reportOntoSource,
        "is a document that is read",
        at: .file(path: same),
        remedy: "give another name with --output"
      )
    }
    try OutputFile.checkKind(path, [".html", ".htm", ".md", ".markdown", ".json"])
    progress(.began(stage: "read", total: documents.count))
    let reader = ArtifactReader(runsNetworks: runsNetworks)
    var reports = try await reader.read(documents)
    if format == .html, reports.count == documents.count {
      for index in reports.indices {
        ReportPictures.load(into: &reports[index], beside: documents[index])
      }
    }
    progress(.advanced(documents.count))
    progress(.finished(summary: counted(reports.count, "document")))
    progress(.began(stage: "render", total: nil))
    let text = try render(reports)
    try AtomicFile.write(text, to: path)
    progress(.finished(summary: "\(path), \(text.utf8.count / 1000) kB"))
    return Result(
      output: path,
      byteCount: text.utf8.count,
      documents: documents,
      hasCharts: format == .html && !text.contains("class=\"no-charts\""),
      milliseconds: (ContinuousClock.now - start).milliseconds
    )
  }

  private func render(_ reports: [Report]) throws -> String {
    switch format {
    case .html:
      var pages = ReportPages(cache: cache)
      pages.language = language
      return pages.html(reports)
    case .markdown:
      var renderer = MarkdownRenderer()
      renderer.language = language
      return renderer.render(reports)
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let current = reports.map { report -> Report in
        var report = report
        report.schemaVersion = Report.schemaVersion
        return report
      }
      let data = try current.count == 1 ? encoder.encode(current[0]) : encoder.encode(current)
      return String(decoding: data, as: UTF8.self) + "\n"
    }
  }

  /// Shows a file with the desktop's own program.
  /// - Throws: `report.cannot-open`.
  public static func show(_ path: String) throws {
    let answer = ChildProcess.run("xdg-open", [path], seconds: 10)
    guard answer.problem == nil else {
      throw DeployError(
        .reportCannotOpen,
        "could not be shown: \(answer.problem ?? "")",
        at: .file(path: path),
        remedy: "open it in a browser"
      )
    }
  }
}

extension Diagnostic.ID {
  /// No document was given.
  static let reportNothingToShow: Self = "report.nothing-to-show"
  /// The output is a document that is read.
  static let reportOntoSource: Self = "report.onto-source"
  /// There is no desktop to show a page on.
  static let reportCannotOpen: Self = "report.cannot-open"
}
