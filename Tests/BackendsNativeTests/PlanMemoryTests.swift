import Backends
import Diagnostics
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsNative

/// What a plan says of its memory and of its tactics is what it does.
@Suite struct PlanMemoryTests {
  @Test func valuesThatAreInUseTogetherLieApart() async throws {
    let memory = try #require(try await PlanNetwork.bytes().description.memory)
    #expect(memory.surfaces.count > 5)
    #expect(memory.peakByteCount == memory.surfaces.map { $0.offset + $0.byteCount }.max())
    #expect(memory.summedByteCount == memory.surfaces.reduce(0) { $0 + $1.byteCount })
    #expect(memory.peakByteCount < memory.summedByteCount)
    #expect((memory.usedByteCounts.max() ?? 0) <= memory.peakByteCount)
    for (index, one) in memory.surfaces.enumerated() {
      #expect(memory.layers.indices.contains(one.lastLayer) && one.firstLayer <= one.lastLayer)
      for other in memory.surfaces[(index + 1)...] {
        let meets =
          one.isExclusive || other.isExclusive
          || (one.firstLayer <= other.lastLayer && other.firstLayer <= one.lastLayer)
        let overlaps =
          one.offset < other.offset + other.byteCount
          && other.offset < one.offset + one.byteCount
        #expect(!(meets && overlaps), "\(one.name) and \(other.name)")
      }
    }
    // A Concat's operands and a Split's results are parts, not places.
    #expect(memory.surfaces.contains { $0.parts.count > 1 })
  }

  @Test func aPlanInMemoryTellsTheSame() async throws {
    let graph = try PlanNetwork.make().graph
    let plan = try await NativeBackend().build(graph, configuration: configuration()).plan
    #expect(plan.info.memory == (try await PlanNetwork.bytes().description.memory))
  }

  /// Winograd's form needs scratch memory; what may not have it is no candidate, and not chosen by
  /// rule either.
  @Test(arguments: [0, 1]) func workspaceBoundsScratchMemory(_ level: Int) async throws {
    var net = Network(8)
    let x = net.input("x", [1, 16, 32, 32])
    net.graph.markOutput(try net.add(SiLU(), net.convolution(x, to: 16)), named: "y")
    let graph = net.graph
    func build(_ workspace: Int?) async throws -> BuiltPlanFile {
      var options = PlanBuildOptions()
      (options.threadCount, options.level, options.workspaceByteCount) = (2, level, workspace)
      return try await NativeBackend().buildPlanFile(
        graph,
        options: options,
        source: PlanSource(name: "x"),
        progress: { _ in }
      )
    }
    let free = try await build(nil)
    let bound = try await build(4096)
    #expect(!bound.description.layers.contains { $0.tactic.hasPrefix("winograd") })
    if level == 0 {
      #expect(free.description.layers.contains { $0.tactic.hasPrefix("winograd") })
    } else {
      #expect(free.decisions[0].candidates.contains { $0.tactic == "winograd 4x4" })
      #expect(!bound.decisions[0].candidates.contains { $0.tactic == "winograd 4x4" })
      let excluded = bound.decisions[0].excluded.first { $0.tactic == "winograd 4x4" }
      #expect(excluded?.reason.contains("4096") == true)
    }
    // Just enough is enough: the bound is the sum over the threads.
    let scratch = Self.scratch
    #expect(
      try await build(2 * scratch).decisions.allSatisfy { decision in
        !decision.excluded.contains { $0.tactic.hasPrefix("winograd") }
      }
    )
    #expect(
      try await build(2 * scratch - 1).description.layers
        .allSatisfy { !$0.tactic.hasPrefix("winograd") }
    )
  }

  /// Winograd's of that network, in each thread.
  private static var scratch: Int {
    ConvolutionWork(
      kind: .winograd,
      source: 0,
      target: 0,
      inputChannels: 16,
      outputChannels: 16,
      kernel: [3, 3],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [1, 1, 1, 1],
      blockVectors: 1,
      weights: 0,
      bias: 0,
      activation: ActivationCode(.silu)
    ).winogradScratch(width: 32)
  }

  @Test func everyVersionTellsItsOrigin() async throws {
    let built = try await PlanNetwork.bytes(precision: .bfloat16)
    let forged = try ForgedPlan(built.bytes)
    for version in [UInt8(1), UInt8(NativePlanFile.version), 99] {
      let file = TemporaryFile(forged.bytes(version: version), suffix: ".plan")
      let origin = try NativeBackend().planOrigin(path: file.path)
      #expect(origin.source.name == "everything.onnx" && origin.source.digest == "0")
      #expect(origin.options.precision == .bfloat16 && origin.options.threadCount == 1)
    }
    // The first version did not tell how.
    let old = forged.replacing("\"options\":", "\"other\":")
    let file = TemporaryFile(old.bytes(version: 1), suffix: ".plan")
    let error = #expect(throws: DeployError.self) {
      try NativeBackend().planOrigin(path: file.path)
    }
    #expect(error?.id == .planUnknownOrigin)
  }
}
