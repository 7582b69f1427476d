public import ArgumentParser
import Metrics
public import Pipelines
import Reports

/// `vitrine compare precision`: accuracy, speed and size by number format.
struct ComparePrecision: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "precision",
    abstract: "Compares fp32, fp16, bf16 and int8 by accuracy, speed and size.",
    discussion: """
      Each precision is a file of its own, on which both accuracy (by val's rules) and speed (in
      turns) are measured. Precisions that the backend or the model lacks are shown as absent, with
      the reason.

      EXAMPLES
        vitrine compare precision yolov5n.pt --data instances.json --backend openvino
        vitrine compare precision yolov5n.pt --data data.yaml --precisions fp32 int8 --int8 q.onnx
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, help: "A labelled data set, as val takes it.", completion: .file())
  var data: String

  @Option(
    name: .customLong("images"),
    help: "The folder of the pictures, where the labels do not tell.",
    completion: .directory
  )
  var images: String?

  @Option(name: .long, parsing: .upToNextOption, help: "Which precisions, the first as the base.")
  var precisions: [PrecisionJob.Precision] = PrecisionJob.Precision.allCases

  @Option(
    name: .customLong("int8"),
    help: "A quantised ONNX file of the same model.",
    completion: .file()
  )
  var quantized: String?

  @OptionGroup var size: SizeOptions
  @OptionGroup var backend: BackendOptions

  @Option(name: .long, help: "Seconds of timing for each precision.")
  var duration = 10.0

  @Option(name: .long, help: "Write the report into this JSON file.", completion: .file())
  var save: String?

  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard duration > 0, duration <= 86_400 else {
      throw ValidationError("--duration must lie between 0 and 86400 seconds, not \(duration)")
    }
    guard !precisions.isEmpty, Set(precisions).count == precisions.count else {
      throw ValidationError("--precisions names each precision once")
    }
    if !precisions.contains(.int8) {
      try GivenOptions.refuse(["--int8"], "where --precisions leaves int8 out")
    }
    if data == "synth" || data.hasPrefix("synth:") {
      try GivenOptions.refuse(["--images"], "with synth: pictures are drawn")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, data, quantized])
    var job = PrecisionJob(model: model, data: data)
    job.pictureFolder = images
    job.precisions = precisions
    job.quantizedModel = quantized
    job.backend = backend.choice
    job.imageSize = size.resolved
    job.duration = duration
    let report = try await job.report(progress: common.progress)
    if let save { try report.save(to: save) }
    if common.json {
      try JSONOutput.print(report)
    } else if let comparison = report.precision {
      Terminal.print(comparison.text)
    }
    keeping.keepAndTell(report, model: model, isQuiet: common.json)
  }
}

extension PrecisionJob.Precision: ExpressibleByArgument {}

extension PrecisionComparison {
  /// A table, then what it says.
  fileprivate var text: String {
    let header = ["precision", "AP", "AP50", "change of AP", "P50 ms", "images/s", "file"]
    var table = Table(header, numeric: [1, 2, 3, 4, 5, 6])
    for row in rows where row.absence == nil {
      table.add([
        row.precision, row.averagePrecision.map { decimal($0, 4) } ?? "–",
        row.averagePrecision50.map { decimal($0, 4) } ?? "–",
        row.change.map { change in
          "\(signed(change.value)) [\(signed(change.lower)), \(signed(change.upper))]"
        } ?? "–",
        row.latency.map { decimal($0.p50, 2) } ?? "–",
        row.throughput.map { decimal($0, 1) } ?? "–", row.byteCount.map { bytes($0) } ?? "–",
      ])
    }
    let title =
      "\(Style.bold(model)) on \(backend) \(backendVersion), \(dataset), \(pictureCount) pictures, "
      + "\(inputShape.map(String.init).joined(separator: "×"))"
    var lines = [title, "", table.text, ""]
    for row in rows {
      if let absence = row.absence {
        let remedy = row.remedy.map { "; \($0)" } ?? ""
        lines.append("  \(row.precision): absent: \(absence)\(remedy)")
      } else if let verdict = row.verdict {
        lines.append("  \(row.precision) against \(verdict.baseline): \(verdict.words)")
      }
    }
    return (lines + ["", Style.dim(method)]).joined(separator: "\n")
  }

  private func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + decimal(value, 4) }
}
