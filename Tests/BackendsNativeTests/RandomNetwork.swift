import Graphs
import Tensors

/// A small network of whatever YOLOv5's networks consist of, in any order.
struct RandomNetwork {
  var net: Network
  /// Values of rank 4.
  private var values: [ValueID] = []

  /// - Parameter batch: pictures.
  init(_ seed: Int, steps: ClosedRange<Int> = 4...12) throws {
    net = Network(seed, "random\(seed)")
    let batch = net.pick([1, 1, 2, 3])
    let channels = net.pick([1, 2, 3, 3, 4, 5, 8, 16])
    let (height, width) = (net.number(1...13), net.number(1...13))
    values = [net.input("x", [.fixed(batch), .fixed(channels), .fixed(height), .fixed(width)])]
    if net.chance(30) {
      values.append(net.input("z", [.fixed(batch), 6, .fixed(height), .fixed(width)]))
    }
    for _ in 0..<net.number(steps) { try step() }
    try finish()
  }

  private mutating func any() -> ValueID {
    // The last value more often than others, so that there are chains.
    net.chance(55) ? values[values.count - 1] : net.pick(values)
  }

  private mutating func step() throws {
    let x = any()
    let shape = net.shape(x)
    switch net.number(0...15) {
    case 0...3: try convolution(x)
    case 4: try depthwise(x)
    case 5, 6: values.append(try activated(x))
    case 7: values.append(try net.add(Add(), x, net.pick(same(shape) { $0 == $1 })))
    case 8, 9: try concat(x)
    case 10: try split(x)
    case 11: try slice(x)
    case 12: try pool(x)
    case 13: try resize(x)
    case 14: values.append(try net.normalization(x))
    default:
      if net.chance(50) {
        values.append(try net.add(Mul(), x, net.add(Sigmoid(), x)))
      } else if net.chance(50) {
        // What has no kernel.
        values.append(try net.add(Transpose(permutation: [0, 1, 3, 2]), x))
      } else {
        values.append(try net.add(Abs(), x))
      }
    }
  }

  private func same(_ shape: Shape, _ agrees: (Shape, Shape) -> Bool) -> [ValueID] {
    values.filter { agrees(net.shape($0), shape) }
  }

  mutating func activated(_ x: ValueID) throws -> ValueID {
    switch net.number(0...9) {
    case 0...2: return try net.add(SiLU(), x)
    case 3: return try net.add(Relu(), x)
    case 4: return try net.add(LeakyRelu(alpha: 0.1), x)
    case 5: return try net.add(HardSwish(), x)
    case 6: return try net.add(net.chance(50) ? Sigmoid() as any Operator : Tanh(), x)
    case 7: return try net.add(HardSigmoid(alpha: 0.3, beta: 0.4), x)
    case 8:
      let lower = net.chance(70) ? net.constant(try Tensor([-0.4 as Float], shape: [])) : nil
      let upper = net.chance(70) ? net.constant(try Tensor([0.6 as Float], shape: [])) : nil
      return try net.add(Clip(), x, lower, upper)
    default: return try net.add(Mish(), x)
    }
  }

  private mutating func convolution(_ x: ValueID) throws {
    let shape = net.shape(x)
    var kernel = net.pick([[1, 1], [3, 3], [3, 3], [3, 3], [5, 5], [6, 6], [1, 3], [3, 2]])
    let plain = net.chance(40)
    let strides = plain ? [1, 1] : [net.number(1...3), net.number(1...3)]
    let dilations = plain || net.chance(60) ? [1, 1] : [net.number(1...2), net.number(1...2)]
    var pads = plain ? [kernel[0] / 2, kernel[1] / 2, kernel[0] / 2, kernel[1] / 2] : []
    if !plain { pads = (0..<4).map { _ in net.number(0...3) } }
    for axis in 0..<2 {
      let room = shape[axis + 2] + pads[axis] + pads[axis + 2]
      if (kernel[axis] - 1) * dilations[axis] + 1 > room { kernel[axis] = 1 }
    }
    let divisors = (1...shape[1]).filter { shape[1] % $0 == 0 && $0 <= 4 }
    let groups = net.chance(25) ? net.pick(divisors) : 1
    let filters = groups * net.number(1...max(1, (net.chance(20) ? 70 : 24) / groups))
    let result = try net.convolution(
      x,
      to: filters,
      kernel: kernel,
      strides: strides,
      pads: pads,
      dilations: dilations,
      groups: groups,
      autoPad: net.chance(10) ? net.pick([.sameUpper, .sameLower]) : .explicit,
      bias: net.chance(80)
    )
    values.append(net.chance(50) ? try activated(result) : result)
    // A shortcut, before or after the activation.
    if net.chance(40), let partner = same(net.shape(result), { $0 == $1 }).first,
      partner != values[values.count - 1]
    {
      values.append(try net.add(Add(), values[values.count - 1], partner))
      if net.chance(50) { values.append(try activated(values[values.count - 1])) }
    }
  }

