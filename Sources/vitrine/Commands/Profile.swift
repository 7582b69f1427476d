import ArgumentParser
import Diagnostics
import Metrics
import Pipelines
import Reports

/// `vitrine profile`: where the time goes, layer by layer.
struct Profile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows where the time of a network goes, layer by layer.",
    discussion: """
      Each layer of the engine is traced to the checkpoint's modules, with its arithmetic, its traffic and what
      bounds it: compute, memory or overhead, measured against this machine's own peaks. What the layers do not
      explain is shown as "between layers".

      EXAMPLES
        vitrine profile yolov5s.pt
        vitrine profile yolov5s.onnx --backend openvino --threads 1 --runs 50
        vitrine profile yolov5s.onnx --save report.json
        vitrine profile --layers layers.json --times profile.json --model yolov5s.onnx

      TensorRT: trtexec --exportLayerInfo=layers.json --exportProfile=profile.json --profilingVerbosity=detailed
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String?

  @OptionGroup var backend: BackendOptions
  @OptionGroup var size: SizeOptions

  @Option(name: .long, help: "Observed runs; each layer's time is the median over them.")
  var runs = 20

  @Option(name: .long, help: "Rows to show; 0 shows all.")
  var top = 25

  @Option(
    name: .long,
    help: "TensorRT's layer information instead of a run (trtexec --exportLayerInfo).",
    completion: .file(extensions: ["json"])
  )
  var layers: String?

  @Option(
    name: .long,
    help: "TensorRT's layer times to go with --layers (trtexec --exportProfile).",
    completion: .file(extensions: ["json"])
  )
  var times: String?

  @Option(
    name: .customLong("model"),
    help: "With --layers: the ONNX file or checkpoint that the engine was built from.",
    completion: .file()
  )
  var source: String?

  @Flag(name: .long, help: "Measure this machine's peaks anew.")
  var measurePeaks = false

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(runs) else {
      throw ValidationError("--runs must lie between 1 and 10000, not \(runs)")
    }
    guard top >= 0 else { throw ValidationError("--top must not be negative") }
    guard (model == nil) != (layers == nil) else {
      throw ValidationError("give a model to run, or --layers of TensorRT, and not both")
    }
    guard layers != nil || (times == nil && source == nil) else {
      throw ValidationError("--times and --model go with --layers")
    }
    if layers != nil {
      let ofRuns = ["--backend", "--threads", "--imgsz", "--runs", "--measure-peaks"]
      try GivenOptions.refuse(ofRuns, "with --layers: nothing is run")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, layers, times, source])
    let (result, report) = try await measure()
    if let save { try report.save(to: save) }
    if common.json {
      try JSONOutput.print(result)
    } else {
      for note in result.diagnostics { Terminal.warn(note.description) }
      Terminal.print(result.profile.text(rows: top == 0 ? nil : top))
      if let save { Terminal.warn("report: \(save)") }
    }
    keeping.keepAndTell(report, model: model ?? source ?? layers ?? "", isQuiet: common.json)
  }

  private func measure() async throws -> (ProfileResult, Report) {
    if let layers {
      let job = TensorRTProfileJob(layers: layers, times: times, model: source)
      let result = try job.run()
      return (result, try job.report(result))
    }
    var job = ProfileJob(model: model ?? "")
    job.backend = backend.choice
    job.imageSize = size.resolved
    job.runCount = runs
    job.peakCache = measurePeaks ? nil : Cache.user
    let result = try await job.run(progress: common.progress)
    return (result, try job.report(result))
  }
}
