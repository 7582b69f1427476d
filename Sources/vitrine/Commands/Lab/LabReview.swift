import ArgumentParser
import Files
import Labs
import Reports

/// `vitrine lab review`: learners look at each other's work, without names.
struct LabReview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Review others' work without names, and read what others say of yours.",
    discussion: """
      You review labs that you have passed. Neither side learns a name. Some bundles hold a mistake that the course planted; nobody is
      told which. Reviews count for "working with others" in the assessment (vitrine lab report).

      EXAMPLES
        vitrine lab review next                            a folder with somebody's work
        vitrine lab review submit --in review-3f2a…        hand in review.json
        vitrine lab review received                        what others said of your work
        vitrine lab review answer 3f2a… fixed              say whether it helped
      """,
    subcommands: [Next.self, Submit.self, Received.self, Answer.self]
  )

  /// `vitrine lab review next`.
  struct Next: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "next",
      abstract: "Makes a folder with work to review; the same again until it is reviewed.",
      discussion: """
        EXAMPLES
          vitrine lab review next
          vitrine lab review next L18 -o somebody
        """
    )

    @Argument(help: "A lab that you have passed; any by default.")
    var lab: String?

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String?

    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func run() throws {
      let course = try Course(path: options.coursePath())
      let chosen = try lab.map { name in
        guard let found = course.lab(name) else { throw ValidationError("there is no lab \(name)") }
        return found
      }
      let desk = try ReviewDesk(course: course, state: LabState(folder: data.path))
      let bundle = try desk.next(LabState.learnerID(options.learnerName()), lab: chosen)
      let folder = output ?? "review-\(bundle.id)"
      try bundle.write(to: folder, course: course, language: options.language())
      if options.common.json {
        return try JSONOutput.print([
          "bundle": bundle.id, "lab": bundle.lab.id, "folder": folder,
        ])
      }
      let isChinese = options.language() == .chinese
      Terminal.print("\(Style.green("✓")) \(Style.bold(bundle.lab.id)) → \(folder)")
      Terminal.print(
        isChinese
          ? "  读 REVIEW.md 和 files/，填写 review.json，然后：vitrine lab review submit --in \(folder)"
          : "  Read REVIEW.md and files/, fill in review.json, then: vitrine lab review submit --in \(folder)"
      )
    }
  }

  /// `vitrine lab review submit`.
  struct Submit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "submit",
      abstract: "Hands in the review.json of a bundle's folder; the first one counts.",
      discussion: """
        EXAMPLES
          vitrine lab review submit
          vitrine lab review submit --in review-3f2a90c1d4e5b607
        """
    )

    @OptionGroup var place: WorkspaceOption
    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func run() throws {
      let course = try Course(path: options.coursePath())
      let review = try ReviewDesk.Review(folder: place.folder)
      try ReviewDesk(course: course, state: LabState(folder: data.path))
        .submit(review, by: LabState.learnerID(options.learnerName()))
      if options.common.json { return try JSONOutput.print(["bundle": review.bundle]) }
      Terminal.print(
        Style.green("✓")
          + (options.language() == .chinese
            ? " 已交。下一份：vitrine lab review next"
            : " handed in. The next one: vitrine lab review next")
      )
    }
  }

  /// `vitrine lab review received`.
  struct Received: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "received",
      abstract: "Shows what reviewers found in your work.",
      discussion: """
        EXAMPLES
          vitrine lab review received
        """
    )

    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func run() throws {
      let course = try Course(path: options.coursePath())
      let reviews = try ReviewDesk(course: course, state: LabState(folder: data.path))
        .received(LabState.learnerID(options.learnerName()))
      guard !options.common.json else { return try JSONOutput.print(reviews) }
      let isChinese = options.language() == .chinese
      if reviews.isEmpty {
        Terminal.print(isChinese ? "还没有人评审你的作品。" : "Nobody has reviewed your work yet.")
      }
      for review in reviews {
        let attempt = isChinese ? "第 \(review.attempt) 次提交" : "attempt \(review.attempt)"
        Terminal.print(Style.bold("\(review.bundle) · \(review.lab), \(attempt)"))
        for finding in review.findings {
          let parts = finding.split(separator: ":", maxSplits: 1)
          let cause = course.messages.text("cause.\(parts.first ?? "")", in: options.language())
          Terminal.print("  ✗ \(cause) (\(parts.count > 1 ? parts[1].drop { $0 == " " } : ""))")
        }
        Terminal.print("  " + review.comment)
        if let answer = review.answer {
          Terminal.print("  → \(answer.rawValue)")
        } else {
          let all = ReviewAnswer.allCases.map(\.rawValue).joined(separator: ", ")
          Terminal.print(
            isChinese
              ? "  请答复：vitrine lab review answer \(review.bundle) 答复（\(all)）"
              : "  answer it: vitrine lab review answer \(review.bundle) ANSWER (\(all))"
          )
        }
      }
    }
  }

  /// `vitrine lab review answer`.
  struct Answer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "answer",
      abstract: "Says to a review of your work whether it helped; the first answer counts.",
      discussion: """
        fixed    it was right, and I have changed my work
        right    it is right; I have not changed it
        known    it is right, and I knew it
        unclear  I do not understand it
        wrong    it does not hold

        EXAMPLES
          vitrine lab review answer 3f2a90c1d4e5b607 fixed
        """
    )

    @Argument(help: "The bundle, as `received` shows it.")
    var bundle: String

    @Argument(help: "fixed, right, known, unclear or wrong.")
    var answer: ReviewAnswer

    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func run() throws {
      let course = try Course(path: options.coursePath())
      try ReviewDesk(course: course, state: LabState(folder: data.path))
        .acknowledge(bundle, answer, by: LabState.learnerID(options.learnerName()))
      if options.common.json {
        return try JSONOutput.print(["bundle": bundle, "answer": answer.rawValue])
      }
      Terminal.print("\(Style.green("✓")) \(answer.rawValue)")
    }
  }
}

extension ReviewAnswer: ExpressibleByArgument {}
