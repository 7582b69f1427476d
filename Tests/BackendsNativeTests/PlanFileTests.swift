import Backends
import Diagnostics
import Files
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsNative

/// Plan files: what is written is what runs, and nothing else is believed.
@Suite struct PlanFileTests {
  @Test func sameInputsGiveTheSameBytes() async throws {
    let first = try await PlanNetwork.bytes()
    let second = try await PlanNetwork.bytes()
    #expect(first.bytes == second.bytes)
  }

  @Test func sameTimingsGiveTheSameBytes() async throws {
    let cache = TemporaryFile(suffix: ".json")
    // Not there: measured, and written.
    let measured = try await PlanNetwork.bytes(level: 1, cache: cache.path)
    #expect(!measured.decisions.isEmpty)
    let again = try await PlanNetwork.bytes(level: 1, cache: cache.path)
    let level = try await PlanNetwork.bytes(level: 3, cache: cache.path)
    #expect(measured.bytes == again.bytes && again.bytes == level.bytes)
    #expect(again.decisions == measured.decisions)
  }

  @Test(arguments: [ScalarType?.none, .bfloat16])
  func aLoadedPlanEqualsTheOneInMemory(_ precision: ScalarType?) async throws {
    let built = try await PlanNetwork.bytes(precision: precision)
    let file = TemporaryFile(suffix: ".plan")
    let loaded = try PlanNetwork.run(built.bytes, in: file)
    let graph = try PlanNetwork.make().graph
    let memory = try await native(graph, PlanNetwork.inputs(), configuration(precision: precision))
    #expect(try sameBits(loaded, memory))
    let expected = try graph.evaluate(inputs: PlanNetwork.inputs())
    let agreement = Agreement(relative: precision == nil ? 2e-2 : 8e-2)
    #expect(try agreement.difference(loaded, expected) == nil)
    let description = try NativeBackend().describePlan(path: file.path)
    #expect(description.layers.contains { $0.tactic.contains("decode") })
    #expect(description.layers.contains { $0.tactic.hasPrefix("reference") })
  }

  @Test func everyPrefixIsRefused() async throws {
    let bytes = try await PlanNetwork.bytes().bytes
    let file = TemporaryFile(suffix: ".plan")
    let summary = try HostileInput("native-plan", bytes: bytes).attack(
      prefixes: 400,
      mutations: 400
    ) { _ = try PlanNetwork.run($0, in: file) }
    // A byte put where it already was is no damage.
    #expect(summary.accepted <= 2)
    #expect(
      Set(summary.refused.keys).isSubset(of: [
        .planUnknown, .planTruncated, .planDamaged, .planOtherVersion,
      ])
    )
  }

  @Test func everyFlippedByteIsRefused() async throws {
    let bytes = try await PlanNetwork.bytes().bytes
    var places = Array(0..<160)
    places += stride(from: 160, to: bytes.count, by: max(1, bytes.count / 300))
    for place in places {
      var flipped = bytes
      flipped[place] ^= 0x10
      let error = #expect(throws: DeployError.self) {
        try flipped.withUnsafeBytes { _ = try NativePlanFile($0) }
      }
      let expected: Diagnostic.ID =
        switch place {
        case 0..<8: .planUnknown
        case 8..<16: .planOtherVersion
        case 16..<32: error?.id == .planTruncated ? .planTruncated : .planDamaged
        default: .planDamaged
        }
      #expect(error?.id == expected, "byte \(place)")
    }
  }

  @Test func otherVersionsAndProcessorsAreRefused() async throws {
    let plan = try ForgedPlan(try await PlanNetwork.bytes().bytes)
    let file = TemporaryFile(suffix: ".plan")
    #expect { try PlanNetwork.run(plan.bytes(version: 99), in: file) } throws: {
      ($0 as? DeployError)?.id == .planOtherVersion
    }
    for instructions in [4, 99, Int(UInt32.max)] {
      let forged = plan.replacing(
        "\"instructions\":\(plan.instructions)",
        "\"instructions\":\(instructions)"
      )
      #expect { try PlanNetwork.run(forged.bytes(), in: file) } throws: {
        ($0 as? DeployError)?.id == .planOtherDevice
      }
    }
    // Fewer instructions than this machine has are fine, and give what they give.
    let portable = plan.replacing("\"instructions\":\(plan.instructions)", "\"instructions\":0")
    let result = try PlanNetwork.run(portable.bytes(), in: file)
    let expected = try PlanNetwork.make().graph.evaluate(inputs: PlanNetwork.inputs())
    #expect(try Agreement(relative: 2e-2).difference(result, expected) == nil)
  }

  @Test func theWrongFilesAreNoPlans() throws {
    let backend = NativeBackend()
    #expect(throws: DeployError.self) {
      _ = try backend.loadPlan(path: "/nonexistent/x.plan", configuration: configuration())
    }
    let empty = TemporaryFile(suffix: ".plan")
    #expect { _ = try backend.loadPlan(path: empty.path, configuration: configuration()) } throws: {
      ($0 as? DeployError)?.id == .planUnknown
    }
  }
}
