import Backends
import CNativeKernels
import Graphs
import Tensors

/// Chooses the implementation of each convolution by measuring the candidates where they will run:
/// inside the whole sequence of layers, with caches as cold as the layers before leave them.
struct TacticTuner {
  let maker: ProgramMaker
  let shapes: [String: Shape]
  let threadCount: Int
  /// 0 ... 5: how often each candidate is measured.
  let level: Int
  /// Whether oneDNN's convolutions are candidates.
  var oneDNN = OneDNNSource.off

  /// Runs of each candidate by level; the least time counts, as others only ever add to it.
  private var runCount: Int { [0, 3, 5, 9, 17, 33][min(max(level, 0), 5)] }

  /// Measures what the cache does not know and returns the best of each signature.
  mutating func tune(
    _ cache: inout TimingCache,
    _ pool: ConstantPool,
    progress: (PlanBuildProgress) -> Void
  ) throws -> (tactics: [String: Tactic], decisions: [TacticDecision]) {
    let (candidates, excluded) = try candidates(pool)
    let unknown = candidates.filter { signature, tactics in
      tactics.contains { cache.times[signature]?[$0.name] == nil }
    }
    if !unknown.isEmpty, runCount > 0 { try measure(unknown, &cache, pool, progress) }
    var best: [String: Tactic] = [:]
    var decisions: [TacticDecision] = []
    for (signature, tactics) in candidates.sorted(by: { $0.key < $1.key }) {
      let times = cache.times[signature] ?? [:]
      guard let chosen = Self.best(of: tactics, times) else { continue }
      best[signature] = chosen
      decisions.append(
        TacticDecision(
          signature: signature,
          layers: [],
          chosen: chosen.name,
          candidates: tactics.compactMap { tactic in
            times[tactic.name].map {
              TacticDecision.Candidate(tactic: tactic.name, milliseconds: $0)
            }
          },
          excluded: excluded[signature] ?? []
        )
      )
    }
    return (best, decisions)
  }

  /// The fastest; of equal times, the first: the one that needs no measurement. A plan that needs a
  /// library must gain by it, beyond what measurements scatter: a twentieth.
  static func best(of tactics: [Tactic], _ times: [String: Double]) -> Tactic? {
    func time(_ tactic: Tactic) -> Double {
      (times[tactic.name] ?? .infinity) / (tactic.kind == .oneDNN ? 0.95 : 1)
    }
    guard let best = tactics.min(by: { time($0) < time($1) }), time(best).isFinite else {
      return nil
    }
    return best
  }

  /// The implementations that each convolution's signature has, and those that it might have.
  private func candidates(_ pool: ConstantPool) throws -> (
    [String: [Tactic]], excluded: [String: [TacticDecision.Exclusion]]
  ) {
    let program = try maker.program(shapes, pool).program
    var result: [String: [Tactic]] = [:]
    var excluded: [String: [TacticDecision.Exclusion]] = [:]
    for layer in program.layers {
      guard case .convolution(let work) = layer.work, work.kind != .depthwise else { continue }
      let source = program.surfaces[work.source]
      let signature = TacticSignature(work, source).text
      guard result[signature] == nil else { continue }
      var tactics: [Tactic] = []
      if !maker.configuration.disabledOptimizations.contains("winograd"),
        Compiler.canUseWinograd(work, source)
      {
        let tactic = Tactic(kind: .winograd, blockVectors: 1)
        let scratch = work.winogradScratch(width: source.width)
        if let workspace = maker.workspace, !workspace.allows(scratch) {
          excluded[signature, default: []].append(
            .init(tactic: tactic.name, reason: workspace.reason(scratch))
          )
        } else {
          tactics.append(tactic)
        }
      }
      let standard = Compiler.blockVectors(work.outputChannels)
      let widths =
        [standard]
        + [4, 2, 1].filter { width in
          width != standard && (width == 1 || 16 * width < work.outputChannels + 16 * width / 2)
        }
      tactics += widths.map { Tactic(kind: .dense, blockVectors: $0) }
      let other = Tactic(kind: .oneDNN, blockVectors: 1)
      if let reason = refusal(work, program) {
        excluded[signature, default: []].append(.init(tactic: other.name, reason: reason))
      } else if oneDNN.library != nil {
        tactics.append(other)
      }
      result[signature] = tactics
    }
    return (result, excluded)
  }

