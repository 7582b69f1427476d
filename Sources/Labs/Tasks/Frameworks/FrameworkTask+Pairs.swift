import Metrics

extension FrameworkTask {
  /// How one engine was measured.
  struct Run: Sendable, Codable {
    var engine: String
    /// [N, 3, H, W].
    var input: [Int]
    var precision: String
    var threads: Int
    /// Runs before the clock started.
    var warmUp: Int
    /// What lies between start and stop of the clock.
    var timed: [String]
    /// The largest difference between its boxes and those of the other, in pixels.
    var difference: Double
    var ms: Double
  }

  /// Two runs that somebody wants to compare.
  struct Pair: Sendable, Codable {
    var a: Run
    var b: Run

    static let allReasons = ["input", "precision", "threads", "warm-up", "scope", "answers"]

    /// What speaks against comparing them.
    var reasons: [String] {
      var found: [String] = []
      if a.input != b.input { found.append("input") }
      if a.precision != b.precision { found.append("precision") }
      if a.threads != b.threads { found.append("threads") }
      if min(a.warmUp, b.warmUp) == 0 { found.append("warm-up") }
      if Set(a.timed) != Set(b.timed) { found.append("scope") }
      if max(a.difference, b.difference) > 0.1 { found.append("answers") }
      return found
    }

    /// A fair pair that is spoilt by none, one or two faults.
    static func drawn(_ random: inout SplitMix) -> Pair {
      let engines = ["pytorch", "onnxruntime", "openvino", "native", "tensorrt"]
      let first = random.index(below: engines.count)
      let second = (first + 1 + random.index(below: engines.count - 1)) % engines.count
      let size = [320, 640][random.index(below: 2)]
      let threads = 1 + random.index(below: 4)
      var run = Run(
        engine: engines[first],
        input: [1, 3, size, size],
        precision: ["float32", "float16"][random.index(below: 2)],
        threads: threads,
        warmUp: 1 + random.index(below: 20),
        timed: [["network"], ["letterbox", "network", "suppression"]][random.index(below: 2)],
        difference: 0.05 * random.fraction(),
        ms: 5 + 60 * random.fraction()
      )
      var pair = Pair(a: run, b: run)
      run.engine = engines[second]
      // What may differ: the engine, how long each warmed up, the time, the order of words.
      (run.warmUp, run.ms) = (1 + random.index(below: 20), 5 + 60 * random.fraction())
      run.timed.reverse()
      pair.b = run
      var reasons = allReasons
      for _ in 0..<random.index(below: 3) {
        let reason = reasons.remove(at: random.index(below: reasons.count))
        pair.spoil(reason, &random)
      }
      if random.index(below: 2) == 1 { swap(&pair.a, &pair.b) }
      return pair
    }

    private mutating func spoil(_ reason: String, _ random: inout SplitMix) {
      switch reason {
      case "input":
        // The same number of pixels may still be another input.
        b.input = random.index(below: 2) == 0 ? [2, 3, b.input[2], b.input[3]] : [1, 3, 320, 640]
      case "precision": b.precision = b.precision == "float32" ? "float16" : "float32"
      case "threads": b.threads += 1 + random.index(below: 4)
      case "warm-up": b.warmUp = 0
      case "scope":
        b.timed = b.timed.count == 1 ? ["network", "suppression"] : ["network", "letterbox"]
      default: b.difference = 0.2 + 40 * random.fraction()
      }
    }
  }
}
