import Formats
import Tensors

/// Which network this is, guessed from marks that each release left in its checkpoints.
struct ModelIdentity {
  /// The releases, such as `v6.0` or `v4–v5`; nil where the marks fit none.
  let era: String?
  /// n, s, m, l or x where width and depth are those of an official network.
  let size: String?
  /// Such as `YOLOv5n v7.0`.
  let family: String

  init(_ network: NetworkRecord, _ checkpoint: Checkpoint) {
    let kinds = Set(network.layers.map(\.module.kind))
    let isYOLOv3 =
      kinds.contains("Bottleneck") && !kinds.contains("C3")
      || kinds.contains("ZeroPad2d")
    era = isYOLOv3 ? nil : Self.era(network, checkpoint, kinds)
    size = isYOLOv3 ? nil : Self.size(network)
    let task = network.head.map { ["Segment": "-seg", "Classify": "-cls"][$0.kind] ?? "" } ?? ""
    let name = (isYOLOv3 ? "YOLOv3" : "YOLOv5") + (size ?? "") + task
    family = era.map { name + " " + $0 } ?? name
  }

  /// Marks: Focus stem up to v5.0, CSP bottlenecks up to v3.1, a buffer of anchors in pixels up
  /// to v6.0, one class for all tasks up to v6.1. Later releases changed neither the layers nor
  /// the layout of detection checkpoints, and files published with v7.0 were written earlier.
  private static func era(
    _ network: NetworkRecord,
    _ checkpoint: Checkpoint,
    _ kinds: Set<String>
  ) -> String? {
    if kinds.contains("BottleneckCSP") { return "v3" }
    if kinds.contains("Focus") { return "v4–v5" }
    if network.head?.record.buffers["anchor_grid"] != nil { return "v6.0" }
    if network.root.kind == "Model" { return "v6.1–v7" }
    let isLast = network.root.kind == "SegmentationModel" || checkpoint.entries["git"] != nil
    return isLast ? "v7" : "v6.2–v7"
  }

  /// Channels of the stem over 64 and repeats of the first stage over 3. Source: YOLOv5
  /// models/yolov5*.yaml, width_multiple and depth_multiple.
  private static func size(_ network: NetworkRecord) -> String? {
    guard network.layers.count > 2, let stem = network.layers.first?.module else { return nil }
    let convolution = stem.record.child("conv")?.child("conv") ?? stem.record.child("conv")
    let channels = convolution?.parameters["weight"]?.shape.dimensions.first
    let repeats = network.layers[2].module.record.child("m")?.children.count
    switch (channels, repeats) {
    case (16, 1): return "n"
    case (32, 1): return "s"
    case (48, 2): return "m"
    case (64, 3): return "l"
    case (80, 4): return "x"
    default: return nil
    }
  }
}
