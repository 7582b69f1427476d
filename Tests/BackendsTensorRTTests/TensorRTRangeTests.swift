import Backends
import Diagnostics
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsTensorRT

extension StandInTests {
  @Suite("8 bits by a calibration's ranges")
  struct TensorRTRangeTests {
    private func build(
      _ release: StandIns.Release,
      _ ranges: [String: PlanBuildOptions.ValueRange]
    ) async throws -> BuiltPlanFile {
      var options = PlanBuildOptions()
      options.ranges = ranges
      return try await StandInNetwork.backend(release).buildPlanFile(
        try StandInNetwork.graph(height: 16, width: 14, classCount: 2),
        options: options,
        source: PlanSource(name: "x")
      ) { _ in }
    }

    @Test("8.6 is given them, tensor by tensor, and what has none is told")
    func given() async throws {
      let both = try await build(
        .eight,
        ["images": .init(least: -1, greatest: 1), "output0": .init(least: -4, greatest: 4)]
      )
      #expect(!both.diagnostics.contains { $0.message.contains("have no range") })
      #expect(StandInControls.number("standInRanges", of: .eight) == 2)
      let one = try await build(.eight, ["images": .init(least: -1, greatest: 1)])
      #expect(StandInControls.number("standInRanges", of: .eight) == 1)
      #expect(one.diagnostics.contains { $0.message.contains("'output0'") })
      // The plan tells what it was built with.
      let file = TemporaryFile(one.bytes, suffix: ".plan")
      let origin = try StandInNetwork.backend(.eight).describePlan(path: file.path)
      #expect(origin.backend == "tensorrt")
      let options = origin.facts.first { $0.name == "options" }
      #expect(options?.value == "calibration")
    }

    @Test("a table of another network, and ranges that are none")
    func strangers() async throws {
      let other = await #expect(throws: DeployError.self) {
        try await build(.eight, ["x": .init(least: -1, greatest: 1)])
      }
      #expect(other?.id == .buildUnsupportedOption)
      #expect(other?.diagnostics[0].location == .option("--calibration"))
      let empty = await #expect(throws: DeployError.self) {
        try await build(.eight, ["images": .init(least: 1, greatest: 1)])
      }
      #expect(empty?.id == .backendFailed)
      #expect(StandInControls.objects(.eight) == 0)
    }

    @Test("later releases refuse them in words", arguments: [StandIns.Release.ten, .eleven])
    func later(_ release: StandIns.Release) async throws {
      let error = await #expect(throws: DeployError.self) {
        try await build(release, ["images": .init(least: -1, greatest: 1)])
      }
      #expect(error?.id == .buildUnsupportedOption)
      #expect(error?.diagnostics[0].remedy?.contains("vitrine quantize") == true)
    }
  }
}
