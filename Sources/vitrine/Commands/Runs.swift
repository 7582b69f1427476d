import ArgumentParser
import Files
import FoundationEssentials
import Histories
import Metrics
import Pipelines

/// `vitrine runs`: the run history.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists, shows, compares, exports and deletes earlier runs.",
    discussion: """
      bench, val, compare and profile keep their runs, unless --no-history is given, in runs.sqlite in
      VITRINE_DATA, else in vitrine of XDG_DATA_HOME, else in ~/.local/share/vitrine.

      EXAMPLES
        vitrine runs list
        vitrine runs show 12 > report.json
        vitrine runs compare 12 15        whether run 15 is slower than run 12
        vitrine runs export --csv > runs.csv
        vitrine runs delete 12 13
      """,
    subcommands: [List.self, Show.self, Compare.self, Export.self, Delete.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists runs, the newest first.",
      discussion: """
        EXAMPLES
          vitrine runs list
          vitrine runs list --limit 5
          vitrine runs list --json
        """
    )

    @Option(name: .long, help: "At most so many.")
    var limit = 50

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    func validate() throws {
      guard (1...1_000_000).contains(limit) else {
        throw ValidationError("--limit must lie between 1 and 1000000, not \(limit)")
      }
    }

    func run() async throws {
      let runs = try DataFolder.history.list(limit: limit)
      guard !json else { return try JSONOutput.print(runs) }
      guard !runs.isEmpty else { return Terminal.print("no runs yet in \(DataFolder.path)") }
      var table = Table(
        [
          "run", "date", "command", "name", "model", "configuration", "P50 ms", "images/s",
          "AP or top-1",
        ],
        numeric: [0, 6, 7, 8]
      )
      for run in runs { run.add(to: &table) }
      Terminal.print(table.text)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the report of a run as JSON.",
      discussion: """
        EXAMPLES
          vitrine runs show 12 > report.json
        """
    )

    @Argument(help: "The run's number.")
    var id: Int64

    func run() async throws {
      Terminal.write(try DataFolder.history.report(of: id) + "\n", to: 1)
    }
  }

  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says whether one run is slower than another, and shows their figures.",
      discussion: """
        Runs at different times are not interleaved, so what changed on the machine can only be
        allowed for: see the sentence below each verdict. What `bench` did not measure (accuracy,
        profiles, comparisons) is shown side by side, without a verdict.

        EXAMPLES
          vitrine runs compare 12 15        whether run 15 is slower than run 12
        """
    )

    @Argument(help: "The run that the other is measured against.")
    var baseline: Int64

    @Argument(help: "The run that is judged.")
    var candidate: Int64

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    func run() async throws {
      let comparison = try DataFolder.history.compare(candidate, against: baseline)
      guard !json else { return try JSONOutput.print(comparison) }
      Terminal.print(comparison.text(baseline, candidate))
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints every run: figures as CSV, or everything as JSON.",
      discussion: """
        EXAMPLES
          vitrine runs export --csv > runs.csv
          vitrine runs export --json > runs.json
        """
    )

    @Flag(help: "Figures as CSV, one line each, or everything as JSON.")
    var form = Form.json

    enum Form: String, EnumerableFlag {
      case csv
      case json
    }

    func run() async throws {
      let history = DataFolder.history
      let runs = try history.list(limit: 1_000_000).reversed()
      guard form == .csv else {
        return try JSONOutput.print(try runs.compactMap(\.id).map { try history.run($0) })
      }
      let header = [
        "run", "date", "command", "name", "model", "sha256", "version", "machine",
        "configuration", "figure", "value",
      ]
      Terminal.print(([header] + runs.flatMap(\.figureRows)).map(CSV.line).joined(separator: "\n"))
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deletes runs: all of those named, or none.",
      discussion: """
        EXAMPLES
          vitrine runs delete 12 13
        """
    )

    @Argument(help: "The numbers of the runs.")
    var ids: [Int64]

    func run() async throws {
      try DataFolder.history.delete(ids)
      Terminal.print("deleted \(ids.count) run\(ids.count == 1 ? "" : "s")")
    }
  }
}
