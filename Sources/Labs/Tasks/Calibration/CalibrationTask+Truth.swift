import Graphs
import Metrics
import Passes
import Tensors

extension CalibrationTask {
  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let graph = try Self.graph(&random)
    let scheme: QuantizationScheme = index % 2 == 0 && group != "clean" ? .symmetric : .asymmetric
    let hidden = try (0..<4).map { _ in try Self.picture(&random) }
    var kinds = [Kind](repeating: .good, count: 16)
    if group == "dirty" {
      for (place, kind) in [
        (2, Kind.black), (5, .unscaled), (9, .heldOut), (13, .unscaled), (14, .black),
      ] {
        kinds[(place + random.index(below: 2)) % 16] = kind
      }
      // Two of them may have fallen on one place.
      for kind in [Kind.black, .unscaled, .heldOut] where !kinds.contains(kind) {
        kinds[kinds.firstIndex(of: .good) ?? 0] = kind
      }
    }
    var pictures: [Tensor] = []
    for kind in kinds {
      var picture = kind == .heldOut ? hidden[0] : try Self.picture(&random)
      var numbers = try picture.scalars(of: Float.self)
      if kind == .black { numbers = numbers.map { _ in 0 } }
      if kind == .unscaled { numbers = numbers.map { $0 * 255 } }
      // A pixel that the sensor gets wrong.
      if group == "outliers", pictures.count % 4 == 1 {
        numbers[random.index(below: numbers.count)] = 25 + Float(10 * random.fraction())
      }
      picture = try Tensor(numbers, shape: picture.shape)
      pictures.append(picture)
    }
    var problem = Problem(
      group: group,
      graph: graph,
      scheme: scheme,
      kinds: kinds,
      pictures: pictures,
      values: try Self.values(graph, pictures),
      clean: [:],
      hidden: hidden
    )
    if group == "outliers" {
      problem.clean = Self.ranges(problem, kinds.indices.filter { $0 % 4 != 1 })
    }
    return problem
  }

  /// Every value that is quantised, on each picture.
  private static func values(_ graph: Graph, _ pictures: [Tensor]) throws -> [String: [[Float]]] {
    let names = Set(InsertQuantization.observedValues(graph))
    let input = graph[graph.inputs[0]].name
    var values: [String: [[Float]]] = [:]
    for picture in pictures {
      if names.contains(input) {
        values[input, default: []].append(try picture.scalars(of: Float.self))
      }
      _ = try graph.evaluate(inputs: [input: picture]) { value, tensor in
        guard names.contains(value.name) else { return }
        values[value.name, default: []].append(try tensor.scalars(of: Float.self))
      }
    }
    return values
  }

  /// A picture of soft stripes, from 0 to 1.
  private static func picture(_ random: inout SplitMix) throws -> Tensor {
    let (a, b) = (random.fraction(), random.fraction())
    var numbers: [Float] = []
    for channel in 0..<3 {
      for y in 0..<side {
        for x in 0..<side {
          let wave = (a * Double(x) + b * Double(y) + Double(channel) / 3)
          let triangle = abs(wave.truncatingRemainder(dividingBy: 2) - 1)
          numbers.append(Float(0.8 * triangle + 0.2 * random.fraction()))
        }
      }
    }
    return try Tensor(numbers, shape: [1, 3, side, side])
  }

  /// Three convolutions, whose output channels differ in size by up to thirty.
  private static func graph(_ random: inout SplitMix) throws -> Graph {
    var graph = Graph(name: "calibration")
    let type = TensorType(.float32, [1, 3, .fixed(side), .fixed(side)])
    var last = graph.addInput("images", type)
    for (index, shape) in [[5, 3, 3, 3], [5, 5, 3, 3], [4, 5, 3, 3]].enumerated() {
      let name = "conv\(index + 1)"
      var numbers = WeightDraw.convolution(shape, &random)
      let perChannel = numbers.count / shape[0]
      for place in numbers.indices {
        // Channel 0 is the largest, the last ones are small.
        numbers[place] *= [1.6, 0.9, 0.4, 0.12, 0.05][place / perChannel]
      }
      let bias = WeightDraw.numbers(shape[0], -0.3, 0.3, &random)
      let operands: [ValueID?] = [
        last, graph.addConstant("\(name).weight", try Tensor(numbers, shape: Shape(shape))),
        graph.addConstant("\(name).bias", try Tensor(bias, shape: [shape[0]])),
      ]
      let op = Conv(kernelShape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1])
      last = try graph.add(op, operands, name: name)[0]
      if index < 2 {
        let gate = try graph.add(Sigmoid(), [last], name: "gate\(index + 1)")
        last = try graph.add(Mul(), [last, gate[0]], name: "act\(index + 1)")[0]
      }
    }
    graph.markOutput(last, named: "output")
    return graph
  }
}
