public import ArgumentParser
import Diagnostics
public import Pipelines
import Reports

extension CheckJob.Inputs: ExpressibleByArgument {}

/// `vitrine check`: is the file sound, and are its numbers right.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Proves that an ONNX file is sound and equal to its source.",
    discussion: """
      Structure: the rules of the ONNX checker (single assignment, types, attributes, opsets, shapes).
      Numbers: the file on a backend against another file (or itself) on the reference interpreter, tensor by
      tensor and box by box. Exit code 1 where something does not hold.

      EXAMPLES
        vitrine check yolov5s.onnx
        vitrine check yolov5s.onnx --against yolov5s.pt
        vitrine check yolov5s.onnx --against yolov5s.pt --inputs pictures --images bus.jpg --layers
        vitrine check fused.onnx --against plain.onnx --backend reference --json
      """
  )

  @Argument(help: "The ONNX file to check.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(
    name: .long,
    help: "The file that it must be equal to (.pt or .onnx).",
    completion: .file()
  )
  var against: String?

  @OptionGroup var backend: BackendOptions

  @Option(name: .long, help: "What to feed: random numbers or pictures.")
  var inputs: CheckJob.Inputs = .random

  @Option(name: .long, parsing: .upToNextOption, help: "Pictures, folders or globs to feed.")
  var images: [String] = []

  @Option(name: .long, help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @Flag(name: .long, help: "Compare every value and name the first that diverges.")
  var layers = false

  @Flag(name: .long, help: "Check the structure only.")
  var structure = false

  @Flag(
    name: .long,
    help:
      "Ask PyTorch too, in a process of its own: that of Scripts/setup --peers, or python3's (with --against a .pt file)."
  )
  var pytorch = false

  @OptionGroup var size: SizeOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    if inputs == .pictures, images.isEmpty {
      throw ValidationError("--inputs pictures needs --images with pictures, folders or globs")
    }
    if inputs == .random, !images.isEmpty {
      try GivenOptions.refuse(["--inputs"], "as random with --images, which are fed")
    }
    if !images.isEmpty { try GivenOptions.refuse(["--seed"], "with --images: they are fed") }
    if against == nil { try GivenOptions.refuse(["--pytorch"], "without --against a checkpoint") }
    if structure {
      let ofNumbers = [
        "--against", "--backend", "--threads", "--inputs", "--images", "--seed", "--layers",
        "--pytorch", "--imgsz",
      ]
      try GivenOptions.refuse(ofNumbers, "with --structure: no number is computed")
    }
  }

  func run() async throws {
    var job = CheckJob(model: model)
    job.against = against
    job.backend = backend.choice
    job.inputs = images.isEmpty ? inputs : .pictures
    job.images = images
    job.seed = seed
    job.comparesLayers = layers
    job.structureOnly = structure
    job.pytorchPython = pytorch ? Cache.peerPython ?? "python3" : nil
    job.imageSize = size.resolved
    let result = try await job.run(progress: common.progress)
    if common.json {
      try JSONOutput.print(result)
    } else {
      for check in result.checks { Terminal.print(check.text) }
      for note in result.diagnostics { Terminal.warn(note.description) }
    }
    guard result.passes else { throw ExitCode(1) }
  }
}
