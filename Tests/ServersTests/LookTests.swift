import Connections
import Files
import Foundation
import Labs
import Testing

@testable import Servers

/// Learners' own files in the visual tools: shown, or refused in words, by a process apart; seen by nobody else.
@Suite(.serialized) struct LookTests {
  let bench: SiteBench

  init() throws { bench = try SiteBench() }

  /// Sends files and waits until they were looked at.
  private func look(_ files: [(name: String, bytes: [UInt8])], as name: String = "anna")
    async throws
    -> LookDesk.Look
  {
    let browser = bench.browser(name)
    let reply = await browser.send(files, to: "/tools")
    #expect(reply.status == 303, "\(reply.text)")
    let place = try #require(reply.header("Location"))
    let ticket = String(place.dropFirst("/tools/".count))
    for _ in 0..<1000 where bench.site.looks.queue.place(ticket) != nil {
      try await Task.sleep(for: .milliseconds(100))
    }
    return try #require(bench.site.looks.look(ticket, of: LabState.learnerID(name)))
  }

  private func page(_ look: LookDesk.Look) async -> WebReply {
    await bench.browser("anna").get("/tools/\(look.ticket)/page")
  }

  @Test func aNetworkIsShownBeforeAndAfterAndRun() async throws {
    let look = try await look([("small.onnx", NetworkFile.small)])
    #expect(look.hasPage, "\(look.problem ?? "")")
    let page = await page(look)
    #expect(page.status == 200)
    #expect(page.header("Content-Security-Policy")?.hasPrefix("sandbox allow-scripts;") == true)
    // The convolution with its activation is one layer of our engine, which took a time.
    #expect(page.text.contains("\"structure-0\"") || page.text.contains("node-c"))
    #expect(page.text.contains("small.onnx") && page.text.contains("native"))
    #expect(await bench.browser("anna").get("/tools").text.contains("small.onnx"))
  }

  @Test func tracesAndExportsOfOthersAreShown() async throws {
    let trace = """
      [{"name":"process_name","ph":"M","pid":7,"args":{"name":"camera"}},
      {"name":"grab","ph":"X","ts":1000,"dur":4000,"pid":7,"tid":"main","cat":"load"},
      {"name":"inner","ph":"B","ts":1500,"pid":7,"tid":"main"},{"ph":"E","ts":2500,"pid":7,"tid":"main"}]
      """
    var found = try await look([("trace.json", Array(trace.utf8))])
    #expect(found.hasPage, "\(found.problem ?? "")")
    #expect(await page(found).text.contains("camera"))
    let layers = """
      {"Layers":[{"Name":"conv_a","LayerType":"CaskConvolution","Inputs":[],"Outputs":[]}],"Bindings":["x","y"]}
      """
    let times = """
      [{"count":10},{"name":"conv_a","timeMs":25,"averageMs":2.5,"medianMs":2.25,"percentage":100}]
      """
    found = try await look([
      ("layers.json", Array(layers.utf8)), ("times.json", Array(times.utf8)),
    ])
    #expect(found.hasPage, "\(found.problem ?? "")")
    #expect(await page(found).text.contains("conv_a"))
    // Times alone are half of it, and the answer says so.
    found = try await look([("times.json", Array(times.utf8))])
    #expect(found.problem?.contains("exportLayerInfo") == true)
  }

  @Test(arguments: NetworkFile.hostile.map(\.name))
  func hostileNetworksAreRefusedOrHarmless(_ name: String) async throws {
    let file = try #require(NetworkFile.hostile.first { $0.name == name })
    try await expectHarmless(file)
  }

  @Test(arguments: NetworkFile.hostileDocuments.map(\.name))
  func hostileDocumentsAreRefusedOrHarmless(_ name: String) async throws {
    let file = try #require(NetworkFile.hostileDocuments.first { $0.name == name })
    try await expectHarmless(file)
  }

  /// Either a page, or a problem with an identifier: never a death, a timeout, or a path of the server.
  private func expectHarmless(_ file: (name: String, bytes: [UInt8])) async throws {
    let start = ContinuousClock.now
    let look = try await look([file])
    #expect(ContinuousClock.now - start < .seconds(60))
    if let problem = look.problem {
      #expect(problem.contains("error["), "\(file.name): \(problem)")
      #expect(!problem.contains(bench.folder.path), "\(problem)")
    } else {
      let text = await page(look).text
      #expect(look.hasPage && !text.contains("root:x:0"), "\(file.name)")
    }
    #expect(await bench.browser("anna").get("/tools/\(look.ticket)").status == 200)
  }

  @Test func nobodySeesOthersFiles() async throws {
    let look = try await look([("small.onnx", NetworkFile.small)])
    for name in ["ben", "wu"] {
      let other = bench.browser(name)
      for path in ["", "/live", "/page"] {
        #expect(await other.get("/tools/\(look.ticket)\(path)").status == 404)
      }
      #expect(await other.post("/tools/\(look.ticket)/delete", [:]).status == 404)
      #expect(!(await other.get("/tools").text.contains("small.onnx")))
    }
    #expect(await bench.stranger().get("/tools/\(look.ticket)/page").status == 303)
    for ticket in ["..", "%2e%2e", "x", String(repeating: "0", count: 32)] {
      #expect(await bench.browser("anna").get("/tools/\(ticket)/page").status >= 400)
    }
    let anna = bench.browser("anna")
    #expect(await anna.post("/tools/\(look.ticket)/delete", [:]).status == 303)
    #expect(await anna.get("/tools/\(look.ticket)").status == 404)
    let kept = try Folder.files(below: bench.folder.path + "/web/looks")
    #expect(kept.isEmpty)
  }

