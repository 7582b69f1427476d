import ArgumentParser
import Metrics
import Pipelines
import Reports

/// `vitrine compare ledger`: where accuracy goes.
struct CompareLedger: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Books where accuracy goes from the checkpoint to 8 bits, one step at a time.",
    discussion: """
      Rectangles, squares, detect's scaling, the ONNX file, bfloat16, 8 bits, detect's suppression: each step is
      measured on the same pictures and booked with the 95 % interval of a paired bootstrap; what 8 bits do to each
      class and size is listed. With --calibration, pictures that were calibrated with are refused.

      EXAMPLES
        vitrine compare ledger yolov5n.pt --int8 n8.onnx --data instances.json
        vitrine compare ledger yolov5s.pt --int8 s8.onnx --data held-out.json --calibration s.json --save ledger.json
      """
  )

  @Argument(help: "A checkpoint (.pt).", completion: .file())
  var model: String

  @Option(
    name: .customLong("int8"),
    help: "The quantised ONNX file of the same model.",
    completion: .file()
  )
  var quantized: String

  @Option(name: .long, help: "A labelled data set, as val takes it.", completion: .file())
  var data: String

  @Option(
    name: .long,
    help: "The folder of the pictures, where the labels do not tell.",
    completion: .directory
  )
  var images: String?

  @Option(name: .long, help: "The calibration table of the quantised file.", completion: .file())
  var calibration: String?

  @Option(name: .long, help: "How val rounds sizes: down (up to v6.2) or up (from v7.0).")
  var rounding: ValidateJob.Rounding = .down

  @Option(name: .long, help: "Resamples for the 95 % intervals; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (0...100_000).contains(bootstrap) else {
      throw ValidationError("--bootstrap must lie between 0 and 100000")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, quantized, data, calibration])
    var job = LedgerJob(model: model, quantizedModel: quantized, data: data)
    job.pictureFolder = images
    job.calibration = calibration
    job.rounding = rounding
    job.resampleCount = bootstrap
    job.backend = engine.choice
    let report = try await job.report(progress: common.progress)
    if let save { try report.save(to: save) }
    guard let ledger = report.quantization?.ledger else { return }
    if common.json {
      try JSONOutput.print(ledger)
    } else {
      Terminal.print(ledger.text)
    }
  }
}

extension AccuracyLedger {
  /// The steps, then what 8 bits do.
  var text: String {
    func words(_ change: PrecisionMeasurement.Change?) -> String {
      change.map {
        "\(signed($0.value)) [\(signed($0.lower)), \(signed($0.upper))]"
      } ?? "–"
    }
    var steps = Table(["step", "AP", "change, 95 % interval"], numeric: [1, 2])
    for entry in entries {
      steps.add([entry.step, decimal(entry.averagePrecision, 4), words(entry.change)])
    }
    var damage = Table(
      ["size or class", "objects", "before", "after", "change"],
      numeric: [1, 2, 3, 4]
    )
    for row in sizes {
      damage.add([
        row.name, "\(row.instanceCount)", decimal(row.before, 4), decimal(row.after, 4),
        words(row.change),
      ])
    }
    for row in classes.prefix(5) {
      damage.add([
        row.name, "\(row.instanceCount)", decimal(row.before, 4), decimal(row.after, 4),
        signed(row.after - row.before),
      ])
    }
    let title = "\(Style.bold(model)) on \(backend), \(dataset), \(pictureCount) pictures"
    return [title, "", steps.text, "", damage.text].joined(separator: "\n")
  }

  private func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + decimal(value, 4) }
}
