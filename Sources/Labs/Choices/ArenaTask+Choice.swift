extension ArenaTask {
  /// What the course's own programs do: the starter's solution, and the alternate.
  static let taughtForms: Set<String> = ["first-fit/largest-first", "best-fit/largest-first"]

  /// In which order tensors are placed.
  private static let orders: [(name: String, key: @Sendable (Block) -> Int)] = [
    ("as-given", { _ in 0 }), ("largest-first", { -$0.bytes }),
    ("longest-first", { $0.first - $0.last }),
    ("largest-area-first", { -$0.bytes * ($0.last - $0.first + 1) }),
    ("latest-first", { -$0.first }), ("smallest-first", { $0.bytes }),
  ]

  /// The rules of placement that give exactly these offsets; the gain is the memory that the plain rule, first fit in the order given,
  /// would need more.
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice? {
    func end(_ offsets: [Int]) -> Int {
      zip(problem.tensors, offsets).map { $1 + $0.bytes }.max() ?? 0
    }
    var ways: Set<String> = []
    for (name, key) in Self.orders {
      // Which of two equals comes first, and whether sizes are rounded up before they are compared, is no idea.
      let orders = [true, false].flatMap { rises in
        [true, false].map { rounds in
          problem.tensors.indices.sorted { left, right in
            var (a, b) = (problem.tensors[left], problem.tensors[right])
            if rounds { (a.bytes, b.bytes) = (problem.aligned(a.bytes), problem.aligned(b.bytes)) }
            return key(a) == key(b) ? (left < right) == rises : key(a) < key(b)
          }
        }
      }
      for isBest in [false, true]
      where orders.contains(where: { Self.place(problem, $0, isBest) == answer.offsets }) {
        ways.insert((isBest ? "best-fit/" : "first-fit/") + name)
      }
    }
    let plain = end(Self.place(problem, Array(problem.tensors.indices), false))
    let features = [
      ("bytes", problem.tensors.map(\.bytes)), ("first", problem.tensors.map(\.first)),
      ("life", problem.tensors.map { $0.last - $0.first }),
    ].map { name, numbers in name + Self.trend(answer.offsets, numbers) }
    return CaseChoice(
      ways: ways,
      features: "offsets " + features.joined(separator: " "),
      gain: plain > 0 ? 1 - Double(end(answer.offsets)) / Double(plain) : nil
    )
  }

  /// Places tensors in an order, each in the first or the smallest gap that is large enough.
  static func place(_ problem: Problem, _ order: [Int], _ isBest: Bool) -> [Int] {
    var offsets = [Int](repeating: 0, count: problem.tensors.count)
    var placed: [Int] = []
    for index in order {
      let size = problem.aligned(problem.tensors[index].bytes)
      let rivals = placed.filter { problem.tensors[$0].meets(problem.tensors[index]) }
        .sorted { offsets[$0] < offsets[$1] }
      var end = 0
      var best: (gap: Int, offset: Int)?
      for rival in rivals {
        let gap = offsets[rival] - end
        if gap >= size, isBest ? gap < best?.gap ?? .max : best == nil { best = (gap, end) }
        end = max(end, offsets[rival] + problem.aligned(problem.tensors[rival].bytes))
      }
      offsets[index] = best?.offset ?? end
      placed.append(index)
    }
    return offsets
  }

  /// `+` where two lists of numbers rise together, `-` where one falls, `0` between: Kendall's τ beyond 0.3.
  private static func trend(_ left: [Int], _ right: [Int]) -> String {
    var (sum, count) = (0, 0)
    for i in left.indices {
      for j in left.indices.dropFirst(i + 1) where left[i] != left[j] && right[i] != right[j] {
        sum += (left[i] < left[j]) == (right[i] < right[j]) ? 1 : -1
        count += 1
      }
    }
    let tau = count > 0 ? Double(sum) / Double(count) : 0
    return tau > 0.3 ? "+" : tau < -0.3 ? "-" : "0"
  }
}
