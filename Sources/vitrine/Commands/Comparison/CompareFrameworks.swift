import ArgumentParser
import Files
import Metrics
import Pipelines
import Reports

/// `vitrine compare frameworks`: one model on several engines.
struct CompareFrameworks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frameworks",
    abstract: "Measures one model on several engines: latency, throughput, memory, processor.",
    discussion: """
      Every engine runs in a process of its own, on the same prepared inputs, in single precision, with the same
      number of threads, measured in turns by the same code. That this is so, and that the outputs agree, is
      checked first. Engines that are not there are shown with the reason. PyTorch: Scripts/setup --peers.

      EXAMPLES
        vitrine compare frameworks yolov5n.pt
        vitrine compare frameworks yolov5s.pt --images photos/ --threads 2 --duration 20
        vitrine compare frameworks yolov5n.pt --backends pytorch openvino --save report.json
      """
  )

  @Argument(help: "A checkpoint (.pt), or an ONNX file without PyTorch.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs to run on.")
  var images: [String] = []

  @Option(
    name: .long,
    help: "A labelled data set whose pictures to run on: COCO .json, data.yaml, a folder or synth.",
    completion: .file()
  )
  var data: String?

  @Option(
    name: .long,
    parsing: .upToNextOption,
    help: """
      Engines, the baseline first: pytorch, onnxruntime, openvino, native, tensorrt, \
      onnxruntime-cuda.
      """
  )
  var backends: [String] = FrameworkJob.usualEngines

  @Option(name: .long, help: "Threads inside one run, the same for all.")
  var threads = 1

  @Option(name: .long, help: "Seconds to measure each engine.")
  var duration = 10.0

  @Option(
    name: .long,
    help: "The Python that has PyTorch; that of Scripts/setup --peers by default."
  )
  var python: String?

  @OptionGroup var size: SizeOptions

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    let unknown = backends.filter { !FrameworkJob.allEngines.contains($0) }
    guard unknown.isEmpty, Set(backends).count == backends.count else {
      throw ValidationError(
        "--backends takes \(FrameworkJob.allEngines.joined(separator: ", ")), each once"
      )
    }
    guard data == nil || images.isEmpty else {
      throw ValidationError("give --images or --data, not both")
    }
    if !backends.contains("pytorch") {
      try GivenOptions.refuse(["--python"], "where --backends leaves pytorch out")
    }
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads must lie between 1 and 256, not \(threads)")
    }
    guard duration.isFinite, (0.5...3600).contains(duration) else {
      throw ValidationError("--duration must lie between 0.5 and 3600 seconds, not \(duration)")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, data] + images)
    var job = FrameworkJob(model: model)
    job.images = images
    job.data = data
    job.engines = backends
    job.threadCount = threads
    job.seconds = duration
    job.imageSize = size.resolved
    job.cache = Cache.path
    job.python = python ?? Cache.peerPython ?? "python3"
    let result = try await job.run(progress: common.progress)
    let report = try job.report(result)
    if let save { try report.save(to: save) }
    if common.json {
      try JSONOutput.print(result)
    } else {
      Terminal.print(result.text)
      if let save { Terminal.warn("report: \(save)") }
    }
    keeping.keepAndTell(report, model: model, isQuiet: common.json)
    guard result.isFair else { throw ExitCode(1) }
  }
}
