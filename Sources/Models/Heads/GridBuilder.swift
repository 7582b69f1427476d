import Graphs
import Tensors

/// Appends where the cells of a level are: a constant for a map of known size, otherwise
/// computed from the map's shape.
struct GridBuilder {
  let module: Module
  let part: String
  let stride: Float

  /// (cell − 1/2) · stride for column and row of every cell, [1, 1, h · w, 2].
  func offsets(of map: ValueID, in network: inout NetworkBuilder) throws -> ValueID {
    guard let height = network.extent(2, of: map), let width = network.extent(3, of: map) else {
      return try computed(map, in: &network)
    }
    let stride = stride
    let grid = Tensor(deferred: [1, 1, height * width, 2], .float32) {
      Tensor(shape: [1, 1, height * width, 2], of: Float.self) { target in
        for cell in 0..<height * width {
          target[2 * cell] = (Float(cell % width) - 0.5) * stride
          target[2 * cell + 1] = (Float(cell / width) - 0.5) * stride
        }
      }
    }
    return network.graph.addConstant(module.path + "." + part, grid)
  }

  /// Height and width of a map as the network runs, rank 1.
  func extents(of map: ValueID, in network: inout NetworkBuilder) throws -> ValueID {
    let shape = try network.apply("Shape", [:], [map], of: module, part: part + ".shape")
    let operands = [
      shape, try network.integers([2]), try network.integers([4]), try network.integers([0]),
    ]
    return try network.apply("Slice", [:], operands, of: module, part: part + ".size")
  }

  private func computed(_ map: ValueID, in network: inout NetworkBuilder) throws -> ValueID {
    let extents = try extents(of: map, in: &network)
    let rows = try network.reshape(
      range(extents, 0, "rows", in: &network),
      [-1, 1],
      of: module,
      part: part + ".rows.column"
    )
    let columns = try range(extents, 1, "columns", in: &network)
    let axes = try [("x", columns), ("y", rows)].map { name, positions in
      let spread = try network.apply(
        "Expand",
        [:],
        [positions, extents],
        of: module,
        part: "\(part).\(name).spread"
      )
      return try network.apply(
        "Unsqueeze",
        [:],
        [spread, network.integers([-1])],
        of: module,
        part: "\(part).\(name)"
      )
    }
    var grid = try network.concat(axes, axis: -1, of: module, part: part + ".pairs")
    grid = try network.reshape(grid, [1, 1, -1, 2], of: module, part: part + ".cells")
    grid = try network.apply("Cast", ["to": .int(1)], [grid], of: module, part: part + ".float")
    grid = try network.multiply(grid, network.number(stride), of: module, part: part + ".pixels")
    return try network.add(grid, network.number(-stride / 2), of: module, part: part)
  }

  private func range(
    _ extents: ValueID,
    _ axis: Int,
    _ name: String,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let count = try network.apply(
      "Gather",
      ["axis": .int(0)],
      [extents, network.integer(axis)],
      of: module,
      part: "\(part).\(name).count"
    )
    return try network.apply(
      "Range",
      [:],
      [network.integer(0), count, network.integer(1)],
      of: module,
      part: "\(part).\(name)"
    )
  }
}
