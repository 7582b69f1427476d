import ArgumentParser
import Pipelines

/// `vitrine calibrate`: pictures → a calibration table.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Observes a network on pictures, for 8-bit precision.",
    discussion: """
      Pictures go through the same letterbox as when detecting. The table holds the distribution of every value that
      may be quantised, so that `vitrine quantize` can choose ranges by any method without a picture.

      EXAMPLES
        vitrine calibrate yolov5n.pt --images photos/ -o yolov5n.calibration.json
        vitrine calibrate yolov5n.onnx --images photos/ --samples 300 --tensorrt-cache int8.cache
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs.")
  var images: [String]

  @Option(
    name: .shortAndLong,
    help: "The table to write; by default the model's name with .calibration.json."
  )
  var output: String?

  @Option(name: .long, help: "At most this many pictures, taken evenly from all.")
  var samples = 128

  @Option(name: .long, help: "Also write scales as a calibration cache of TensorRT 8, by --method.")
  var tensorrtCache: String?

  @Option(
    name: .long,
    help: "How the cache's ranges are chosen: minmax, percentile, mse or entropy."
  )
  var method = CalibrationMethodOption.entropy

  @OptionGroup var size: SizeOptions
  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard samples >= 2 else { throw ValidationError("--samples must be at least 2") }
  }

  func run() async throws {
    var job = CalibrateJob(model: model, sources: images)
    job.sampleCount = samples
    job.imageSize = size.resolved
    job.backend = engine.choice
    let table = try await job.run(progress: common.progress)
    let path = output ?? model + ".calibration.json"
    try table.write(to: path)
    if let tensorrtCache {
      try table.writeTensorRTCache(method.value, to: tensorrtCache)
    }
    guard !common.json else { return try JSONOutput.print(table) }
    Terminal.print(
      "\(Style.green("✓")) \(path)  \(table.entries.count) values on \(table.pictures.count) pictures"
    )
  }
}
