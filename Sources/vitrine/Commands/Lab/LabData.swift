import ArgumentParser
import Labs
import Servers

/// `vitrine lab data`: what is kept of one learner.
struct LabData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Gives out, or erases, everything that is kept of one learner.",
    discussion: """
      EXAMPLES
        vitrine lab data export --learner anna -o anna-data
        vitrine lab data erase --learner anna --yes
      """,
    subcommands: [Export.self, Erase.self]
  )

  private struct Done: Encodable {
    var learner: String
    var events: Int
    var submissions: Int
    var folder: String?
  }

  /// `vitrine lab data export`.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Writes a learner's events, assessment and files into a new folder.",
      discussion: """
        events.jsonl holds the learner's lines of the log as they are, assessment.json the nine criteria, submissions/ the files that
        were handed in, answers/ what experiments found, looks/ pages made of files that were looked at.

        EXAMPLES
          vitrine lab data export -o my-data
          vitrine lab data export --learner anna --data /srv/lab -o anna-data
        """
    )

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String

    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func run() throws {
      let name = options.learnerName()
      let course = try Course(path: options.coursePath())
      let kept = LearnerData(
        try LabState(folder: data.path),
        learner: LabState.learnerID(name)
      )
      let tally = try kept.export(course, to: output)
      if options.common.json {
        return try JSONOutput.print(
          Done(
            learner: name,
            events: tally.events,
            submissions: tally.submissions,
            folder: output
          )
        )
      }
      Terminal.print(
        "\(Style.green("✓")) \(name): \(tally.events) events, \(tally.submissions) submissions → \(output)"
      )
    }
  }

  /// `vitrine lab data erase`.
  struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "erase",
      abstract: "Erases a learner: log-in, files, and every event; others keep theirs.",
      discussion: """
        The events are emptied, their numbers stay; the chain of digests is made anew and says so. What others have received from the
        learner as a review goes, too. It cannot be undone: export first.

        EXAMPLES
          vitrine lab data erase --learner anna --yes
        """
    )

    @Flag(name: .long, help: "Yes, for good.")
    var yes = false

    @OptionGroup var data: LabDataOption
    @OptionGroup var options: LabOptions

    func validate() throws {
      guard options.learner != nil else { throw ValidationError("name the learner: --learner") }
      guard yes else { throw ValidationError("this cannot be undone: say --yes") }
    }

    func run() throws {
      let name = options.learnerName()
      let users = try UserStore(folder: data.path)
      if try users.names().contains(where: { $0.name == name }) { try users.remove(name) }
      let kept = LearnerData(
        try LabState(folder: data.path),
        learner: LabState.learnerID(name)
      )
      let tally = try kept.erase()
      if options.common.json {
        return try JSONOutput.print(
          Done(learner: name, events: tally.events, submissions: tally.submissions)
        )
      }
      Terminal.print(
        "\(Style.green("✓")) \(name): \(tally.events) events and \(tally.submissions) submissions erased"
      )
    }
  }
}
