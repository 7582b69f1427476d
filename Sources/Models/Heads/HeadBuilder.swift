import Graphs
import Tensors

/// Appends a head in one of the forms of ``ModelContract/Head``.
struct HeadBuilder {
  let head: DetectionHead
  let levels: [ModelContract.Level]
  var module: Module { head.module }

  /// One tensor [N, anchors, outputs] of boxes in input pixels and scores.
  func decoded(_ maps: [ValueID], in network: inout NetworkBuilder) throws -> ValueID {
    let parts = try maps.enumerated().map { try level($0, $1, in: &network) }
    return try network.concat(parts, of: module, part: "levels")
  }

  /// The boxes of one level. With s the sigmoid of the output:
  /// centre = (2 s − 1/2 + cell) · stride, size = (2 s)² · anchor.
  /// Source: YOLOv5 models/yolo.py, Detect.forward (v3 to v7).
  private func level(
    _ index: Int,
    _ map: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let part = "level\(index)"
    let cells = cellCount(map, in: network)
    let outputs = head.outputCount
    var values = try network.reshape(
      map,
      [0, head.anchorCount, outputs, cells ?? -1],
      of: module,
      part: part + ".split"
    )
    // [N, anchors per cell, cells, outputs]
    values = try network.transpose(values, [0, 1, 3, 2], of: module, part: part + ".order")
    var masks: [ValueID] = []
    if head.maskCount > 0 {
      let both = try split(
        values,
        [outputs - head.maskCount, head.maskCount],
        part + ".masks",
        in: &network
      )
      values = both[0]
      masks = [both[1]]
    }
    values = try network.apply(
      "Sigmoid",
      [:],
      [values],
      of: module,
      part: part + ".sigmoid"
    )
    let fields = try split(values, [2, 2, head.classCount + 1], part + ".fields", in: &network)
    let centre = try self.centre(fields[0], index, map, in: &network)
    let size = try self.size(fields[1], index, in: &network)
    let joined = try network.concat(
      [centre, size, fields[2]] + masks,
      axis: 3,
      of: module,
      part: part + ".boxes"
    )
    let rows = cells.map { $0 * head.anchorCount } ?? -1
    return try network.reshape(joined, [0, rows, outputs], of: module, part: part)
  }

  private func centre(
    _ value: ValueID,
    _ index: Int,
    _ map: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let part = "level\(index).centre"
    let stride = Float(levels[index].stride)
    let scaled = try network.multiply(
      value,
      network.number(2 * stride),
      of: module,
      part: part + ".scale"
    )
    let grid = try GridBuilder(module: module, part: "level\(index).grid", stride: stride)
      .offsets(of: map, in: &network)
    return try network.add(scaled, grid, of: module, part: part)
  }

  private func size(
    _ value: ValueID,
    _ index: Int,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let part = "level\(index).size"
    let anchors = levels[index].anchors.flatMap { [4 * $0.width, 4 * $0.height] }
    let constant = network.graph.addConstant(
      module.path + "." + part + ".anchors",
      try Tensor(anchors, shape: [1, anchors.count / 2, 1, 2])
    )
    let square = try network.multiply(value, value, of: module, part: part + ".square")
    return try network.multiply(square, constant, of: module, part: part)
  }

  private func split(
    _ value: ValueID,
    _ sizes: [Int],
    _ part: String,
    in network: inout NetworkBuilder
  ) throws -> [ValueID] {
    let constant = try network.integers(sizes)
    let parts = try network.node(
      "Split",
      ["axis": .int(3)],
      [value, constant],
      of: module,
      part: part,
      outputCount: sizes.count
    )
    guard parts.count == sizes.count else { throw module.incomplete("result of Split") }
    return parts
  }

  private func cellCount(_ map: ValueID, in network: NetworkBuilder) -> Int? {
    guard let height = network.extent(2, of: map), let width = network.extent(3, of: map)
    else { return nil }
    return height * width
  }

  /// One tensor [N, anchors per cell, h, w, outputs] per level, as the convolutions leave it.
  func raw(_ maps: [ValueID], in network: inout NetworkBuilder) throws -> [ValueID] {
    try maps.enumerated().map { index, map in
      let part = "level\(index)"
      let counts = [0, head.anchorCount, head.outputCount]
      let values: ValueID
      if let height = network.extent(2, of: map), let width = network.extent(3, of: map) {
        values = try network.reshape(
          map,
          counts + [height, width],
          of: module,
          part: part + ".split"
        )
      } else {
        let grid = GridBuilder(module: module, part: part, stride: 1)
        let operands = [try network.integers(counts), try grid.extents(of: map, in: &network)]
        let shape = try network.concat(operands, axis: 0, of: module, part: part + ".extents")
        values = try network.apply(
          "Reshape",
          [:],
          [map, shape],
          of: module,
          part: part + ".split"
        )
      }
      return try network.transpose(values, [0, 1, 3, 4, 2], of: module, part: part)
    }
  }
}
