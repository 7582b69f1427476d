public import ArgumentParser
import Diagnostics
import Metrics
public import Pipelines
import Reports

/// `vitrine val`: how right a model is on labelled pictures.
struct Val: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures accuracy on labelled pictures: COCO's AP and YOLOv5's.",
    discussion: """
      The data set is a COCO annotation file (.json), YOLOv5's data.yaml, a folder with one folder of pictures per
      class (classification), or synth (synth:seed=7,count=200,size=320). The rules are those of YOLOv5's val:
      scaled by area when shrinking, confidence 0.001, overlap 0.6, several labels per anchor, 300 detections.
      With --detections, somebody's COCO results are judged and no model is needed.

      Pictures that are missing, empty or damaged are an error, or with --allow-missing left out with their labels
      and a warning. So are a data.yaml whose nc is not its number of names, keys that stand twice, and classes
      that it does not name. Label files without a picture and labels outside it are counted in warnings.

      EXAMPLES
        vitrine val yolov5n.onnx --data instances_val2017.json
        vitrine val yolov5n.pt --data data.yaml --imgsz 320 --rect
        vitrine val Samples/shapes-yolov5n.pt --data synth:count=100
        vitrine val yolov5n.onnx --data coco.json --save-json results.json --save report.json
        vitrine val --detections results.json --data coco.json --json
      """
  )

  @Argument(help: "A checkpoint (.pt), an ONNX file or a plan.", completion: .file())
  var model: String?

  @Option(name: .long, help: "The labelled pictures.", completion: .file())
  var data: String

  @Option(
    name: .long,
    help: "The folder with the pictures of an annotation file; looked for beside it by default.",
    completion: .directory
  )
  var images: String?

  @Option(name: .long, help: "Judge these COCO results instead of a model.", completion: .file())
  var detections: String?

  @Flag(name: .long, help: "With --detections: judge masks instead of boxes.")
  var masks = false

  @OptionGroup var size: SizeOptions
  @OptionGroup var thresholds: EvaluationThresholds
  @OptionGroup var backend: BackendOptions

  @Flag(help: "Pad to a square (default) or to the smallest fitting rectangle.")
  var shape: DetectJob.Shape = .square

  @Option(
    name: .long,
    help: "How sizes of scaled pictures are rounded: down (YOLOv5 up to v6.2) or up (from v7.0)."
  )
  var rounding: ValidateJob.Rounding = .down

  @Flag(name: .long, help: "Cast the network to half precision first.")
  var half = false

  @Option(name: .long, help: "Pictures looked at at once; one per processor by default.")
  var workers: Int?

  @Option(name: .long, help: "Resamples for the 95 % intervals; 0 for none.")
  var bootstrap: Int?

  @Flag(name: .long, help: "Leave out pictures that are missing or damaged, with a warning.")
  var allowMissing = false

  @Option(name: .long, help: "Write the detections as COCO results.", completion: .file())
  var saveJson: String?

  @Option(name: .long, help: "Write a report (report.json).", completion: .file())
  var save: String?

  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var rebuilding: RebuildOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (model == nil) != (detections == nil) else {
      throw ValidationError("give a model, or results with --detections, not both")
    }
    guard detections == nil || save == nil && saveJson == nil else {
      throw ValidationError("--save and --save-json need a model")
    }
    try checkCombination()
    guard (0...100_000).contains(bootstrap ?? 0) else {
      throw ValidationError("--bootstrap must lie between 0 and 100000")
    }
    guard (1...1024).contains(workers ?? 1) else {
      throw ValidationError("--workers must lie between 1 and 1024")
    }
  }

  /// Options that would do nothing beside the others.
  private func checkCombination() throws {
    let isFile = data.lowercased().hasSuffix(".json")
    if detections == nil {
      try GivenOptions.refuse(["--masks"], "without --detections")
    } else {
      let ofModels = [
        "--images", "--imgsz", "--conf", "--iou", "--max-det", "--backend", "--threads", "--square",
        "--rect", "--rounding", "--half", "--workers", "--rebuild",
      ]
      try GivenOptions.refuse(ofModels, "with --detections, which needs no model")
      if isFile {
        try GivenOptions.refuse(["--allow-missing"], "with --detections: no picture is read")
      }
    }
    if data == "synth" || data.hasPrefix("synth:") {
      try GivenOptions.refuse(["--images", "--allow-missing"], "with synth: pictures are drawn")
    } else if data.lowercased().hasSuffix(".yaml") || data.lowercased().hasSuffix(".yml") {
      try GivenOptions.refuse(["--images"], "with a data.yaml, which names its pictures")
    }
  }

  func run() async throws {
    try OutputFile.check([save, saveJson], inputs: [model, data, detections])
    if let model { try await rebuilding.refresh(model, common) }
    let (record, report) =
      if let detections { try await judge(detections) } else { try await measure() }
    if common.json {
      try JSONOutput.print(record)
    } else {
      for note in record.diagnostics { Terminal.warn(note.description) }
      Terminal.print(record.text)
    }
    keeping.keepAndTell(report, model: model ?? detections ?? "", isQuiet: common.json)
  }

  private func judge(_ detections: String) async throws -> (AccuracyRecord, Report) {
    var job = JudgeJob(results: detections, data: data)
    job.judgesMasks = masks
    job.allowsMissing = allowMissing
    job.resampleCount = bootstrap ?? 0
    let record = try await job.run(progress: common.progress)
    return (record, try job.report(record))
  }

  private func measure() async throws -> (AccuracyRecord, Report) {
    var job = ValidateJob(model: model ?? "", data: data)
    job.pictureFolder = images
    job.imageSize = size.resolved
    job.shape = shape
    job.rounding = rounding
    job.confidence = thresholds.confidence
    job.overlap = thresholds.overlap
    job.maxDetections = thresholds.maxDet
    job.half = half
    job.backend = backend.choice
    job.workerCount = workers
    job.allowsMissing = allowMissing
    job.resultsFile = saveJson
    job.resampleCount = bootstrap ?? 1000
    let record = try await job.run(progress: common.progress)
    let report = try job.report(record)
    if let save { try report.save(to: save) }
    return (record, report)
  }
}

extension ValidateJob.Rounding: ExpressibleByArgument {}

/// When a detection is kept for the figures.
struct EvaluationThresholds: ParsableArguments {
  @Option(name: .customLong("conf"), help: "Least confidence, 0 to 1.")
  var confidence: Float = 0.001

  @Option(name: .customLong("iou"), help: "Overlap above which the weaker of two boxes goes.")
  var overlap: Float = 0.6

  @Option(name: .long, help: "Most detections per picture.")
  var maxDet = 300

  func validate() throws {
    guard (0...1).contains(confidence) else {
      throw ValidationError("--conf must lie between 0 and 1, not \(confidence)")
    }
    guard (0...1).contains(overlap) else {
      throw ValidationError("--iou must lie between 0 and 1, not \(overlap)")
    }
    guard (1...30_000).contains(maxDet) else {
      throw ValidationError("--max-det must lie between 1 and 30000, not \(maxDet)")
    }
  }
}
