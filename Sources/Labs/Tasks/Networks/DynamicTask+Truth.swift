import Graphs
import Metrics
import Tensors

extension DynamicTask {
  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    // More cells than anchors times columns, so that the cells' entries can be told from the others.
    let sides = [40, 48, 56, 64]
    let (height, width) = (sides[random.index(below: 4)], sides[random.index(below: 4)])
    let (anchors, columns, channels) = (2, 6 + random.index(below: 2), 4)
    let first = group == "slices" ? 12 : 3
    let shapes = [
      [channels, first, 3, 3], [channels, channels, 3, 3], [anchors * columns, 2 * channels, 1, 1],
      [anchors * columns, channels, 1, 1],
    ]
    var problem = Problem(
      group: group,
      height: height,
      width: width,
      stride: 4,
      anchors: anchors,
      columns: columns,
      channels: channels,
      weights: shapes.map { WeightDraw.convolution($0, &random) },
      probes: [],
      mix: [],
      requests: [],
      later: []
    )
    func other(_ side: Int, _ more: Int) -> Int { problem.opensSize ? side + 8 * more : side }
    let batches = [1, 2, 3, 7]
    problem.probes = batches.enumerated().map { number, batch in
      Probe(
        batch: batch,
        height: other(height, [0, 0, 1, -1][number]),
        width: other(width, [0, 0, 2, 1][number]),
        seed: random.next()
      )
    }
    problem.mix = [
      ([1, height, width], 0.55),
      ([4 + random.index(below: 3), other(height, 1), other(width, 2)], 0.3),
      ([2, other(height, -1), other(width, 3)], 0.15),
    ]
    repeat {
      // Most often and most of the work must not be the same.
      problem.requests = Self.requests(40, problem.mix, &random)
    } while !Self.differ(problem.requests)
    problem.later = Self.requests(200, problem.mix, &random)
    return problem
  }

  private static func differ(_ requests: [Request]) -> Bool {
    let counts = Dictionary(grouping: requests) { $0 }.mapValues(\.count)
    let ranked = counts.sorted { $0.value > $1.value }
    return ranked[0].value > ranked[1].value && ranked[0].key != profile(requests).opt
  }

  /// Requests of a mix, each shape at least once.
  private static func requests(
    _ count: Int,
    _ mix: [(shape: Request, share: Double)],
    _ random: inout SplitMix
  ) -> [Request] {
    mix.map(\.shape)
      + (mix.count..<count).map { _ in
        var rest = random.fraction()
        for entry in mix {
          if rest < entry.share { return entry.shape }
          rest -= entry.share
        }
        return mix[0].shape
      }
  }

  /// The network with some places open and the others as a tracer leaves them.
  func graph(_ problem: Problem, open: Set<Place>) throws -> Graph {
    var graph = Graph(name: "dynamic")
    let isOpen = !open.isEmpty
    func extent(_ name: String, _ side: Int) -> Dimension {
      isOpen && (name == "batch" || problem.opensSize) ? .symbol(name) : .fixed(side)
    }
    let dimensions = [
      extent("batch", 1), 3, extent("height", problem.height), extent("width", problem.width),
    ]
    var x = graph.addInput("images", TensorType(.float32, dimensions))
    func integers(_ name: String, _ numbers: [Int]) throws -> ValueID {
      graph.addConstant(name, try Tensor(numbers.map(Int64.init), shape: [numbers.count]))
    }
    func convolution(_ name: String, _ index: Int, _ source: ValueID, stride: Int) throws -> ValueID
    {
      let sources = graph[source].type.dimensions[1].value ?? 1
      let kernel = index < 2 ? 3 : 1
      let outputs = problem.weights[index].count / (sources * kernel * kernel)
      let weight = try Tensor(problem.weights[index], shape: [outputs, sources, kernel, kernel])
      let op = Conv(
        kernelShape: [kernel, kernel],
        strides: [stride, stride],
        pads: [kernel / 2, kernel / 2, kernel / 2, kernel / 2]
      )
      let result = try graph.add(
        op,
        [source, graph.addConstant("\(name).weight", weight)],
        name: name
      )
      let gate = try graph.add(Sigmoid(), result, name: "\(name).gate")
      return try graph.add(Mul(), [result[0], gate[0]], name: "\(name).act")[0]
    }
    if problem.group == "slices" {
      x = try focus(x, problem, isOpen: open.contains(.slice), &graph)
      x = try convolution("stem", 0, x, stride: 2)
    } else {
      x = try convolution("stem", 0, x, stride: 4)
    }
    if problem.group == "upsample" {
      let down = try convolution("down", 1, x, stride: 2)
      let (h, w) = (problem.height / 4, problem.width / 4)
      let scale = try Tensor([Float(1), 1, 2, 2], shape: [4])
      let resize = Resize(coordinateTransformation: .asymmetric, nearestMode: .floor)
      let operands: [ValueID?] =
        open.contains(.resize)
        ? [down, nil, graph.addConstant("up.scales", scale)]
        : [down, nil, nil, try integers("up.sizes", [1, problem.channels, h, w])]
      let up = try graph.add(resize, operands, name: "up")[0]
      x = try graph.add(Concat(axis: 1), [up, x], name: "join")[0]
    }
    x = try convolution("head", problem.group == "upsample" ? 2 : 3, x, stride: 1)
    let cells = problem.height / 4 * (problem.width / 4)
    let isBatchOpen = open.contains(.batch) && !problem.mergesBatch
    let batch = isBatchOpen ? 0 : 1
    let grid = open.contains(.cells) ? -1 : cells
    let (anchors, columns) = (problem.anchors, problem.columns)
    let split = try integers("split.shape", [batch, anchors, columns, grid])
    x = try graph.add(Reshape(), [x, split], name: "split")[0]
    x = try graph.add(Transpose(permutation: [0, 1, 3, 2]), [x], name: "turn")[0]
    let flat = try integers("flat.shape", [batch, grid == -1 ? -1 : anchors * cells, columns])
    x = try graph.add(Reshape(), [x, flat], name: "flat")[0]
    x = try graph.add(Sigmoid(), [x], name: "score")[0]
    graph.markOutput(x, named: "output")
    let rows: Dimension = problem.opensSize ? .symbol("rows") : .fixed(anchors * cells)
    if isOpen {
      let declared: [Dimension] =
        open.contains(.output)
        ? [.symbol("batch"), rows, .fixed(columns)]
        : [1, .fixed(anchors * cells), .fixed(columns)]
      graph.refine(x, to: TensorType(.float32, declared))
    }
    return graph
  }

  /// Every other pixel, four ways, as the first layer of early YOLOv5: [N, 3, H, W] → [N, 12, H/2, W/2].
  private func focus(
    _ x: ValueID,
    _ problem: Problem,
    isOpen: Bool,
    _ graph: inout Graph
  ) throws -> ValueID {
    var parts: [ValueID] = []
    for (row, column) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
      let name = "focus\(row)\(column)"
      let ends = isOpen ? [Int64.max, .max] : [Int64(problem.height), Int64(problem.width)]
      let lists = [[Int64(row), Int64(column)], ends, [2, 3], [2, 2]]
      let operands = try lists.enumerated().map { index, list in
        graph.addConstant(
          "\(name).\(["starts", "ends", "axes", "steps"][index])",
          try Tensor(list, shape: [2])
        )
      }
      parts.append(try graph.add(Slice(), [x] + operands, name: name)[0])
    }
    return try graph.add(Concat(axis: 1), parts, name: "focus")[0]
  }
}
