import Connections
import Labs
import Reports

/// Whoever makes a request.
struct Visitor: Sendable {
  /// The browser's token; given anew where it brought none.
  var token: String
  var isNew: Bool
  /// What this browser's forms carry.
  var formToken: String
  /// The name; nil for somebody who has not logged in.
  var name: String?
  var isTeacher: Bool
  var language: ReportLanguage
  /// light, dark or nil for the system's.
  var theme: String?
  /// The page that this is, to come back to.
  var location: String

  /// The digest by which a learner stands in the log.
  var learner: String? { name.map(LabState.learnerID) }

  /// One of two texts.
  func say(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }
}

extension LabSite {
  /// Finds out who asks; what a browser brings is believed only where this process gave it out.
  func visitor(_ request: WebRequest) -> Visitor {
    let brought = request.cookie("vitrine_session").flatMap { token in
      token.utf8.count == 64 && token.allSatisfy(\.isHexDigit) ? token : nil
    }
    let token = brought ?? Token.random()
    var name: String?
    var isTeacher = false
    if hasUsers {
      let found = (try? users.users()).flatMap { sessions.user(token, among: $0) }
      name = found?.name
      isTeacher = found?.isTeacher ?? false
    } else {
      name = "local"
      isTeacher = true
    }
    let stated = request.cookie("vitrine_language").flatMap(ReportLanguage.init(rawValue:))
    let accepts = request.headers["accept-language"]?.lowercased() ?? ""
    let theme = request.cookie("vitrine_theme")
    return Visitor(
      token: token,
      isNew: brought == nil,
      formToken: sessions.formToken(token),
      name: name,
      isTeacher: isTeacher,
      language: stated ?? (accepts.hasPrefix("zh") ? .chinese : .english),
      theme: theme == "light" || theme == "dark" ? theme : nil,
      location: request.location
    )
  }

  /// A form's values and files, after making sure that it is one of this browser's own.
  func form(_ request: WebRequest, _ visitor: Visitor) throws -> MultipartForm {
    if let origin = request.headers["origin"], let host = request.headers["host"],
      origin != "http://\(host)", origin != "https://\(host)"
    {
      throw Refusal(status: 403, text: "the form comes from another site")
    }
    let type = request.headers["content-type"] ?? ""
    var form: MultipartForm?
    if type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
      form = String(validating: request.body, as: UTF8.self).flatMap { WebRequest.form($0) }
        .map(MultipartForm.init(values:))
    } else {
      form = MultipartForm(request.body, contentType: type)
    }
    guard let form else { throw Refusal(status: 400, text: "the form cannot be read") }
    guard !visitor.isNew, Token.areEqual(form.values["token"] ?? "", visitor.formToken) else {
      throw Refusal(
        status: 403,
        text: visitor.say(
          "this form is too old or not from this site; go back, reload the page and try again",
          "这个表单已过期，或不是本站的表单；请返回，刷新页面后再试"
        )
      )
    }
    return form
  }

  /// Who is logged in; others are sent to the log-in.
  func learner(_ visitor: Visitor) throws -> String {
    guard let learner = visitor.learner else { throw Refusal(status: 401, text: "") }
    return learner
  }

  func teacher(_ visitor: Visitor) throws -> String {
    _ = try learner(visitor)
    guard visitor.isTeacher, let name = visitor.name else {
      throw Refusal(
        status: 403,
        text: visitor.say("only teachers see this page", "只有教师能看这一页")
      )
    }
    return name
  }
}
