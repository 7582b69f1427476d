import Glibc
import Graphs
import Images
import Metrics
import Passes
import Tensors

extension CalibrationTask {
  /// Fewer pictures are no sample.
  private static let fewestPictures = 8

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let bad = answer.set.filter { problem.kinds[$0] != .good }
    var place = bad.first.map { "picture \($0): \(problem.kinds[$0].rawValue)" }
    func worst(_ own: [String: [Double]], _ right: [String: [Double]], _ what: String) -> Double {
      var result = 0.0
      for (name, truths) in right.sorted(by: { $0.key < $1.key }) {
        let largest = truths.reduce(1e-12) { max($0, abs($1)) }
        for (index, truth) in truths.enumerated() {
          let value = own[name]?[index] ?? 0
          // Scales are compared one by one, biases with the largest of their layer.
          let error = abs(value - truth) / (what == "scale" ? max(abs(truth), 1e-12) : largest)
          if !(error <= 0.01), place == nil {
            place = "\(name) \(what) \(index): \(Float(value)) ≠ \(Float(truth))"
          }
          result = max(result, error.isFinite ? min(error, 1e9) : 1e9)
        }
      }
      return result
    }
    var figures = [
      Judgement.Figure(name: "bad-pictures", value: Double(bad.count), rule: .atMost, limit: 0),
      .init(
        name: "pictures",
        value: Double(answer.set.count),
        rule: .atLeast,
        limit: Double(Self.fewestPictures)
      ),
      .init(
        name: "weight-scale-error",
        value: worst(answer.weights, expected.weights, "scale"),
        rule: .atMost,
        limit: 0.01
      ),
    ]
    if problem.group != "outliers" {
      // From the set that the answer itself declares.
      let own = try? Self.answer(
        problem,
        answer.set,
        Self.ranges(problem, answer.set),
        problem.scheme
      )
      let truths = (own ?? expected).scales
      figures.append(
        .init(
          name: "scale-error",
          value: worst(
            answer.scales.mapValues { [$0.scale] },
            truths.mapValues { [$0.scale] },
            "scale"
          ),
          rule: .atMost,
          limit: 0.01
        )
      )
      let zeros = truths.reduce(0) {
        max($0, abs((answer.scales[$1.key]?.zero ?? 0) - $1.value.zero))
      }
      if zeros > 1, place == nil { place = "zeros differ by \(zeros)" }
      figures.append(.init(name: "zero-error", value: Double(zeros), rule: .atMost, limit: 1))
    }
    if problem.group == "biases" {
      figures.append(
        .init(
          name: "bias-error",
          value: worst(answer.biases ?? [:], expected.biases ?? [:], "bias"),
          rule: .atMost,
          limit: 0.01
        )
      )
    }
    let (own, best) = (quality(answer, problem), quality(expected, problem))
    let loss = max(0, best - own)
    let limit = bands("loss", or: 2)
    if loss > limit, place == nil {
      place = "\(VerdictText.decimal(own, 1)) dB ≠ \(VerdictText.decimal(best, 1)) dB"
    }
    figures.append(.init(name: "loss-dB", value: loss, rule: .atMost, limit: limit))
    let result = Judgement(figures: figures, place: place)
    return result.isRight ? Judgement(figures: figures, place: nil) : result
  }

  /// Signal over noise of the quantised network's output, in decibels, on pictures that nobody saw.
  func quality(_ answer: Answer, _ problem: Problem) -> Double {
    let scheme = problem.scheme
    let ranges = answer.scales.filter { problem.values[$0.key] != nil }.mapValues { entry in
      let (scale, zero) = (Float(entry.scale), Float(entry.zero))
      return scheme == .symmetric
        ? QuantizationRange(lower: -127 * scale, upper: 127 * scale)
        : QuantizationRange(lower: -zero * scale, upper: (255 - zero) * scale)
    }
    let set = problem.kinds.indices.filter { problem.kinds[$0] == .good }
    guard let graph = try? Self.quantized(problem, ranges, scheme, set) else { return -999 }
    var (signal, noise) = (1e-30, 1e-30)
    for picture in problem.hidden {
      guard let right = try? Self.run(problem.graph, picture),
        let own = try? Self.run(graph, picture)
      else { return -999 }
      for (value, truth) in zip(own, right) {
        signal += Double(truth) * Double(truth)
        noise += Double(value - truth) * Double(value - truth)
      }
    }
    let ratio = 10 * log10(signal / noise)
    return ratio.isFinite ? max(-999, ratio) : -999
  }

  static func run(_ graph: Graph, _ picture: Tensor) throws -> [Float] {
    let results = try graph.evaluate(inputs: [graph[graph.inputs[0]].name: picture])
    return try results.values.first?.scalars(of: Float.self) ?? []
  }

  /// How the numbers of the value with the worst range are distributed over the whole pool: green are the ends of
  /// the right range, red those of the answer's.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    func ends(_ scale: Scale) -> [Double] {
      problem.scheme == .symmetric
        ? [-127 * scale.scale, 127 * scale.scale]
        : [-Double(scale.zero) * scale.scale, Double(255 - scale.zero) * scale.scale]
    }
    let name = expected.scales.keys.sorted().max { left, right in
      func ratio(_ name: String) -> Double {
        abs(log((answer.scales[name]?.scale ?? 1) / (expected.scales[name]?.scale ?? 1)))
      }
      return ratio(left) < ratio(right)
    }
    guard let name, let rows = problem.values[name], let own = answer.scales[name],
      let right = expected.scales[name]
    else { return nil }
    let numbers = rows.joined().map(Double.init)
    let (low, high) = (numbers.min() ?? 0, numbers.max() ?? 1)
    guard low < high else { return nil }
    var plot = Plot(width: 240, height: 80)
    plot.histogram(numbers, low: low, high: high, bottom: 80, top: 0)
    for (scale, color) in [(right, Plot.truth), (own, Plot.answer)] {
      for end in ends(scale) {
        if let column = plot.column(end, low, high) { plot.line(column, 0..<80, color) }
      }
    }
    return plot.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func uses(_ id: String, _ kind: Kind) -> Hypothesis<Problem, Answer> {
      .shows(id) { answer, problem in
        !problem.kinds.contains(kind) || answer.set.contains { problem.kinds[$0] == kind }
      }
    }
    return [
      uses("black-used", .black), uses("unscaled-used", .unscaled), uses("held-out-used", .heldOut),
      .shows("one-scale-for-weights") { answer, _ in
        answer.weights.values.allSatisfy { Set($0).count == 1 }
      },
      .shows("symmetric-used") { answer, problem in
        problem.scheme == .symmetric || answer.scales.values.allSatisfy { $0.zero == 0 }
      },
      .shows("outliers-covered") { answer, problem in
        let all = Self.ranges(problem, answer.set).mapValues {
          Double(problem.scheme.parameters($0).scale)
        }
        return all.allSatisfy { abs((answer.scales[$0.key]?.scale ?? 0) / $0.value - 1) < 0.01 }
      },
      .make("biases-kept") { problem in try Self.withBiases(problem) { _, old in old } },
      .make("bias-sign") { problem in try Self.withBiases(problem) { new, old in 2 * old - new } },
    ]
  }

  /// The right answer with other biases, from the right ones and those of the float network.
  private static func withBiases(
    _ problem: Problem,
    _ change: (Double, Double) -> Double
  ) throws -> Answer {
    var answer = try CalibrationTask().reference(problem)
    for node in InsertQuantization.convolutions(problem.graph) {
      let old = try node.inputs[2].flatMap { problem.graph[$0].constant }?.scalars(of: Float.self)
      guard let old, let new = answer.biases?[node.name] else { continue }
      answer.biases?[node.name] = zip(new, old).map { change($0, Double($1)) }
    }
    return answer
  }
}
