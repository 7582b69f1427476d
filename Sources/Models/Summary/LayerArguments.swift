import Formats
import Tensors

/// What a layer was made with, in words.
enum LayerArguments {
  /// Such as `3 → 16, 6×6, stride 2`; empty where nothing can be said.
  static func text(of module: Module) -> String {
    switch module.kind {
    case "Concat": return "axis \(module.optionalInt("d") ?? 1)"
    case "Upsample": return "× \(module.float("scale_factor", default: 2))"
    case "MaxPool2d": return window(module)
    case "Contract", "Expand": return "gain \(module.optionalInt("gain") ?? 0)"
    case "Detect", "Segment":
      return "\(module.optionalInt("nc") ?? 0) classes, \(module.optionalInt("nl") ?? 0) levels"
    default: return channels(module)
    }
  }

  private static func window(_ module: Module) -> String {
    guard let size = try? module.optionalPair("kernel_size") else { return "" }
    let stride = (try? module.optionalPair("stride"))?.first ?? size[0]
    return "\(size[0])×\(size[1]), stride \(stride)"
  }

  private static func channels(_ module: Module) -> String {
    if module.kind == "Conv2d" { return convolution(module) }
    if let inner = module.optionalChild("conv") { return channels(inner) }
    let last = ["cv4", "cv3", "cv2"].compactMap { module.optionalChild($0) }.first
    guard let first = module.optionalChild("cv1").flatMap(weight), first.rank == 4,
      let last = last.flatMap(weight), last.rank == 4
    else { return "" }
    let inner = module.optionalChild("m")
    let repeats = inner.map { $0.kind == "Sequential" ? ", \($0.record.children.count) ×" : "" }
    return "\(first[1]) → \(last[0])\(repeats ?? "")"
  }

  private static func weight(_ module: Module) -> Shape? {
    (module.optionalTensor("weight") ?? module.optionalChild("conv")?.optionalTensor("weight"))?
      .shape
  }

  private static func convolution(_ module: Module) -> String {
    guard let shape = weight(module), shape.rank == 4 else { return "" }
    let groups = max(module.optionalInt("groups") ?? 1, 1)
    let stride = (try? module.optionalPair("stride"))?.first ?? 1
    let text = "\(shape[1] &* groups) → \(shape[0]), \(shape[2])×\(shape[3]), stride \(stride)"
    return groups > 1 ? text + ", \(groups) groups" : text
  }
}