  /// What a program of one's own has written can be chosen; another's cannot, by teachers neither.
  @Test func artifactsOfOwnSubmissions() async throws {
    let anna = bench.browser("anna")
    let files =
      try bench.program("L10", scaffold: 2) + [
        ("my-report.json", "{\"a\":1}"), ("note.json", "{}"),
      ]
    let ticket = try #require(await anna.upload(files).ticket)
    try await bench.settle()
    let page = await anna.get("/tools").text
    #expect(page.contains("\(ticket)/my-report.json") && !page.contains("note.json"))
    let values = ["artifact": "\(ticket)/my-report.json"]
    #expect(await bench.browser("ben").post("/tools/own", values).status == 404)
    #expect(await bench.browser("wu").post("/tools/own", values).status == 404)
    #expect(await anna.post("/tools/own", values).status == 303)
    for path in ["\(ticket)/../verdict.json", "\(ticket)//etc/passwd", "x/my-report.json", ""] {
      #expect(await anna.post("/tools/own", ["artifact": path]).status == 404, "\(path)")
    }
  }

  /// Whatever reading a file asks for, the process that reads it has limits, and its end is a sentence.
  @Test func theProcessThatReadsHasLimits() throws {
    let tools = try #require(
      CommandLine.arguments[0].lastIndex(of: "/").map {
        String(CommandLine.arguments[0][..<$0])
      }
    )
    func run(_ change: (inout RunLimits) -> Void) throws -> ToolRun.Result {
      var tool = ToolRun(tools: tools, hidden: [bench.folder.path])
      tool.limits.memoryBytes = 4 << 30
      change(&tool.limits)
      return try tool.run(
        ["report", "./a.onnx", "--run", "-o", "page.html"],
        on: [ToolRun.File(name: "a.onnx", bytes: NetworkFile.small)],
        output: "page.html",
        limit: 64 << 20
      )
    }
    guard case .file(let page) = try run({ _ in }) else {
      Issue.record("the same without such limits is a page")
      return
    }
    #expect(String(decoding: page, as: UTF8.self).hasPrefix("<!doctype html>"))
    for (change, words) in [
      ({ $0.wallSeconds = 0.01 }, "longer than"), ({ $0.memoryBytes = 48 << 20 }, ""),
      ({ $0.folderBytes = 1 << 16 }, ""),
    ] as [((inout RunLimits) -> Void, String)] {
      guard case .problem(let text) = try run(change) else {
        Issue.record("a limit was overstepped")
        continue
      }
      #expect((words.isEmpty || text.contains(words)) && text.count > 10, "\(text)")
    }
  }

  /// What a killed server was reading is said to be interrupted, and nothing waits for it.
  @Test func whatWasInterruptedIsSaid() async throws {
    let look = try await look([("small.onnx", NetworkFile.small)])
    let own = "\(bench.folder.path)/web/looks/"
    let files = try Folder.files(below: own)
    let page = try #require(files.first { $0.hasSuffix("/page.html") })
    let record = try #require(files.first { $0.hasSuffix("/look.json") })
    try FileManager.default.removeItem(atPath: page)
    let begun = LookDesk.Look(ticket: look.ticket, time: look.time, names: look.names)
    try AtomicFile.write(Array(try JSONEncoder().encode(begun)), to: record)
    let anna = bench.browser("anna")
    let text = await anna.get("/tools/\(look.ticket)/live").text
    #expect(text.contains("data-done") && text.contains("send it again"))
    #expect(await anna.get("/tools/\(look.ticket)/page").status == 404)
  }

  @Test func kindsNamesAndSizesAreChecked() async throws {
    let anna = bench.browser("anna")
    for name in ["model.pt", "page.html", "<b>.onnx", ".onnx", "a b.json"] {
      let reply = await anna.send([(name, [1])], to: "/tools")
      #expect(reply.status == 422 && !reply.text.contains("<b>.onnx"), "\(name)")
    }
    let many = (0..<5).map { (name: "\($0).json", bytes: [UInt8(0x7B)]) }
    #expect(await anna.send(many, to: "/tools").status == 422)
    #expect(await anna.send([], to: "/tools").status == 422)
    // Large bodies are taken of those who are logged in, and on this page only.
    let head = anna.request("/tools", method: "POST")
    #expect(bench.site.bodyLimit(head) > LookDesk.byteLimit)
    #expect(bench.site.bodyLimit(anna.request("/labs/L10/submissions", method: "POST")) == 8 << 20)
    #expect(bench.site.bodyLimit(bench.stranger().request("/tools", method: "POST")) == 8 << 20)
  }
}
