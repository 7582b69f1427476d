import Diagnostics
import Glibc
import Graphs
import Images
import Metrics
import Tensors

/// Lab 23, advanced: convolutions and what a device can do → which limit binds each of them, how long it takes at least, and
/// (expert) what a device with one limit twice as good would bring.
///
/// `in/…/task.json`. `out/…/roofline.json`. A layer takes its fixed cost and the longer of computing and moving.
/// Source: Williams, Waterman, Patterson, Roofline (CACM 52, 2009), with a fixed cost for each layer beside it.
struct RooflineTask: CaseTask {
  static let name = "roofline"
  let groups = ["bounds", "what-if"]
  static let limits = ["compute", "memory", "overhead"]

  struct Device: Sendable, Codable {
    /// 10⁹ floating-point operations in a second.
    var gflops: Double
    /// 10⁹ bytes in a second.
    var gigabytesPerSecond: Double
    /// What each layer costs however small it is, in microseconds.
    var overheadMicroseconds: Double
  }

  struct Layer: Sendable, Codable {
    var name: String
    /// Of the input; stride 1, and borders such that the result is as large.
    var height: Int
    var width: Int
    var inputs: Int
    var outputs: Int
    var kernel: Int
    var groups: Int
  }

  struct Problem: Sendable, Codable {
    var device: Device
    var bytesPerNumber: Int
    var layers: [Layer]
    var whatIf: Bool
  }

  struct Bound: Sendable, Codable {
    /// Operations for each byte.
    var intensity: Double
    var bound: String
    var microseconds: Double
  }

  struct Answer: Sendable, Codable {
    var layers: [String: Bound]
    /// For each limit how many times as fast the whole is on a device on which it is twice as good.
    var ifTwiceAsGood: [String: Double]?
  }

  /// How the figures of a layer come about; the mistakes differ in one point.
  struct Rules: Sendable {
    var operationsPerMultiplyAdd = 2.0
    var countsWeights = true
    var minds = (groups: true, overhead: true)
    var adds = false
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    while true {
      let problem = drawn(group, &random)
      let bounds = Self.answer(problem, Rules()).layers.values.map(\.bound)
      // Each limit binds somewhere, and nowhere is it a matter of rounding.
      if Set(bounds).count == 3, Self.isClear(problem) { return problem }
    }
  }

  private func drawn(_ group: String, _ random: inout SplitMix) -> Problem {
    let device = Device(
      gflops: Double(40 + 20 * random.index(below: 10)),
      gigabytesPerSecond: Double(6 + 2 * random.index(below: 10)),
      overheadMicroseconds: Double(4 + random.index(below: 12))
    )
    let layers = (0..<5 + random.index(below: 4)).map { number in
      let side = [10, 20, 40, 80][random.index(below: 4)]
      let channels = 16 << random.index(below: 4)
      let isDepthwise = random.index(below: 3) == 0
      return Layer(
        name: "\(isDepthwise ? "depthwise" : "conv")\(number)",
        height: side,
        width: side + 2 * random.index(below: 4),
        inputs: channels,
        outputs: isDepthwise ? channels : 16 << random.index(below: 4),
        kernel: isDepthwise ? 3 : [1, 3][random.index(below: 2)],
        groups: isDepthwise ? channels : 1
      )
    }
    return Problem(
      device: device,
      bytesPerNumber: [1, 2, 4][random.index(below: 3)],
      layers: layers,
      whatIf: group == "what-if"
    )
  }

  /// Whether the limit that binds is ahead of the next by a tenth in every layer.
  private static func isClear(_ problem: Problem) -> Bool {
    problem.layers.allSatisfy { layer in
      let costs = parts(layer, problem, problem.device, Rules()).sorted()
      return costs[2] > 1.1 * costs[1]
    }
  }

  /// Microseconds of computing, of moving, and the fixed cost.
  private static func parts(
    _ layer: Layer,
    _ problem: Problem,
    _ device: Device,
    _ rules: Rules
  ) -> [Double] {
    let (operations, bytes) = work(layer, problem, rules)
    return [
      operations / (device.gflops * 1e3), bytes / (device.gigabytesPerSecond * 1e3),
      rules.minds.overhead ? device.overheadMicroseconds : 0,
    ]
  }

  /// Operations and bytes: each number of input, weights and result is moved once.
  private static func work(
    _ layer: Layer,
    _ problem: Problem,
    _ rules: Rules
  ) -> (operations: Double, bytes: Double) {
    let groups = rules.minds.groups ? layer.groups : 1
    let weights = layer.outputs * (layer.inputs / groups) * layer.kernel * layer.kernel
    let places = layer.height * layer.width
    let numbers =
      places * (layer.inputs + layer.outputs) + (rules.countsWeights ? weights : 0)
    return (
      rules.operationsPerMultiplyAdd * Double(weights * places),
      Double(numbers * problem.bytesPerNumber)
    )
  }

  private static func microseconds(_ parts: [Double], _ rules: Rules) -> Double {
    parts[2] + (rules.adds ? parts[0] + parts[1] : max(parts[0], parts[1]))
  }

  static func answer(_ problem: Problem, _ rules: Rules) -> Answer {
    var layers: [String: Bound] = [:]
    func total(_ device: Device) -> Double {
      problem.layers.reduce(0) { $0 + microseconds(parts($1, problem, device, rules), rules) }
    }
    for layer in problem.layers {
      let costs = parts(layer, problem, problem.device, rules)
      let (operations, bytes) = work(layer, problem, rules)
      let largest = costs.indices.max { costs[$0] < costs[$1] } ?? 0
      layers[layer.name] = Bound(
        intensity: operations / bytes,
        bound: limits[largest],
        microseconds: microseconds(costs, rules)
      )
    }
    guard problem.whatIf else { return Answer(layers: layers) }
    let device = problem.device
    var better = [device, device, device]
    better[0].gflops *= 2
    better[1].gigabytesPerSecond *= 2
    better[2].overheadMicroseconds /= 2
    let gains = zip(limits, better).map { ($0, total(device) / total($1)) }
    return Answer(
      layers: layers,
      ifTwiceAsGood: Dictionary(gains, uniquingKeysWith: { first, _ in first })
    )
  }

