import Detectors
import Glibc
import Graphs
import Tensors

extension SuppressionTask {
  func reference(_ problem: Problem) throws -> Answer { try reference(problem) { _ in } }

  /// What the project's own decoder and suppression give, with the candidates changed between them.
  func reference(_ problem: Problem, _ change: (inout Candidate) -> Void) throws -> Answer {
    var candidates = try self.candidates(problem)
    for index in candidates.indices { change(&candidates[index]) }
    return Answer(
      rows: problem.suppression.select(from: candidates).map { candidate in
        let box = candidate.box
        return [
          box.x1, box.y1, box.x2, box.y2, candidate.confidence, Float(candidate.classIndex),
        ]
      }
    )
  }

  func candidates(_ problem: Problem) throws -> [Candidate] {
    let buffers = try problem.heads.indices.map { index in
      let shape = Shape([1] + shape(problem, index).dimensions)
      let buffer = TensorBuffer(shape: shape, scalarType: .float32)
      try buffer.copy(try Tensor(problem.heads[index], shape: shape))
      return buffer
    }
    return try HeadDecoder(contract: problem.contract).candidates(
      in: buffers,
      inputWidth: problem.width,
      inputHeight: problem.height,
      suppression: problem.suppression
    )
  }

  /// Whether no overlap lies within 0.002 of the threshold, no score within 0.0001 of its own, and no two
  /// scores are closer than 0.00001 without being equal.
  static func isClear(_ problem: Problem) throws -> Bool {
    var wide = problem.suppression
    wide.confidenceThreshold *= 0.9
    var loose = problem
    loose.suppression = wide
    let candidates = try SuppressionTask().candidates(loose)
    let threshold = problem.suppression.confidenceThreshold
    for (index, a) in candidates.enumerated() {
      if abs(a.confidence - threshold) < 1e-4 { return false }
      for b in candidates[(index + 1)...] {
        let gap = abs(a.confidence - b.confidence)
        if gap > 0, gap < 1e-5 { return false }
        let overlap = Double(a.box.intersectionOverUnion(with: b.box))
        if abs(overlap - problem.suppression.iouThreshold) < 0.002 { return false }
      }
    }
    return true
  }

  func judge(
    _ answer: Answer,
    _ expected: Answer,
    _ problem: Problem,
    _ bands: Bands
  ) -> Judgement {
    var (box, score, labels) = (0.0, 0.0, 0)
    var place: String?
    for (index, (row, truth)) in zip(answer.rows, expected.rows).enumerated() {
      let isLost = zip(row, truth).contains { !$0.isFinite || !$1.isFinite }
      let boxError =
        isLost ? .infinity : zip(row, truth).prefix(4).map { Double(abs($0 - $1)) }.max() ?? 0
      let scoreError = isLost ? .infinity : Double(abs(row[4] - truth[4]))
      if row[5] != truth[5] { labels += 1 }
      if place == nil,
        boxError > bands("box", or: 0.001) || scoreError > bands("score", or: 1e-5)
          || row[5] != truth[5]
      {
        place = "row \(index): \(Self.words(row)) ≠ \(Self.words(truth))"
      }
      (box, score) = (max(box, boxError), max(score, scoreError))
    }
    let missing = abs(answer.rows.count - expected.rows.count)
    if place == nil, missing > 0 {
      place = "\(answer.rows.count) rows ≠ \(expected.rows.count) rows"
    }
    return Judgement(
      figures: [
        .init(name: "rows-too-many-or-few", value: Double(missing), rule: .atMost, limit: 0),
        .init(name: "box-error-px", value: box, rule: .atMost, limit: bands("box", or: 0.001)),
        .init(name: "score-error", value: score, rule: .atMost, limit: bands("score", or: 1e-5)),
        .init(name: "wrong-classes", value: Double(labels), rule: .atMost, limit: 0),
      ],
      place: place
    )
  }

