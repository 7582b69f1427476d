import BackendsNative
import Diagnostics
import Metrics

/// Lab 18: tensors with sizes and lifetimes → offsets in one block of memory.
///
/// `in/…/tensors.json`: for each tensor its bytes, the first step that writes it and the last that reads it, both
/// inclusive; and the alignment. `out/…/plan.json`: the offset of each, in the same order.
struct ArenaTask: CaseTask {
  static let name = "arena"
  let groups = ["chain", "branches", "mixed"]

  struct Block: Sendable, Codable {
    var name: String
    var bytes: Int
    var first: Int
    var last: Int

    func meets(_ other: Block) -> Bool { first <= other.last && other.first <= last }
  }

  struct Problem: Sendable, Codable {
    var alignment: Int
    var tensors: [Block]

    /// The most bytes that are alive at one step: no plan needs less.
    var bound: Int {
      tensors.map(\.first).map { step in
        tensors.filter { $0.first <= step && step <= $0.last }.reduce(0) { $0 + aligned($1.bytes) }
      }.max() ?? 0
    }

    func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
  }

  struct Answer: Sendable, Codable {
    var offsets: [Int]
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let alignment = [16, 64, 256][random.index(below: 3)]
    var tensors: [Block] = []
    let count = 6 + random.index(below: 18)
    for step in 0..<count {
      var last = step + 1
      if group != "chain", random.index(below: 3) == 0 { last += 1 + random.index(below: 8) }
      if group == "mixed", random.index(below: 6) == 0 { last = count }
      let bytes = (1 + random.index(below: 4000)) * (random.index(below: 4) == 0 ? 40 : 4)
      tensors.append(Block(name: "t\(step)", bytes: bytes, first: step, last: min(last, count)))
    }
    return Problem(alignment: alignment, tensors: tensors)
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "tensors.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "plan.json")
    guard answer.offsets.count == problem.tensors.count else {
      throw AnswerFile.malformed(
        "plan.json",
        "has \(answer.offsets.count) offsets for \(problem.tensors.count) tensors"
      )
    }
    // Sums of these cannot overflow.
    guard answer.offsets.allSatisfy({ (0..<1 << 48).contains($0) }) else {
      throw AnswerFile.malformed("plan.json", "has an offset below 0 or beyond every memory")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "plan.json")
  }

  /// The native engine's own plan.
  func reference(_ problem: Problem) throws -> Answer {
    let plan = FirstFit.offsets(sizes: problem.tensors.map { problem.aligned($0.bytes) }) {
      problem.tensors[$0].meets(problem.tensors[$1])
    }
    return Answer(offsets: plan.offsets)
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    var overlaps = 0
    var place: String?
    for (i, a) in problem.tensors.enumerated() {
      for (j, b) in problem.tensors.enumerated().dropFirst(i + 1) where a.meets(b) {
        let (x, y) = (answer.offsets[i], answer.offsets[j])
        guard x < y + b.bytes, y < x + a.bytes else { continue }
        overlaps += 1
        place =
          place ?? "\(a.name) [\(x), \(x + a.bytes)) ∩ \(b.name) [\(y), \(y + b.bytes)), "
          + "step \(max(a.first, b.first))"
      }
    }
    let crooked = answer.offsets.count { $0 % problem.alignment != 0 }
    let end = zip(problem.tensors, answer.offsets).map { $1 + $0.bytes }.max() ?? 0
    return Judgement(
      figures: [
        .init(name: "overlaps", value: Double(overlaps), rule: .atMost, limit: 0),
        .init(name: "misaligned", value: Double(crooked), rule: .atMost, limit: 0),
        .init(
          name: "bytes/lower-bound",
          value: Double(end) / Double(max(1, problem.bound)),
          rule: .atMost,
          limit: max(bands("peak", or: 1.25), Self.peak(expected, problem))
        ),
      ],
      place: place
    )
  }

  /// The bound is not always reached: nobody must do better than the engine does.
  private static func peak(_ plan: Answer, _ problem: Problem) -> Double {
    let end = zip(problem.tensors, plan.offsets).map { $1 + $0.bytes }.max() ?? 0
    return Double(end) / Double(max(1, problem.bound))
  }

  func title(_ problem: Problem) -> String {
    "\(problem.tensors.count) tensors, ≥ \(problem.bound) B, align \(problem.alignment)"
  }

  func size(_ problem: Problem) -> Int { problem.tensors.count }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .shows("no-reuse") { answer, problem in
        let sum = problem.tensors.reduce(0) { $0 + problem.aligned($1.bytes) }
        let end = zip(problem.tensors, answer.offsets).map { $1 + problem.aligned($0.bytes) }.max()
        return (end ?? 0) >= sum
      },
      .shows("all-at-zero") { answer, _ in answer.offsets.allSatisfy { $0 == 0 } },
      .solves("last-exclusive") { problem in
        var other = problem
        for index in other.tensors.indices {
          other.tensors[index].last = max(other.tensors[index].first, other.tensors[index].last - 1)
        }
        return other
      },
      .solves("not-aligned") { problem in
        var other = problem
        other.alignment = 1
        return other
      },
    ]
  }
}
