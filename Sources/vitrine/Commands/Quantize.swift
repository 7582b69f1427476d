import ArgumentParser
import Metrics
import Passes
import Pipelines

/// How ranges are chosen, as users type it.
enum CalibrationMethodOption: String, ExpressibleByArgument, CaseIterable {
  case minmax
  case percentile
  case mse
  case entropy

  var value: CalibrationMethod { CalibrationMethod(rawValue: rawValue) ?? .mse }
}

/// How numbers become bytes, as users type it.
enum QuantizationSchemeOption: String, ExpressibleByArgument, CaseIterable {
  case symmetric
  case asymmetric

  var value: QuantizationScheme { self == .symmetric ? .symmetric : .asymmetric }
}

/// `vitrine quantize`: a model and its table → ONNX with 8-bit precision in the graph.
struct Quantize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes an ONNX file whose convolutions compute in 8 bits.",
    discussion: """
      Precision is put into the graph (QuantizeLinear and DequantizeLinear), so that the file says the same to every
      engine. Weights are signed bytes with one scale for each channel. Symmetric activations are what TensorRT takes;
      asymmetric ones are finer.

      EXAMPLES
        vitrine quantize yolov5n.pt --calibration yolov5n.pt.calibration.json -o n8.onnx
        vitrine quantize yolov5n.pt --calibration t.json --scheme symmetric     for TensorRT
        vitrine quantize yolov5n.pt --calibration t.json --keep model.24 model.0
      """
  )

  @Argument(help: "The model that was calibrated.", completion: .file())
  var model: String

  @Option(name: .long, help: "The table that `vitrine calibrate` wrote.")
  var calibration: String

  @Option(
    name: .shortAndLong,
    help: "The file to write; by default the model's name with .int8.onnx."
  )
  var output: String?

  @Option(name: .long, help: "How ranges are chosen: minmax, percentile, mse or entropy.")
  var method = CalibrationMethodOption.mse

  @Option(name: .long, help: "How numbers become bytes: symmetric or asymmetric.")
  var scheme = QuantizationSchemeOption.asymmetric

  @Option(name: .long, parsing: .upToNextOption, help: "Modules that stay as they are.")
  var keep: [String] = []

  @Option(name: .long, help: "Pictures per run of the written network.")
  var batch = 1

  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (1...1024).contains(batch) else {
      throw ValidationError("--batch must lie between 1 and 1024, not \(batch)")
    }
  }

  func run() async throws {
    var job = QuantizeJob(model: model, calibration: calibration)
    job.output = output
    job.method = method.value
    job.scheme = scheme.value
    job.keptModules = keep
    job.batch = batch
    let result = try job.run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    let share = decimal(100 * result.quantizedShare, 1)
    Terminal.print(
      """
      \(Style.green("✓")) \(result.output)  \(bytes(result.byteCount)), \(share) % of the arithmetic in 8 bits, \
      \(result.scheme.rawValue), ranges by \(result.method.rawValue) of \(result.calibrationPictures) pictures
      """
    )
  }
}
