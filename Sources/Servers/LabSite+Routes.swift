import Connections
import Labs
import Reports

extension LabSite {
  /// Which page answers which request.
  func route(_ request: WebRequest, _ visitor: Visitor) async throws -> WebReply {
    if !hasUsers { try checkHost(request) }
    let path = request.path
    switch request.method {
    case "GET", "HEAD": return try await get(path, request, visitor)
    case "POST": return try await post(path, request, visitor)
    default:
      return WebReply.text(405, "only GET, HEAD and POST are known").with(
        "Allow",
        "GET, HEAD, POST"
      )
    }
  }

  /// Where nobody logs in, another name than this machine's own means that some site's name leads here.
  private func checkHost(_ request: WebRequest) throws {
    let host = request.headers["host"] ?? ""
    let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
    guard Self.isLoopback(String(name)) else {
      throw Refusal(status: 421, text: "ask for localhost or 127.0.0.1")
    }
  }

  private func get(
    _ path: [String],
    _ request: WebRequest,
    _ visitor: Visitor
  ) async throws -> WebReply {
    switch (path.first, path.count) {
    case ("assets", 2): return try asset(path[1])
    case ("login", 1): return hasUsers ? logInPage(visitor, nil) : .seeOther("/")
    default: break
    }
    guard let learner = visitor.learner else { return .seeOther("/login") }
    switch (path.first, path.count) {
    case (nil, _): return try coursePage(visitor, learner)
    case ("labs", 2): return try labPage(visitor, learner, try lab(path[1]), nil)
    case ("labs", 3) where path[2] == "starter.zip":
      return try starter(try lab(path[1]), request.query, visitor)
    case ("submissions", 2): return try submissionPage(visitor, try entry(path[1], visitor))
    case ("submissions", 3) where path[2] == "live":
      return .init(
        type: "text/html; charset=utf-8",
        Array(try liveResult(visitor, try entry(path[1], visitor)).text.utf8)
      )
    case ("submissions", 3) where path[2] == "verdict.json":
      return try verdictFile(try entry(path[1], visitor))
    case ("submissions", 5...6) where path[2] == "witness":
      return try witnessFile(try entry(path[1], visitor), path[3], Array(path[4...]))
    case ("why", 1): return try questionsPage(visitor, learner)
    case ("why", 2): return try questionPage(visitor, learner, try question(path[1]))
    case ("why", 3) where path[2] == "live":
      return .init(
        type: "text/html; charset=utf-8",
        Array(try liveAnswer(visitor, learner, try question(path[1])).text.utf8)
      )
    case ("report", 1): return try reportPage(visitor, learner, visitor.name ?? "")
    case ("reviews", 1): return try reviewsPage(visitor, learner)
    case ("account", 1) where hasUsers: return accountPage(visitor, nil)
    case ("tools", 1): return try toolsPage(visitor, learner)
    case ("tools", 2): return try lookPage(visitor, learner, path[1])
    case ("tools", 3) where path[2] == "page": return try lookDocument(learner, path[1])
    case ("tools", 3) where path[2] == "live":
      return .init(
        type: "text/html; charset=utf-8",
        Array(try liveLook(visitor, learner, path[1]).text.utf8)
      )
    case ("teacher", _): return try teacherPages(path, visitor)
    default: throw Self.missing
    }
  }

  private func post(
    _ path: [String],
    _ request: WebRequest,
    _ visitor: Visitor
  ) async throws -> WebReply {
    if visitor.learner == nil, path != ["login"], path != ["settings"] {
      throw Refusal(status: 401, text: visitor.say("log in first", "请先登录"))
    }
    let form = try form(request, visitor)
    switch (path.first, path.count) {
    case ("settings", 1): return changeSettings(form)
    case ("login", 1): return try await logIn(form, request, visitor)
    case ("logout", 1):
      sessions.end(visitor.token)
      return WebReply.seeOther("/login")
        .with("Set-Cookie", Self.cookie("vitrine_session", Token.random()))
    default: break
    }
    let learner = try learner(visitor)
    switch (path.first, path.count) {
    case ("account", 1): return try await changePassword(form, request, visitor)
    case ("teacher", 4) where path[1] == "learners" && path[3] == "password":
      return try await resetPassword(form, path[2], visitor)
    case ("labs", 3) where path[2] == "submissions":
      return try handIn(form, request, try lab(path[1]), learner, visitor)
    case ("labs", 3) where path[2] == "hints":
      return try hint(form, try lab(path[1]), learner, visitor)
    case ("why", 2): return try predict(form, try question(path[1]), learner, visitor)
    case ("reviews", _): return try changeReviews(path, form, learner)
    case ("why", 3) where path[2] == "trials":
      return try trial(form, try question(path[1]), learner, visitor)
    case ("why", 3) where path[2] == "cancel":
      return try cancelExperiment(try question(path[1]), learner)
    case ("tools", 1): return try upload(form, learner, visitor)
    case ("tools", 2) where path[1] == "own": return try lookAtOwn(form, learner, visitor)
    case ("tools", 3) where path[2] == "delete": return try deleteLook(learner, path[1])
    case ("teacher", 4) where path[1] == "learners" && path[3] == "overrides":
      return try override(form, path[2], visitor)
    default: throw Self.missing
    }
  }

  static let missing = Refusal(status: 404, text: "there is no such page")

  func lab(_ name: String) throws -> Lab {
    guard let lab = course.lab(name) else { throw Self.missing }
    return lab
  }

  func question(_ name: String) throws -> WhyQuestion {
    guard let question = course.questions.first(where: { $0.id == name }) else {
      throw Self.missing
    }
    return question
  }

  /// A submission that the visitor may see: an own one, or any for a teacher. Others' are not there.
  func entry(_ ticket: String, _ visitor: Visitor) throws -> GradingDesk.Entry {
    guard SubmissionStore.isTicket(ticket),
      let entry = try desk.entries().first(where: { $0.ticket == ticket }),
      entry.learner == visitor.learner || visitor.isTeacher
    else { throw Self.missing }
    return entry
  }

  private func asset(_ name: String) throws -> WebReply {
    let kinds = ["css": "text/css", "js": "text/javascript"]
    let ending = name.split(separator: ".").last.map(String.init) ?? ""
    let text = name == "plotly.js" ? chartLibrary ?? "" : WebAsset.text(name)
    guard let kind = kinds[ending], !text.isEmpty else { throw Self.missing }
    return WebReply(type: "\(kind); charset=utf-8", Array(text.utf8))
      .with("Cache-Control", "max-age=300")
  }

  private func changeSettings(_ form: MultipartForm) -> WebReply {
    let back = form.values["back"] ?? "/"
    // A path of this site only: `//host` would be another one.
    let isOwn =
      back.hasPrefix("/") && !back.hasPrefix("//") && !back.contains("\\")
      && back.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    var reply = WebReply.seeOther(isOwn ? back : "/")
    if let language = form.values["language"].flatMap(ReportLanguage.init(rawValue:)) {
      reply = reply.with(
        "Set-Cookie",
        Self.cookie("vitrine_language", language.rawValue, seconds: 31_536_000)
      )
    }
    if let theme = form.values["theme"], ["auto", "light", "dark"].contains(theme) {
      reply = reply.with("Set-Cookie", Self.cookie("vitrine_theme", theme, seconds: 31_536_000))
    }
    return reply
  }
}
