import ArgumentParser
import Metrics
import Pipelines
import Reports

/// `vitrine calibrate`: pictures → a calibration table.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Observes a network on pictures, for 8-bit precision.",
    discussion: """
      Pictures go through the same letterbox as when detecting. The table holds the distribution of every value that
      may be quantised, so that `vitrine quantize` can choose ranges by any method without a picture. A run that was
      stopped goes on where it was: its work is kept beside the table (.part) until it is done.

      With --doctor, the table and its pictures are examined: what they cover, whether they were prepared as the
      model wants it, what ranges clip, whether they are in a validation set (--against). --compare also quantises
      by every method and with fewer pictures. Exit code 1 where something is wrong. A table that exists already is
      examined with --table.

      EXAMPLES
        vitrine calibrate yolov5n.pt --images photos/ -o yolov5n.calibration.json
        vitrine calibrate yolov5n.onnx --images photos/ --samples 300 --tensorrt-cache int8.cache
        vitrine calibrate yolov5n.pt --images photos/ --doctor --against val/images --compare
        vitrine calibrate yolov5n.pt --table foreign.cache --images photos/ --doctor
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs.")
  var images: [String] = []

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
    help: ArgumentHelp(
      "How ranges are chosen, for the cache and the doctor: minmax, percentile, mse, lp or "
        + "entropy; by default entropy for the one, lp for the other."
    )
  )
  var method: CalibrationMethodOption?

  @Flag(name: .long, help: "Examine the table and its pictures.")
  var doctor = false

  @Option(name: .long, help: "With --doctor: this table or calibration cache instead of a new one.")
  var table: String?

  @Option(
    name: .long,
    parsing: .upToNextOption,
    help: "With --doctor: pictures that will be measured with, which must not be among these."
  )
  var against: [String] = []

  @Flag(name: .long, help: "With --doctor: quantise by every method, and with fewer pictures.")
  var compare = false

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var size: SizeOptions
  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard samples >= 2 else { throw ValidationError("--samples must be at least 2") }
    if !doctor {
      try GivenOptions.refuse(["--table", "--against", "--compare", "--save"], "without --doctor")
    }
    guard table != nil || !images.isEmpty else { throw ValidationError("give --images") }
    if table != nil {
      try GivenOptions.refuse(
        ["--output", "-o", "--tensorrt-cache", "--imgsz"],
        "with --table: no table is made"
      )
    }
  }

  func run() async throws {
    let path = table ?? output ?? model + ".calibration.json"
    let made = table == nil ? [path, tensorrtCache] : []
    // A table is JSON, too: a picture of that name is not replaced.
    try OutputFile.check([save] + (table == nil ? [path] : []), inputs: [model, table] + images)
    try OutputFile.checkSources(made + [save], inputs: [model, table] + images)
    if table == nil {
      let made = try await calibrate()
      try made.write(to: path)
      if let tensorrtCache {
        try made.writeTensorRTCache(method?.value ?? .entropy, to: tensorrtCache)
      }
      if !doctor {
        guard !common.json else { return try JSONOutput.print(made) }
      }
      if !common.json {
        Terminal.print(
          "\(Style.green("✓")) \(path)  \(made.entries.count) values on \(made.pictures.count) pictures"
        )
      }
    }
    if doctor { try await examine(path) }
  }

  private func calibrate() async throws -> CalibrationTable {
    var job = CalibrateJob(model: model, sources: images)
    job.sampleCount = samples
    job.imageSize = size.resolved
    job.backend = engine.choice
    job.workFile = (output ?? model + ".calibration.json") + ".part"
    return try await job.run(progress: common.progress)
  }

  private func examine(_ path: String) async throws {
    var job = CalibrationDoctorJob(model: model, calibration: path)
    job.images = images
    job.against = against
    job.compares = compare
    job.method = method?.value ?? .lp
    job.backend = engine.choice
    job.sampleCount = samples
    let findings = try await job.run(progress: common.progress)
    if let save { try job.report(findings).save(to: save) }
    if common.json {
      try JSONOutput.print(findings)
    } else {
      Terminal.print(findings.text)
    }
    guard findings.passes else { throw ExitCode(1) }
  }
}
