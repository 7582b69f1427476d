import Connections
import Labs
import Reports

/// The why-questions: a list, and a page of each with a form, the run under way, or what was found.
extension LabSite {
  func questionsPage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    let events = try desk.log.events().filter { $0.learner == learner }
    let items = course.questions.map { question -> Markup in
      let answered = events.contains { $0.type == "answered" && $0.lab == question.id }
      let predicted = events.contains { $0.type == "predicted" && $0.lab == question.id }
      let state =
        answered
        ? visitor.say("answered", "已回答")
        : predicted ? visitor.say("predicted", "已预测") : visitor.say("open", "未回答")
      return
        "<li class=\"card\"><h2><a href=\"/why/\(question.id)\">\(question.id) · \(question.name[visitor.language])</a> <span class=\"badge\(answered ? " good" : "")\">\(state)</span></h2></li>"
    }
    return page(
      visitor,
      visitor.say("Why?", "为什么"),
      """
      <h1>\(visitor.say("Why?", "为什么？"))</h1>
      <p class="lead">\(visitor.say("First you predict a number; that is locked. Then an experiment on this machine answers. Afterwards you may change the experiment and see what that does.", "先预测一个数，提交后锁定；然后在这台机器上做实验来回答。之后可以改动实验，看看会怎样。"))</p>
      <ul class="cards">\(items)</ul>
      """
    )
  }

  func questionPage(_ visitor: Visitor, _ learner: String, _ question: WhyQuestion) throws
    -> WebReply
  {
    let isRunning = desk.queue.place(Self.experimentID(learner, question)) != nil
    let live: Markup = isRunning ? " data-live=\"/why/\(question.id)/live\"" : ""
    return page(
      visitor,
      "\(question.id) \(question.name[visitor.language])",
      drawsCharts: true,
      """
      <p class="dim"><a href="/why">← \(visitor.say("All questions", "全部问题"))</a></p>
      <h1>\(question.id) · \(question.name[visitor.language])</h1><p class="lead">\(question.question[visitor.language])</p>
      <div id="live" aria-live="polite" aria-busy="\(isRunning ? "true" : "false")"\(live)>\(try liveAnswer(visitor, learner, question))</div>
      """
    )
  }

  /// What changes: the form, the experiment under way, or what it found.
  func liveAnswer(_ visitor: Visitor, _ learner: String, _ question: WhyQuestion) throws -> Markup {
    let events = try asking(question, learner).own(desk.log.events())
    guard let locked = events.first(where: { $0.type == "predicted" }),
      let predicted = locked.data["value"].flatMap(Double.init)
    else { return predictionForm(visitor, question) }
    let runs = runStore.runs(of: learner, question)
    let isAnswered = events.contains { $0.type == "answered" }
    let margin = locked.data["margin"].flatMap(Double.init).map { " ± \(Self.figure($0))" } ?? ""
    let head: Markup = """
      <p>\(visitor.say("Your prediction, locked", "你的预测（已锁定）")): <strong>\(Self.figure(predicted))\(margin)</strong> \(question.unit)</p>
      """
    let results: Markup? = runs.last.map { latest in
      self.results(visitor, question, latest, among: runs)
    }
    if let place = desk.queue.place(Self.experimentID(learner, question)) {
      return "\(head)\(underWay(visitor, question, place))\(results)"
    }
    let failure: Markup? = events.last.flatMap { last in
      guard last.type == "experiment-failed" || last.type == "trial-failed" else { return nil }
      let problem = last.data["problem"] ?? ""
      let text = problem == "cancelled" ? visitor.say("it was cancelled", "已取消") : problem
      return
        "<p class=\"notice bad\" role=\"alert\">\(visitor.say("The experiment did not end", "实验没有完成")): \(text)</p>"
    }
    guard isAnswered else {
      return """
        <div data-done>\(head)\(failure)
        <form method="post" action="/why/\(question.id)">\(hidden(visitor))<button>\(visitor.say("Run it again", "再做一次"))</button></form></div>
        """
    }
    return """
      <div data-done>\(head)\(failure)\(results)\(trialForm(visitor, question, after: runs.last?.settings))</div>
      """
  }

  private func underWay(_ visitor: Visitor, _ question: WhyQuestion, _ place: Int) -> Markup {
    let text =
      place > 0
      ? visitor.say("The experiment waits until the machine is free.", "实验在等机器空闲。")
      : visitor.say("The experiment is running.", "实验正在进行。")
    return """
      <p class="notice"><span class="spinner" aria-hidden="true"></span>\(text)</p>
      <form method="post" action="/why/\(question.id)/cancel">\(hidden(visitor))<button>\(visitor.say("Cancel it", "取消"))</button></form>
      """
  }

  private func predictionForm(_ visitor: Visitor, _ question: WhyQuestion) -> Markup {
    """
    <form class="stacked panel" method="post" action="/why/\(question.id)">\(hidden(visitor))
    \(predictionFields(visitor, question))
    <button class="main">\(visitor.say("Lock it and run the experiment", "锁定并开始实验"))</button>
    <p class="hint">\(visitor.say("It cannot be changed afterwards.", "提交后不能更改。"))</p></form>
    """
  }

  /// The number, how sure the learner is of it, and why.
  private func predictionFields(_ visitor: Visitor, _ question: WhyQuestion) -> Markup {
    let (low, high) = (question.range.lowerBound, question.range.upperBound)
    let step = max(0.01, (high - low) / 400)
    let number = field(
      "value",
      "\(visitor.say("Your prediction", "你的预测")) (\(question.unit), \(Self.figure(low)) … \(Self.figure(high)); ±\(Self.figure(question.tolerance)) \(visitor.say("counts", "算对")))",
      slider: visitor.say("Your prediction, as a slider", "你的预测（滑块）"),
      low...high,
      step: question.tolerance == 0 ? 1 : step,
      value: nil
    )
    // Where only the exact answer counts, there is nothing to be more or less sure of.
    let widest = min((high - low) / 2, 10 * question.tolerance)
    let margin: Markup? =
      question.tolerance == 0
      ? nil
      : field(
        "margin",
        "\(visitor.say("How far off could you be? ±", "你最多会差多少？±")) (\(question.unit))",
        slider: visitor.say("Your interval, as a slider", "你的区间（滑块）"),
        0...widest,
        step: max(0.01, widest / 200),
        value: question.tolerance
      )
    return """
      \(number)\(margin)
      <label for="because">\(visitor.say("Why do you think so?", "为什么这样想？"))</label>
      <textarea id="because" name="because" required minlength="3" maxlength="500" rows="2"></textarea>
      """
  }

  /// What may be changed, once the question has been answered.
  private func trialForm(
    _ visitor: Visitor,
    _ question: WhyQuestion,
    after settings: WhySettings?
  ) -> Markup {
    guard !question.parameters.isEmpty else { return .empty }
    let fields = question.parameters.map { parameter in
      field(
        "set-\(parameter.name)",
        "\(question.label(parameter.name, visitor.language)) (\(Self.figure(parameter.range.lowerBound)) … \(Self.figure(parameter.range.upperBound)))",
        slider:
          "\(question.label(parameter.name, visitor.language))\(visitor.say(", as a slider", "（滑块）"))",
        parameter.range,
        step: parameter.step,
        numberStep: Self.figure(parameter.step),
        value: settings?.values[parameter.name] ?? parameter.initial
      )
    }
    let prediction: Markup? = question.predictsEach ? predictionFields(visitor, question) : nil
    let button =
      question.predictsEach
      ? visitor.say("Lock the prediction and run it", "锁定预测并运行")
      : visitor.say("Run it with these settings", "用这些设置运行")
    return """
      <form class="stacked panel" method="post" action="/why/\(question.id)/trials" aria-labelledby="change">\(hidden(visitor))
      <h2 id="change">\(visitor.say("Change the experiment", "改动实验"))</h2>
      <p>\(question.trial?[visitor.language] ?? "")</p>\(fields)\(prediction)
      <button class="main">\(button)</button></form>
      """
  }

  /// A number and the slider that moves it; without scripts the number alone does.
  private func field(
    _ name: String,
    _ label: String,
    slider: String,
    _ range: ClosedRange<Double>,
    step: Double,
    numberStep: String = "any",
    value: Double?
  ) -> Markup {
    let (low, high) = (Self.figure(range.lowerBound), Self.figure(range.upperBound))
    let stated: Markup = value.map { " value=\"\(Self.figure($0))\"" } ?? ""
    let place = Self.figure(value ?? (range.lowerBound + range.upperBound) / 2)
    return """
      <label for="\(name)">\(label)</label>
      <input id="\(name)" name="\(name)" type="number" step="\(numberStep)" min="\(low)" max="\(high)"\(stated) required>
      <input id="\(name)-slider" type="range" data-for="\(name)" min="\(low)" max="\(high)" step="\(Self.figure(step))" value="\(place)" aria-label="\(slider)">
      """
  }

  static func figure(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value != value.rounded() || abs(value) >= 1e9 else { return "\(Int(value))" }
    return HTML.decimal(value, abs(value) < 10 ? 3 : 1)
  }
}
