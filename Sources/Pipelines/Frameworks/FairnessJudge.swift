import Diagnostics
import Metrics
import Tensors

/// Whether engines are compared like with like, found before anything is measured.
struct FairnessJudge {
  let inputs: FrameworkInputs
  let threadCount: Int
  /// What every engine's weights are to be in.
  var precision = "float32"

  /// How closely raw predictions must agree: in pixels for boxes, and relative.
  private static let tolerance = Tolerance(absolute: 0.1, relative: 1e-4)

  /// Asks every engine to run on the first input.
  /// - Throws: `compare.peer-failed`.
  func judge(_ peers: [FrameworkPeer]) throws -> [FairnessCheck] {
    var replies: [PeerReply] = []
    var outputs: [Tensor] = []
    for peer in peers {
      let reply = try peer.process.ask(.check(slot: 0))
      outputs.append(try output(reply, peer.engine))
      replies.append(reply)
    }
    let names = peers.map(\.engine)
    return [
      same(
        "input bytes",
        names,
        replies.map { $0.inputSum.map { String($0, radix: 16) } ?? "unknown" },
        wanted: String(inputs.firstSum, radix: 16),
        verdict: "the same bytes (CRC-32) in every engine's own memory"
      ),
      FairnessCheck(
        name: "pre- and post-processing",
        passes: true,
        figures: [:],
        verdict: "outside the engines: inputs are prepared once for all, raw predictions compared"
      ),
      same(
        "precision",
        names,
        peers.map { $0.greeting.precision ?? "unknown" },
        wanted: precision,
        verdict: "weights in \(precision) everywhere"
      ),
      same(
        "threads",
        names,
        peers.map { $0.greeting.threadCount.map(String.init) ?? "unknown" },
        wanted: "\(threadCount)",
        verdict: "\(counted(threadCount, "thread")) inside a run everywhere"
      ),
      try agreement(names, outputs),
    ]
  }

  private func same(
    _ name: String,
    _ engines: [String],
    _ values: [String],
    wanted: String,
    verdict: String
  ) -> FairnessCheck {
    let others = zip(engines, values).filter { $1 != wanted }
    let words = others.map { "\($0) has \($1), not \(wanted)" }.joined(separator: "; ")
    return FairnessCheck(
      name: name,
      passes: others.isEmpty,
      figures: Dictionary(zip(engines, values)) { first, _ in first },
      verdict: others.isEmpty ? verdict : words
    )
  }

  private func agreement(_ engines: [String], _ outputs: [Tensor]) throws -> FairnessCheck {
    var check = FairnessCheck(
      name: "outputs",
      passes: true,
      figures: [:],
      verdict: "raw predictions agree with \(engines[0]) within 0.1 + 1e-4·|x|"
    )
    for (engine, output) in zip(engines, outputs).dropFirst() {
      guard output.shape == outputs[0].shape else {
        check.passes = false
        check.figures[engine] = "\(output.shape)"
        check.verdict = "\(engine) gives \(output.shape), \(engines[0]) \(outputs[0].shape)"
        continue
      }
      let comparison = try TensorComparison(output, with: outputs[0], tolerance: Self.tolerance)
      check.figures[engine] = comparison.words
      if !comparison.passes {
        check.passes = false
        check.verdict = "\(engine) against \(engines[0]): \(comparison.words)"
      }
    }
    return check
  }

  private func output(_ reply: PeerReply, _ engine: String) throws -> Tensor {
    let room = inputs.block.output
    guard let extents = reply.outputShape, reply.precision == "float32",
      let count = Shape.checkedCount(extents + [4]), count <= room.count
    else {
      throw DeployError(
        .comparePeerFailed,
        "the process of '\(engine)' gave \(reply.precision ?? "no") \(reply.outputShape ?? [])"
      )
    }
    return Tensor(shape: Shape(extents), scalarType: .float32) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[..<count]))
    }
  }
}
