import Connections
import Files
import Labs
import Reports

extension LabSite {
  /// Takes files; the answer comes after they and the log are on the disk.
  func handIn(
    _ form: MultipartForm,
    _ request: WebRequest,
    _ lab: Lab,
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    guard let tier = lab.tier(form.values["tier"]) else {
      throw Refusal(status: 422, text: visitor.say("there is no such tier", "没有这个级别"))
    }
    let uploads = form.files.filter { $0.field == "files" }.map {
      SubmissionStore.Upload(name: $0.name, bytes: $0.bytes)
    }
    let ticket = try desk.take(
      uploads,
      lab: lab,
      tier: tier,
      learner: learner,
      isOfficial: form.values["mode"] == "submit"
    )
    let place = "/submissions/\(ticket)"
    if request.headers["accept"]?.hasPrefix("application/json") == true {
      return WebReply(
        202,
        type: "application/json",
        Array("{\"submission\":\"\(ticket)\",\"url\":\"\(place)\"}\n".utf8)
      ).with("Location", place)
    }
    return .seeOther(place)
  }

  /// A submission and its result, which comes by itself.
  func submissionPage(_ visitor: Visitor, _ entry: GradingDesk.Entry) throws -> WebReply {
    let lab = entry.lab
    let title = "\(lab.id) · \(lab.names[visitor.language])"
    let isDone = entry.end != nil
    let attributes: Markup = isDone ? "" : " data-live=\"/submissions/\(entry.ticket)/live\""
    let reload: Markup? =
      isDone
      ? nil
      : "<noscript><p><a href=\"/submissions/\(entry.ticket)\">\(visitor.say("Look again", "再看一次"))</a></p></noscript>"
    return page(
      visitor,
      title,
      """
      <p class="dim"><a href="/labs/\(lab.id)">← \(lab.id)</a></p><h1>\(title)</h1>
      <p class="dim">\(Self.time(entry.time)) · \(entry.isOfficial ? visitor.say("graded submission", "正式提交") : visitor.say("practice check", "练习检查"))</p>
      <div id="live" aria-live="polite" aria-busy="\(isDone ? "false" : "true")"\(attributes)>\(try liveResult(visitor, entry))</div>\(reload)
      """
    )
  }

  /// The part of the page that changes. `data-done` ends the asking.
  func liveResult(_ visitor: Visitor, _ entry: GradingDesk.Entry) throws -> Markup {
    guard let end = entry.end else {
      let place = desk.queue.place(entry.ticket) ?? 0
      let text =
        place > 0
        ? visitor.say("Waiting: \(place) in line.", "排队中：第 \(place) 位。")
        : visitor.say("Your program is running.", "正在运行你的程序。")
      return "<p class=\"notice\"><span class=\"spinner\" aria-hidden=\"true\"></span>\(text)</p>"
    }
    if end.type == "refused" {
      return """
        <div data-done><p class="notice bad">\(visitor.say("It could not be graded, and does not count:", "无法评分，这次不算："))
        \(end.data["problem"] ?? "")</p></div>
        """
    }
    guard let verdict = desk.store.verdict(entry.ticket) else {
      return
        "<div data-done><p class=\"notice bad\">\(visitor.say("The verdict's file is gone; the log keeps its points.", "评分文件已不在；日志里仍有得分。"))</p></div>"
    }
    return "<div data-done>\(verdictMarkup(visitor, verdict, entry))</div>"
  }

