import Graphs
import Metrics
import Tensors

/// A detector of four convolutions with YOLOv5's head for one grid: small enough to be built in a moment.
struct SmallDetector {
  static let channels = 8
  static let classNames = ["round", "square"]

  /// - Parameter side: height and width of the input, in pixels; a multiple of 8.
  static func graph(side: Int, _ random: inout SplitMix) throws -> Graph {
    var graph = Graph(name: "detector")
    let x = graph.addInput("images", TensorType(.float32, [1, 3, .fixed(side), .fixed(side)]))
    var last = x
    for (index, shape) in [(8, 3), (8, 8), (16, 8)].enumerated() {
      last = try convolution(
        "stem\(index)",
        last,
        [shape.0, shape.1, 3, 3],
        stride: 2,
        &graph,
        &random
      )
      let gate = try graph.add(Sigmoid(), [last], name: "stem\(index).gate")
      last = try graph.add(Mul(), [last, gate[0]], name: "stem\(index).act")[0]
    }
    let columns = 5 + classNames.count
    last = try convolution("head", last, [3 * columns, 16, 1, 1], stride: 1, &graph, &random)
    let cells = Int64(side / 8)
    let shape = try Tensor([1, 3, Int64(columns), cells, cells], shape: [5])
    last = try graph.add(Reshape(), [last, graph.addConstant("split", shape)], name: "grid")[0]
    let turn = Transpose(permutation: [0, 1, 3, 4, 2])
    last = try graph.add(turn, [last], name: "turn")[0]
    graph.markOutput(last, named: "output0")
    var contract = ModelContract(
      task: .detect,
      family: "lab",
      classNames: classNames,
      levels: [
        .init(
          stride: 8,
          anchors: [
            .init(width: 10, height: 13), .init(width: 16, height: 30),
            .init(width: 33, height: 23),
          ]
        )
      ],
      inputSize: [side, side]
    )
    contract.head = .raw
    graph.contract = contract
    return graph
  }

  private static func convolution(
    _ name: String,
    _ x: ValueID,
    _ shape: [Int],
    stride: Int,
    _ graph: inout Graph,
    _ random: inout SplitMix
  ) throws -> ValueID {
    let weight = try Tensor(WeightDraw.convolution(shape, &random), shape: Shape(shape))
    let bias = WeightDraw.numbers(shape[0], -0.5, 0.5, &random)
    let operands: [ValueID?] = [
      x, graph.addConstant("\(name).weight", weight),
      graph.addConstant("\(name).bias", try Tensor(bias, shape: [shape[0]])),
    ]
    let (kernel, pad) = (shape[2], shape[2] / 2)
    let op = Conv(
      kernelShape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad]
    )
    return try graph.add(op, operands, name: name)[0]
  }
}
