import ArgumentParser
import Detectors
import Metrics
import Pipelines
import Reports

/// `vitrine bisect`: where a quantised network goes wrong.
struct Bisect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds the picture, the box and the layer where a quantised network goes wrong.",
    discussion: """
      Both networks look at the pictures. The box that differs most (lost, made up, moved or less sure) is looked
      into: layers are put back to float from the input on until the box is right again, then each alone.

      EXAMPLES
        vitrine bisect yolov5s.pt yolov5s.int8.onnx --images photos/
        vitrine bisect yolov5s.pt yolov5s.int8.onnx --images photos/ --samples 16 --save bisect.json
      """
  )

  @Argument(help: "The float network: a checkpoint or an ONNX file.", completion: .file())
  var reference: String

  @Argument(help: "Its quantised form, an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs.")
  var images: [String]

  @Option(name: .long, help: "At most this many pictures, taken evenly from all.")
  var samples = 64

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard samples >= 1 else { throw ValidationError("--samples must be at least 1") }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [reference, model] + images)
    var job = BisectJob(reference: reference, model: model, sources: images)
    job.sampleCount = samples
    job.backend = engine.choice
    let report = try await job.report(progress: common.progress)
    if let save { try report.save(to: save) }
    guard let bisection = report.quantization?.bisection else { return }
    if common.json {
      try JSONOutput.print(bisection)
    } else {
      Terminal.print(bisection.text(report.subject.classNames))
    }
  }
}

extension Bisection {
  /// The picture, the box and the layers.
  func text(_ classNames: [String]) -> String {
    var lines = [
      "\(Style.bold(model)) against \(reference): \(wrongPictureCount) of \(pictureCount) pictures "
        + "have a box that is lost, made up or too different"
    ]
    guard let picture else { return lines[0] }
    func words(_ box: Detection?) -> String { box?.words(classNames) ?? "nothing" }
    lines.append("  \(picture)")
    lines.append("    expected  \(words(expected))")
    lines.append("    found     \(words(found))   error \(decimal(error, 3))")
    if let layer {
      lines.append(
        "  first layer to blame: \(Style.bold(layer.module)); in float up to it, the error is "
          + decimal(layer.error, 3)
      )
    } else {
      lines.append("  not even every layer in float brings the box back: it is not the 8 bits")
    }
    lines.append("  layers put back to float alone, best first:")
    for suspect in suspects.prefix(8) {
      lines.append("    \(pad(suspect.module, 28)) error \(decimal(suspect.error, 3))")
    }
    return lines.joined(separator: "\n")
  }
}