  private static func words(_ row: [Float]) -> String {
    "[" + row.map { VerdictText.decimal(Double($0), 3) }.joined(separator: ", ") + "]"
  }

  /// Sigmoid inverse limits: a logit whose sigmoid is 1 in single precision.
  private static let certain: Float = 40

  var hypotheses: [Hypothesis<Problem, Answer>] {
    let task = SuppressionTask()
    @Sendable func changed(_ problem: Problem, _ change: (inout Problem) -> Void) throws -> Answer {
      var problem = problem
      change(&problem)
      return try task.reference(problem)
    }
    return [
      .make("sigmoid-twice") { problem in
        try changed(problem) { problem in
          for (level, index) in problem.places where index % problem.channelCount >= 4 {
            let value = problem.heads[level][index]
            problem.heads[level][index] = sigmoid(value)
          }
        }
      },
      .make("objectness-only") { problem in try task.spread(problem) },
      .make("class-only") { problem in
        try changed(problem) { problem in
          for (level, index) in problem.places where index % problem.channelCount == 4 {
            if problem.heads[level][index].isFinite { problem.heads[level][index] = Self.certain }
          }
        }
      },
      .make("centre-as-corner") { problem in
        try task.reference(problem) { candidate in
          let (width, height) = (
            candidate.box.x2 - candidate.box.x1, candidate.box.y2 - candidate.box.y1
          )
          candidate.box = Box(
            x1: candidate.box.x1 + width / 2,
            y1: candidate.box.y1 + height / 2,
            x2: candidate.box.x2 + width / 2,
            y2: candidate.box.y2 + height / 2
          )
        }
      },
      .make("levels-swapped") { problem in
        try changed(problem) { problem in
          let anchors = problem.contract.levels.map(\.anchors)
          for index in problem.contract.levels.indices {
            problem.contract.levels[index].anchors = anchors[anchors.count - 1 - index]
          }
        }
      },
      .make("class-agnostic") { problem in
        try changed(problem) { $0.suppression.isClassAgnostic = true }
      },
      .undo("class-off-by-one") { answer, _ in
        Answer(rows: answer.rows.map { $0.dropLast() + [$0[5] - 1] })
      },
      .make("no-suppression") { problem in try changed(problem) { $0.suppression.iouThreshold = 1 }
      },
      .make("limit-ignored") { problem in
        try changed(problem) { $0.suppression.maxDetections = 30_000 }
      },
      .undo("not-sorted") { answer, _ in
        // Equal scores keep their order.
        let order = answer.rows.indices.sorted { left, right in
          let (a, b) = (answer.rows[left][4], answer.rows[right][4])
          return a == b ? left < right : a > b
        }
        return Answer(rows: order.map { answer.rows[$0] })
      },
      .make("not-finite-kept") { problem in
        try changed(problem) { problem in
          for (level, index) in problem.places where !problem.heads[level][index].isFinite {
            problem.heads[level][index] = 0
          }
        }
      },
    ]
  }

  /// The answer where the class score is forgotten: the best class as certain as can be.
  private func spread(_ problem: Problem) throws -> Answer {
    var problem = problem
    let channels = problem.channelCount
    for level in problem.heads.indices {
      for base in stride(from: 0, to: problem.heads[level].count, by: channels) {
        let classes = problem.heads[level][(base + 5)..<(base + channels)]
        guard classes.allSatisfy(\.isFinite),
          let best = classes.indices.max(by: { classes[$0] < classes[$1] })
        else { continue }
        problem.heads[level][best] = Self.certain
      }
    }
    return try reference(problem)
  }
}

private func sigmoid(_ value: Float) -> Float { 1 / (1 + expf(-value)) }

extension SuppressionTask.Problem {
  /// Every element of every head.
  fileprivate var places: [(level: Int, index: Int)] {
    heads.indices.flatMap { level in heads[level].indices.map { (level, $0) } }
  }
}
