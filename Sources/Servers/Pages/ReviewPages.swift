import Connections
import Labs
import Reports

extension LabSite {
  private func reviewDesk() throws -> ReviewDesk {
    try ReviewDesk(course: course, state: desk.state)
  }

  /// What there is to review, and what others said of one's own work; neither side has a name.
  func reviewsPage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    guard course.review != nil else { throw Self.missing }
    let reviews = try reviewDesk()
    let open = try reviews.open(learner)
    let received = try reviews.received(learner).reversed().map { self.received($0, visitor) }
    let task: Markup =
      open.map { bundle($0, visitor) } ?? """
        <form class="stacked" method="post" action="/reviews">\(hidden(visitor))
        <button class="main">\(visitor.say("Give me something to review", "给我一份来评审"))</button></form>
        """
    let none: Markup =
      "<p class=\"dim\">\(visitor.say("Nobody has reviewed your work yet.", "还没有人评审你的作品。"))</p>"
    return page(
      visitor,
      visitor.say("Reviews", "互评"),
      """
      <h1>\(visitor.say("Reviews", "互评"))</h1>
      <p class="lead">\(visitor.say("You see others' work without names, and they will not know that you reviewed it. Some of it holds a mistake that the course planted: what you find there says how much your reviews are worth.", "你看到的是别人的作品，没有名字；对方也不会知道是你评的。有些作品里有课程埋进去的错误：你能不能看出来，决定你的评审有多大分量。"))</p>
      <section aria-labelledby="to-do"><h2 id="to-do">\(visitor.say("To review", "待评审"))</h2>\(task)</section>
      <section aria-labelledby="received"><h2 id="received">\(visitor.say("What others said of your work", "别人对你的作品的评审"))</h2>\(received.isEmpty ? [none] : received)</section>
      """
    )
  }

  private func bundle(_ bundle: ReviewDesk.Bundle, _ visitor: Visitor) -> Markup {
    let lab = bundle.lab
    let files = bundle.files.map { name, bytes -> Markup in
      """
      <details><summary>\(name)</summary><div class="scroll" tabindex="0"><pre><code>\(String(decoding: bytes, as: UTF8.self))</code></pre></div></details>
      """
    }
    let leftOut: Markup? =
      bundle.leftOut > 0
      ? "<p class=\"dim\">\(visitor.say("\(bundle.leftOut) files that are no text are left out.", "另有 \(bundle.leftOut) 个不是文本的文件没有列出。"))</p>"
      : nil
    let causes = lab.causes.map { cause -> Markup in
      let text = course.messages.text("cause.\(cause)", in: visitor.language)
      return """
        <p><label><input type="checkbox" name="cause-\(cause)" value="yes"> \(text)</label>
        <label class="hint">\(visitor.say("where you see it", "在哪里看到的")) <input name="why-\(cause)" maxlength="160"></label></p>
        """
    }
    return """
      <p><a href="/labs/\(lab.id)#rules">\(lab.id) · \(lab.names[visitor.language])</a> <span class="dim">\(bundle.id)</span></p>
      \(files)\(leftOut)
      <form class="stacked" method="post" action="/reviews/\(bundle.id)">\(hidden(visitor))
      <fieldset><legend>\(visitor.say("Mistakes that you found; leave all empty where there is none", "你发现的错误；没有就都留空"))</legend>\(causes)</fieldset>
      <label for="comment">\(visitor.say("For the author: what is good, what could be better, and how", "写给作者：好在哪里，哪里可以更好，怎么改"))</label>
      <textarea id="comment" name="comment" required minlength="30" maxlength="1200" rows="5"></textarea>
      <button class="main">\(visitor.say("Hand in the review", "提交评审"))</button></form>
      """
  }

  private func received(_ review: ReviewDesk.Received, _ visitor: Visitor) -> Markup {
    let findings = review.findings.map { finding -> Markup in
      let parts = finding.split(separator: ":", maxSplits: 1)
      let cause = course.messages.text("cause.\(parts.first ?? "")", in: visitor.language)
      return "<li>\(cause): \(String(parts.dropFirst().first ?? ""))</li>"
    }
    let answers: [(ReviewAnswer, String)] = [
      (.fixed, visitor.say("right, and I have changed it", "说得对，我已经改了")),
      (.right, visitor.say("right; I have not changed it", "说得对，我没有改")),
      (.known, visitor.say("right, and I knew it", "说得对，我早就知道")),
      (.unclear, visitor.say("I do not understand it", "我看不懂")),
      (.wrong, visitor.say("it does not hold", "不成立")),
    ]
    let answer: Markup
    if let given = review.answer {
      let text = answers.first { $0.0 == given }?.1 ?? given.rawValue
      answer = "<p class=\"dim\">→ \(text)</p>"
    } else {
      let choices = answers.map { "<option value=\"\($0.rawValue)\">\($1)</option>" as Markup }
      answer = """
        <form class="stacked" method="post" action="/reviews/\(review.bundle)/answer">\(hidden(visitor))
        <label for="answer-\(review.bundle)">\(visitor.say("Your answer", "你的答复"))</label>
        <select id="answer-\(review.bundle)" name="answer">\(choices)</select><button>\(visitor.say("Answer", "答复"))</button></form>
        """
    }
    return """
      <section class="panel"><h3>\(review.lab) · \(visitor.say("attempt \(review.attempt)", "第 \(review.attempt) 次提交"))</h3>
      <ul>\(findings)</ul><p>\(review.comment)</p>\(answer)</section>
      """
  }

  /// Takes what a form about reviews asks for.
  func changeReviews(_ path: [String], _ form: MultipartForm, _ learner: String) throws -> WebReply
  {
    guard course.review != nil else { throw Self.missing }
    let reviews = try reviewDesk()
    switch path.count {
    case 1: _ = try reviews.next(learner)
    case 2:
      let findings = form.values.keys.sorted().compactMap { key -> ReviewDesk.Review.Finding? in
        guard key.hasPrefix("cause-") else { return nil }
        let cause = String(key.dropFirst(6))
        return .init(cause: cause, why: form.values["why-\(cause)"] ?? "")
      }
      let comment = form.values["comment"] ?? ""
      try reviews.submit(
        .init(bundle: path[1], findings: findings, comment: comment),
        by: learner
      )
    case 3 where path[2] == "answer":
      guard let answer = form.values["answer"].flatMap(ReviewAnswer.init) else {
        throw Refusal(status: 422, text: "there is no such answer")
      }
      try reviews.acknowledge(path[1], answer, by: learner)
    default: throw Self.missing
    }
    return .seeOther("/reviews")
  }
}
