import Connections
import Labs
import Reports

/// Logging in, and changing passwords. Another password ends every session that began with the old one.
extension LabSite {
  /// Checks a password; names that nobody has take as long as others.
  func logIn(
    _ form: MultipartForm,
    _ request: WebRequest,
    _ visitor: Visitor
  ) async throws -> WebReply {
    let name = String((form.values["name"] ?? "").prefix(80))
    let password = String((form.values["password"] ?? "").prefix(1000))
    let pair = "\(request.peer) \(name)"
    guard peerLimit.take(request.peer), nameLimit.take(pair), passwordQueue.hasRoom else {
      throw Refusal(
        status: 429,
        text: visitor.say(
          "too many tries; wait a quarter of an hour",
          "尝试次数太多，请过一刻钟再试"
        )
      )
    }
    let user = try users.users().first { $0.name == name }
    guard await isPassword(password, of: user), let user else {
      return logInPage(
        visitor,
        visitor.say("name or password is wrong", "用户名或密码不对")
      )
    }
    nameLimit.clear(pair)
    peerLimit.clear(request.peer)
    sessions.end(visitor.token)
    return WebReply.seeOther("/")
      .with("Set-Cookie", Self.cookie("vitrine_session", sessions.begin(user)))
  }

  /// Whether a password is somebody's; takes as long for nobody's.
  private func isPassword(_ password: String, of user: UserStore.User?) async -> Bool {
    await withCheckedContinuation { continuation in
      let job = WorkQueue.Job(id: Token.random(bytes: 8), runsAlone: false) {
        let answer = try? await onThread {
          (user?.password ?? PasswordHash.nobody)?.matches(password) ?? false
        }
        continuation.resume(returning: answer ?? false)
      }
      passwordQueue.add(job)
    }
  }

  func accountPage(_ visitor: Visitor, _ problem: String?, status: Int = 200) -> WebReply {
    let title = visitor.say("Your account", "你的账户")
    let alert: Markup? = problem.map {
      "<p role=\"alert\" class=\"notice bad\" id=\"problem\">\($0)</p>"
    }
    let fewest = UserStore.passwordLength
    return page(
      visitor,
      title,
      status: status,
      """
      <h1>\(title)</h1><p class="dim">\(visitor.name ?? "")</p>\(alert)
      <form class="stacked panel" method="post" action="/account" aria-labelledby="password-title">\(hidden(visitor))
      <h2 id="password-title">\(visitor.say("Change your password", "修改密码"))</h2>
      <label for="old">\(visitor.say("Password now", "现在的密码"))</label>
      <input id="old" name="old" type="password" autocomplete="current-password" required>
      <label for="new">\(visitor.say("New password, at least \(fewest) characters", "新密码，至少 \(fewest) 个字符"))</label>
      <input id="new" name="new" type="password" autocomplete="new-password" required minlength="\(fewest)">
      <label for="again">\(visitor.say("New password once more", "再输一遍新密码"))</label>
      <input id="again" name="again" type="password" autocomplete="new-password" required minlength="\(fewest)">
      <button class="main">\(visitor.say("Change it", "修改"))</button>
      <p class="hint">\(visitor.say("Wherever else you are logged in, you will be logged out.", "你在其他地方的登录都会退出。"))</p></form>
      """
    )
  }

  /// Changes the visitor's own password, ends their sessions, and begins a new one here.
  func changePassword(
    _ form: MultipartForm,
    _ request: WebRequest,
    _ visitor: Visitor
  ) async throws -> WebReply {
    guard hasUsers, let name = visitor.name else { throw Self.missing }
    guard nameLimit.take("\(request.peer) \(name)"), passwordQueue.hasRoom else {
      throw Refusal(
        status: 429,
        text: visitor.say("too many tries; wait a quarter of an hour", "尝试次数太多，请过一刻钟再试")
      )
    }
    let new = form.values["new"] ?? ""
    guard new == form.values["again"] else {
      return accountPage(
        visitor,
        visitor.say("the two new passwords differ", "两次输入的新密码不同"),
        status: 422
      )
    }
    let user = try users.users().first { $0.name == name }
    guard await isPassword(String((form.values["old"] ?? "").prefix(1000)), of: user) else {
      return accountPage(
        visitor,
        visitor.say("the password now is wrong", "现在的密码不对"),
        status: 403
      )
    }
    let changed = try await onThread { [users] in try users.changePassword(of: name, to: new) }
    nameLimit.clear("\(request.peer) \(name)")
    try desk.state.log.append("password-changed", lab: "", learner: changed.learner)
    return WebReply.seeOther("/")
      .with("Set-Cookie", Self.cookie("vitrine_session", sessions.begin(changed)))
  }

  /// The form by which a teacher gives a learner another password; none for whom nobody may.
  func resetForm(_ learner: String, _ visitor: Visitor) throws -> Markup {
    guard hasUsers, try users.users().contains(where: { $0.learner == learner && !$0.isTeacher })
    else { return .empty }
    let fewest = UserStore.passwordLength
    return """
      <section aria-labelledby="reset"><h2 id="reset">\(visitor.say("Password", "密码"))</h2>
      <form class="stacked" method="post" action="/teacher/learners/\(learner)/password">\(hidden(visitor))
      <label for="new">\(visitor.say("New password for this learner, at least \(fewest) characters", "给这名学习者的新密码，至少 \(fewest) 个字符"))</label>
      <input id="new" name="new" type="password" autocomplete="new-password" required minlength="\(fewest)">
      <button>\(visitor.say("Set it and end all their sessions", "设定，并退出其全部登录"))</button></form></section>
      """
  }

  /// A teacher's reset: of learners only, since teachers have the same rights as whoever asks.
  func resetPassword(_ form: MultipartForm, _ learner: String, _ visitor: Visitor) async throws
    -> WebReply
  {
    let teacher = try teacher(visitor)
    guard hasUsers,
      let user = try users.users().first(where: { $0.learner == learner && !$0.isTeacher })
    else { throw Self.missing }
    guard passwordQueue.hasRoom else {
      throw Refusal(status: 429, text: visitor.say("too much is waiting", "排队的太多"))
    }
    let new = form.values["new"] ?? ""
    _ = try await onThread { [users] in try users.changePassword(of: user.name, to: new) }
    try desk.state.log.append("password-reset", lab: "", learner: learner, ["by": teacher])
    return .seeOther("/teacher/learners/\(learner)")
  }
}