  /// Why oneDNN is no candidate for a convolution; nil where it is one, or was not asked for.
  private func refusal(_ work: ConvolutionWork, _ program: Program) -> String? {
    switch oneDNN {
    case .off: return nil
    case .absent(let reason): return reason
    case .library(let library):
      do {
        let convolution = try OneDNNConvolution(OneDNNForm(work, program.surfaces), library)
        let scratch = convolution.threadScratch.total
        guard let workspace = maker.workspace, !workspace.allows(scratch) else { return nil }
        return workspace.reason(scratch)
      } catch { return (error as? OneDNNForm.Refusal)?.reason ?? "\(error)" }
    }
  }

  private func measure(
    _ candidates: [String: [Tactic]],
    _ cache: inout TimingCache,
    _ pool: ConstantPool,
    _ progress: (PlanBuildProgress) -> Void
  ) throws {
    let roundCount = candidates.values.map(\.count).max() ?? 0
    let team = try ThreadTeam(threadCount)
    let total = roundCount * (runCount + 1)
    var done = 0
    // One program for each place in the lists of candidates, measured in turns.
    var bound: [(program: BoundProgram, tactics: [String: Tactic])] = []
    for round in 0..<roundCount {
      try Task.checkCancellation()
      let tactics = candidates.mapValues { $0[min(round, $0.count - 1)] }
      var maker = maker
      maker.tactics = tactics
      let program = try maker.program(shapes, pool).program
      bound.append((try Self.bind(program, team, maker.isa, pool, oneDNN.library), tactics))
    }
    for run in 0...runCount {
      for (program, tactics) in bound {
        try Task.checkCancellation()
        let times = try program.layerTimes()
        done += 1
        progress(PlanBuildProgress(phase: "time tactics", completed: done, total: total))
        // The first run meets memory that was never touched.
        guard run > 0 else { continue }
        record(times, program.program, tactics, &cache)
      }
    }
  }

  private func record(
    _ times: [Double],
    _ program: Program,
    _ tactics: [String: Tactic],
    _ cache: inout TimingCache
  ) {
    for (layer, time) in zip(program.layers, times) {
      guard case .convolution(let work) = layer.work, work.kind != .depthwise else { continue }
      let signature = TacticSignature(work, program.surfaces[work.source]).text
      guard let tactic = tactics[signature] else { continue }
      let known = cache.times[signature]?[tactic.name] ?? .infinity
      // Rounded, so that a cache says no more than a clock knows.
      cache.times[signature, default: [:]][tactic.name] = min(known, (time * 1e4).rounded() / 1e4)
    }
  }

  private static func bind(
    _ program: Program,
    _ team: ThreadTeam,
    _ isa: native_isa,
    _ pool: ConstantPool,
    _ oneDNN: OneDNNLibrary?
  ) throws -> BoundProgram {
    let inputs = program.inputs.map { input in
      let shape = input.type.shape ?? []
      let buffer = TensorBuffer(shape: shape, scalarType: input.type.scalarType)
      if input.type.scalarType == .float32 {
        // Numbers like a picture's: zeros would make some arithmetic cheaper.
        let floats = buffer.bytes.bindMemory(to: Float.self)
        for index in floats.indices { floats[index] = Float((index &* 2_654_435_761) & 255) / 255 }
      }
      return buffer
    }
    return try BoundProgram(
      program,
      inputs: inputs,
      team: team,
      isa: isa,
      pool: pool,
      oneDNN: oneDNN
    )
  }
}
