import ArgumentParser
import Metrics
import Pipelines
import Reports

/// `vitrine prove`: in which precision layers really ran.
struct Prove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Proves in which precision each layer of a built network really runs.",
    discussion: """
      The file is built and run, and the engine's own account of the run is read: the native engine's layers,
      OpenVINO's counters, ONNX Runtime's profile. With --layers, TensorRT's layer information of an engine that was built
      from the file is read instead (trtexec --exportLayerInfo). Exit code 1 where a layer ran in another precision than the file
      asks for, or where less than --least of the arithmetic ran in 8 bits though the file asks for them. Layers that
      only bring numbers into another form, and islands between layers in 8 bits, are listed.

      EXAMPLES
        vitrine prove yolov5n.int8.onnx
        vitrine prove yolov5n.int8.onnx --backend openvino --json
        vitrine prove yolov5n.int8.onnx --backend onnxruntime --least 0.9 --save proof.json
        vitrine prove yolov5n.trt.onnx --layers layers.json
      """
  )

  @Argument(help: "An ONNX file, or a checkpoint.", completion: .file())
  var model: String

  @Option(name: .long, help: "The share of the arithmetic that must run in 8 bits, 0 to 1.")
  var least = 0.95

  @Option(
    name: .long,
    help: "TensorRT's layer information of an engine built from the file.",
    completion: .file(extensions: ["json"])
  )
  var layers: String?

  @Option(name: .long, help: "Write a report document.", completion: .file(extensions: ["json"]))
  var save: String?

  @OptionGroup var size: SizeOptions
  @OptionGroup var engine: BackendOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (0...1).contains(least) else {
      throw ValidationError("--least must lie between 0 and 1, not \(least)")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, layers].compactMap { $0 })
    var job = ProofJob(model: model)
    job.backend = engine.choice
    job.imageSize = size.resolved
    job.requiredShare = least
    job.layerInformation = layers
    let proof = try await job.run(progress: common.progress)
    if let save { try job.report(proof).save(to: save) }
    if common.json {
      try JSONOutput.print(ProofDocument(proof))
    } else {
      Terminal.print(proof.text)
    }
    guard proof.passes else { throw ExitCode(1) }
  }
}

/// A proof with what follows from it.
private struct ProofDocument: Encodable {
  var passes: Bool
  var bytesShare: Double
  var proof: PrecisionProof

  init(_ proof: PrecisionProof) {
    passes = proof.passes
    bytesShare = proof.bytesShare
    self.proof = proof
  }
}

extension PrecisionProof {
  /// The verdict, the shares, and what differs.
  var text: String {
    var lines = ["\(Style.bold(model)) on \(backend) \(version)", ""]
    for (precision, share) in histogram {
      let bar = String(repeating: "█", count: Int((share * 40).rounded()))
      lines.append(
        "  \(pad(precision, 10)) \(pad(bar, 40)) \(decimal(100 * share, 1)) % of the arithmetic"
      )
    }
    lines.append("")
    let moving = reformats.compactMap(\.milliseconds).reduce(0, +)
    lines.append("  \(reformats.count) layers only reformat, \(decimal(moving, 2)) ms")
    for reformat in reformats.prefix(12) {
      lines.append(
        "    \(reformat.place)  \(reformat.tactic)  \(reformat.milliseconds.map { decimal($0, 3) } ?? "–") ms"
      )
    }
    for island in islands {
      let time = island.milliseconds.map { ", \(decimal($0, 2)) ms" } ?? ""
      lines.append(
        "  island of \(island.places.count): \(island.places.prefix(3).joined(separator: ", "))"
          + "\(island.places.count > 3 ? " …" : ""), \(island.reformatCount) reformats\(time)"
      )
    }
    for layer in differing.prefix(12) {
      let executed = layer.executed.isEmpty ? "does not tell" : "ran in \(layer.executed)"
      lines.append(
        "  \(Style.red("✗")) \(layer.place): asked for \(layer.asked), \(executed) (\(layer.tactic))"
      )
    }
    if differing.count > 12 { lines.append("  … and \(differing.count - 12) more") }
    lines.append("")
    lines.append(
      passes
        ? "\(Style.green("✓")) every layer ran as asked"
        : "\(Style.red("✗")) \(differing.count) of \(layers.count) layers ran otherwise, "
          + "\(decimal(100 * bytesShare, 1)) % in 8 bits (\(decimal(100 * requiredShare, 1)) % asked)"
    )
    return lines.joined(separator: "\n")
  }
}
