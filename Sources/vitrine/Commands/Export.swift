public import ArgumentParser
import Diagnostics
public import Pipelines

extension ExportOptions.Dynamic: ExpressibleByArgument {}
extension ExportOptions.Head: ExpressibleByArgument {}

/// `vitrine export`: checkpoint → ONNX.
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a checkpoint as an ONNX file.",
    discussion: """
      The file has the inputs and outputs that YOLOv5's own exporter gives it (images → output0), carries
      class names, strides, anchors and the preprocessing rules as metadata, and appears only when it is whole.

      EXAMPLES
        vitrine export yolov5s.pt
        vitrine export yolov5s.pt -o s.onnx --opset 13 --dynamic batch
        vitrine export yolov5s.pt --head end2end --conf 0.3     NMS inside the graph
        vitrine export yolov5s.pt --half --imgsz 480 640
      """
  )

  @Argument(help: "A YOLOv5 checkpoint (.pt).", completion: .file(extensions: ["pt"]))
  var model: String

  @Option(name: .shortAndLong, help: "The file to write; by default the model's name with .onnx.")
  var output: String?

  @Option(name: .long, help: "The ONNX opset, 12 to 21.")
  var opset = 17

  @Option(name: .long, help: "Open extents: none, batch, or size (batch, height and width).")
  var dynamic = ExportOptions.Dynamic.none

  @Option(name: .long, help: "The output: decoded, raw (one per level) or end2end (with NMS).")
  var head = ExportOptions.Head.decoded

  @Flag(name: .long, help: "Half precision weights, input and output.")
  var half = false

  @Flag(name: .customLong("keep-batchnorm"), help: "Leave batch normalisations unfolded.")
  var keepBatchnorm = false

  @OptionGroup var size: SizeOptions

  @Option(name: .long, help: "Pictures per run where the batch is not open.")
  var batch = 1

  @Option(name: .customLong("conf"), help: "Least confidence (end2end only).")
  var confidence: Float = 0.25

  @Option(name: .customLong("iou"), help: "Suppression overlap (end2end only).")
  var overlap: Float = 0.45

  @Option(name: .long, help: "Passes to leave out, by name.")
  var disablePass: [String] = []

  @Option(name: .long, help: "Stop after this many graph edits: bisects a wrong rewrite.")
  var patchLimit: Int?

  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (12...21).contains(opset) else {
      throw ValidationError("--opset must lie between 12 and 21, not \(opset)")
    }
    guard (1...1024).contains(batch) else {
      throw ValidationError("--batch must lie between 1 and 1024, not \(batch)")
    }
    guard (0...1).contains(confidence), (0...1).contains(overlap) else {
      throw ValidationError("--conf and --iou must lie between 0 and 1")
    }
    guard (patchLimit ?? 0) >= 0 else {
      throw ValidationError("--patch-limit must not be negative")
    }
    if head != .end2end { try GivenOptions.refuse(["--conf", "--iou"], "without --head end2end") }
    if dynamic != .none { try GivenOptions.refuse(["--batch"], "where --dynamic leaves it open") }
  }

  func run() async throws {
    var options = ExportOptions()
    options.opset = opset
    options.dynamic = dynamic
    options.head = head
    options.half = half
    options.keepsBatchNormalization = keepBatchnorm
    options.imageSize = size.resolved
    options.batch = batch
    options.confidence = confidence
    options.overlap = overlap
    options.disabledPasses = Set(disablePass)
    options.patchLimit = patchLimit
    let job = ExportJob(model: model, output: output, options: options)
    let result = try job.run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    for note in result.diagnostics { Terminal.warn(note.description) }
    Terminal.print(
      """
      \(Style.green("✓")) \(result.output)  \(bytes(result.byteCount)), opset \(result.opset), \
      \(result.nodesBefore) → \(result.nodesAfter) nodes by \(result.patchCount) edits, \
      \(decimal(result.milliseconds, 0)) ms
        \(result.inputs.joined(separator: ", ")) → \(result.outputs.joined(separator: ", "))
      """
    )
  }
}
