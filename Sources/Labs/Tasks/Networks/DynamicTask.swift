import Diagnostics
import Files
import Graphs
import Images
import Metrics
import Tensors

/// Lab 8: an ONNX file that was traced with one picture of one size → the same network for any batch and size, and
/// the range of shapes that an engine should be built for.
///
/// `in/…/model.onnx`, `task.json` with what must be open, and the requests that were seen. `out/…/model.onnx`,
/// `profile.json`.
struct DynamicTask: CaseTask {
  static let name = "dynamic-shape"
  let groups = ["batch", "size", "upsample", "slices"]

  /// A place that a tracer bakes numbers into.
  enum Place: String, CaseIterable {
    /// Resize's sizes.
    case resize = "resize-kept"
    /// Reshape's entry for the cells of the grid.
    case cells = "cells-kept"
    /// Reshape as it was: the batch and the cells.
    case batch = "batch-kept"
    /// The ends of slices.
    case slice = "slice-kept"
    /// What the file says of the output.
    case output = "output-kept"
  }

  /// A request: batch, height, width.
  typealias Request = [Int]

  struct Problem: Sendable {
    var group: String
    var height: Int
    var width: Int
    var stride: Int
    var anchors: Int
    var columns: Int
    var channels: Int
    var weights: [[Float]]
    var probes: [Probe]
    /// Shapes of requests and how often each comes, most often first.
    var mix: [(shape: Request, share: Double)]
    var requests: [Request]
    /// Requests that the program does not see.
    var later: [Request]
    /// Whether the cells are merged with the batch, as a mistake.
    var mergesBatch = false
    /// What is open in the right answer; less, where a mistake is made.
    var open = Set(Place.allCases)

    var opensSize: Bool { group != "batch" }
  }

  struct Profile: Sendable, Codable {
    var min: Request
    var opt: Request
    var max: Request
  }

  struct Answer: Sendable {
    var network: NetworkAnswer
    var profile: Profile
  }

  private struct Settings: Codable {
    var open: [String]
    var stride: Int
    var requests: [Request]
  }

