/// Renders reports as one HTML file that needs no network: styles, scripts, words of both
/// languages, data and pictures are in it, and its security policy allows nothing else.
public struct HTMLRenderer: Sendable {
  /// The language that the page opens in; the reader can switch.
  public var language = ReportLanguage.english
  /// plotly.js, which draws the charts; empty leaves the tables alone.
  public var chartLibrary = ""
  /// Per report, the layouts of the stages of its structure; missing ones are laid out in rows.
  public var layouts: [[StructureLayout]] = []

  /// Creates a renderer for a page in English without charts.
  public init() {}

  /// The page of one report, in UTF-8.
  public func render(_ report: Report) -> String { render([report]) }

  /// The page of several reports, which are compared first and then shown one by one.
  public func render(_ reports: [Report]) -> String {
    var builder = PageBuilder(reports, layouts: layouts)
    let articles = builder.articles()
    let comparison = reports.count > 1 ? builder.comparison() : []
    let writer = HTMLWriter(Words(language))
    let body =
      comparison.map(writer.section).joined(separator: "\n")
      + articles.map(writer.article).joined(separator: "\n")
    let title = reports.map(\.subject.file).prefix(3).joined(separator: ", ")
    return """
      <!doctype html>
      <html lang="\(language.rawValue)"\(chartLibrary.isEmpty ? " class=\"no-charts\"" : "")>
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="Vitrine">
      <meta name="referrer" content="no-referrer">
      <link rel="icon" href="data:,">
      <title>\(HTML.escape(title.isEmpty ? "Vitrine" : title))</title>
      \(WebAsset.styles.map { "<style>\(WebAsset.text($0))</style>" }.joined(separator: "\n"))
      </head>
      <body>
      \(bar(comparison, articles, writer))
      <main>
      \(body)
      </main>
      <footer>\(writer.span(.word("page.footer", "Vitrine")))</footer>
      \(scripts(builder.data))
      </body>
      </html>

      """
  }

  /// Nothing may be fetched: what is not in the file is not there. Charts style themselves inline.
  private static let policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    + "img-src data: blob:; base-uri 'none'; form-action 'none'"

  private func bar(
    _ comparison: [PageSection],
    _ articles: [PageArticle],
    _ writer: HTMLWriter
  ) -> String {
    let sections = comparison + (articles.count == 1 ? articles[0].sections : [])
    var links = sections.map { "<a href=\"#\($0.id)\">\(writer.span($0.title))</a>" }
    if articles.count > 1 {
      links += articles.enumerated().map {
        "<a href=\"#\($1.id)\">\($0 + 1). \(HTML.escape($1.title))</a>"
      }
    }
    let languages = ReportLanguage.allCases.map {
      "<option value=\"\($0.rawValue)\">\($0 == .english ? "English" : "中文")</option>"
    }
    let themes = ["auto", "light", "dark"].map {
      "<option value=\"\($0)\" data-t=\"theme.\($0)\">\(HTML.escape(writer.words.text("theme.\($0)")))</option>"
    }
    return """
      <div class="bar"><div><span class="mark">Vitrine</span>
      <nav data-t-label="page.sections" aria-label="\(HTML.escape(writer.words.text("page.sections")))">\(links.joined())</nav>
      <select id="language" aria-label="Language / 语言">\(languages.joined())</select>
      <select id="theme" data-t-label="page.theme" aria-label="\(HTML.escape(writer.words.text("page.theme")))">\(themes.joined())</select>
      </div></div>
      """
  }

  private func scripts(_ data: PageData) -> String {
    let catalogues = ReportLanguage.allCases.map {
      "\"\($0.rawValue)\":\(PageData.inert(WebAsset.text("words.\($0.rawValue).json")))"
    }
    var texts = [("words", "{\(catalogues.joined(separator: ","))}")]
    texts += data.texts.map { ($0.name, $0.json) }
    let blocks = texts.map {
      "<script type=\"application/json\" id=\"\($0.0)\">\($0.1)</script>"
    }
    let code =
      (chartLibrary.isEmpty ? [] : [chartLibrary])
      + (WebAsset.scripts + ["page.js"]).map(WebAsset.text)
    return (blocks + code.map { "<script>\($0)</script>" }).joined(separator: "\n")
  }
}
