import Foundation
import TestSupport
import Testing

/// `vitrine lab`, as a learner types it.
@Suite(.serialized) struct LabCommandTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func lab(_ arguments: [String], in name: String? = nil) throws -> VitrineProcess {
    try VitrineProcess.run(
      ["lab"] + arguments,
      in: name.map(folder.file) ?? folder.path,
      environment: [
        "VITRINE_DATA": folder.file("data"), "VITRINE_COURSE": SharedData.checkout + "/Course",
      ]
    )
  }

  @Test func leadsFromTheStartToAPass() throws {
    let start = try lab(["start", "L10", "--language", "zh"])
    #expect(start.status == 0 && start.output.contains("L10"), "\(start.errors)")
    #expect(folder.files.contains("L10-folding/fold.py"))
    // Untouched it fails, in Chinese, and says what to look at.
    let first = try lab(["check"], in: "L10-folding")
    #expect(first.status == 1 && first.output.contains("最小的反例"), "\(first.errors)")
    // The answer, as a learner would write it.
    let path = folder.file("L10-folding/fold.py")
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text = text.replacingOccurrences(
      of: "        factor = 1.0\n",
      with: "        factor = gamma[channel] / (variance[channel] + epsilon) ** 0.5\n"
    )
    text = text.replacingOccurrences(
      of: "        new_bias.append(bias[channel])\n",
      with: "        new_bias.append((bias[channel] - mean[channel]) * factor + beta[channel])\n"
    )
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let watch = try lab(["watch", "--once", "--language", "en"], in: "L10-folding")
    #expect(watch.status == 0, "\(watch.output)\(watch.errors)")
    let submission = try lab(["submit", "--json"], in: "L10-folding")
    #expect(submission.status == 0, "\(submission.output)")
    let document =
      try JSONSerialization.jsonObject(with: Data(submission.output.utf8)) as? [String: Any]
    #expect((document?["checks"] as? [[String: Any]])?.count == 5)
    #expect((document?["signature"] as? String)?.count == 128)
    #expect(try lab(["explain"], in: "L10-folding").status == 0)
    #expect(try lab(["status"]).output.contains("20/20"))
    // A verdict that was changed is not one.
    let verdict = folder.file("L10-folding/verdict.json")
    let changed = try String(contentsOfFile: verdict, encoding: .utf8)
      .replacingOccurrences(of: "\"attempt\" : 1", with: "\"attempt\" : 2")
    try changed.write(toFile: verdict, atomically: true, encoding: .utf8)
    #expect(try lab(["explain"], in: "L10-folding").status == 1)
    let export = try lab(["export", "autolab", "L10-folding/verdict.json"])
    #expect(export.status == 0 && export.errors.contains("not signed"))
    // Back to the beginning, with the work kept.
    #expect(try lab(["reset"], in: "L10-folding").status == 0)
    #expect(folder.files.contains("L10-folding/fold.py.old"))
    #expect(try lab(["check", "--quick"], in: "L10-folding").status == 1)
  }

  @Test func tellsWrongUsageFromErrors() throws {
    #expect(try lab(["start", "L99"]).status == 64)
    #expect(try lab(["start", "L03", "--tier", "heroic"]).status == 64)
    #expect(try lab(["why", "W9", "--predict", "3"]).status == 64)
    #expect(try lab(["export", "canvas", "a.json"]).status == 64)
    let outside = try lab(["check"])
    #expect(outside.status == 70 && outside.errors.contains("error[lab.no-workspace]"))
    let nowhere = try lab(["list", "--course", folder.path])
    #expect(nowhere.status == 70 && nowhere.errors.contains("error[course.not-found]"))
  }

  @Test func locksPredictions() throws {
    let question = try lab(["why", "W9"])
    #expect(question.status == 0 && !question.output.contains("48."))
    let right = try lab(["why", "W9", "--predict", "19", "--because", "half of forty", "--json"])
    #expect(right.status == 0, "\(right.errors)")
    let late = try lab(["why", "W9", "--predict", "40", "--because", "no, forty", "--json"])
    #expect(late.status == 0 && late.output.contains("\"predicted\" : 19"))
  }

  @Test func changesAnExperimentAfterItsAnswer() throws {
    #expect(try lab(["why", "W8", "--set", "weight=0.5"]).status == 64)
    #expect(try lab(["why", "W8"]).output.contains("channels"))
    let words = ["--predict", "1", "--plus-minus", "0.5", "--because", "16 four times"]
    let own = try lab(["why", "W8", "--language", "en"] + words)
    #expect(own.status == 0 && own.output.contains("inside of the ±0.50"), "\(own.errors)")
    let changed = try lab(["why", "W8", "--set", "weight=0.5", "--json"])
    #expect(changed.status == 0, "\(changed.errors)")
    let document =
      try JSONSerialization.jsonObject(with: Data(changed.output.utf8)) as? [String: Any]
    #expect((document?["settings"] as? [String: Double])?["weight"] == 0.5)
    #expect((document?["earlier"] as? [Any])?.count == 1 && document?["predicted"] == nil)
    for wrong in ["weight=9", "weight=0.26", "weight", "mass=1", "weight=nan"] {
      #expect(try lab(["why", "W8", "--set", wrong]).status == 64, "\(wrong)")
    }
  }

  /// A course for learners, used as the whole one is; what it lacks is said.
  @Test func aBundleIsACourseWithoutSolutions() throws {
    let made = try lab(["course", "bundle", "-o", folder.file("learners"), "--json"])
    #expect(made.status == 0 && made.output.contains("\"labs\""), "\(made.errors)")
    let again = try lab(["course", "bundle", "-o", folder.file("learners")])
    #expect(again.status == 70 && again.errors.contains("course.bundle-exists"))
    let course = ["--course", folder.file("learners")]
    #expect(try lab(["start", "L10", "-o", folder.file("work")] + course).status == 0)
    // The folder remembers which course it is of.
    let check = try VitrineProcess.run(
      ["lab", "check", "--json"],
      in: folder.file("work"),
      environment: ["VITRINE_DATA": folder.file("data"), "VITRINE_COURSE": ""]
    )
    #expect(check.status == 1 && check.output.contains("\"checks\""), "\(check.errors)")
    let whole = try lab(["start", "L10", "--scaffold", "3", "-o", folder.file("whole")] + course)
    #expect(whole.status == 70 && whole.errors.contains("lab.not-given"))
    #expect(!folder.files.contains { $0.hasPrefix("whole") })
    let proof = try lab(["course", "check", "L10"] + course)
    #expect(proof.status == 70 && proof.errors.contains("course.for-learners"))
    #expect(try lab(["start", "L10", "--scaffold", "4"]).status == 64)
  }

  @Test func opensHintsAfterAttempts() throws {
    _ = try lab(["start", "L10"])
    #expect(try lab(["hint", "--json"], in: "L10-folding").output.contains("\"hint\" : \""))
    #expect(try lab(["hint", "--json"], in: "L10-folding").output.contains("\"reason\""))
    _ = try lab(["check", "--quick"], in: "L10-folding")
    #expect(try lab(["hint", "--json"], in: "L10-folding").output.contains("\"hint\" : \""))
  }

  /// A learner with a README, two others; a review, its answer, the report, and the data given out and erased.
  @Test func reviewsReportsAndErases() throws {
    let solution = try String(
      contentsOfFile: SharedData.checkout + "/Course/labs/L18-arena/starter/python/plan.py",
      encoding: .utf8
    ).split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("#@") }
      .joined(separator: "\n")
    for name in ["anna", "ben"] {
      #expect(try lab(["start", "L18", "--learner", name, "-o", name]).status == 0)
      try solution.write(toFile: folder.file("\(name)/plan.py"), atomically: true, encoding: .utf8)
      let readme = "```run\npython3 plan.py\n```\n0<!-- claim chain/overlaps --> [plan](plan.py)\n"
      try readme.write(toFile: folder.file("\(name)/README.md"), atomically: true, encoding: .utf8)
      let done = try lab(["submit", "--in", name, "--language", "en"])
      #expect(
        done.status == 0 && done.output.contains("README.md: 1 of 1 commands ran"),
        "\(done.output)"
      )
      #expect(done.output.contains("first-fit/largest-first"))
    }
    func json(_ arguments: [String]) throws -> [String: Any] {
      let result = try lab(arguments + ["--json"])
      #expect(result.status == 0, "\(result.errors)")
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
      return try #require(document as? [String: Any])
    }
    #expect(
      try lab(["review", "next", "--learner", "carl"]).errors.contains("lab.nothing-to-review")
    )
    for number in 1...3 {
      let next = try json(["review", "next", "--learner", "ben", "-o", "r\(number)"])
      let bundle = try #require(next["bundle"] as? String)
      #expect(
        folder.files.contains("r\(number)/REVIEW.md")
          && folder.files.contains("r\(number)/files/plan.py")
      )
      #expect(try lab(["review", "submit", "--in", "r\(number)", "--learner", "ben"]).status == 70)
      let review = """
        {"format": 1, "bundle": "\(bundle)", "findings": [], "comment": "Short and clear; a word on why size decides would help."}
        """
      try review.write(
        toFile: folder.file("r\(number)/review.json"),
        atomically: true,
        encoding: .utf8
      )
      #expect(try lab(["review", "submit", "--in", "r\(number)", "--learner", "ben"]).status == 0)
    }
    #expect(
      try lab(["review", "received", "--learner", "carl", "--language", "zh"]).output.contains(
        "还没有人"
      )
    )
    #expect(
      try lab(["review", "answer", "0123", "fixed", "--learner", "anna"]).errors.contains(
        "lab.invalid-review"
      )
    )
    #expect(try lab(["review", "answer", "0123", "perhaps"]).status == 64)
    // Number, level, evidence, how: in both languages, as a document and as a page.
    let text = try lab(["report", "--learner", "anna", "--language", "zh", "-o", "anna.html"])
    #expect(text.status == 0 && text.output.contains("E2 · 文档与知识整理"), "\(text.errors)")
    #expect(text.output.contains("1.00 → 证据不足（需要 2 项，现有 1 项）"))
    #expect(text.output.contains("2 人中 2 人这样选") && text.output.contains("events.jsonl#"))
    let page = try String(contentsOfFile: folder.file("anna.html"), encoding: .utf8)
    let link = try #require(page.range(of: "href=\"#event-[0-9]+\"", options: .regularExpression))
    #expect(page.contains("id=\"\(page[link].dropFirst(7).dropLast())\""))
    let report = try json(["report", "--learner", "anna"])
    let criteria = try #require(report["criteria"] as? [[String: Any]])
    #expect(criteria.count == 9)
    for criterion in criteria {
      for key in ["name", "howComputed"] {
        let words = criterion[key] as? [String: String]
        #expect(words?["en"]?.isEmpty == false && words?["zh-Hans"]?.isEmpty == false)
      }
      let evidence = criterion["evidence"] as? [Any]
      #expect((criterion["links"] as? [Any])?.count == evidence?.count)
    }
    let second = try #require(criteria.first { $0["id"] as? String == "e2" })
    #expect((second["links"] as? [String])?.first?.hasPrefix("events.jsonl#") == true)
    // One learner's data, out and away; nobody else's.
    #expect(
      try json(["data", "export", "--learner", "anna", "-o", "given"])["submissions"] as? Int == 1
    )
    #expect(
      folder.files.contains("given/events.jsonl")
        && folder.files.contains("given/submissions/L18-1/plan.py")
    )
    #expect(try lab(["data", "erase", "--learner", "anna"]).status == 64)
    #expect(try lab(["data", "erase", "--yes"]).status == 64)
    #expect(try lab(["data", "erase", "--learner", "anna", "--yes"]).status == 0)
    #expect(try lab(["status", "--learner", "ben"]).output.contains("20/20"))
    #expect(try !lab(["status", "--learner", "anna"]).output.contains("20/20"))
    #expect(try lab(["rebuild"]).status == 0)
  }
}
