public import ArgumentParser
import Diagnostics
public import Pipelines
public import Reports

/// `vitrine report`: documents → one page.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows what commands found out: one HTML page, Markdown, or JSON.",
    discussion: """
      Takes the report.json of deploy, val, bench, profile and compare, plan files, ONNX files (their structure before and after
      our passes), Chrome traces, and TensorRT's exports; several make one page that compares them. The page is one file: no network, light and dark, English and Chinese, with the
      structure, the timeline and the bottlenecks to look into. Charts need plotly.js and graphs are
      laid out by Graphviz, both of which Scripts/setup installs; without them there are tables and
      plain rows.

      EXAMPLES
        vitrine report output/report.json --open
        vitrine report before/report.json after/report.json -o comparison.html
        vitrine report output/report.json --language zh-Hans
        vitrine report yolov5n.plan -o memory.html      where a plan's values lie
        vitrine report yolov5n.onnx --run               structure, and which layers take the time
        vitrine report trace.json                       a timeline of any program
        vitrine report layers.json times.json           TensorRT: --exportLayerInfo, --exportProfile
        vitrine report output/report.json --format markdown -o report.md
      """
  )

  @Argument(help: "Reports, plans, ONNX files, traces, TensorRT's exports.", completion: .file())
  var documents: [String]

  @Option(
    name: .shortAndLong,
    help: "The file to write; next to the first document by default.",
    completion: .file()
  )
  var output: String?

  @Option(name: .long, help: "The language that the page opens in: en or zh-Hans.")
  var language: ReportLanguage = .english

  @Option(name: .long, help: "What to write: html, markdown or json.")
  var format: ReportJob.Format = .html

  @Flag(
    name: .customLong("run"),
    help: "Run ONNX files on our own engine, for the heat map of their layers."
  )
  var runsNetworks = false

  @Flag(name: .long, help: "Show the page when it is written.")
  var open = false

  @OptionGroup var common: OutputOptions

  func run() async throws {
    var job = ReportJob(documents: documents)
    job.output = output
    job.language = language
    job.format = format
    job.cache = Cache.path
    job.runsNetworks = runsNetworks
    let result = try await job.run(progress: common.progress)
    if common.json {
      try JSONOutput.print(result)
    } else {
      if format == .html, !result.hasCharts {
        Terminal.warn("note: plotly.js is absent, so the page has tables without charts")
        Terminal.warn("  fix: run Scripts/setup plotly, then this again")
      }
      Terminal.print("Wrote \(Style.bold(result.output)) (\(result.byteCount / 1000) kB)")
    }
    if open { try ReportJob.show(result.output) }
  }
}

extension ReportLanguage: ExpressibleByArgument {}
extension ReportJob.Format: ExpressibleByArgument {}
