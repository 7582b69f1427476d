import Connections
import Files
package import Labs
package import Reports

/// An assessment as a page: dimensions, criteria with their levels, and what each rests on.
package struct AssessmentPage {
  let course: Course
  let language: ReportLanguage

  func say(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  /// The markup; evidence leads to where `link` says.
  func markup(
    _ assessment: Assessment,
    link: (Assessment.Evidence) -> String? = { _ in nil },
    form: (Assessment.Criterion) -> Markup? = { _ in nil }
  ) -> Markup {
    let tiles = assessment.dimensions.map { dimension -> Markup in
      let level = dimension.level.map { "\($0) / 4" } ?? say("not enough evidence", "证据不足")
      return
        "<div><dt>\(name(dimension.id))</dt><dd>\(level) <small>\(say("\(dimension.known) of 3 criteria", "3 项中有 \(dimension.known) 项"))</small></dd></div>"
    }
    let badge: Markup? = assessment.badge.map { tier in
      let names = [
        "basic": say("basic", "基础"), "advanced": say("advanced", "进阶"),
        "expert": say("expert", "专家"),
      ]
      return "<p class=\"verdict good\">\(say("Badge", "徽章")): \(names[tier] ?? tier)</p>"
    }
    let groups = Rubric.Dimension.allCases.map { dimension -> Markup in
      let criteria = assessment.criteria.filter { $0.dimension == dimension }
      return """
        <section aria-labelledby="\(dimension.rawValue)"><h2 id="\(dimension.rawValue)">\(name(dimension))</h2>
        \(criteria.map { criterion($0, link, form) })</section>
        """
    }
    return "<dl class=\"tiles\">\(tiles)</dl>\(badge)\(groups)"
  }

  private func name(_ dimension: Rubric.Dimension) -> String {
    switch dimension {
    case .technical: say("Technical ability", "技术能力")
    case .engineering: say("Engineering quality", "工程素养")
    case .thinking: say("Depth of thinking", "思维层次")
    }
  }

  private func criterion(
    _ criterion: Assessment.Criterion,
    _ link: (Assessment.Evidence) -> String?,
    _ form: (Assessment.Criterion) -> Markup?
  ) -> Markup {
    guard let rubric = course.rubrics.first(where: { $0.id == criterion.id }) else { return .empty }
    let id = criterion.id.uppercased()
    let level: Markup
    if let found = criterion.level {
      let value =
        criterion.value.map {
          say(" (value \(HTML.decimal($0, 2)))", "（数值 \(HTML.decimal($0, 2))）")
        } ?? ""
      level = """
        <p><meter min="0" max="4" value="\(found)" aria-label="\(say("level", "等级"))">\(found)</meter>
        <strong>\(say("level", "等级")) \(found)</strong>: \(rubric.levels[min(4, max(0, found))][language])\
        \(criterion.override == nil ? value : "")</p>
        """
    } else {
      let count = criterion.evidence.count { $0.weight > 0 }
      let found =
        rubric.method == .person
        ? say("a person has not judged it yet", "还没有人评定")
        : say("\(count) of the \(criterion.least) needed", "需要 \(criterion.least) 项，现有 \(count) 项")
      level = "<p class=\"dim\">\(say("not enough evidence", "证据不足")) (\(found))</p>"
    }
    let override: Markup? = criterion.override.map { override in
      let computed = criterion.computedLevel.map { "\($0)" } ?? "–"
      return """
        <p class="notice warn">\(say("Given by a person", "由人评定")): \(override.by), \(LabSite.time(override.time)). \
        \(say("Reason", "理由")): \(override.reason) (\(say("computed", "计算得出")): \(computed))</p>
        """
    }
    let rows = criterion.evidence.map { row($0, link) }
    let head: Markup = """
      <tr><th scope="col">\(say("rests on", "依据"))</th><th scope="col">\(say("figures", "数据"))</th><th scope="col" class="n">\(say("value", "数值"))</th><th scope="col" class="n">\(say("weight", "权重"))</th><th scope="col">\(say("event in the log", "日志事件"))</th></tr>
      """
    let table: Markup? =
      rows.isEmpty
      ? nil
      : "<div class=\"scroll\" tabindex=\"0\"><table><thead>\(head)</thead><tbody>\(rows)</tbody></table></div>"
    return """
      <section class="criterion" id="\(criterion.id)"><h3>\(id) · \(rubric.names[language])</h3>\(level)\(override)
      <details><summary>\(say("How it is computed, and what it rests on", "怎么算的，依据是什么"))</summary>
      <p>\(rubric.explanation[language])</p>\(table)</details>\(form(criterion))</section>
      """
  }

  private func row(
    _ evidence: Assessment.Evidence,
    _ link: (Assessment.Evidence) -> String?
  ) -> Markup {
    let attempt = evidence.attempt.map { say(", attempt \($0)", "，第 \($0) 次") } ?? ""
    let tier = evidence.tier.map { ", \($0)" } ?? ""
    let title = "\(evidence.subject)\(tier)\(attempt)"
    let subject: Markup = link(evidence).map { "<a href=\"\($0)\">\(title)</a>" } ?? "\(title)"
    let digest = evidence.verdict.map { " " + String($0.prefix(19)) + "…" } ?? ""
    return """
      <tr><td>\(subject)</td><td>\(evidence.shown(language))</td><td class="n">\(HTML.decimal(evidence.value, 2))</td><td class="n">\(HTML.decimal(evidence.weight, 1))</td><td class="c">#\(evidence.event)\(digest)</td></tr>
      """
  }
}

extension AssessmentPage {
  /// A page of its own, without scripts, that needs no server; evidence leads to the event, which stands below.
  /// - Parameter events: the learner's.
  package static func document(
    _ assessment: Assessment,
    course: Course,
    name: String,
    language: ReportLanguage,
    events: [EventLog.Event] = []
  ) -> String {
    let page = AssessmentPage(course: course, language: language)
    let title = page.say("Assessment of \(name)", "\(name) 的评估")
    let rested = Set(
      assessment.criteria.flatMap {
        $0.evidence.map(\.event) + [$0.override?.event].compactMap(\.self)
      }
    )
    let shown = events.filter { rested.contains($0.number) }
    let numbers = Set(shown.map(\.number))
    let link: (Assessment.Evidence) -> String? = {
      numbers.contains($0.event) ? "#event-\($0.event)" : nil
    }
    let style = Markup(raw: WebAsset.text("style.css") + WebAsset.text("lab.css"))
    let document: Markup = """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(style)</style>
      </head>
      <body>
      <main><h1>\(title)</h1><p class="dim">\(course.names[language]) \(assessment.course)</p>\(page.markup(assessment, link: link))\(page.list(shown))</main>
      </body>
      </html>

      """
    return document.text
  }
}

extension AssessmentPage {
  /// The events that evidence leads to, as the log has them.
  private func list(_ events: [EventLog.Event]) -> Markup? {
    guard !events.isEmpty else { return nil }
    let rows = events.map { event -> Markup in
      let lab = course.lab(event.lab)?.id ?? event.lab
      let data = event.data.sorted { $0.key < $1.key }
        .filter { !["findings", "comment", "seed", "files"].contains($0.key) }
        .map { "\($0.key)=\($0.value)" }.joined(separator: " · ")
      return """
        <tr id="event-\(event.number)"><td class="n">\(event.number)</td><td>\(event.time)</td><td>\(event.type)</td><td>\(lab)</td><td>\(data)</td><td class="c">\((event.digest ?? "").prefix(19))…</td></tr>
        """
    }
    return """
      <section aria-labelledby="events"><h2 id="events">\(say("Events that it rests on", "依据的日志事件"))</h2>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col" class="n">#</th><th scope="col">\(say("time", "时间"))</th><th scope="col">\(say("event", "事件"))</th><th scope="col">\(say("lab", "实验"))</th><th scope="col">\(say("what it says", "内容"))</th><th scope="col">\(say("digest", "摘要"))</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }
}

extension LabSite {
  /// A learner's assessment as a page of the site.
  func reportPage(_ visitor: Visitor, _ learner: String, _ name: String) throws -> WebReply {
    let events = try desk.log.events()
    let assessment = AssessmentMaker(course: course, learner: learner, events: events).assessment()
    let title = visitor.say("Assessment of \(name)", "\(name) 的评估")
    let body = AssessmentPage(course: course, language: visitor.language)
      .markup(assessment, link: link(events))
    let reviews: Markup? =
      course.review == nil
      ? nil
      : "<p><a href=\"/reviews\">\(visitor.say("Review others' work, and read what they say of yours", "评审别人的作品，看别人怎么说你的"))</a></p>"
    return page(
      visitor,
      title,
      """
      <h1>\(title)</h1><p class="lead">\(visitor.say("Everything here is computed from the log of your work; each figure says where it comes from.", "这里的一切都由你的学习日志计算得出，每个数字都注明了来源。"))</p>\(reviews)\(body)
      """
    )
  }

  /// Where a piece of evidence is shown.
  func link(_ events: [EventLog.Event]) -> (Assessment.Evidence) -> String? {
    { evidence in
      guard evidence.attempt != nil else {
        let isQuestion = self.course.questions.contains { $0.id == evidence.subject }
        return isQuestion ? "/why/\(evidence.subject)" : nil
      }
      let event = events.indices.contains(evidence.event - 1) ? events[evidence.event - 1] : nil
      return event?.data["ticket"].map { "/submissions/\($0)" }
    }
  }
}
