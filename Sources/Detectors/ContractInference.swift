public import Backends
public import Diagnostics
public import Graphs

/// What a network's shapes tell about it, for files that say nothing themselves.
public enum ContractInference {
  /// The contract that the shapes imply, and what was assumed on the way.
  /// - Throws: `detector.head-mismatch` for outputs that no known head has.
  public static func infer(
    from info: PlanInfo
  ) throws -> (contract: ModelContract, diagnostics: [Diagnostic]) {
    let size = inputSize(of: info)
    let ranks = info.outputs.map(\.type.rank)
    if let contract = decoded(info, size) ?? endToEnd(info, size) ?? classifier(info, size) {
      return (contract, [assumed("the names class0, class1, …")])
    }
    if let contract = raw(info, size) {
      return (contract, [assumed("the anchors of the COCO models and the names class0, class1, …")])
    }
    let types = info.outputs.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
    throw DeployError(
      .detectorHeadMismatch,
      "the outputs \(types) (ranks \(ranks)) are those of no known head",
      remedy: "give a YOLOv5 model: [N, anchors, 5 + classes] or one [N, 3, h, w, 5 + classes] "
        + "per level"
    )
  }

  /// The prior boxes of the models trained on COCO, by stride.
  /// Source: YOLOv5 `models/yolov5s.yaml`, `models/hub/yolov5s6.yaml`.
  public static func cocoLevels(count: Int) -> [ModelContract.Level] {
    let threeLevels: [[(Float, Float)]] = [
      [(10, 13), (16, 30), (33, 23)],
      [(30, 61), (62, 45), (59, 119)],
      [(116, 90), (156, 198), (373, 326)],
    ]
    let fourLevels: [[(Float, Float)]] = [
      [(19, 27), (44, 40), (38, 94)],
      [(96, 68), (86, 152), (180, 137)],
      [(140, 301), (303, 264), (238, 542)],
      [(436, 615), (739, 380), (925, 792)],
    ]
    let sizes = count == 4 ? fourLevels : Array(threeLevels.prefix(count))
    return sizes.enumerated().map { index, anchors in
      ModelContract.Level(
        stride: 8 << index,
        anchors: anchors.map { ModelContract.Anchor(width: $0.0, height: $0.1) }
      )
    }
  }

  private static func assumed(_ what: String) -> Diagnostic {
    Diagnostic(
      .warning,
      .detectorAssumedContract,
      "the model says nothing about itself, so \(what) are assumed",
      remedy: "export it from its checkpoint with `vitrine export`"
    )
  }

  private static func inputSize(of info: PlanInfo) -> [Int] {
    guard let type = info.inputs.first?.type, type.rank == 4 else { return [640, 640] }
    return type.dimensions[2...].map { $0.value ?? 640 }
  }

  private static func contract(
    _ task: ModelContract.Task,
    _ head: ModelContract.Head,
    classCount: Int,
    _ size: [Int]
  ) -> ModelContract? {
    guard (1...100_000).contains(classCount) else { return nil }
    var contract = ModelContract(
      task: task,
      family: "unknown",
      classNames: (0..<classCount).map { "class\($0)" },
      levels: task == .classify ? [] : cocoLevels(count: 3),
      inputSize: size
    )
    contract.head = head
    return contract
  }

  /// One output [N, anchors, 5 + classes].
  private static func decoded(_ info: PlanInfo, _ size: [Int]) -> ModelContract? {
    guard
      let type = info.outputs.first?.type, type.rank == 3, let channels = type.dimensions[2].value
    else { return nil }
    return contract(.detect, .decoded, classCount: channels - 5, size)
  }

  /// One output [detections, 7]; how many classes there are does not show, so many are named.
  private static func endToEnd(_ info: PlanInfo, _ size: [Int]) -> ModelContract? {
    guard
      info.outputs.count == 1, let type = info.outputs.first?.type, type.rank == 2,
      type.dimensions[1].value == 7, type.dimensions[0].value == nil
    else { return nil }
    return contract(.detect, .end2end, classCount: 1000, size)
  }

  /// One output [N, classes].
  private static func classifier(_ info: PlanInfo, _ size: [Int]) -> ModelContract? {
    guard
      info.outputs.count == 1, let type = info.outputs.first?.type, type.rank == 2,
      let classCount = type.dimensions[1].value
    else { return nil }
    return contract(.classify, .decoded, classCount: classCount, size)
  }

  /// Three or four outputs [N, 3, h, w, 5 + classes] or [N, 3 · (5 + classes), h, w].
  private static func raw(_ info: PlanInfo, _ size: [Int]) -> ModelContract? {
    let heads = info.outputs.map(\.type).filter { $0.rank == 4 || $0.rank == 5 }
    let channelCounts = heads.map { type -> Int? in
      if type.rank == 5 { return type.dimensions[1].value == 3 ? type.dimensions[4].value : nil }
      return type.dimensions[1].value.flatMap { $0 % 3 == 0 ? $0 / 3 : nil }
    }
    guard
      heads.count == 3 || heads.count == 4, let first = channelCounts[0],
      channelCounts.allSatisfy({ $0 == first })
    else { return nil }
    var raw = contract(.detect, .raw, classCount: first - 5, size)
    raw?.levels = cocoLevels(count: heads.count)
    return raw
  }
}
