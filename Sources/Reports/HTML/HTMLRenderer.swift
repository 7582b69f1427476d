import Detectors
import Diagnostics
import Passes

/// Renders a report as one HTML file that needs no network and no script.
public struct HTMLRenderer: Sendable {
  /// Creates a renderer.
  public init() {}

  /// The page, in UTF-8.
  public func render(_ report: Report) -> String {
    let sections = [
      header(report), timeline(report), pictures(report), checks(report), graph(report),
      latency(report), notes(report), environment(report),
    ]
    let title = HTML.escape("\(report.subject.file): \(report.command)")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="Vitrine">
      <title>\(title)</title>
      <style>\(Self.styles)</style>
      </head>
      <body>
      <main>
      \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  private func header(_ report: Report) -> String {
    let subject = report.subject
    let verdict =
      report.passes
      ? "<p class=\"verdict ok\">✓ all \(report.checks.count) checks hold</p>"
      : "<p class=\"verdict bad\">✗ \(report.checks.count { !$0.passes }) checks fail</p>"
    let facts = [
      ["family", subject.family], ["task", subject.task],
      ["classes", "\(subject.classNames.count)"],
      ["parameters", HTML.decimal(Double(subject.parameterCount) / 1e6, 2) + " M"],
      ["work per picture", HTML.decimal(subject.gigaOperations, 1) + " GFLOP"],
      ["input", subject.inputSize.map(String.init).joined(separator: " × ") + " px"],
    ]
    let list = facts.map { "<dt>\($0[0])</dt><dd>\(HTML.escape($0[1]))</dd>" }.joined()
    return """
      <header><h1>\(HTML.escape(subject.file))</h1>
      \(report.checks.isEmpty ? "" : verdict)
      <p class="dim">vitrine \(HTML.escape(report.command)) · \(HTML.escape(report.date))</p>
      <dl>\(list)</dl></header>
      """
  }

  private func timeline(_ report: Report) -> String {
    let total = report.stages.map(\.milliseconds).reduce(0, +)
    guard total > 0 else { return "" }
    let bars = report.stages.enumerated().map { index, stage in
      let share = HTML.decimal(stage.milliseconds / total * 100, 3)
      let label = HTML.escape("\(stage.name): \(HTML.decimal(stage.milliseconds, 1)) ms")
      return
        "<span class=\"c\(index % 8)\" style=\"flex-basis:\(share)%\" title=\"\(label)\"></span>"
    }
    let rows = report.stages.map {
      [$0.name, HTML.decimal($0.milliseconds, 1), $0.summary]
    }
    return """
      <section><h2>What happened</h2>
      <div class="bar" role="img" aria-label="share of each stage in the whole time">\(bars.joined())</div>
      \(HTML.table(["stage", "ms", "result"], rows, numeric: [1]))</section>
      """
  }

  private func pictures(_ report: Report) -> String {
    guard !report.pictures.isEmpty else { return "" }
    let names = report.subject.classNames
    let figures = report.pictures.map { picture in
      let rows = picture.detections.map { detection in
        let box = detection.box
        return [
          detection.classIndex < names.count
            ? names[detection.classIndex] : "class \(detection.classIndex)",
          HTML.decimal(Double(detection.confidence), 3),
          [box.x1, box.y1, box.x2, box.y2].map { HTML.decimal(Double($0), 1) }
            .joined(separator: ", "),
        ]
      }
      let image =
        picture.preview.isEmpty
        ? ""
        : "<img alt=\"\(HTML.escape(picture.name)) with boxes\" src=\"data:image/jpeg;base64,\(HTML.base64(picture.preview))\">"
      return """
        <figure>\(image)<figcaption>\(HTML.escape(picture.name)) · \(picture.width) × \(picture.height) px · \
        \(picture.detections.count) found</figcaption>
        <details><summary>boxes</summary>\(HTML.table(["class", "confidence", "x1, y1, x2, y2 px"], rows, numeric: [1]))</details></figure>
        """
    }
    return
      "<section><h2>Pictures</h2><div class=\"grid\">\(figures.joined(separator: "\n"))</div></section>"
  }

  private func checks(_ report: Report) -> String {
    guard !report.checks.isEmpty else { return "" }
    let blocks = report.checks.map { check in
      let rows = check.figures.map { [$0.name, $0.value, $0.limit ?? ""] }
      return """
        <details\(check.passes ? "" : " open")><summary><b class="\(check.passes ? "ok" : "bad")">\
        \(check.passes ? "✓" : "✗")</b> \(HTML.escape(check.name)): \(HTML.escape(check.verdict))</summary>
        \(rows.isEmpty ? "" : HTML.table(["figure", "measured", "required"], rows))</details>
        """
    }
    return "<section><h2>Checks</h2>\(blocks.joined(separator: "\n"))</section>"
  }

  private func graph(_ report: Report) -> String {
    guard let graph = report.graph else { return "" }
    let names = Set(graph.operatorsBefore.keys).union(graph.operatorsAfter.keys).sorted()
    let rows = names.map { name in
      let (before, after) = (graph.operatorsBefore[name] ?? 0, graph.operatorsAfter[name] ?? 0)
      return [name, "\(before)", "\(after)", before == after ? "" : "\(after - before)"]
    }
    let patches = graph.patches.map { [$0.pass, $0.reason] }
    return """
      <section><h2>The graph, before and after</h2>
      <p>\(graph.countBefore) nodes became \(graph.countAfter) by \(graph.patches.count) edits.</p>
      \(HTML.table(["operator", "before", "after", "change"], rows, numeric: [1, 2, 3]))
      <details><summary>every edit</summary>\(HTML.table(["pass", "edit"], patches))</details></section>
      """
  }

  private func latency(_ report: Report) -> String {
    guard let latency = report.latency else { return "" }
    let threads = latency.threadCount == 0 ? "the backend's choice" : "\(latency.threadCount)"
    let rows = [
      [
        latency.backend, latency.inputShape.map(String.init).joined(separator: " × "), threads,
        HTML.decimal(latency.p50, 2), HTML.decimal(latency.p90, 2),
        HTML.decimal(latency.minimum, 2), "\(latency.runCount)",
      ]
    ]
    return """
      <section><h2>Latency of the engine</h2>
      \(HTML.table(["backend", "input", "threads", "P50 ms", "P90 ms", "minimum ms", "runs"], rows, numeric: [3, 4, 5, 6]))
      <p class="dim">Inference only, after \(latency.warmUpCount) runs to warm up; nearest-rank percentiles.</p></section>
      """
  }

  private func notes(_ report: Report) -> String {
    guard !report.diagnostics.isEmpty else { return "" }
    let rows = report.diagnostics.map { [$0.severity.rawValue, $0.message, $0.remedy ?? ""] }
    return "<section><h2>Notes</h2>\(HTML.table(["kind", "what", "what to do"], rows))</section>"
  }

  private func environment(_ report: Report) -> String {
    let rows = report.environment.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    return "<section><h2>Machine</h2>\(HTML.table(["what", "found"], rows))</section>"
  }
}
