import Graphs

extension SuppressionBuilder {
  /// The rows [detections, 7] by image and falling confidence, at most the allowed number per
  /// image. NonMaxSuppression itself limits each class only, and orders by class.
  func best(
    _ rows: ValueID,
    of boxes: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let sorted = try sorted(rows, in: &network)
    let images = try step("Gather", [sorted, network.integer(0)], "images", 1, in: &network)
    let starts = try starts(images, boxes, in: &network)
    let index = try step("Cast", [images], "imageIndex", to: 7, in: &network)
    let start = try step("Gather", [starts, index], "start", 0, in: &network)
    let position = try step(
      "Range",
      [network.integer(0), count(sorted, "sorted", in: &network), network.integer(1)],
      "position",
      in: &network
    )
    let rank = try step("Sub", [position, start], "rank", in: &network)
    let isKept = try step(
      "Less",
      [rank, network.integer(options.maximumDetections)],
      "isKept",
      in: &network
    )
    // [1, kept] → [kept]
    let kept = try step("NonZero", [isKept], "keptRows", in: &network)
    let list = try step("Reshape", [kept, network.integers([-1])], "kept", in: &network)
    return try step("Gather", [sorted, list], "detections", 0, in: &network)
  }

  /// By falling confidence − 2 · image: images one after another, the best first in each.
  private func sorted(_ rows: ValueID, in network: inout NetworkBuilder) throws -> ValueID {
    let image = try step("Gather", [rows, network.integer(0)], "rowImage", 1, in: &network)
    let confidence = try step("Gather", [rows, network.integer(6)], "rowScore", 1, in: &network)
    let offset = try step("Mul", [image, network.number(-2)], "offset", in: &network)
    let key = try step("Add", [confidence, offset], "key", in: &network)
    let total = try step(
      "Reshape",
      [count(rows, "rows", in: &network), network.integers([1])],
      "total",
      in: &network
    )
    let order = try network.node(
      "TopK",
      ["axis": .int(0), "largest": .int(1), "sorted": .int(1)],
      [key, total],
      of: module,
      part: "nms.order",
      outputCount: 2
    )
    guard order.count == 2 else { throw module.incomplete("result of TopK") }
    return try step("Gather", [rows, order[1]], "sorted", 0, in: &network)
  }

  /// For every image, how many rows belong to the images before it.
  private func starts(
    _ images: ValueID,
    _ boxes: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let batch = try count(boxes, "batch", in: &network)
    let numbers = try step(
      "Range",
      [network.integer(0), batch, network.integer(1)],
      "batchIndex",
      in: &network
    )
    var column = try step(
      "Reshape",
      [numbers, network.integers([-1, 1])],
      "batchColumn",
      in: &network
    )
    column = try step("Cast", [column], "batchNumber", to: 1, in: &network)
    let isBefore = try step("Less", [images, column], "isBefore", in: &network)
    let ones = try step("Cast", [isBefore], "before", to: 7, in: &network)
    return try network.apply(
      "ReduceSum",
      ["keepdims": .int(0)],
      [ones, network.integers([1])],
      of: module,
      part: "nms.starts"
    )
  }

  /// The extent of the outermost axis as the network runs.
  private func count(
    _ value: ValueID,
    _ part: String,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let shape = try step("Shape", [value], part + ".shape", in: &network)
    return try step("Gather", [shape, network.integer(0)], part + ".count", 0, in: &network)
  }

  private func step(
    _ name: String,
    _ inputs: [ValueID],
    _ part: String,
    _ axis: Int? = nil,
    to type: Int? = nil,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var attributes: [String: Attribute] = [:]
    if let axis { attributes["axis"] = .integer(axis) }
    if let type { attributes["to"] = .integer(type) }
    return try network.apply(name, attributes, inputs, of: module, part: "nms." + part)
  }
}
