import Graphs

/// `TransformerBlock`: the cells of [N, C, H, W] as a sequence through transformer layers.
enum TransformerBlockKind: ModuleKind {
  static let names = ["TransformerBlock"]
  static let submodules: Set<String>? = ["conv", "linear", "tr"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var image = try inputs.single(of: module)
    if let conv = module.optionalChild("conv") { image = try network.lower(conv, image) }
    let channels = try network.knownExtent(1, of: image, in: module)
    // [N, C, H, W] → [N, H · W, C]
    var cells = try network.reshape(image, [0, channels, -1], of: module, part: "flatten")
    cells = try network.transpose(cells, [0, 2, 1], of: module, part: "cells")
    let position = try network.lower(module.child("linear"), cells)
    var value = try network.add(cells, position, of: module, part: "add")
    value = try network.lower(module.child("tr"), value)
    value = try network.transpose(value, [0, 2, 1], of: module, part: "channels")
    if let height = network.extent(2, of: image), let width = network.extent(3, of: image) {
      return try network.reshape(value, [0, channels, height, width], of: module, part: "image")
    }
    let shape = try network.apply("Shape", [:], [image], of: module, part: "shape")
    return try network.apply("Reshape", [:], [value, shape], of: module, part: "image")
  }
}
