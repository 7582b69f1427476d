import Connections
import Files
import Foundation
import Labs
import Reports
import Testing

@testable import Servers

/// Who may see and do what, without a network.
@Suite(.serialized) struct SiteTests {
  @Test func strangersSeeTheLogInOnly() async throws {
    let bench = try SiteBench()
    let stranger = bench.stranger()
    for path in [
      "/", "/labs/L03", "/why", "/report", "/teacher",
      "/submissions/\(String(repeating: "a", count: 32))",
    ] {
      let reply = await stranger.get(path)
      #expect(reply.status == 303 && reply.header("Location") == "/login", "\(path)")
    }
    #expect(await stranger.get("/login").status == 200)
    #expect(await stranger.get("/assets/lab.css").status == 200)
    for path in [
      "/labs/L03/submissions", "/labs/L03/hints", "/why/W9", "/teacher/learners/x/overrides",
    ] {
      #expect(await stranger.post(path, [:]).status == 401, "\(path)")
    }
    // A cookie that nobody gave out, of whatever form, is nobody's.
    for forged in [Token.random(), "anna", String(repeating: "0", count: 64), "../../x", ""] {
      var browser = stranger
      browser.token = forged
      #expect(await browser.get("/report").status == 303)
    }
  }

  @Test func passwordsAreCheckedAndTriesAreCounted() async throws {
    let bench = try SiteBench()
    var stranger = bench.stranger()
    let good = await stranger.post("/login", ["name": "anna", "password": "annas password"])
    #expect(good.status == 303)
    let cookie = try #require(good.header("Set-Cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    let given = String(cookie.dropFirst("vitrine_session=".count).prefix { $0 != ";" })
    // A new token: one that was brought is not made an insider's.
    #expect(given != stranger.token && given.count == 64)
    stranger.token = given
    #expect(await stranger.get("/report").text.contains("anna"))
    #expect(await stranger.post("/logout", [:]).status == 303)
    #expect(await stranger.get("/report").status == 303)
    var statuses: [Int] = []
    for _ in 1...7 {
      let reply = await bench.stranger().post("/login", ["name": "ben", "password": "guess"])
      statuses.append(reply.status)
    }
    #expect(statuses == [403, 403, 403, 403, 403, 429, 429])
    // Another place may still log in as ben; unknown names say the same as known ones.
    var elsewhere = bench.stranger()
    elsewhere.peer = "10.0.0.2"
    let unknown = await elsewhere.post("/login", ["name": "nobody", "password": "x"])
    #expect(unknown.status == 403 && unknown.text.contains("name or password is wrong"))
    #expect(
      await elsewhere.post("/login", ["name": "ben", "password": "bens password"]).status == 303
    )
    try UserStore(folder: bench.folder.path).set("eve", password: "eves password", isTeacher: false)
    // Users are kept by what they cannot be computed from.
    let kept = String(
      decoding: try MappedFile.contents(of: bench.folder.path + "/users.json"),
      as: UTF8.self
    )
    #expect(!kept.contains("password\" : \"") && !kept.contains("annas password"))
    var status = stat()
    #expect(stat(bench.folder.path + "/users.json", &status) == 0 && status.st_mode & 0o077 == 0)
  }

  @Test func formsMustBeOnesOwn() async throws {
    let bench = try SiteBench()
    let (anna, ben) = (bench.browser("anna"), bench.browser("ben"))
    let values = ["value": "20", "because": "reason"]
    for forged in ["", "x", bench.site.sessions.formToken(ben.token)] {
      #expect(await anna.post("/why/W9", values, token: forged).status == 403)
    }
    var foreign = anna.request("/settings", method: "POST")
    foreign.headers["origin"] = "http://elsewhere.example"
    foreign.headers["content-type"] = "application/x-www-form-urlencoded"
    foreign.body = Array("token=\(bench.site.sessions.formToken(anna.token))".utf8)
    #expect(await bench.site.answer(foreign).status == 403)
    for type in ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary="] {
      foreign.headers["origin"] = nil
      foreign.headers["content-type"] = type
      #expect(await bench.site.answer(foreign).status == 400, "\(type)")
    }
    #expect(try bench.site.desk.log.events().isEmpty)
    for place in [
      "//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "javascript:x",
    ] {
      let reply = await anna.post("/settings", ["language": "en", "back": place])
      #expect(reply.header("Location") == "/")
    }
  }

  @Test func nobodySeesWhatIsNotTheirs() async throws {
    let bench = try SiteBench()
    let (anna, ben, wu) = (bench.browser("anna"), bench.browser("ben"), bench.browser("wu"))
    let reply = await anna.upload(try bench.program("L10", scaffold: 2), mode: "submit")
    let ticket = try #require(reply.ticket)
    #expect(reply.status == 202)
    // While it is graded its seed is nowhere to be read.
    let before = await anna.get("/submissions/\(ticket)/verdict.json")
    #expect(before.status == 404 || before.text.contains(ticket) == false)
    try await bench.settle()
    let witness = try #require(
      bench.site.desk.store.verdict(ticket)?.checks.compactMap(\.witness).first
    )
    let name = witness.id.split(separator: "/").joined(separator: "-")
    let file = try #require(bench.site.desk.witnessFiles(ticket, witness.id).first)
    let paths = [
      "/submissions/\(ticket)", "/submissions/\(ticket)/live",
      "/submissions/\(ticket)/verdict.json",
      "/submissions/\(ticket)/witness/\(name)/\(file)",
    ]
    for path in paths {
      #expect(await anna.get(path).status == 200, "\(path)")
      #expect(await ben.get(path).status == 404, "\(path)")
      #expect(await wu.get(path).status == 200, "\(path)")
      #expect(await bench.stranger().get(path).status == 303, "\(path)")
    }
    for path in ["/teacher", "/teacher/learners/\(LabState.learnerID("anna"))"] {
      #expect(await ben.get(path).status == 403)
      #expect(await wu.get(path).status == 200)
    }
    let values = ["criterion": "t1", "level": "4", "reason": "because I say so"]
    let place = "/teacher/learners/\(LabState.learnerID("ben"))/overrides"
    #expect(await ben.post(place, values).status == 403)
    #expect(await wu.post(place, values).status == 303)
    #expect(await ben.get("/report").text.contains("because I say so"))
    #expect(
      await wu.post(place, ["criterion": "t9", "level": "4", "reason": "reason"]).status == 422
    )
    #expect(
      await wu.post(place, ["criterion": "t1", "level": "5", "reason": "reason"]).status == 422
    )
    // Nothing of the state can be asked for by a path.
    for path in [
      "/submissions/..", "/submissions/%2e%2e/verdict.json", "/assets/..%2fsecret",
      "/assets/secret",
      "/submissions/\(ticket)/witness/\(name)/..%2f..%2fverdict.json",
      "/submissions/\(ticket)/witness/\(name)/../../fold.py", "/events.jsonl", "/users.json",
      "/labs/..", "/labs/L10/solution", "/labs/L10/mutants.yaml",
    ] {
      #expect(await anna.get(path).status >= 400, "\(path)")
    }
  }

  @Test func namesAndAnswersStayText() async throws {
    let bench = try SiteBench()
    let anna = bench.browser("anna")
    let evil = "<script>alert(1)</script>"
    for name in [
      evil, "../x.py", "a b.py", ".hidden", "verdict.json", "x\u{0}.py",
      String(repeating: "a", count: 90),
    ]
    where name != "../x.py" {
      let reply = await anna.upload([(name, "print()")])
      #expect(reply.status == 422, "\(name)")
      #expect(!reply.text.contains("<script>alert"))
    }
    // Only the last part of a path counts.
    #expect(await anna.upload([("../../fold.py", "import sys; sys.exit('\(evil)')")]).status == 202)
    try await bench.settle()
    let entry = try #require(try bench.site.desk.entries().first)
    #expect(!Folder.exists(bench.folder.path + "/web/fold.py"))
    let page = await anna.get("/submissions/\(entry.ticket)")
    #expect(page.text.contains("&lt;script&gt;alert(1)") && !page.text.contains(evil))
    let answer = await anna.post("/why/W9", ["value": "1e999", "because": evil])
    #expect(answer.status == 422)
    #expect(await anna.get("/%3Cscript%3Ealert(1)").text.contains("<script>alert") == false)
    let reply = await anna.get("/labs/L10")
    let policy = try #require(reply.header("Content-Security-Policy"))
    #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
      let reply = await anna.get("/", method: method)
      #expect(reply.status == 405 && reply.header("Allow") != nil, "\(method)")
    }
  }

  @Test func documentsAreShownInAnOriginOfTheirOwn() async throws {
    let bench = try SiteBench()
    let anna = bench.browser("anna")
    #expect(await anna.get("/tools").text.contains("report.json"))
    let evil = "<script>alert(1)</script>"
    let report = Report(
      command: "profile",
      date: "2030-01-01",
      subject: Subject(
        file: evil,
        byteCount: 1,
        family: "",
        task: "",
        classNames: [],
        parameterCount: 1,
        gigaOperations: 1,
        inputSize: [64, 64]
      ),
      environment: [:]
    )
    func show(_ bytes: [UInt8]) async throws -> LookDesk.Look {
      let reply = await anna.send([("r.json", bytes)], to: "/tools")
      let ticket = try #require(reply.header("Location")).dropFirst("/tools/".count)
      for _ in 0..<600 where bench.site.looks.queue.place(String(ticket)) != nil {
        try await Task.sleep(for: .milliseconds(100))
      }
      return try #require(
        bench.site.looks.look(String(ticket), of: LabState.learnerID("anna"))
      )
    }
    let json = Array(try JSONEncoder().encode(report))
    let shown = try await show(json)
    let page = await anna.get("/tools/\(shown.ticket)/page")
    #expect(page.status == 200 && !page.text.contains("<title>\(evil)"))
    #expect(page.header("Content-Security-Policy")?.hasPrefix("sandbox allow-scripts;") == true)
    for bad in [Array("{".utf8), Array("[]".utf8), Array("VITRPLAN".utf8), Array(json.prefix(80))] {
      let look = try await show(bad)
      #expect(look.problem?.contains("error[") == true && !look.hasPage)
      #expect(look.problem?.contains("/tmp/") == false, "\(look.problem ?? "")")
    }
  }

  @Test func hintsOpenInTurn() async throws {
    let bench = try SiteBench()
    let anna = bench.browser("anna")
    let lab = try #require(bench.site.course.lab("L10"))
    #expect(await anna.post("/labs/L10/hints", [:]).status == 303)
    let second = await anna.post("/labs/L10/hints", ["thought": "the bias is forgotten"])
    #expect(second.status == 200 && second.text.contains("not open yet"))
    let page = await anna.get("/labs/L10").text
    #expect(page.contains(Markup("\(lab.hints[0].text.english.prefix(12))").text))
    #expect(!page.contains(Markup("\(lab.hints[1].text.english)").text))
    // The number of steps is never told.
    #expect(!page.contains("of \(lab.hints.count) hints"))
  }

  @Test func withoutUsersThisMachineOnlyIsServed() async throws {
    let bench = try SiteBench(users: false)
    let local = bench.stranger()
    #expect(await local.get("/teacher").status == 200)
    var other = local.request("/")
    other.headers["host"] = "rebound.example:8080"
    #expect(await bench.site.answer(other).status == 421)
    await #expect(throws: (any Error).self) {
      try await bench.site.serve(host: "0.0.0.0", port: 0) { _ in }
    }
  }
}
