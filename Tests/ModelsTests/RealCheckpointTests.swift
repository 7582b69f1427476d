import Diagnostics
import Formats
import Graphs
import Tensors
import TestSupport
import Testing

@testable import Models

/// Checkpoints that people trained, against what PyTorch computes from them.
@Suite(.enabled(if: SharedData.isAvailable, "needs ../shared/data"))
struct RealCheckpointTests {
  static let names = [
    "yolov5n_v7.0", "yolov5s_v6.0", "custom_v5.0_s_focus_nc4_Ki67_napari",
    "custom_v6.1_n_nc1_BanglaPlate", "custom_v6.2_n_nc11_DO_EAT", "custom_v7_n_cs2_WindowsPath",
    "custom_v7_n_nc5_pvdefect", "custom_v7_n-cls_nc8_armposes",
  ]

  static func checkpoint(_ name: String) throws -> Checkpoint {
    try CheckpointReader.read(path: SharedData.path("models/\(name).pt"))
  }

  @Test(arguments: names)
  func imports(_ name: String) throws {
    let model = try ModelImporter().graph(from: Self.checkpoint(name))
    let output = try #require(model.graph.outputs.first.map { model.graph[$0] })
    #expect(output.name == "output0")
    let count = model.contract.classNames.count
    let isClassifier = model.contract.task == .classify
    let expected: Shape = isClassifier ? [1, count] : [1, 25200, 5 + count]
    #expect(output.type.shape == expected)
  }

  @Test(arguments: [
    "yolov5n_v7.0", "custom_v7_n_nc5_pvdefect", "custom_v5.0_s_focus_nc4_Ki67_napari",
  ])
  func equalsPyTorch(_ name: String) throws {
    let reference = SharedData.path("reference/raw_bus_square640_\(name).npy")
    let pixels = SharedData.path("reference/bus_square640_input_rgb_u8.npy")
    let expected = try NPYFile.read(path: reference)
    // [H, W, 3] of 0 to 255 → [3, H, W] of 0 to 1.
    let bytes = try NPYFile.read(path: pixels).floats()
    var picture = [Float](repeating: 0, count: bytes.count)
    for (index, byte) in bytes.enumerated() {
      let (pixel, channel) = (index / 3, index % 3)
      picture[channel * 409_600 + pixel] = byte / 255
    }
    let graph = try ModelImporter().graph(from: Self.checkpoint(name)).graph
    let input = try Tensor(picture, shape: [1, 3, 640, 640])
    let output = try #require(try graph.evaluate(inputs: ["images": input])["output0"])
    #expect(output.shape.dimensions.suffix(2) == expected.shape.dimensions.suffix(2))
    let (actual, wanted) = (try output.floats(), try expected.floats())
    let width = output.shape[2]
    let isBox = actual.indices.map { $0 % width < 4 }
    func part(_ values: [Float], _ boxes: Bool) -> [Float] {
      zip(values, isBox).filter { $0.1 == boxes }.map(\.0)
    }
    let boxes = try Closeness(part(actual, true), part(wanted, true))
    let scores = try Closeness(part(actual, false), part(wanted, false))
    #expect(boxes.mean <= 0.01 && boxes.worst <= 0.1, "\(boxes)")
    #expect(scores.worst <= 1e-4, "\(scores)")
  }

  @Test func foreignModuleIsNamed() throws {
    let checkpoint = try Self.checkpoint("unsupported_CBAM")
    let error = #expect(throws: DeployError.self) {
      try ModelImporter().graph(from: checkpoint)
    }
    #expect(error?.id == .modelUnsupportedModule)
    #expect(error?.description.contains("CBAM") == true)
    guard case .module(let path)? = error?.diagnostics[0].location else {
      Issue.record("no module path in \(String(describing: error))")
      return
    }
    #expect(path.hasPrefix("model."))
  }

  @Test func anchorsAreTheBuffersNotTheConfigurations() throws {
    let model = try ModelImporter().graph(from: Self.checkpoint("custom_v7_n_nc5_pvdefect"))
    let head = try #require(try Self.checkpoint("custom_v7_n_nc5_pvdefect").model?.child("model"))
    let anchors = try #require(head.child("24")?.buffers["anchors"]).floats()
    let first = try #require(model.contract.levels.first?.anchors.first)
    #expect(first.width == anchors[0] * 8 && first.height == anchors[1] * 8)
    // The configuration in this file says 10 × 13.
    #expect(first != ModelContract.Anchor(width: 10, height: 13))
  }
}
