import Connections
import Labs
import Reports

extension LabSite {
  /// The map of the course: stages, labs, where the learner stands, what is next.
  func coursePage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    let progress = LabProgress(course, learner: learner, events: try desk.log.events())
    let language = visitor.language
    let stages = course.stages.compactMap { stage -> Markup? in
      let labs = course.labs.filter { $0.stage == stage.id }
      guard !labs.isEmpty else { return nil }
      let weeks = visitor.say(
        "\(stage.weeks) week\(stage.weeks == 1 ? "" : "s")",
        "\(stage.weeks) 周"
      )
      return """
        <section aria-labelledby="stage-\(stage.id)"><h2 id="stage-\(stage.id)">\(stage.id). \(stage.names[language]) <small>\(weeks)</small></h2>
        <ul class="cards">\(labs.map { card($0, progress, visitor) })</ul></section>
        """
    }
    let next = progress.next(course).map { lab, missing -> Markup in
      let names = missing.compactMap { course.concept($0)?.names[language] }
      let after: Markup? =
        names.isEmpty
        ? nil
        : "<span class=\"dim\">\(visitor.say("better after: ", "最好先学："))\(names.joined(separator: visitor.say(", ", "、")))</span>"
      return "<li><a href=\"/labs/\(lab.id)\">\(lab.id) \(lab.names[language])</a> \(after)</li>"
    }
    let passed = progress.standings.count(where: \.isPassed)
    return page(
      visitor,
      visitor.say("Course", "课程"),
      """
      <h1>\(course.names[language])</h1>
      <p><label>\(visitor.say("\(passed) of \(course.labs.count) labs passed", "已通过 \(passed) / \(course.labs.count) 个实验"))
      <progress value="\(passed)" max="\(course.labs.count)"></progress></label></p>
      <section aria-labelledby="next"><h2 id="next">\(visitor.say("What to do next", "下一步"))</h2><ul>\(next)</ul></section>
      \(stages)
      """
    )
  }

  private func card(_ lab: Lab, _ progress: LabProgress, _ visitor: Visitor) -> Markup {
    let language = visitor.language
    let standing = progress.standings.first { $0.lab == lab.id }
    let minutes = lab.tiers.map { "\($0.minutes)" }.joined(separator: "/")
    let state: Markup
    if let standing, standing.isPassed {
      state = "<span class=\"badge good\">✓ \(visitor.say("passed", "已通过"))</span>"
    } else if let standing, standing.attempts > 0 {
      state = "<span class=\"badge warn\">\(standing.best)/\(standing.max)</span>"
    } else {
      state = "<span class=\"badge\">\(visitor.say("new", "未开始"))</span>"
    }
    return """
      <li class="card"><h3><a href="/labs/\(lab.id)">\(lab.id) · \(lab.names[language])</a> \(state)</h3>
      <p>\(lab.summary[language])</p><p class="dim">\(minutes) \(visitor.say("minutes", "分钟"))</p></li>
      """
  }

  /// One lab: text, starter, handing in, hints, earlier submissions.
  func labPage(
    _ visitor: Visitor,
    _ learner: String,
    _ lab: Lab,
    _ hintNote: String?
  ) throws -> WebReply {
    let language = visitor.language
    let stale = language == .chinese ? Set(lab.texts.stale) : []
    let sections = lab.texts[language].map { section -> Markup in
      let note: Markup? = stale.contains(section.id) ? "<p class=\"notice warn\">英文版较新</p>" : nil
      return """
        <section aria-labelledby="\(section.id)"><h2 id="\(section.id)">\(section.title)</h2>\(note)\(Markdown.markup(section.body))</section>
        """
    }
    let contents = lab.texts[language].map {
      "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" as Markup
    }
    return page(
      visitor,
      "\(lab.id) \(lab.names[language])",
      """
      <p class="dim">\(lab.id)</p><h1>\(lab.names[language])</h1><p class="lead">\(lab.summary[language])</p>
      <nav class="contents" aria-label="\(visitor.say("On this page", "本页内容"))"><ul>\(contents)
      <li><a href="#hand-in">\(visitor.say("Hand in", "提交"))</a></li><li><a href="#help">\(visitor.say("Help", "提示"))</a></li></ul></nav>
      <div class="columns"><div class="text">\(sections)</div>
      <div class="side">\(handInForm(visitor, lab))\(try help(visitor, learner, lab, hintNote))\(try earlier(visitor, learner, lab))</div></div>
      """
    )
  }

  private func tierName(_ name: String, _ visitor: Visitor) -> String {
    let names = [
      "basic": visitor.say("basic", "基础"), "advanced": visitor.say("advanced", "进阶"),
      "expert": visitor.say("expert", "专家"),
    ]
    return names[name] ?? name
  }

  private func handInForm(_ visitor: Visitor, _ lab: Lab) -> Markup {
    let tiers = lab.tiers.map { tier -> Markup in
      let given = [
        visitor.say("specification only", "只有规格说明"), visitor.say("the frame is given", "给出框架"),
        visitor.say("gaps to fill", "填空"), visitor.say("whole program", "完整程序"),
      ][min(3, max(0, tier.scaffold))]
      return
        "<option value=\"\(tier.name)\">\(tierName(tier.name, visitor)) · \(tier.minutes) min · \(given)</option>"
    }
    let starters = lab.tiers.flatMap { tier in
      lab.starterLanguages.map { programming -> Markup in
        "<li><a href=\"/labs/\(lab.id)/starter.zip?tier=\(tier.name)&amp;in=\(programming)\">\(tierName(tier.name, visitor)), \(programming == "swift" ? "Swift" : "Python")</a></li>"
      }
    }
    let names = lab.slots.map { "\($0.name).py" }.joined(separator: ", ")
    return """
      <section class="panel" aria-labelledby="starter"><h2 id="starter">\(visitor.say("Starter", "起始代码"))</h2>
      <p>\(visitor.say("A zip with the program to complete and its helper.", "一个 zip：要补全的程序和辅助文件。"))</p><ul>\(starters)</ul></section>
      <section class="panel" aria-labelledby="hand-in"><h2 id="hand-in">\(visitor.say("Hand in", "提交"))</h2>
      <form class="stacked" method="post" action="/labs/\(lab.id)/submissions" enctype="multipart/form-data">\(hidden(visitor))
      <label for="files">\(visitor.say("Files: \(names) (or .swift, .sh) and its helpers", "文件：\(names)（或 .swift、.sh）及辅助文件"))</label>
      <input id="files" type="file" name="files" multiple required>
      <label for="tier">\(visitor.say("Tier", "级别"))</label><select id="tier" name="tier">\(tiers)</select>
      <div class="buttons"><button class="main" name="mode" value="check">\(visitor.say("Check on practice cases", "用练习用例检查"))</button>
      <button name="mode" value="submit">\(visitor.say("Submit for grading", "正式提交评分"))</button></div>
      <p class="hint">\(visitor.say("Practice cases stay the same. A submission draws new ones after your files were taken.", "练习用例每次相同；正式提交会在收到文件之后抽取新的用例。"))</p>
      </form></section>
      """
  }

  private func help(
    _ visitor: Visitor,
    _ learner: String,
    _ lab: Lab,
    _ note: String?
  ) throws -> Markup {
    let events = try desk.log.events().filter { $0.lab == lab.uuid && $0.learner == learner }
    let since = events.reversed().prefix { $0.type != "started" }
    let given = since.count { $0.type == "hinted" }
    let attempts = since.count { $0.type == "checked" || $0.type == "graded" }
    let texts = lab.hints.prefix(given).map {
      "<li>\(Markdown.markup($0.text[visitor.language]))</li>" as Markup
    }
    var ask = Markup.empty
    switch HintGate.next(lab, given: given, attempts: attempts, thought: nil) {
    case .hint, .thoughtNeeded:
      let needsThought = lab.hints[given].needsThought
      let field: Markup? =
        needsThought
        ? "<label for=\"thought\">\(visitor.say("What do you think is wrong?", "你认为哪里错了？"))</label><textarea id=\"thought\" name=\"thought\" required minlength=\"8\" maxlength=\"500\" rows=\"2\"></textarea>"
        : nil
      ask = """
        <form class="stacked" method="post" action="/labs/\(lab.id)/hints">\(hidden(visitor))\(field)
        <button>\(visitor.say("Show a hint", "看一个提示"))</button></form>
        """
    case .attemptsNeeded(let count):
      ask =
        "<p class=\"dim\">\(visitor.say("Check \(count) more time\(count == 1 ? "" : "s") first, then there is help.", "先再检查 \(count) 次，才有提示。"))</p>"
    case .exhausted:
      ask =
        "<p class=\"dim\">\(visitor.say("That was all the help there is. Look at a failed case, and read the rules again.", "提示已经给完了。看一个没通过的用例，再读一遍规则。"))</p>"
    }
    let alert: Markup? = note.map { "<p role=\"alert\" class=\"notice warn\">\($0)</p>" }
    return """
      <section class="panel" aria-labelledby="help"><h2 id="help">\(visitor.say("Help", "提示"))</h2>\(alert)<ol>\(texts)</ol>\(ask)</section>
      """
  }

  private func earlier(_ visitor: Visitor, _ learner: String, _ lab: Lab) throws -> Markup {
    let rows = try desk.entries(of: learner).filter { $0.lab.uuid == lab.uuid }.suffix(20)
      .reversed()
      .map { submissionRow($0, visitor) }
    guard !rows.isEmpty else { return .empty }
    return """
      <section class="panel" aria-labelledby="earlier"><h2 id="earlier">\(visitor.say("Your submissions", "你的提交"))</h2><ul class="plain">\(rows)</ul></section>
      """
  }

  func submissionRow(_ entry: GradingDesk.Entry, _ visitor: Visitor) -> Markup {
    let kind =
      entry.isOfficial ? visitor.say("graded", "评分") : visitor.say("practice", "练习")
    let result: String
    if let end = entry.end {
      result =
        end.type == "refused"
        ? visitor.say("not taken", "未接收")
        : "\(end.data["points"] ?? "?")/\(end.data["max"] ?? "?")"
    } else {
      result = visitor.say("under way", "进行中")
    }
    return
      "<li><a href=\"/submissions/\(entry.ticket)\">\(entry.lab.id) · \(Self.time(entry.time))</a> \(kind), \(tierName(entry.tier, visitor)): \(result)</li>"
  }

  static func time(_ text: String) -> String {
    String(text.prefix(16)).split(separator: "T").joined(separator: " ") + " UTC"
  }

  /// The program to complete and its helpers.
  func starter(_ lab: Lab, _ query: [String: String], _ visitor: Visitor) throws -> WebReply {
    guard let tier = lab.tier(query["tier"]) else { throw Self.missing }
    let programming = query["in"] ?? "python"
    guard lab.starterLanguages.contains(programming) else { throw Self.missing }
    var archive = ZipWriter()
    for file in try lab.starter(programming, at: tier, visitor.language) {
      archive.add("\(lab.folderName)/\(file.name)", file.bytes)
    }
    return WebReply(type: "application/zip", archive.bytes)
      .with(
        "Content-Disposition",
        "attachment; filename=\"\(lab.folderName)-\(tier.name).zip\""
      )
  }

  /// Gives the next step of help, where it is open.
  func hint(
    _ form: MultipartForm,
    _ lab: Lab,
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    let thought = form.values["thought"]
    var note: String?
    // Read and written in one step: two clicks at once do not open two steps.
    var isOpen = false
    do {
      try desk.state.log.append("hinted", lab: lab.uuid, learner: learner) {
        let events = try desk.log.events().filter { $0.lab == lab.uuid && $0.learner == learner }
        let since = events.reversed().prefix { $0.type != "started" }
        let given = since.count { $0.type == "hinted" }
        let attempts = since.count { $0.type == "checked" || $0.type == "graded" }
        guard
          case .hint(let step, _) = HintGate.next(
            lab,
            given: given,
            attempts: attempts,
            thought: thought
          )
        else { throw Refusal(status: 409, text: "") }
        isOpen = true
        var data = ["step": "\(step)"]
        if let thought { data["thought"] = String(thought.prefix(500)) }
        return data
      }
    } catch is Refusal {
      note = visitor.say(
        "This step is not open yet: check more, and say in a sentence what you think is wrong.",
        "这一步还没开放：再检查几次，并用一句话说说你认为哪里错了。"
      )
    }
    return isOpen ? .seeOther("/labs/\(lab.id)#help") : try labPage(visitor, learner, lab, note)
  }
}
