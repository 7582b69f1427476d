import Diagnostics
import Files
import FoundationEssentials
import Glibc
package import Reports

extension ReviewDesk.Bundle {
  /// Writes `files/`, `REVIEW.md` and a `review.json` to fill in, into a new folder, which appears when it is whole.
  /// - Throws: `lab.no-workspace` where the folder is there; `file.…`.
  package func write(to folder: String, course: Course, language: ReportLanguage) throws {
    guard access(folder, F_OK) != 0 else {
      throw DeployError(
        .labNoWorkspace,
        "is there already",
        at: .file(path: folder),
        remedy: "finish the review in it, or choose another folder with -o"
      )
    }
    try AtomicFolder.write(to: folder) { temporary in
      try Submission(
        files: files.map { .init(name: $0.name, bytes: $0.bytes, isExecutable: false) }
      )
      .write(to: temporary + "/files")
      try AtomicFile.write(guide(course, language), to: temporary + "/REVIEW.md")
      let review = ReviewDesk.Review(bundle: id, findings: [], comment: "")
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write(
        Array(try encoder.encode(review)) + [0x0A],
        to: temporary + "/review.json"
      )
    }
  }

  private func guide(_ course: Course, _ language: ReportLanguage) -> String {
    let causes = lab.causes.map { id in
      "- `\(id)`: \(course.messages.text("cause.\(id)", in: language))"
    }.joined(separator: "\n")
    let rules = lab.texts[language].first { $0.id == "rules" }.map { $0.body } ?? ""
    let names = files.map { "`files/\($0.name)`" }.joined(separator: ", ")
    guard language == .chinese else {
      return """
        # Review \(id): \(lab.id) · \(lab.names[language])

        Somebody has handed this in: \(names)\(leftOut > 0 ? " (and \(leftOut) files that are no text)" : ""). You do not know who, and they will not know that
        it was you. It may be right, or hold one or more mistakes; some bundles hold one that the course planted.

        Read it against the rules below; run it, if you like, with `vitrine lab check --in` on a copy in a workspace of your own. Then fill in `review.json`:

        - `findings`: for each mistake `{"cause": "…", "why": "…"}`. The cause is one of the list below; `why` says where you see it: the line, a
          case in which it shows. Leave the list empty where you find none: naming what is not there counts against you.
        - `comment`: for the author. What is good, what could be better, and how.

        Then: `vitrine lab review submit`

        ## Causes

        \(causes)

        ## The rules of the lab

        \(rules)

        """
    }
    return """
      # 评审 \(id)：\(lab.id) · \(lab.names[language])

      有人交了这份作品：\(names)\(leftOut > 0 ? "（另有 \(leftOut) 个不是文本的文件）" : "")。你不知道是谁，对方也不会知道是你评的。它可能是对的，也可能有一个或几个错误；有些作品里的错误是课程埋进去的。

      请对照下面的规则来读；也可以把它复制到自己的实验文件夹里，用 `vitrine lab check --in` 运行。然后填写 `review.json`：

      - `findings`：每个错误一项 `{"cause": "…", "why": "…"}`。cause 从下面的列表里选；why 说明在哪里看到的：哪一行，哪个用例会显出来。没有发现就留空：说了不存在的错误会扣分。
      - `comment`：写给作者。好在哪里，哪里可以更好，怎么改。

      然后：`vitrine lab review submit`

      ## 原因

      \(causes)

      ## 实验的规则

      \(rules)

      """
  }
}
