import ArgumentParser
import Metrics
import Pipelines
import Reports

/// `vitrine compare why`: where the gain of optimisation comes from.
struct CompareWhy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Attributes the gain: each optimisation on in turn, and each left out in turn.",
    discussion: """
      The bars of the waterfall are the steps of one chain, from every optimisation off to every one
      on, so they add up to the whole. Beside each stands what leaving out only this one costs. An
      optimisation is switched off wherever it happens: in our passes and in the engine.

      EXAMPLES
        vitrine compare why yolov5n.pt
        vitrine compare why yolov5s.pt --threads 2 --rounds 30 --save why.json
        vitrine compare why yolov5n.pt --precision bf16      precision is a bar of its own
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @OptionGroup var size: SizeOptions
  @OptionGroup var backend: BackendOptions

  @Option(name: .long, help: "Pictures per run.")
  var batch = 1

  @Option(name: .long, help: "How often every configuration is measured, at least 3.")
  var rounds = 15

  @Option(name: .long, help: "Write the report into this JSON file.", completion: .file())
  var save: String?

  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (3...1000).contains(rounds) else {
      throw ValidationError("--rounds must lie between 3 and 1000, not \(rounds)")
    }
    guard (1...1024).contains(batch) else {
      throw ValidationError("--batch must lie between 1 and 1024, not \(batch)")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model])
    var job = WhyJob(model: model)
    job.imageSize = size.resolved
    job.backend = backend.choice
    job.batch = batch
    job.roundCount = rounds
    let report = try await job.report(progress: common.progress)
    if let save { try report.save(to: save) }
    if common.json {
      try JSONOutput.print(report)
    } else if let attribution = report.attribution {
      Terminal.print(attribution.text)
    }
    keeping.keepAndTell(report, model: model, isQuiet: common.json)
  }
}

extension Attribution {
  /// A waterfall in text: each bar begins where the one before ended.
  fileprivate var text: String {
    let width = 40
    let longest = max(start.value, bars.reduce(start.value) { max($0, $0 + $1.change.value) })
    func column(_ value: Double) -> Int {
      Int((value / max(longest, 1e-9) * Double(width)).rounded())
    }
    func bar(_ from: Double, _ to: Double) -> String {
      let (low, high) = (min(column(from), column(to)), max(column(from), column(to)))
      let block = to > from ? "▓" : "█"
      return String(repeating: " ", count: low)
        + String(repeating: block, count: max(1, high - low))
    }
    func sign(_ value: Double) -> String { (value > 0 ? "+" : "") + decimal(value, 2) }
    var table = Table(["step", "ms", "waterfall"], numeric: [1])
    table.add(["everything off", decimal(start.value, 2), bar(0, start.value)])
    var position = start.value
    for step in bars {
      let next = position + step.change.value
      table.add([step.name, sign(step.change.value), bar(position, next)])
      position = next
    }
    table.add(["everything on", decimal(end.value, 2), bar(0, end.value)])
    let title =
      "\(Style.bold(model)) on \(backend) \(backendVersion), "
      + "\(inputShape.map(String.init).joined(separator: "×")), \(threadCount) threads: "
      + "\(decimal(speedup.value, 2)) times as fast [\(decimal(speedup.lower, 2)), "
      + "\(decimal(speedup.upper, 2))]"
    let sums = (kinds ?? []).map {
      "  \(pad($0.name, 10)) \(sign($0.change.value)) ms "
        + "[\(sign($0.change.lower)), \(sign($0.change.upper))]"
    }
    let words = bars.map { "  \($0.name): \($0.words)" }
    return ([title, "", table.text, ""] + sums + [""] + words + ["", Style.dim(method)]).joined(
      separator: "\n"
    )
  }
}
