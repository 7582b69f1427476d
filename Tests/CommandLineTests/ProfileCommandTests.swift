import Foundation
import TestSupport
import Testing

@Suite struct ProfileCommandTests {
  private struct Result: Decodable {
    struct Profile: Decodable {
      struct Layer: Decodable {
        let name: String
        let modules: [String]
        let nodes: [String]
        let milliseconds: Double?
        let operations: Int?
      }
      let backend: String
      let layers: [Layer]
      let totalMilliseconds: Double?
    }
    let profile: Profile
  }

  @Test func everyNodeBelongsToOneLayerAndTimesAddUp() throws {
    let scratch = try ScratchFolder()
    let run = try VitrineProcess.run(
      [
        "profile", Sample.checkpoint, "--backend", "reference", "--imgsz", "64", "--runs", "2",
        "--json", "--save", scratch.file("report.json"),
      ],
      environment: ["XDG_CACHE_HOME": scratch.path]
    )
    #expect(run.status == 0, "\(run.errors)")
    let profile = try JSONDecoder().decode(Result.self, from: Data(run.output.utf8)).profile
    let nodes = profile.layers.flatMap(\.nodes)
    #expect(Set(nodes).count == nodes.count)
    #expect(
      profile.layers.contains {
        $0.modules == ["model.0.conv", "model.0.bn"] || $0.modules.contains("model.0.conv")
      }
    )
    #expect(profile.layers.contains { ($0.operations ?? 0) > 0 })
    let total = try #require(profile.totalMilliseconds)
    let sum = profile.layers.reduce(0) { $0 + ($1.milliseconds ?? 0) }
    #expect(sum > 0 && sum < 2 * total)
    #expect(scratch.files.contains("report.json"))
    #expect(scratch.files.contains("vitrine"), "the peaks are remembered")
  }

  @Test func tensorRTsExportsAreShownWithoutTensorRT() throws {
    let folder = SharedData.checkout + "/Tests/FormatsTests/Fixtures/tensorrt/"
    let run = try VitrineProcess.run([
      "profile", "--layers", folder + "layers-10.json", "--times", folder + "times-10.json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("first + PWN(PWN(squash), product)"))
    #expect(run.output.contains("0.050"))
    let wrong = try VitrineProcess.run(["profile", "--layers", folder + "times-10.json"])
    #expect(wrong.status == 70)
    #expect(wrong.errors.contains("tensorrt.malformed"))
  }
}