  private mutating func depthwise(_ x: ValueID) throws {
    let channels = net.shape(x)[1]
    let stride = net.number(1...2)
    values.append(
      try net.convolution(
        x,
        to: channels * (net.chance(15) ? 2 : 1),
        strides: [stride, stride],
        groups: channels
      )
    )
  }

  private mutating func concat(_ x: ValueID) throws {
    let fitting = same(net.shape(x)) { $0[2] == $1[2] && $0[3] == $1[3] }
    var operands = [x]
    for _ in 0..<net.number(1...3) { operands.append(net.pick(fitting)) }
    guard operands.reduce(0, { $0 + net.shape($1)[1] }) <= 96 else { return }
    values.append(try net.addAll(Concat(axis: net.chance(80) ? 1 : -3), operands)[0])
  }

  private mutating func split(_ x: ValueID) throws {
    let channels = net.shape(x)[1]
    guard channels > 1 else { return }
    let first = net.number(1...channels - 1)
    let sizes = try net.list([first, channels - first])
    values += try net.addAll(Split(axis: 1, outputCount: 2), [x, sizes])
  }

  private mutating func slice(_ x: ValueID) throws {
    let shape = net.shape(x)
    let axes = net.pick([[1], [2], [3], [2, 3], [-1, 1], [1, 2, 3]])
    var (starts, ends, steps): ([Int], [Int], [Int]) = ([], [], [])
    for axis in axes {
      let extent = shape[(axis + 4) % 4]
      let start = net.number(0...extent - 1)
      starts.append(net.chance(20) ? start - extent : start)
      ends.append(net.chance(60) ? Int(Int32.max) : net.number(start + 1...extent))
      steps.append((axis + 4) % 4 == 1 ? 1 : net.number(1...2))
    }
    let lists = try [starts, ends, axes, steps].map { try net.list($0) }
    values.append(try net.addAll(Slice(), [x] + lists)[0])
  }

  private mutating func pool(_ x: ValueID) throws {
    let shape = net.shape(x)
    let size = net.pick([2, 3, 5])
    let pads = net.chance(60) ? [Int](repeating: size / 2, count: 4) : [0, 0, 0, 0]
    guard shape[2] + pads[0] * 2 >= size, shape[3] + pads[1] * 2 >= size else { return }
    let stride = net.pick([1, 1, 2, 3])
    let op = MaxPool(
      kernelShape: [size, size],
      strides: [stride, stride],
      pads: pads,
      ceilMode: net.chance(40)
    )
    values.append(try net.add(op, x))
  }

  private mutating func resize(_ x: ValueID) throws {
    let shape = net.shape(x)
    guard shape[2] * shape[3] < 200 else { return }
    let scale = net.pick([2, 2, 3, 2.5, 1.4, 1] as [Float])
    let forms: [Resize] = [
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      Resize(coordinateTransformation: .halfPixel, nearestMode: .roundPreferFloor),
      Resize(coordinateTransformation: .asymmetric, nearestMode: .ceil),
      Resize(mode: .linear, coordinateTransformation: .halfPixel),
    ]
    let scales = net.constant(try Tensor([1, 1, scale, scale] as [Float], shape: [4]))
    values.append(try net.add(net.pick([forms[0], forms[0], forms[1]] + forms), x, nil, scales))
  }

  /// Boxes of two heads now and then; the last value and some others as outputs.
  private mutating func finish() throws {
    let last = values[values.count - 1]
    if net.chance(35) {
      let masks = net.pick([0, 0, 3])
      let fields = 5 + net.number(1...4) + masks
      var heads: [ValueID] = []
      for _ in 0..<net.number(1...3) {
        let x = any()
        let stride = Float(8 << net.number(0...2))
        heads.append(
          try net.head(x, anchors: net.number(1...3), fields: fields, masks: masks, stride: stride)
        )
        if net.chance(20) {
          net.graph.markOutput(heads[heads.count - 1], named: "head\(heads.count)")
        }
      }
      let boxes = try net.addAll(Concat(axis: 1), heads)[0]
      net.graph.markOutput(boxes, named: "boxes")
    }
    net.graph.markOutput(last, named: "last")
    for index in 0..<net.number(0...3) {
      let other = net.pick(values)
      if !net.graph.outputs.contains(other) {
        // An input keeps its name.
        net.graph.markOutput(other, named: net.graph.inputs.contains(other) ? nil : "other\(index)")
      }
    }
  }

  /// Tensors for the inputs.
  mutating func inputs() throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for id in net.graph.inputs { tensors[net.graph[id].name] = try net.tensor(net.shape(id), 2) }
    return tensors
  }
}
