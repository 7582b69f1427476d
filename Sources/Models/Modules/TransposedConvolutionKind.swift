import Graphs

/// `torch.nn.ConvTranspose2d`, and YOLOv5's depth-wise form of it.
enum TransposedConvolutionKind: ModuleKind {
  static let names = ["ConvTranspose2d", "DWConvTranspose2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var attributes = try Convolution2DKind.attributes(of: module)
    attributes["output_padding"] = .integers(
      try module.pair("output_padding", default: [0, 0])
    )
    var operands = [try inputs.single(of: module), try network.weight("weight", of: module)]
    if module.optionalTensor("bias") != nil {
      operands.append(try network.weight("bias", of: module))
    }
    return try network.apply("ConvTranspose", attributes, operands, of: module)
  }
}
