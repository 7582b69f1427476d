import Graphs

/// `torch.nn.AdaptiveAvgPool2d` to one cell: the mean of each channel.
enum AveragePoolKind: ModuleKind {
  static let names = ["AdaptiveAvgPool2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let size = try module.pair("output_size")
    guard size == [1, 1] else { throw module.unsupported("output size \(size)") }
    return try network.apply("GlobalAveragePool", [:], [inputs.single(of: module)], of: module)
  }
}
