import Connections
import Files
import Foundation
import Labs
import Testing

@testable import Servers

/// Reviews in the browser: without names, for those who may.
@Suite(.serialized) struct ReviewPageTests {
  @Test func learnersReviewEachOtherWithoutNames() async throws {
    let bench = try SiteBench()
    let (anna, ben) = (bench.browser("anna"), bench.browser("ben"))
    let state = try LabState(folder: bench.folder.path)
    let lab = try #require(bench.site.course.lab("L18"))
    #expect(await bench.stranger().get("/reviews").status == 303)
    #expect(await bench.stranger().post("/reviews", [:]).status == 401)
    // Who has passed nothing judges nothing.
    #expect(await anna.get("/reviews").status == 200)
    #expect(await anna.post("/reviews", [:]).status == 422)
    for name in ["anna", "ben"] {
      let learner = LabState.learnerID(name)
      let home = "\(bench.folder.path)/handed-in/learner-\(learner.dropFirst(8))/L18-1"
      try Folder.create(home)
      try AtomicFile.write("# by \(name) <b>&\nprint(1)\n", to: home + "/plan.py")
      try state.log.append(
        "graded",
        lab: lab.uuid,
        learner: learner,
        ["passed": "true", "counts": "true", "attempt": "1", "points": "20", "max": "20"]
      )
    }
    let comment = "Short and clear; a word on why size decides would help <b>."
    var bundle = ""
    var seen = ""
    // Planted ones come first; then ben's.
    for _ in 1...lab.mutants.count + 2 {
      #expect(await anna.post("/reviews", [:]).status == 303)
      let page = await anna.get("/reviews").text
      let found = try #require(page.firstMatch(of: /action="\/reviews\/([0-9a-f]{16})"/))
      bundle = String(found.1)
      seen = page
      #expect(await anna.post("/reviews/\(bundle)", ["comment": "ok"]).status == 422)
      // Not another's, and not with a cause that there is not.
      #expect(await ben.post("/reviews/\(bundle)", ["comment": comment]).status == 422)
      let form = ["comment": comment, "cause-nothing": "yes", "why-nothing": "somewhere in line 3"]
      #expect(await anna.post("/reviews/\(bundle)", form).status == 422)
      let good = [
        "comment": comment, "cause-no-reuse": "yes", "why-no-reuse": "line 12, always <i>",
      ]
      #expect(await anna.post("/reviews/\(bundle)", good).status == 303)
      if page.contains("# by ") { break }
    }
    #expect(seen.contains("# by author &lt;b&gt;&amp;") && !seen.contains("by ben"))
    // The author reads it without a name, and answers once.
    let page = await ben.get("/reviews").text
    #expect(page.contains("would help &lt;b&gt;.") && page.contains("line 12, always &lt;i&gt;"))
    #expect(!page.contains("anna") && page.contains("/reviews/\(bundle)/answer"))
    #expect(await anna.post("/reviews/\(bundle)/answer", ["answer": "fixed"]).status == 422)
    #expect(await ben.post("/reviews/\(bundle)/answer", ["answer": "perhaps"]).status == 422)
    #expect(await ben.post("/reviews/\(bundle)/answer", ["answer": "fixed"]).status == 303)
    #expect(await ben.post("/reviews/\(bundle)/answer", ["answer": "fixed"]).status == 422)
    #expect(await ben.post("/reviews/../x/y", [:]).status == 404)
    // Both languages; the assessment says what it came to, and names nobody.
    _ = await anna.post("/settings", ["language": "zh-Hans"])
    let report = await anna.get("/report").text
    #expect(report.contains("/reviews") && !report.contains(">ben<"))
    // A form of another site changes nothing.
    #expect(await anna.post("/reviews", [:], token: "forged").status == 403)
  }
}
