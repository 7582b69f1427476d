import Graphs
import Tensors

/// Appends suppression in standard ONNX operators to decoded boxes.
///
/// Each box keeps its best class only; boxes of one class suppress each other; of what is left,
/// the best of each image stay, ordered by image and falling confidence.
struct SuppressionBuilder {
  let module: Module
  let options: ImportOptions.Suppression

  /// One tensor [detections, 7]: image, x1, y1, x2, y2, class, confidence, from boxes
  /// [N, anchors, 5 + classes].
  func detections(
    _ boxes: ValueID,
    _ classCount: Int,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let fields = try network.node(
      "Split",
      ["axis": .int(2)],
      [boxes, network.integers([2, 2, 1, classCount])],
      of: module,
      part: "nms.fields",
      outputCount: 4
    )
    guard fields.count == 4 else { throw module.incomplete("result of Split") }
    let corners = try self.corners(fields[0], fields[1], in: &network)
    let confidence = try op("Mul", [fields[3], fields[2]], "confidence", in: &network)
    let scores = try bestOnly(confidence, classCount, in: &network)
    let chosen = try op(
      "NonMaxSuppression",
      [
        corners, scores, network.integers([options.maximumDetections]),
        network.number(options.overlap), network.number(options.confidence),
      ],
      "chosen",
      in: &network
    )
    let rows = try rows(chosen, corners, scores, in: &network)
    return try best(rows, of: boxes, in: &network)
  }

  private func op(
    _ name: String,
    _ inputs: [ValueID],
    _ part: String,
    _ attributes: [String: Attribute] = [:],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try network.apply(name, attributes, inputs, of: module, part: "nms." + part)
  }

  /// x1, y1, x2, y2 from centre and size.
  private func corners(
    _ centre: ValueID,
    _ size: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let half = try op("Mul", [size, network.number(0.5)], "half", in: &network)
    let low = try op("Sub", [centre, half], "low", in: &network)
    let high = try op("Add", [centre, half], "high", in: &network)
    return try op("Concat", [low, high], "corners", ["axis": .int(2)], in: &network)
  }

  /// Scores [N, classes, anchors], 0 for all but the best class of each box.
  private func bestOnly(
    _ confidence: ValueID,
    _ classCount: Int,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let best = try op("ArgMax", [confidence], "best", ["axis": .int(2)], in: &network)
    let indices = network.graph.addConstant(
      module.path + ".nms.classes",
      try Tensor((0..<Int64(classCount)).map { $0 }, shape: [1, 1, classCount])
    )
    let isBest = try op("Equal", [best, indices], "isBest", in: &network)
    let kept = try op(
      "Where",
      [isBest, confidence, network.number(0)],
      "bestOnly",
      in: &network
    )
    return try op("Transpose", [kept], "scores", ["perm": .ints([0, 2, 1])], in: &network)
  }

  /// One row of 7 per chosen box, from its [image, class, anchor].
  private func rows(
    _ chosen: ValueID,
    _ corners: ValueID,
    _ scores: ValueID,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let place = try gather(chosen, [0, 2], "place", in: &network)
    let box = try op("GatherND", [corners, place], "box", in: &network)
    let score = try op("GatherND", [scores, chosen], "score", in: &network)
    let column = try op("Unsqueeze", [score, network.integers([1])], "column", in: &network)
    let image = try float(gather(chosen, [0], "image", in: &network), "imageNumber", in: &network)
    let kind = try float(gather(chosen, [1], "class", in: &network), "classNumber", in: &network)
    return try op("Concat", [image, box, kind, column], "rows", ["axis": .int(1)], in: &network)
  }

  private func gather(
    _ value: ValueID,
    _ columns: [Int],
    _ part: String,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try op("Gather", [value, network.integers(columns)], part, ["axis": .int(1)], in: &network)
  }

  private func float(
    _ value: ValueID,
    _ part: String,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try op("Cast", [value], part, ["to": .int(1)], in: &network)
  }
}
