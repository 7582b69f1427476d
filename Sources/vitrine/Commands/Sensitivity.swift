import ArgumentParser
import Metrics
import Passes
import Pipelines
import Reports

/// `vitrine sensitivity`: which layers lose accuracy in 8 bits.
struct Sensitivity: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ranks layers by what 8 bits cost in detections and save in time.",
    discussion: """
      Each convolution is put into 8 bits alone, and its detections are judged by the float network's; each is left
      in float alone, and the network is timed, reformatting included. Then plans that keep more and more layers in
      float are built and measured as wholes. With labels (--data) they are judged by AP. Use pictures here that you
      do not measure with afterwards. A run that was stopped goes on where it was (--work).

      EXAMPLES
        vitrine sensitivity yolov5s.pt --calibration s.json --images calibration/ --save s.report.json
        vitrine sensitivity yolov5s.pt --calibration s.json --data train.json --target-map-drop 0.005
      """
  )

  @Argument(help: "The model that was calibrated.", completion: .file())
  var model: String

  @Option(name: .long, help: "The table that `vitrine calibrate` wrote.", completion: .file())
  var calibration: String

  @OptionGroup var pictures: SensitivityOptions

  @Option(name: .long, help: "How ranges are chosen: minmax, percentile, mse, lp or entropy.")
  var method = CalibrationMethodOption.lp

  @Option(name: .long, help: "How numbers become bytes: symmetric or asymmetric.")
  var scheme = QuantizationSchemeOption.asymmetric

  @Option(name: .long, help: "Stop at the first plan that loses at most this much AP.")
  var targetMapDrop: Double?

  @Option(name: .long, help: "Threads inside one timed run.")
  var timedThreads = 1

  @Option(name: .long, help: "Layers to list.")
  var top = 20

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard pictures.data != nil || !pictures.sensitivityImages.isEmpty else {
      throw ValidationError("give --data or --images")
    }
    try checkDrop(targetMapDrop)
    guard (1...64).contains(timedThreads) else {
      throw ValidationError("--timed-threads must lie between 1 and 64, not \(timedThreads)")
    }
    guard top >= 1 else { throw ValidationError("--top must be at least 1") }
  }

  func run() async throws {
    let inputs = [model, calibration, pictures.data]
    try OutputFile.check([save], inputs: inputs)
    try OutputFile.checkSources([save, pictures.work], inputs: inputs)
    var job = pictures.job(model: model, calibration: calibration)
    job.method = method.value
    job.scheme = scheme.value
    job.budget = targetMapDrop
    job.backend = engine.choice
    job.timedThreads = timedThreads
    let report = try await job.report(progress: common.progress)
    if let save { try report.save(to: save) }
    guard let record = report.quantization?.sensitivity else { return }
    if common.json {
      try JSONOutput.print(record)
    } else {
      Terminal.print(record.text(top: top))
    }
    if targetMapDrop != nil, record.chosen == nil { throw ExitCode(1) }
  }
}

/// The pictures that layers are judged on, and where unfinished work is kept.
struct SensitivityOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Labelled pictures to judge layers by, as val takes them.",
    completion: .file()
  )
  var data: String?

  @Option(
    name: .customLong("images"),
    parsing: .upToNextOption,
    help: "Pictures to judge layers by, or the folder of --data's."
  )
  var sensitivityImages: [String] = []

  @Option(name: .customLong("samples"), help: "At most this many of them.")
  var sampleCount = 64

  @Option(name: .long, help: "Where unfinished work is kept; beside the table by default.")
  var work: String?

  func validate() throws {
    guard sampleCount >= 1 else { throw ValidationError("--samples must be at least 1") }
    guard data == nil || sensitivityImages.count <= 1 else {
      throw ValidationError("with --data, --images names one folder")
    }
  }

  /// The job on these pictures.
  func job(model: String, calibration: String) -> SensitivityJob {
    var job = SensitivityJob(model: model, calibration: calibration)
    job.data = data
    if data == nil {
      job.images = sensitivityImages
    } else {
      job.pictureFolder = sensitivityImages.first
    }
    job.sampleCount = sampleCount
    job.workFile = work ?? calibration + ".sensitivity"
    return job
  }
}

/// Refuses losses of accuracy that mean nothing.
func checkDrop(_ drop: Double?) throws {
  guard let drop, !(0...1).contains(drop) else { return }
  throw ValidationError("--target-map-drop must lie between 0 and 1, not \(drop)")
}

extension SensitivityRecord {
  /// The layers worth keeping most, the plans, and what follows.
  func text(top: Int) -> String {
    var layerTable = Table(
      ["layer", "agreement", "AP", "saves ms", "arithmetic"],
      numeric: [1, 2, 3, 4]
    )
    for layer in layers.prefix(top) {
      layerTable.add([
        layer.module, decimal(layer.agreement, 4),
        layer.averagePrecision.map { decimal($0, 4) } ?? "–",
        decimal(layer.savedMilliseconds, 2), "\(decimal(100 * layer.share, 1)) %",
      ])
    }
    var planTable = Table(
      ["float layers", "agreement", "AP", "loss", "ms", "in 8 bits"],
      numeric: [0, 1, 2, 3, 4, 5]
    )
    for (index, plan) in plans.enumerated() {
      planTable.add([
        "\(plan.kept.count)" + (index == chosen ? " ←" : ""), decimal(plan.agreement, 4),
        plan.averagePrecision.map { decimal($0, 4) } ?? "–", decimal(loss(plan), 4),
        decimal(plan.milliseconds, 2), "\(decimal(100 * plan.quantizedShare, 1)) %",
      ])
    }
    let title =
      "\(Style.bold(model)), \(scheme.rawValue), \(method.rawValue), \(pictureCount) pictures of "
      + "\(dataset), \(threadCount) thread\(threadCount == 1 ? "" : "s")"
    var lines = [title, "", layerTable.text, "", planTable.text, ""]
    if let cost = millisecondsPerTenth {
      lines.append("0.1 mAP (0.001 of AP) costs \(decimal(cost, 2)) ms here")
    }
    if let budget {
      lines.append(
        chosen.map {
          "\(plans[$0].kept.count) layers in float: \(decimal(loss(plans[$0]), 4)) of AP is lost, "
            + "\(budget) was allowed"
        } ?? "no plan stays within \(budget)"
      )
    }
    return lines.joined(separator: "\n")
  }
}
