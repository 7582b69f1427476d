extension AssessmentMaker {
  /// Of each lab the best README of a graded attempt: see ``DocumentationOutcome/value``.
  func readmes() -> [Assessment.Evidence] {
    course.labs.compactMap { lab in
      let found = graded(lab).compactMap { event in
        event.data["readme"].flatMap(DocumentationOutcome.init).map { (event, $0) }
      }
      // The first of equals.
      guard
        let best = found.max(by: {
          $0.1.value == $1.1.value ? $0.0.number > $1.0.number : $0.1.value < $1.1.value
        })
      else { return nil }
      var result = evidence(best.0, lab, best.1.value)
      result.figures = best.1.text
      let sum = best.1
      result.words = [
        "en":
          "\(sum.commandsRight) of \(sum.commands) commands ran, \(sum.linksRight) of \(sum.links) links hold; numbers: \(sum.rerun) measured by the grader (T2), \(sum.consistent) printed by commands (T1), \(sum.reported) without support (T0), \(sum.wrong) false",
        "zh-Hans":
          "\(sum.commands) 条命令中 \(sum.commandsRight) 条正常结束，\(sum.links) 个链接中 \(sum.linksRight) 个有效；数字：评分器测得 \(sum.rerun) 个（T2），命令打印 \(sum.consistent) 个（T1），没有依据 \(sum.reported) 个（T0），不符 \(sum.wrong) 个",
      ]
      return result
    }
  }

  /// Of each lab the choice of the last attempt that passed: how few others made it × how much it was proved to bring. What is not
  /// measured, or has too few others beside it, is listed and weighs nothing.
  func ideas() -> [Assessment.Evidence] {
    course.labs.compactMap { lab in
      guard let event = graded(lab).last(where: { $0.data["choice"] != nil }),
        let form = event.data["choice"]
      else { return nil }
      let census = Choice.Census(cohort, lab: lab.uuid)
      let gain = event.data["gain"].flatMap(Double.init)
      let isTaught = event.data["taught"] == "true"
      var result = evidence(event, lab, 0)
      var figures = "\(form): \(census.count(form))/\(census.learners)"
      figures +=
        gain.map { ", \($0 < 0 ? "" : "+")\(VerdictText.decimal($0 * 100, 1)) %" } ?? ", ? %"
      if isTaught { figures += ", = course" }
      result.figures = figures
      result.words = Self.words(form, census, gain, isTaught)
      guard let rarity = census.rarity(form), let gain else {
        result.weight = 0
        return result
      }
      result.value = Choice.value(rarity: rarity, gain: gain, isTaught: isTaught)
      return result
    }
  }

  /// `3 of 41 chose this; it brought 7 %`.
  private static func words(
    _ form: String,
    _ census: Choice.Census,
    _ gain: Double?,
    _ isTaught: Bool
  ) -> [String: String] {
    let (count, all) = (census.count(form), census.learners)
    let percent = gain.map { VerdictText.decimal($0 * 100, 1) }
    let few = all <= Choice.Census.fewestOthers
    let english =
      (percent.map { "it brought \($0) %, proved" } ?? "no gain is proved here")
      + (isTaught ? "; the course shows it itself" : "") + (few ? "; too few to call it rare" : "")
    let chinese =
      (percent.map { "带来 \($0) % 的收益（已证明）" } ?? "这里没有证明收益")
      + (isTaught ? "；课程自己教过" : "") + (few ? "；人数太少，不能说少见" : "")
    return [
      "en": "\(form): \(count) of \(all) chose this; \(english)",
      "zh-Hans": "\(form)：\(all) 人中 \(count) 人这样选；\(chinese)",
    ]
  }

  /// Of each review: what was planted and found, or what the author answered. An answer counts half of a planted mistake, and less by as
  /// much as the reviewer misses those.
  func reviews() -> [Assessment.Evidence] {
    let own = ReviewRecords(cohort).all.filter { $0.reviewer == learner }
    var planted: [Assessment.Evidence] = []
    var answered: [Assessment.Evidence] = []
    for record in own {
      guard let review = record.review, let lab = course.lab(record.lab) else { continue }
      var result = Assessment.Evidence(
        subject: lab.id,
        value: 0,
        weight: 1,
        event: review.event.number,
        figures: ""
      )
      switch record.subject {
      case .planted(let mutant):
        guard let score = ReviewScore(review.causes, mutant: mutant, lab: lab) else { continue }
        result.value = max(0, score.value)
        result.figures =
          "\(record.bundle.prefix(8)): \(score.recall == 1 ? "✓" : "✗") planted, "
          + "\(score.falseAlarms)/\(score.possible) false alarms"
        let (seen, id) = (score.recall == 1, record.bundle.prefix(8))
        result.words = [
          "en":
            "bundle \(id): the planted mistake was \(seen ? "" : "not ")seen; \(score.falseAlarms) of \(score.possible) other causes named wrongly",
          "zh-Hans":
            "作品 \(id)：埋设的错误\(seen ? "看出来了" : "没有看出来")；其余 \(score.possible) 个原因中误报 \(score.falseAlarms) 个",
        ]
        planted.append(result)
      case .submission:
        guard let answer = record.answer?.answer else { continue }
        (result.value, result.weight) = (answer.value, 0.5)
        result.figures = "\(record.bundle.prefix(8)): \(answer.rawValue)"
        result.words = [
          "en": "bundle \(record.bundle.prefix(8)): its author answered: \(answer.rawValue)",
          "zh-Hans": "作品 \(record.bundle.prefix(8))：作者答复：\(answer.rawValue)",
        ]
        answered.append(result)
      }
    }
    let reliability =
      planted.isEmpty ? 0 : planted.reduce(0) { $0 + $1.value } / Double(planted.count)
    return planted
      + answered.map { evidence in
        var evidence = evidence
        evidence.weight *= reliability
        return evidence
      }
  }
}
