import Connections
import Labs
import Reports

extension LabSite {
  /// What only teachers see.
  func teacherPages(_ path: [String], _ visitor: Visitor) throws -> WebReply {
    _ = try teacher(visitor)
    if path.count == 1 { return try cohortPage(visitor) }
    guard path.count == 3, path[1] == "learners" else { throw Self.missing }
    return try learnerPage(visitor, path[2])
  }

  /// The names of those who learn, by their digests in the log.
  private func names(_ events: [EventLog.Event]) throws -> [(learner: String, name: String)] {
    let users = try users.users()
    var names = users.filter { !$0.isTeacher }.map { (learner: $0.learner, name: $0.name) }
    let known = Set(users.map(\.learner))
    for learner in Set(events.map(\.learner)).subtracting(known).sorted() where !learner.isEmpty {
      let isLocal = learner == LabState.learnerID("local")
      names.append((learner, isLocal ? "local" : String(learner.prefix(20))))
    }
    // Teachers who try the labs themselves.
    for user in users where user.isTeacher && events.contains(where: { $0.learner == user.learner })
    {
      names.append((user.learner, user.name))
    }
    return names
  }

  /// The whole course: who stands where, how labs go, where people are stuck.
  private func cohortPage(_ visitor: Visitor) throws -> WebReply {
    let events = try desk.log.events()
    let store = try CohortStore.following(events, in: settings.data)
    let cells = try store.cells()
    let names = try names(events)
    let head = course.labs.map { "<th scope=\"col\" class=\"n\">\($0.id)</th>" as Markup }
    let rows = names.map { learner, name -> Markup in
      let row = course.labs.map { lab -> Markup in
        guard let cell = cells.first(where: { $0.learner == learner && $0.lab == lab.uuid }) else {
          return "<td class=\"n dim\">–</td>"
        }
        let tone = cell.isPassed ? "good" : "warn"
        return
          "<td class=\"n \(tone)\">\(cell.isPassed ? "✓ " : "")\(cell.best)/\(cell.max) <small>×\(cell.attempts)</small></td>"
      }
      return
        "<tr><th scope=\"row\"><a href=\"/teacher/learners/\(learner)\">\(name)</a></th>\(row)</tr>"
    }
    let counts = desk.queue.counts
    return page(
      visitor,
      visitor.say("Teaching", "教学"),
      """
      <h1>\(visitor.say("Cohort", "全班情况"))</h1>
      <p class="dim">\(visitor.say("\(names.count) learners · \(counts.running) submissions run, \(counts.waiting) wait", "\(names.count) 名学习者 · 正在评分 \(counts.running) 份，排队 \(counts.waiting) 份"))</p>
      <section aria-labelledby="table"><h2 id="table">\(visitor.say("Who stands where", "每个人的进度"))</h2>
      <p class="hint">\(visitor.say("best points / possible points, × attempts", "最好得分 / 满分，× 次数"))</p>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">\(visitor.say("learner", "学习者"))</th>\(head)</tr></thead><tbody>\(rows)</tbody></table></div></section>
      \(distribution(visitor, cells, names.count))
      \(try stuckPoints(visitor, store))
      """
    )
  }

