import Formats
import Graphs
import Tensors

/// `torch.nn.Upsample`: nearest neighbour by a scale factor, or bilinear.
enum UpsampleKind: ModuleKind {
  static let names = ["Upsample", "UpsamplingNearest2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let scales = try Tensor([1, 1] + factors(of: module), shape: [4])
    let constant = network.graph.addConstant(module.path + ".scales", scales)
    return try network.apply(
      "Resize",
      try mode(of: module),
      [try inputs.single(of: module), nil, constant],
      of: module
    )
  }

  private static func factors(of module: Module) throws -> [Float] {
    let value = module.record.attributes["scale_factor"]
    let list = value?.elements?.compactMap(\.number) ?? value?.number.map { [$0, $0] }
    guard let list, list.count == 2, list.allSatisfy({ $0 > 0 && $0 <= 64 }) else {
      throw module.unsupported("another size than a scale factor")
    }
    return list.map { Float($0) }
  }

  /// Source: ONNX Resize, opset 19; PyTorch's 'nearest' takes the pixel at ⌊x / scale⌋.
  private static func mode(of module: Module) throws -> [String: Attribute] {
    let mode = module.string("mode") ?? "nearest"
    switch mode {
    case "nearest":
      return [
        "mode": .string("nearest"), "coordinate_transformation_mode": .string("asymmetric"),
        "nearest_mode": .string("floor"),
      ]
    case "bilinear":
      let aligned = module.bool("align_corners", default: false)
      return [
        "mode": .string("linear"),
        "coordinate_transformation_mode": .string(aligned ? "align_corners" : "half_pixel"),
      ]
    default: throw module.unsupported("mode '\(mode)'")
    }
  }
}
