import Foundation
import TestSupport
import Testing

/// `vitrine report` and `vitrine detect --trace` as users run them, and pages in a real browser.
@Suite struct ReportCommandTests {
  private static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  private static let picture = "src=\"data:image/jpeg;base64,"

  /// A deployment of the sample, made once.
  private static let deployed = Result {
    let scratch = try ScratchFolder()
    let run = try VitrineProcess.run(
      [
        "deploy", Self.sample, "--images", SharedData.checkout + "/Samples/images",
        "--output", scratch.file("out"), "--imgsz", "320",
      ],
      environment: ["XDG_CACHE_HOME": scratch.path]
    )
    return (scratch, run)
  }

  private static func document() throws -> String {
    let (scratch, run) = try deployed.get()
    #expect(run.status == 0, "\(run.errors)")
    return scratch.file("out/report.json")
  }

  @Test(.enabled(if: Engine.isThere)) func oneDocumentBecomesAPageATextAndADocument() throws {
    let document = try Self.document()
    let scratch = try ScratchFolder()
    for (format, name, start) in [
      ("html", "a.html", "<!doctype html>"), ("markdown", "a.md", "# "), ("json", "a.json", "{"),
    ] {
      let run = try VitrineProcess.run([
        "report", document, "--format", format, "-o", scratch.file(name),
      ])
      #expect(run.status == 0, "\(run.errors)")
      let text = try String(contentsOfFile: scratch.file(name), encoding: .utf8)
      // Pages are too long to be printed where they are not what they should be.
      let isGood = text.hasPrefix(start) && text.contains("shapes")
      #expect(isGood, "\(format)")
    }
    // Another document made of this one is the same document.
    let again = try VitrineProcess.run([
      "report", scratch.file("a.json"), "--format", "json", "-o", scratch.file("b.json"),
    ])
    #expect(again.status == 0)
    let (a, b) = (scratch.file("a.json"), scratch.file("b.json"))
    #expect(FileManager.default.contentsEqual(atPath: a, andPath: b))
    // The annotated pictures beside the document are on its page.
    let page = try String(contentsOfFile: scratch.file("a.html"), encoding: .utf8)
    let hasPicture = page.contains(Self.picture)
    #expect(hasPicture, "pictures are looked for beside the document")
    let beside = try VitrineProcess.run([
      "report", document, "--language", "zh-Hans", "-o", scratch.file("c.html"),
    ])
    #expect(beside.status == 0)
    let chinese = try String(contentsOfFile: scratch.file("c.html"), encoding: .utf8)
    let isChinese = chinese.contains("<html lang=\"zh-Hans\"") && chinese.contains(">结构对比<")
    #expect(isChinese)
  }

  @Test(.enabled(if: Engine.isThere)) func badDocumentsAreRefusedInWords() throws {
    let document = try Self.document()
    let bytes = try Data(contentsOf: URL(filePath: document))
    let scratch = try ScratchFolder()
    func refused(_ content: Data, _ id: String) throws {
      let path = scratch.file("bad.json")
      try content.write(to: URL(filePath: path))
      let run = try VitrineProcess.run(["report", path, "-o", scratch.file("bad.html")])
      #expect(run.status == 70 && run.errors.contains(id), "\(run.errors)")
      #expect(!scratch.files.contains("bad.html"))
    }
    try refused(Data(), "report.unreadable")
    try refused(Data("[]".utf8), "report.unreadable")
    try refused(Data(repeating: UInt8(ascii: "["), count: 100_000), "report.unreadable")
    for share in [2, 3, 7] { try refused(bytes.prefix(bytes.count / share), "report.unreadable") }
    let text = String(decoding: bytes, as: UTF8.self)
    try refused(
      Data(text.replacing("\"schemaVersion\" : 2", with: "\"schemaVersion\" : 9").utf8),
      "report.unknown-version"
    )
    try refused(
      Data(text.replacing("\"lane\" : 1", with: "\"lane\" : 77").utf8),
      "report.inconsistent"
    )
    let onto = try VitrineProcess.run(["report", document, "-o", document])
    #expect(onto.status == 70 && onto.errors.contains("report.onto-source"))
    #expect(try Data(contentsOf: URL(filePath: document)) == bytes)
    #expect(try VitrineProcess.run(["report"]).status == 64)
    #expect(try VitrineProcess.run(["report", document, "--language", "xx"]).status == 64)
  }

  @Test(.enabled(if: Engine.isThere)) func aTraceIsWrittenAndHoldsTheLayers() throws {
    let scratch = try ScratchFolder()
    let run = try VitrineProcess.run([
      "detect", Self.sample, SharedData.checkout + "/Samples/images", "--imgsz", "320",
      "--trace", scratch.file("trace.json"), "--save", scratch.file("out"),
    ])
    #expect(run.status == 0, "\(run.errors)")
    let data = try Data(contentsOf: URL(filePath: scratch.file("trace.json")))
    let trace = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let kinds = Set(events.compactMap { $0["cat"] as? String })
    #expect(kinds.isSuperset(of: ["load", "decode", "letterbox", "layer", "suppress", "draw"]))
  }

  /// Tools/check_pages.py opens the pages in headless Chromium: no console error, no request
  /// leaves, nodes light their counterparts, timeline and heat map are drawn, both languages.
  @Test(.enabled(if: Engine.isThere && Chromium.isThere, "needs ONNX Runtime and Chromium"))
  func pagesWorkInABrowser() throws {
    let scratch = try ScratchFolder()
    let document = try Self.document()
    var pages = [(document as NSString).deletingLastPathComponent + "/report.html"]
    if SharedData.isAvailable {
      let run = try VitrineProcess.run(
        [
          "deploy", SharedData.path("models/yolov5s_v6.0.pt"), "--images",
          SharedData.path("coco/bus.jpg"), "--output", scratch.file("s"), "--imgsz", "320",
        ],
        environment: ["XDG_CACHE_HOME": scratch.path]
      )
      #expect(run.status == 0, "\(run.errors)")
      let both = try VitrineProcess.run([
        "report", scratch.file("s/report.json"), document, "-o", scratch.file("both.html"),
      ])
      #expect(both.status == 0, "\(both.errors)")
      pages += [scratch.file("s/report.html"), scratch.file("both.html")]
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", SharedData.checkout + "/Tools/check_pages.py"] + pages
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }
}

private enum Engine {
  /// Whether ONNX Runtime was set up.
  static let isThere: Bool = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Engines.folder)) ?? []
    return names.contains { $0.hasPrefix("onnxruntime-") }
  }()
}

private enum Chromium {
  static let isThere = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}