  func write(_ problem: Problem, to folder: String) throws {
    let network = try NetworkAnswer(graph(problem, open: []), opset: 17, probes: [])
    try network.write(folder, "model.onnx")
    let settings = Settings(
      open: problem.opensSize ? ["batch", "height", "width"] : ["batch"],
      stride: problem.stride,
      requests: problem.requests
    )
    try AnswerFile.write(settings, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let profile = try AnswerFile.json(Profile.self, folder, "profile.json")
    for shape in [profile.min, profile.opt, profile.max] {
      guard shape.count == 3, shape.allSatisfy({ (1...1 << 16).contains($0) }) else {
        throw AnswerFile.malformed(
          "profile.json",
          "holds a shape that is not [batch, height, width]"
        )
      }
    }
    let network = try NetworkAnswer(folder, "model.onnx", probes: problem.probes)
    return Answer(network: network, profile: profile)
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try answer.network.write(folder, "model.onnx")
    try AnswerFile.write(answer.profile, folder, "profile.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    Answer(
      network: try NetworkAnswer(
        graph(problem, open: problem.open),
        opset: 17,
        probes: problem.probes
      ),
      profile: Self.profile(problem.requests)
    )
  }

  /// The tightest range, tuned for the shape that most of the work has.
  static func profile(_ requests: [Request]) -> Profile {
    func extreme(_ choose: (Int, Int) -> Int) -> Request {
      (0..<3).map { axis in requests.dropFirst().reduce(requests[0][axis]) { choose($0, $1[axis]) }
      }
    }
    let counts = Dictionary(grouping: requests) { $0 }.mapValues(\.count)
    let best = counts.max { left, right in
      left.value * left.key.reduce(1, *) < right.value * right.key.reduce(1, *)
    }
    return Profile(min: extreme(min), opt: best?.key ?? requests[0], max: extreme(max))
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let distance = answer.network.distance(to: expected.network, problem.probes, limit: 1e-5)
    let fixed = Self.fixedExtents(answer.network, expected.network)
    let uncovered = problem.requests.filter { request in
      zip(request, zip(answer.profile.min, answer.profile.max))
        .contains { $0 < $1.0 || $0 > $1.1 }
    }
    func volume(_ shape: Request) -> Double { shape.reduce(1) { $0 * Double($1) } }
    func share(_ shape: Request) -> Double {
      problem.later.reduce(0) { $0 + ($1 == shape ? volume($1) : 0) }
    }
    let best = problem.mix.map { share($0.shape) }.max() ?? 1
    var result = Judgement(figures: [
      .init(
        name: "onnx-problems",
        value: Double(answer.network.problems.count),
        rule: .atMost,
        limit: 0
      ),
      .init(name: "fixed-extents", value: Double(fixed.count), rule: .atMost, limit: 0),
      .init(
        name: "shapes-that-fail",
        value: Double(distance.failing + distance.misshapen),
        rule: .atMost,
        limit: 0
      ),
      .init(name: "error", value: distance.error, rule: .atMost, limit: 1e-5),
      .init(
        name: "requests-outside",
        value: Double(uncovered.count),
        rule: .atMost,
        limit: 0
      ),
      .init(
        name: "max/needed",
        value: volume(answer.profile.max) / volume(expected.profile.max),
        rule: .atMost,
        limit: bands("loose", or: 1.3)
      ),
      .init(
        name: "opt-regret",
        value: 1 - share(answer.profile.opt) / max(1, best),
        rule: .atMost,
        limit: bands("regret", or: 0.1)
      ),
    ])
    guard !result.isRight else { return result }
    result.place =
      answer.network.problems.first ?? distance.place ?? fixed.first
      ?? uncovered.first.map { "request \($0) outside \(answer.profile.min)…\(answer.profile.max)" }
      ?? "profile \(answer.profile.min) : \(answer.profile.opt) : \(answer.profile.max)"
    return result
  }

  /// Extents that are stated as numbers where they are open in the right network.
  private static func fixedExtents(_ own: NetworkAnswer, _ right: NetworkAnswer) -> [String] {
    zip(own.inputs + own.outputs, right.inputs + right.outputs).compactMap { own, right in
      let pairs = zip(own.type.dimensions, right.type.dimensions)
      return pairs.contains { $0.value != nil && $1.value == nil }
        ? "\(own.name): \(own.type)" : nil
    }
  }

  func title(_ problem: Problem) -> String {
    "\(problem.group) at 1×3×\(problem.height)×\(problem.width), \(problem.probes.count) shapes"
  }

  func size(_ problem: Problem) -> Int { problem.height * problem.width }

  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    answer.network.picture(expected.network, problem.probes)
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    // Where batch and size change, sizes and shapes that were kept fail alike: the file tells them apart.
    [.shows("resize-kept") { answer, _ in answer.network.hasFixedSizes }]
      + Place.allCases.filter { $0 != .resize }.map { place in
        .make(place.rawValue) { problem in
          var other = problem
          other.open.remove(place)
          // The batch alone is another mistake: see `batch-merged`.
          if place == .batch { other.open.remove(.cells) }
          return try DynamicTask().reference(other)
        }
      } + [
        .make("batch-merged") { problem in
          var other = problem
          other.mergesBatch = true
          return try DynamicTask().reference(other)
        },
        .shows("profile-too-small") { answer, problem in
          problem.requests.contains { request in
            zip(request, answer.profile.max).contains { $0 > $1 }
          }
        },
        .shows("profile-too-large") { answer, problem in
          let needed = Self.profile(problem.requests).max.reduce(1, *)
          return answer.profile.max.reduce(1, *) > needed
        },
        .shows("opt-most-frequent") { answer, problem in
          let counts = Dictionary(grouping: problem.requests) { $0 }.mapValues(\.count)
          let most = counts.values.max() ?? 0
          return counts[answer.profile.opt] == most
            && Self.profile(problem.requests).opt != answer.profile.opt
        },
      ]
  }
}
