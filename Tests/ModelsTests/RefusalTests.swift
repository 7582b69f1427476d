import Diagnostics
import Formats
import Graphs
import Tensors
import Testing

@testable import Models

/// What cannot be imported says why.
struct RefusalTests {
  private func refusal(
    _ name: String = "tiny-detect",
    _ size: [Int] = [32, 32],
    _ change: (inout ImportOptions) -> Void = { _ in }
  ) -> DeployError? {
    #expect(throws: DeployError.self) { try FixtureTests.model(name, size, change) }
  }

  @Test func sizeThatIsNoMultipleOfTheStride() {
    let error = refusal("tiny-detect", [32, 43])
    #expect(error?.id == .modelInvalidImageSize)
    #expect(error?.diagnostics[0].remedy?.contains("32 40") == true)
  }

  @Test(arguments: [[], [0, 32], [32], [-8, 8], [Int.max, 8], [1 << 40, 1 << 40]])
  func sizeOutOfRange(_ size: [Int]) {
    #expect(refusal("tiny-detect", size)?.id == .modelInvalidImageSize)
  }

  @Test func optionsOutOfRange() {
    #expect(refusal { $0.batch = 0 }?.id == .modelInvalidBatch)
    #expect(refusal { $0.names = ["a"] }?.id == .modelClassNames)
    #expect(refusal { $0.suppression.overlap = 2 }?.id == .modelInvalidThreshold)
    #expect(refusal { $0.suppression.confidence = .nan }?.id == .modelInvalidThreshold)
    #expect(refusal("tiny-cls") { $0.head = .raw }?.id == .modelUnsupportedHead)
    #expect(refusal("tiny-seg") { $0.head = .end2end }?.id == .modelUnsupportedHead)
  }

  private func record(
    _ className: String,
    _ children: [(name: String, module: ModuleRecord)] = [],
    _ attributes: [String: CheckpointValue] = [:]
  ) -> ModuleRecord {
    ModuleRecord(
      className: className,
      attributes: attributes,
      parameters: [:],
      buffers: [:],
      children: children
    )
  }

  private func refusal(of layers: [ModuleRecord]) -> DeployError? {
    let list = record(
      "torch.nn.modules.container.Sequential",
      layers.enumerated().map { (name: "\($0)", module: $1) }
    )
    let model = record("models.yolo.Model", [(name: "model", module: list)])
    return refusal(of: model)
  }

  private func refusal(of model: ModuleRecord?) -> DeployError? {
    let checkpoint = Checkpoint(
      path: "x.pt",
      byteCount: 0,
      container: .zip,
      model: model,
      modelEntry: "model",
      weights: [],
      entries: [:],
      audit: PickleAudit(protocolVersion: 2, entries: [])
    )
    return #expect(throws: DeployError.self) { try ModelImporter().graph(from: checkpoint) }
  }

  private let previous: [String: CheckpointValue] = ["f": .int(-1)]

  @Test func bareWeightsAndOtherNetworks() {
    #expect(refusal(of: nil)?.id == .modelArchitectureUnknown)
    #expect(refusal(of: record("torchvision.models.resnet.ResNet"))?.id == .modelNotYOLOv5)
    let relu = record("torch.nn.modules.activation.ReLU", [], previous)
    #expect(refusal(of: [relu])?.id == .modelNotYOLOv5)
  }

  @Test func strangersAreNamedWithTheirPath() {
    let inner = record("models.common.CBAM")
    let outer = record("torch.nn.modules.container.Sequential", [("cv", inner)], previous)
    let error = refusal(of: [outer])
    #expect(error?.id == .modelUnsupportedModule)
    #expect(error?.diagnostics[0].location == .module("model.0.cv"))
    let changed = record("models.common.Conv", [("attention", record("x.ReLU"))], previous)
    #expect(refusal(of: [changed])?.id == .modelUnsupportedModule)
    let moved = record(
      "models.common.Conv",
      [("more", record("torch.nn.modules.activation.ReLU"))],
      previous
    )
    #expect(refusal(of: [moved])?.id == .modelUnsupportedVariant)
  }

  @Test func layersThatReadFromNowhere() {
    for from in [3, 0, -5, Int.min, Int.max] {
      let relu = record("torch.nn.modules.activation.ReLU", [], ["f": .int(from)])
      #expect(refusal(of: [relu])?.id == .modelIncompleteModule)
    }
    let empty = record("models.common.Concat", [], ["f": .list([])])
    #expect(refusal(of: [empty])?.id == .modelIncompleteModule)
    #expect(refusal(of: [record("models.common.C3", [], previous)])?.id == .modelIncompleteModule)
  }

  @Test func sharedSubmodulesDoNotExplode() {
    var bomb = record("torch.nn.modules.activation.ReLU")
    for _ in 0..<40 {
      bomb = record(
        "torch.nn.modules.container.Sequential",
        [("0", bomb), ("1", bomb)],
        previous
      )
    }
    #expect(refusal(of: [bomb])?.id == .modelTooLarge)
    var chain = record("torch.nn.modules.activation.ReLU")
    for _ in 0..<2000 {
      chain = record("torch.nn.modules.container.Sequential", [("0", chain)], previous)
    }
    #expect(refusal(of: [chain])?.id == .modelTooLarge)
  }
}
