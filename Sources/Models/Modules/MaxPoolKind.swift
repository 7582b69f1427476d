import Graphs

/// `torch.nn.MaxPool2d`.
enum MaxPoolKind: ModuleKind {
  static let names = ["MaxPool2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let kernel = try module.pair("kernel_size")
    let padding = try module.pair("padding", default: [0, 0])
    return try network.apply(
      "MaxPool",
      [
        "kernel_shape": .integers(kernel),
        "strides": .integers(try module.pair("stride", default: kernel)),
        "pads": .integers(padding + padding),
        "dilations": .integers(try module.pair("dilation", default: [1, 1])),
        "ceil_mode": .int(module.bool("ceil_mode", default: false) ? 1 : 0),
      ],
      [try inputs.single(of: module)],
      of: module
    )
  }
}
