import Connections
import Labs
import Reports

extension LabSite {
  /// A whole page: skip link, bar, main part, footer.
  func page(
    _ visitor: Visitor,
    _ title: String,
    status: Int = 200,
    drawsCharts: Bool = false,
    _ main: Markup
  ) -> WebReply {
    let theme: Markup = visitor.theme.map { " data-theme=\"\($0)\"" } ?? ""
    let page: Markup = """
      <!doctype html>
      <html lang="\(visitor.language.rawValue)"\(theme)>
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) · \(course.names[visitor.language])</title>
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="/assets/style.css">
      <link rel="stylesheet" href="/assets/lab.css">
      \(drawsCharts && chartLibrary != nil ? Self.chartScripts : .empty)<script src="/assets/lab.js" defer></script>
      </head>
      <body>
      <a class="skip" href="#main">\(visitor.say("Skip to the content", "跳到正文"))</a>
      \(bar(visitor))
      <main id="main" tabindex="-1">
      \(main)
      </main>
      <footer>\(footer(visitor))</footer>
      </body>
      </html>

      """
    let reply = WebReply(status, type: "text/html; charset=utf-8", Array(page.text.utf8))
    guard drawsCharts, chartLibrary != nil else { return reply }
    // plotly.js styles what it draws inline; scripts stay this site's own files.
    return reply.with(
      "Content-Security-Policy",
      Self.policy.replacing("style-src 'self'", with: "style-src 'self' 'unsafe-inline'")
    )
  }

  private static let chartScripts: Markup = """
    <script src="/assets/plotly.js" defer></script>
    <script src="/assets/core.js" defer></script>
    <script src="/assets/charts.js" defer></script>

    """

  private func bar(_ visitor: Visitor) -> Markup {
    var links: [(String, String)] = []
    if visitor.name != nil {
      links = [
        ("/", visitor.say("Course", "课程")), ("/why", visitor.say("Why?", "为什么")),
        ("/tools", visitor.say("Look inside", "看内部")),
        ("/report", visitor.say("My report", "我的评估")),
      ]
      if visitor.isTeacher { links.append(("/teacher", visitor.say("Teaching", "教学"))) }
    }
    let items = links.map { address, name in
      let isHere =
        address == "/"
        ? visitor.location == "/" || visitor.location.hasPrefix("/labs")
        : visitor.location.hasPrefix(address)
      let mark: Markup = isHere ? " aria-current=\"page\"" : ""
      return "<a href=\"\(address)\"\(mark)>\(name)</a>" as Markup
    }
    let other: ReportLanguage = visitor.language == .chinese ? .english : .chinese
    let name = other == .chinese ? "中文" : "English"
    return """
      <header class="bar"><div><a class="mark" href="/">Vitrine</a>
      <nav aria-label="\(visitor.say("Pages", "页面"))">\(items)</nav>
      <form method="post" action="/settings">\(hidden(visitor))
      <input type="hidden" name="back" value="\(visitor.location)">
      <button name="language" value="\(other.rawValue)" lang="\(other.rawValue)">\(name)</button></form>
      \(account(visitor))
      </div></header>
      """
  }

  private func account(_ visitor: Visitor) -> Markup {
    guard hasUsers, let name = visitor.name else { return .empty }
    return """
      <form method="post" action="/logout">\(hidden(visitor))<a class="who" href="/account">\(name)</a>
      <button>\(visitor.say("Log out", "退出"))</button></form>
      """
  }

  private func footer(_ visitor: Visitor) -> Markup {
    let themes = [
      ("auto", visitor.say("as the system", "跟随系统")), ("light", visitor.say("light", "浅色")),
      ("dark", visitor.say("dark", "深色")),
    ].map { value, name in
      let mark: Markup = (visitor.theme ?? "auto") == value ? " selected" : ""
      return "<option value=\"\(value)\"\(mark)>\(name)</option>" as Markup
    }
    return """
      <form method="post" action="/settings">\(hidden(visitor))
      <input type="hidden" name="back" value="\(visitor.location)">
      <label>\(visitor.say("Colours", "颜色")) <select name="theme">\(themes)</select></label>
      <button>\(visitor.say("Apply", "应用"))</button></form>
      """
  }

  /// What makes a form one of this browser's own.
  func hidden(_ visitor: Visitor) -> Markup {
    "<input type=\"hidden\" name=\"token\" value=\"\(visitor.formToken)\">"
  }

  func failurePage(_ visitor: Visitor, _ status: Int, _ text: String) -> WebReply {
    let titles = [
      400: visitor.say("This request cannot be read", "请求无法读取"),
      401: visitor.say("Please log in", "请先登录"), 403: visitor.say("Not allowed", "不允许"),
      404: visitor.say("There is no such page", "没有这个页面"),
      421: visitor.say("Wrong name", "主机名不对"),
      422: visitor.say("This cannot be taken", "无法接收"),
      429: visitor.say("Too much at once", "一次太多了"),
    ]
    let title = titles[status] ?? visitor.say("Something went wrong", "出错了")
    return page(
      visitor,
      title,
      status: status,
      """
      <h1>\(title)</h1>
      <p role="alert">\(text)</p>
      <p><a href="/">\(visitor.say("To the course", "回到课程"))</a></p>
      """
    )
  }

  func logInPage(_ visitor: Visitor, _ problem: String?) -> WebReply {
    let title = visitor.say("Log in", "登录")
    let alert: Markup? = problem.map {
      "<p role=\"alert\" class=\"notice bad\" id=\"problem\">\($0)</p>"
    }
    let described: Markup =
      problem == nil ? "" : " aria-describedby=\"problem\" aria-invalid=\"true\""
    return page(
      visitor,
      title,
      status: problem == nil ? 200 : 403,
      """
      <h1>\(title)</h1>
      <p class="dim">\(course.names[visitor.language])</p>
      \(alert)
      <form class="stacked" method="post" action="/login">\(hidden(visitor))
      <label for="name">\(visitor.say("Name", "用户名"))</label>
      <input id="name" name="name" autocomplete="username" autocapitalize="none" required maxlength="40" autofocus\(described)>
      <label for="password">\(visitor.say("Password", "密码"))</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required\(described)>
      <button class="main">\(title)</button></form>
      """
    )
  }
}
