import ArgumentParser
import Pipelines

/// `vitrine cast`: a model → ONNX in float16.
struct CastCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cast",
    abstract: "Writes an ONNX file in float16, with an audit of ranges.",
    discussion: """
      Every value is observed on pictures first. What comes near the greatest number of float16 (65504) is named, and
      the nodes that write or read it stay in single precision. bfloat16 has single precision's range and needs no file of
      its own: ask a backend for it with --precision bf16.

      EXAMPLES
        vitrine cast yolov5n.pt --images photos/
        vitrine cast yolov5n.pt --images photos/ --interface -o yolov5n.fp16.onnx
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs.")
  var images: [String]

  @Option(name: .long, help: "At most this many pictures, taken evenly from all.")
  var samples = 8

  @Option(name: .shortAndLong, help: "The file to write; by default the model's with .fp16.onnx.")
  var output: String?

  @Flag(name: .long, help: "Cast inputs and outputs, too.")
  var interface = false

  @OptionGroup var size: SizeOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard samples >= 1 else { throw ValidationError("--samples must be at least 1") }
  }

  func run() async throws {
    var job = CastJob(model: model, sources: images)
    job.sampleCount = samples
    job.output = output
    job.castsInterface = interface
    job.imageSize = size.resolved
    let result = try await job.run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    for value in result.largest where value.greatest > result.limit {
      Terminal.print("  \(value.value) reaches \(value.greatest): it stays in single precision")
    }
    let largest =
      result.largest.first.map { "\($0.value) \(decimal(Double($0.greatest), 1))" } ?? "–"
    Terminal.print(
      "\(Style.green("✓")) \(result.output)  \(bytes(result.byteCount)), float16, largest value "
        + "\(largest), \(result.exempted.count) nodes exempted"
    )
  }
}
