public import ArgumentParser
public import Backends
import Glibc
import Pipelines

/// Flags that every command has.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output instead of text.")
  var json = false

  @Flag(name: [.long, .short], help: "No progress on standard error.")
  var quiet = false

  /// The progress handler that these flags ask for.
  var progress: ProgressHandler { ProgressBar(isQuiet: quiet || json).handler }
}

/// The input size as one or two numbers.
struct SizeOptions: ParsableArguments {
  @Option(
    name: .customLong("imgsz"),
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Input height and width in pixels; one number means a square. Multiples of the stride.",
      valueName: "size"
    )
  )
  var size: [Int] = []

  func validate() throws {
    guard size.count <= 2, size.allSatisfy({ $0 > 0 }) else {
      throw ValidationError(
        "--imgsz takes one or two positive numbers: --imgsz 640 or --imgsz 512 640"
      )
    }
  }

  /// Height and width, or nil where none was given.
  var resolved: [Int]? {
    guard let first = size.first, let last = size.last else { return nil }
    return [first, last]
  }
}

/// Which backend runs the network, and how.
struct BackendOptions: ParsableArguments {
  @Option(
    name: .long,
    help: """
      The backend: native, onnxruntime, onnxruntime-cuda, openvino, reference, tensorrt or \
      tensorrt-rtx.
      """
  )
  var backend = "native"

  @Option(name: .long, help: "Threads inside one run; the backend chooses by default.")
  var threads: Int?

  @Option(name: .long, help: "What float32 parts are computed in: f32 or bf16 (native, openvino).")
  var precision = PrecisionOption.f32

  @OptionGroup var gpu: GPUOptions

  func validate() throws {
    try precision.check(backend)
    // Far more threads than processors wait for each other for minutes.
    let most = max(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    if let threads, !(1...most).contains(threads) {
      throw ValidationError("--threads must lie between 1 and \(most), not \(threads)")
    }
  }
}

extension BackendOptions {
  /// The choice as the pipelines take it.
  var choice: BackendChoice {
    var choice = BackendChoice(backend, threadCount: threads, cache: Cache.path)
    choice.computesInBFloat16 = precision == .bf16
    gpu.apply(to: &choice)
    return choice
  }
}

/// What is done on a GPU beside the network, and how (tensorrt, tensorrt-rtx).
struct GPUOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Scale pictures and choose boxes on the GPU too: on, off, or auto, which does it where NVRTC \
      is there (tensorrt, tensorrt-rtx). Results are the same.
      """,
      valueName: "on|off|auto"
    )
  )
  var gpuProcessing = GPUProcessing.automatic

  @Flag(name: .long, help: "Put each run into the GPU's queue step by step, without a CUDA graph.")
  var noCudaGraph = false

  /// Writes what was chosen into a choice.
  func apply(to choice: inout BackendChoice) {
    choice.gpuProcessing = gpuProcessing
    choice.recordsRuns = !noCudaGraph
  }
}

extension GPUProcessing: ExpressibleByArgument {}

/// What float32 parts are computed in. Quantised parts are the graph's.
enum PrecisionOption: String, ExpressibleByArgument, CaseIterable {
  case f32
  case bf16

  /// Refuses bfloat16 where a backend would not compute in it, and not say so.
  func check(_ backend: String) throws {
    guard self == .bf16, !BackendChoice.bfloat16Backends.contains(backend) else { return }
    throw ValidationError(
      "--precision bf16 is for \(BackendChoice.bfloat16Backends.joined(separator: " and ")), "
        + "not for \(backend)"
    )
  }
}

/// When a detection counts.
struct ThresholdOptions: ParsableArguments {
  @Option(name: .customLong("conf"), help: "Least confidence, 0 to 1.")
  var confidence: Float = 0.25

  @Option(name: .customLong("iou"), help: "Overlap above which the weaker of two boxes goes.")
  var overlap: Float = 0.45

  @Option(name: .long, help: "Most detections per picture.")
  var maxDet = 1000

  @Option(name: .long, parsing: .upToNextOption, help: "Only these class indices.")
  var classes: [Int] = []

  @Flag(name: .long, help: "Boxes of different classes suppress each other.")
  var agnostic = false

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
