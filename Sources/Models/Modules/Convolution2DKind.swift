import Diagnostics
import Graphs
import Tensors

/// `torch.nn.Conv2d`: one convolution, with its bias where it has one.
enum Convolution2DKind: ModuleKind {
  static let names = ["Conv2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var operands = [try inputs.single(of: module), try network.weight("weight", of: module)]
    if module.optionalTensor("bias") != nil {
      operands.append(try network.weight("bias", of: module))
    }
    return try network.apply("Conv", attributes(of: module), operands, of: module)
  }

  /// The attributes that Conv and ConvTranspose share.
  static func attributes(of module: Module) throws -> [String: Attribute] {
    let weight = try module.tensor("weight")
    guard weight.shape.rank == 4 else {
      throw module.incomplete("weight: it has shape \(weight.shape)")
    }
    if let mode = module.string("padding_mode"), mode != "zeros" {
      throw module.unsupported("padding_mode '\(mode)'")
    }
    let kernel = [weight.shape[2], weight.shape[3]]
    let dilation = try module.pair("dilation", default: [1, 1])
    return [
      "kernel_shape": .integers(kernel),
      "strides": .integers(try module.pair("stride", default: [1, 1])),
      "pads": .integers(try pads(of: module, kernel: kernel, dilation: dilation)),
      "dilations": .integers(dilation),
      "group": .integer(module.optionalInt("groups") ?? 1),
    ]
  }

  /// Rows above, columns left, rows below, columns right. Source: torch.nn.Conv2d ('same' puts
  /// the odd one after).
  private static func pads(
    of module: Module,
    kernel: [Int],
    dilation: [Int]
  ) throws -> [Int] {
    switch module.string("padding") {
    case "valid": return [0, 0, 0, 0]
    case "same":
      let totals = zip(kernel, dilation).map { $1 &* ($0 - 1) }
      let before = totals.map { $0 / 2 }
      return before + zip(totals, before).map { $0 - $1 }
    default:
      let padding = try module.pair("padding", default: [0, 0])
      return padding + padding
    }
  }
}