  func reference(_ problem: Problem) throws -> Answer { Self.answer(problem, Rules()) }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "roofline.json")
    guard problem.layers.allSatisfy({ answer.layers[$0.name] != nil }),
      !problem.whatIf || Self.limits.allSatisfy({ answer.ifTwiceAsGood?[$0] != nil })
    else {
      throw AnswerFile.malformed("roofline.json", "does not tell of every layer and every limit")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "roofline.json")
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    var (wrong, intensity, time, gain) = (0, 0.0, 0.0, 0.0)
    var place: String?
    func error(_ value: Double, _ truth: Double) -> Double {
      value.isFinite ? abs(value / truth - 1) : 1e9
    }
    let limit = bands("exact", or: 0.01)
    for layer in problem.layers {
      guard let own = answer.layers[layer.name], let right = expected.layers[layer.name] else {
        continue
      }
      let errors = (
        error(own.intensity, right.intensity), error(own.microseconds, right.microseconds)
      )
      if own.bound != right.bound { wrong += 1 }
      if place == nil, own.bound != right.bound || max(errors.0, errors.1) > limit {
        let shown = [own, right].map {
          "\($0.bound.prefix(12)), \(VerdictText.decimal($0.intensity, 2)) operations a byte, "
            + "\(VerdictText.decimal($0.microseconds, 2)) µs"
        }
        place = "\(layer.name): \(shown[0]) ≠ \(shown[1])"
      }
      (intensity, time) = (max(intensity, errors.0), max(time, errors.1))
    }
    for (name, right) in expected.ifTwiceAsGood ?? [:] {
      let own = answer.ifTwiceAsGood?[name] ?? 0
      gain = max(gain, error(own, right))
      if place == nil, error(own, right) > limit {
        place =
          "\(name) twice as good: \(VerdictText.decimal(own, 3))× ≠ "
          + "\(VerdictText.decimal(right, 3))×"
      }
    }
    var figures: [Judgement.Figure] = [
      .init(name: "wrong-bounds", value: Double(wrong), rule: .atMost, limit: 0),
      .init(name: "intensity-error", value: intensity, rule: .atMost, limit: limit),
      .init(name: "time-error", value: time, rule: .atMost, limit: limit),
    ]
    if problem.whatIf {
      figures.append(.init(name: "gain-error", value: gain, rule: .atMost, limit: limit))
    }
    return Judgement(figures: figures, place: place)
  }

  func title(_ problem: Problem) -> String {
    let device = problem.device
    return "\(problem.layers.count) layers, \(Int(device.gflops)) GFLOP/s, "
      + "\(Int(device.gigabytesPerSecond)) GB/s, \(Int(device.overheadMicroseconds)) µs"
  }

  func size(_ problem: Problem) -> Int { problem.layers.count }

  /// The roofline: operations for each byte to the right, operations in a second upwards, both by powers of two. Filled where a
  /// layer is, an outline where it was put.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    var chart = Chart(width: 260, height: 170)
    let device = problem.device
    func x(_ intensity: Double) -> Double { (log2(max(intensity, 1e-6)) + 2) / 12 }
    func y(_ gflops: Double) -> Double {
      1 - (log2(device.gflops) + 0.7 - log2(max(gflops, 1e-6))) / 9
    }
    let ridge = device.gflops / device.gigabytesPerSecond
    for step in 0...240 {
      let intensity = exp2(Double(step) / 20 - 2)
      let roof = min(device.gflops, intensity * device.gigabytesPerSecond)
      chart.point(x(intensity), y(roof))
    }
    chart.label("ridge \(VerdictText.decimal(ridge, 1))", x(ridge), y(device.gflops))
    for (index, layer) in problem.layers.enumerated() {
      guard let right = expected.layers[layer.name] else { continue }
      let (operations, bytes) = Self.work(layer, problem, Rules())
      let place = Self.limits.firstIndex(of: right.bound) ?? 0
      let reached = y(operations / right.microseconds / 1e3)
      chart.dot(x(right.intensity), reached, place, "\(index + 1)")
      chart.write("\(index + 1) \(layer.name) \(right.bound)", 0.5, row: 6 + index)
      if let own = answer.layers[layer.name] {
        let color = Self.limits.firstIndex(of: own.bound) ?? 3
        let speed = own.intensity * bytes / max(own.microseconds, 1e-9) / 1e3
        chart.ring(x(own.intensity), y(speed), color)
      }
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func made(_ id: String, _ change: @escaping @Sendable (inout Rules) -> Void)
      -> Hypothesis<Problem, Answer>
    {
      .make(id) { problem in
        var rules = Rules()
        change(&rules)
        return Self.answer(problem, rules)
      }
    }
    return [
      made("multiply-adds-for-operations") { $0.operationsPerMultiplyAdd = 1 },
      made("weights-not-moved") { $0.countsWeights = false },
      made("roofline-groups-ignored") { $0.minds.groups = false },
      made("overhead-ignored") { $0.minds.overhead = false },
      made("limits-added") { $0.adds = true },
      .make("twice-for-the-whole") { problem in
        var answer = Self.answer(problem, Rules())
        answer.ifTwiceAsGood = answer.ifTwiceAsGood?.mapValues { _ in 2 }
        return answer
      },
    ]
  }
}
