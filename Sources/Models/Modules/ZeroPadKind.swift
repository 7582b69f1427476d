import Formats
import Graphs

/// `torch.nn.ZeroPad2d`: zeros around the picture.
enum ZeroPadKind: ModuleKind {
  static let names = ["ZeroPad2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let value = module.record.attributes["padding"]
    // Left, right, top, bottom.
    let sides = value?.integers ?? value?.integer.map { [$0, $0, $0, $0] }
    guard let sides, sides.count == 4, sides.allSatisfy({ (0...4096).contains($0) }) else {
      throw module.incomplete("attribute 'padding'")
    }
    let pads = try network.integers([0, 0, sides[2], sides[0], 0, 0, sides[3], sides[1]])
    return try network.apply(
      "Pad",
      ["mode": .string("constant")],
      [try inputs.single(of: module), pads],
      of: module
    )
  }
}