  private func distribution(
    _ visitor: Visitor,
    _ cells: [CohortStore.Cell],
    _ people: Int
  ) -> Markup {
    let rows = course.labs.map { lab -> Markup in
      let own = cells.filter { $0.lab == lab.uuid }
      let passed = own.count(where: \.isPassed)
      let attempts = own.map(\.attempts).sorted()
      let median = attempts.isEmpty ? "–" : "\(attempts[(attempts.count - 1) / 2])"
      // How many best results lie in each quarter of the points.
      var quarters = [0, 0, 0, 0]
      for cell in own {
        quarters[cell.max > 0 ? min(3, cell.best * 4 / cell.max) : 0] += 1
      }
      let spread = quarters.map { "<td class=\"n\">\($0)</td>" as Markup }
      return """
        <tr><th scope="row">\(lab.id) \(lab.names[visitor.language])</th>
        <td><meter min="0" max="\(max(1, people))" value="\(passed)" aria-label="\(visitor.say("passed", "通过"))">\(passed)</meter> \(passed)</td><td class="n">\(own.count)</td><td class="n">\(median)</td>\(spread)</tr>
        """
    }
    return """
      <section aria-labelledby="distribution"><h2 id="distribution">\(visitor.say("How the labs go", "各实验的分布"))</h2>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">\(visitor.say("lab", "实验"))</th><th scope="col">\(visitor.say("passed", "通过"))</th><th scope="col" class="n">\(visitor.say("tried", "尝试过"))</th><th scope="col" class="n">\(visitor.say("median attempts", "次数中位数"))</th><th scope="col" class="n">&lt; 25 %</th><th scope="col" class="n">&lt; 50 %</th><th scope="col" class="n">&lt; 75 %</th><th scope="col" class="n">≥ 75 %</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  private func stuckPoints(_ visitor: Visitor, _ store: CohortStore) throws -> Markup {
    let rows = try store.stuckPoints().prefix(30).compactMap { point -> Markup? in
      guard let lab = course.lab(point.lab) else { return nil }
      let name = lab.checks.first { $0.id == point.check }?.names[visitor.language] ?? point.check
      let causes = point.causes.prefix(4).map { cause -> Markup in
        let text =
          cause.id.map { course.messages.text("cause.\($0)", in: visitor.language) }
          ?? visitor.say("no known cause, or not looked for", "没有已知原因符合，或没有查找")
        return "<li>\(cause.count) × \(text)</li>"
      }
      return """
        <tr><th scope="row">\(lab.id) · \(name)</th><td class="n">\(point.failures)/\(point.tries)</td><td class="n">\(point.stuckLearners)</td><td><ul class="plain">\(causes)</ul></td></tr>
        """
    }
    let body: Markup =
      rows.isEmpty
      ? "<p class=\"dim\">\(visitor.say("Nothing has failed yet.", "还没有未通过的检查。"))</p>"
      : """
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">\(visitor.say("check", "检查"))</th><th scope="col" class="n">\(visitor.say("failed / tried", "未通过 / 次数"))</th><th scope="col" class="n">\(visitor.say("learners stuck now", "目前卡住的人"))</th><th scope="col">\(visitor.say("causes found", "查明的原因"))</th></tr></thead><tbody>\(rows)</tbody></table></div>
      """
    return """
      <section aria-labelledby="stuck"><h2 id="stuck">\(visitor.say("Where people are stuck", "卡在哪里"))</h2>\(body)</section>
      """
  }

  /// One learner: the assessment with forms to override levels, and the submissions.
  private func learnerPage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    let events = try desk.log.events()
    guard let name = try names(events).first(where: { $0.learner == learner })?.name else {
      throw Self.missing
    }
    let assessment = AssessmentMaker(course: course, learner: learner, events: events).assessment()
    let body = AssessmentPage(course: course, language: visitor.language).markup(
      assessment,
      link: link(events),
      form: { overrideForm($0, learner, visitor) }
    )
    let rows = try desk.entries(of: learner).suffix(50).reversed()
      .map { submissionRow($0, visitor) }
    return page(
      visitor,
      name,
      """
      <p class="dim"><a href="/teacher">← \(visitor.say("Cohort", "全班情况"))</a></p><h1>\(name)</h1>\(body)
      <section aria-labelledby="submissions"><h2 id="submissions">\(visitor.say("Submissions", "提交"))</h2><ul class="plain">\(rows)</ul></section>
      \(try resetForm(learner, visitor))
      """
    )
  }

  private func overrideForm(
    _ criterion: Assessment.Criterion,
    _ learner: String,
    _ visitor: Visitor
  ) -> Markup {
    let id = "level-\(criterion.id)"
    let levels = (0...4).map { level -> Markup in
      let mark: Markup = criterion.override?.level == level ? " selected" : ""
      return "<option value=\"\(level)\"\(mark)>\(level)</option>"
    }
    return """
      <details class="override"><summary>\(visitor.say("Give another level", "改评等级"))</summary>
      <form class="stacked" method="post" action="/teacher/learners/\(learner)/overrides">\(hidden(visitor))
      <input type="hidden" name="criterion" value="\(criterion.id)">
      <label for="\(id)">\(visitor.say("Level", "等级"))</label><select id="\(id)" name="level"><option value="">\(visitor.say("as computed", "按计算"))</option>\(levels)</select>
      <label for="reason-\(criterion.id)">\(visitor.say("Reason", "理由"))</label><textarea id="reason-\(criterion.id)" name="reason" required minlength="5" maxlength="500" rows="2"></textarea>
      <button>\(visitor.say("Save", "保存"))</button></form></details>
      """
  }

  /// Writes a level that a person gives into the log, with the reason and the name.
  func override(_ form: MultipartForm, _ learner: String, _ visitor: Visitor) throws -> WebReply {
    let teacher = try teacher(visitor)
    guard try names(desk.log.events()).contains(where: { $0.learner == learner }) else {
      throw Self.missing
    }
    let level = form.values["level"] ?? ""
    let reason = form.values["reason"] ?? ""
    guard let criterion = form.values["criterion"], Rubric.ids.contains(criterion),
      level.isEmpty || Int(level).map((0...4).contains) == true, reason.count >= 5
    else {
      throw Refusal(
        status: 422,
        text: visitor.say(
          "choose a level and say why in a sentence",
          "请选择等级，并用一句话说明理由"
        )
      )
    }
    try desk.state.log.append(
      "overridden",
      lab: "",
      learner: learner,
      [
        "criterion": criterion, "level": level, "reason": String(reason.prefix(500)),
        "by": teacher,
      ]
    )
    return .seeOther("/teacher/learners/\(learner)#\(criterion)")
  }
}