  private func verdictMarkup(
    _ visitor: Visitor,
    _ verdict: Verdict,
    _ entry: GradingDesk.Entry
  ) -> Markup {
    let words = VerdictText(course: course, lab: entry.lab, language: visitor.language)
    let checks = zip(verdict.checks, words.parts(verdict)).map { check, part -> Markup in
      let isGood = part.status == .pass
      let isBad = part.status == .fail || part.status == .error
      let (mark, tone) = isGood ? ("✓", "good") : isBad ? ("✗", "bad") : ("?", "warn")
      let said =
        isGood
        ? visitor.say("passed", "通过")
        : isBad ? visitor.say("failed", "未通过") : visitor.say("undecided", "未定")
      let lines = part.lines.map { "<li>\($0)</li>" as Markup }
      return """
        <section class="verdict-check \(tone)" id="check-\(check.id)"><h2><span class="mark \(tone)" role="img" aria-label="\(said)">\(mark)</span> \(part.heading)</h2>
        <ul class="plain">\(lines)</ul>\(witness(visitor, check, entry))</section>
        """
    }
    let summary = words.summary(verdict).map { "<p>\($0)</p>" as Markup }
    let tone = verdict.isPassed ? "good" : "bad"
    let head =
      verdict.isPassed
      ? visitor.say("Every check passed", "全部检查通过") : visitor.say("Not there yet", "还没有全部通过")
    return """
      <p class="verdict \(tone)"><strong>\(head)</strong> · \(verdict.score.points)/\(verdict.score.max)</p>
      \(checks)<div class="dim">\(summary)</div>
      <p><a href="/submissions/\(entry.ticket)/verdict.json" download>verdict.json</a> · <a href="/labs/\(entry.lab.id)#hand-in">\(visitor.say("Hand in again", "再次提交"))</a></p>
      """
  }

  /// The failed case: its picture, and the files of its replay.
  private func witness(
    _ visitor: Visitor,
    _ check: Verdict.Check,
    _ entry: GradingDesk.Entry
  ) -> Markup {
    guard let witness = check.witness else { return .empty }
    let files = desk.witnessFiles(entry.ticket, witness.id)
    guard !files.isEmpty else { return .empty }
    let name = witness.id.split(separator: "/").joined(separator: "-")
    let base = "/submissions/\(entry.ticket)/witness/\(name)"
    var picture: Markup?
    if files.contains("difference.png") {
      let caption = visitor.say(
        "Case \(witness.id), \(witness.title): where your answer differs from the right one",
        "用例 \(witness.id)，\(witness.title)：你的答案与正确答案在哪里不同"
      )
      picture = """
        <figure class="witness"><img src="\(base)/difference.png" alt="\(caption). \(witness.place ?? "")"><figcaption>\(caption)</figcaption></figure>
        """
    }
    let links = files.map { "<li><a href=\"\(base)/\($0)\" download>\($0)</a></li>" as Markup }
    return """
      \(picture)<details><summary>\(visitor.say("Files of this case: read, answered, expected", "这个用例的文件：输入、你的答案、正确答案"))</summary><ul>\(links)</ul></details>
      """
  }

  func verdictFile(_ entry: GradingDesk.Entry) throws -> WebReply {
    guard entry.end != nil, let verdict = desk.store.verdict(entry.ticket) else {
      throw Self.missing
    }
    return WebReply(type: "application/json", try verdict.json())
      .with("Content-Disposition", "attachment; filename=\"verdict.json\"")
  }

  /// A file of a replayed case; only what is listed there can be asked for.
  func witnessFile(
    _ entry: GradingDesk.Entry,
    _ name: String,
    _ parts: [String]
  ) throws -> WebReply {
    let witness = desk.store.verdict(entry.ticket)?.checks.compactMap(\.witness).first {
      $0.id.split(separator: "/").joined(separator: "-") == name
    }
    let file = parts.joined(separator: "/")
    guard entry.end != nil, let witness,
      desk.witnessFiles(entry.ticket, witness.id).contains(file)
    else { throw Self.missing }
    let bytes = try MappedFile.contents(
      of: "\(desk.witnessFolder(entry.ticket, witness.id))/\(file)",
      limit: 64 << 20
    )
    // Only the grader writes pictures; whatever a program wrote is a download, never a page.
    if file == "difference.png" { return WebReply(type: "image/png", bytes) }
    return WebReply(type: "application/octet-stream", bytes)
      .with("Content-Disposition", "attachment")
  }
}
