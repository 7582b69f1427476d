import ArgumentParser
import Backends
import Formats
import Pipelines

/// `vitrine inspect`: what is inside a file.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what is inside a checkpoint, an ONNX file or a plan.",
    discussion: """
      EXAMPLES
        vitrine inspect yolov5s.pt
        vitrine inspect yolov5s.pt --layers
        vitrine inspect downloaded.pt --audit      what its pickle would have imported
        vitrine inspect yolov5s.onnx --json
        vitrine inspect yolov5s.plan --layers      needs neither the engine nor a GPU
        vitrine inspect yolov5s.plan --memory      what lies where while it runs (native)
      """
  )

  @Argument(help: "A checkpoint (.pt, .safetensors), an ONNX file or a plan.", completion: .file())
  var model: String

  @Flag(name: .long, help: "List every global that the pickle would have imported.")
  var audit = false

  @Flag(name: .long, help: "List every layer.")
  var layers = false

  @Flag(name: .long, help: "List a plan's values: their places in memory, from layer to layer.")
  var memory = false

  @OptionGroup var size: SizeOptions
  @OptionGroup var common: OutputOptions

  func run() throws {
    let job = InspectJob(model: model, imageSize: size.resolved, listsLayers: layers)
    if audit {
      let report = try job.audit()
      if common.json { try JSONOutput.print(report) } else { Terminal.print(report.text) }
      if let refusal = report.refusal { throw refusal }
      return
    }
    if try PlanInspection.isPlan(model) {
      let plan = try PlanInspection.describe(model)
      if memory, plan.memory == nil {
        throw ValidationError("--memory has no effect: the plan does not tell where its values lie")
      }
      guard !common.json else { return try JSONOutput.print(plan) }
      Terminal.print(plan.text(layers: layers))
      if memory, let text = plan.memory?.text { Terminal.print("\n" + text) }
      return
    }
    if memory { throw ValidationError("--memory has no effect without a plan; leave it out") }
    let result = try job.run()
    if common.json { try JSONOutput.print(result) } else { Terminal.print(result.text) }
  }
}

extension AuditReport {
  var text: String {
    var table = Table(["global", "count", "treatment"], numeric: [1])
    for entry in audit.entries {
      let treatment = entry.treatment.rawValue
      table.add([
        entry.global, "\(entry.count)",
        entry.treatment == .refused ? Style.red(treatment) : treatment,
      ])
    }
    return "pickle protocol \(audit.protocolVersion); nothing of this was imported or called\n"
      + table.text
  }
}

extension InspectResult {
  var text: String {
    var lines = facts.map { pad($0.name, 14) + $0.value }
    lines[0] = Style.bold(lines[0])
    guard !layers.isEmpty else { return lines.joined(separator: "\n") }
    var table = Table(["layer", "kind", "from", "output", "parameters", "MFLOP"], numeric: [4, 5])
    for layer in layers {
      table.add([
        layer.name, layer.kind, layer.from, layer.output, "\(layer.parameterCount)",
        decimal(layer.megaOperations, 1),
      ])
    }
    return (lines + ["", table.text]).joined(separator: "\n")
  }
}
