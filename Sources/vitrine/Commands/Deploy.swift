import ArgumentParser
import Detectors
import Diagnostics
import Pipelines
import Reports

/// `vitrine deploy`: the whole chain.
struct Deploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Imports, exports, checks, optimises, detects, measures and reports, in one go.",
    discussion: """
      Writes into the output folder: the ONNX file, detections.json, report.json, report.html and the
      annotated pictures. Exit code 1 where a check fails.

      EXAMPLES
        vitrine deploy yolov5s.pt --images bus.jpg
        vitrine deploy yolov5s.pt --images photos/ --output out/ --imgsz 640
        vitrine deploy Samples/shapes-yolov5n.pt --images Samples/images
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs.")
  var images: [String]

  @Option(name: .shortAndLong, help: "The folder to write into.", completion: .directory)
  var output = "output"

  @OptionGroup var size: SizeOptions
  @OptionGroup var thresholds: ThresholdOptions
  @OptionGroup var backend: BackendOptions

  @Option(name: .long, help: "The ONNX opset, 12 to 21.")
  var opset = 17

  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (12...21).contains(opset) else {
      throw ValidationError("--opset must lie between 12 and 21, not \(opset)")
    }
    guard !images.isEmpty else {
      throw ValidationError("--images needs pictures, folders or globs")
    }
  }

  func run() async throws {
    var job = DeployJob(model: model, images: images, output: output)
    job.imageSize = size.resolved
    job.thresholds = thresholds.values
    job.backend = backend.choice
    job.opset = opset
    job.peakCache = Cache.user
    let report = try await job.run(progress: common.progress)
    if common.json {
      try JSONOutput.print(report)
    } else {
      summarise(report)
    }
    guard report.passes else { throw ExitCode(1) }
  }

  private func summarise(_ report: Report) {
    for note in report.diagnostics { Terminal.warn(note.description) }
    Terminal.print("\n\(Style.bold(report.subject.file))  \(report.subject.family)")
    for check in report.checks { Terminal.print(check.text) }
    for picture in report.pictures.prefix(8) {
      let names = report.subject.classNames
      let found = Dictionary(grouping: picture.detections, by: \.classIndex)
        .sorted { $0.key < $1.key }
        .map { "\($0.value.count) \($0.key < names.count ? names[$0.key] : "class \($0.key)")" }
      Terminal.print(
        "  \(picture.name): \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
      )
    }
    if report.pictures.count > 8 { Terminal.print("  … \(report.pictures.count - 8) more") }
    if let latency = report.latency {
      Terminal.print(
        "  \(latency.backend): P50 \(decimal(latency.p50, 1)) ms, P90 \(decimal(latency.p90, 1)) ms "
          + "over \(latency.runCount) runs"
      )
    }
    Terminal.print("Open \(Style.bold(output + "/report.html"))")
  }
}
