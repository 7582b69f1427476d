import ArgumentParser
import Metrics
import Passes
import Pipelines
import Reports

/// How ranges are chosen, as users type it.
enum CalibrationMethodOption: String, ExpressibleByArgument, CaseIterable {
  case minmax
  case percentile
  case mse
  case lp
  case entropy

  var value: CalibrationMethod { CalibrationMethod(rawValue: rawValue) ?? .lp }
}

/// How numbers become bytes, as users type it.
enum QuantizationSchemeOption: String, ExpressibleByArgument, CaseIterable {
  case symmetric
  case asymmetric

  var value: QuantizationScheme { self == .symmetric ? .symmetric : .asymmetric }
}

/// The engine that a file is for, as users type it.
enum QuantizationTargetOption: String, ExpressibleByArgument, CaseIterable {
  case native
  case openvino
  case onnxruntime
  case tensorrt

  var value: QuantizationTarget { QuantizationTarget(rawValue: rawValue) ?? .native }
}

/// `vitrine quantize`: a model and its table → ONNX with 8-bit precision in the graph.
struct Quantize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes an ONNX file whose convolutions compute in 8 bits.",
    discussion: """
      Precision is put into the graph (QuantizeLinear and DequantizeLinear), so that the file says the same to every
      engine. Weights are signed bytes with one scale for each channel; biases take back what their rounding does on
      average. --for says which engine the file is for: TensorRT takes symmetric activations only, ONNX Runtime wants
      the results of convolutions in bytes, too. What is chosen can be kept as a recipe (--save-recipe), from which
      the form for each engine follows (--recipe).

      With --target-map-drop, layers are looked at one by one (see `vitrine sensitivity`) and those that lose most
      for each millisecond stay in float until no more AP is lost, on --data. Use pictures there that you do not
      measure with afterwards. A calibration cache of TensorRT is taken in place of a table.

      EXAMPLES
        vitrine quantize yolov5n.pt --calibration yolov5n.pt.calibration.json -o n8.onnx
        vitrine quantize yolov5n.pt --calibration t.json --for tensorrt
        vitrine quantize yolov5n.pt --calibration t.json --keep model.24 model.0
        vitrine quantize yolov5s.pt --calibration t.json --target-map-drop 0.005 --data train.json --save-recipe r.json
        vitrine quantize yolov5s.pt --calibration t.json --recipe r.json --for onnxruntime -o ort.onnx
      """
  )

  @Argument(help: "The model that was calibrated.", completion: .file())
  var model: String

  @Option(
    name: .long,
    help: "The table that `vitrine calibrate` wrote, or a calibration cache of TensorRT."
  )
  var calibration: String

  @Option(
    name: .shortAndLong,
    help: "The file to write; by default the model's name with .int8.onnx."
  )
  var output: String?

  @Option(name: .customLong("for"), help: "The engine: native, openvino, onnxruntime or tensorrt.")
  var target = QuantizationTargetOption.native

  @Option(
    name: .long,
    help: "How ranges are chosen: minmax, percentile, mse, lp (default) or entropy."
  )
  var method: CalibrationMethodOption?

  @Option(
    name: .long,
    help: "How numbers become bytes: symmetric or asymmetric; the engine's by default."
  )
  var scheme: QuantizationSchemeOption?

  @Flag(name: .long, inversion: .prefixedNo, help: "Correct biases for the rounding of weights.")
  var biasCorrection = true

  @Option(name: .long, parsing: .upToNextOption, help: "Modules that stay as they are.")
  var keep: [String] = []

  @Option(name: .long, help: "Follow this recipe.", completion: .file())
  var recipe: String?

  @Option(name: .long, help: "Write what was chosen as a recipe.", completion: .file())
  var saveRecipe: String?

  @Option(name: .long, help: "Keep layers in float until at most this much AP is lost on --data.")
  var targetMapDrop: Double?

  @Option(name: .long, help: "Pictures per run of the written network.")
  var batch = 1

  @OptionGroup var pictures: SensitivityOptions
  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (1...1024).contains(batch) else {
      throw ValidationError("--batch must lie between 1 and 1024, not \(batch)")
    }
    try checkDrop(targetMapDrop)
    if targetMapDrop == nil {
      try GivenOptions.refuse(
        ["--data", "--images", "--samples", "--work", "--backend", "--threads", "--precision"],
        "without --target-map-drop"
      )
    } else if pictures.data == nil && pictures.sensitivityImages.isEmpty {
      throw ValidationError("--target-map-drop needs --data, or --images")
    }
    if recipe != nil {
      try GivenOptions.refuse(
        ["--bias-correction", "--no-bias-correction", "--target-map-drop"],
        "with --recipe, which says it"
      )
    }
  }

  func run() async throws {
    try OutputFile.checkSources(
      [saveRecipe, output, pictures.work],
      inputs: [model, calibration, recipe, pictures.data]
    )
    var job = QuantizeJob(model: model, calibration: calibration)
    job.output = output
    job.target = target.value
    job.method = method?.value
    job.scheme = scheme?.value
    job.correctsBiases = biasCorrection
    job.keptModules = keep
    job.batch = batch
    job.recipe = recipe
    job.savedRecipe = saveRecipe
    job.targetDrop = targetMapDrop
    if targetMapDrop != nil {
      job.sensitivity = pictures.job(model: model, calibration: calibration)
      job.sensitivity?.backend = engine.choice
    }
    let result = try await job.run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    if let sensitivity = result.sensitivity { Terminal.print(sensitivity.text(top: 10) + "\n") }
    let share = decimal(100 * result.quantizedShare, 1)
    let source = result.calibrationPictures.map { "\(result.method.rawValue) of \($0) pictures" }
    Terminal.print(
      """
      \(Style.green("✓")) \(result.output)  \(bytes(result.byteCount)), \(share) % of the arithmetic in 8 bits, \
      \(result.scheme.rawValue), ranges by \(source ?? "a calibration cache")
      """
    )
  }
}
