import Graphs

/// `Contract`: the pixels of every square become channels, row by row.
enum ContractKind: ModuleKind {
  static let names = ["Contract"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    let gain = try module.int("gain")
    guard (1...16).contains(gain) else { throw module.unsupported("gain \(gain)") }
    var parts: [ValueID] = []
    for row in 0..<gain {
      for column in 0..<gain {
        parts.append(
          try network.cells(input, fromRow: row, column: column, step: gain, of: module)
        )
      }
    }
    return try network.concat(parts, of: module)
  }
}
