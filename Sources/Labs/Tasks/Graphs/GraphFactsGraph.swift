import Graphs
import Metrics
import Tensors

/// A list of nodes as a graph of the project's own operators.
struct GraphFactsGraph {
  var graph = Graph(name: "facts")
  /// The value that each node writes, and the picture's.
  var values: [String: ValueID] = [:]

  /// - Parameters:
  ///   - inputs: names and shapes of what the network reads; the picture alone by default.
  ///   - outputs: pairs of a node and the name that its value has as an output.
  ///   - weight: the numbers of a constant by name and shape.
  init(
    _ problem: GraphFactsTask.Problem,
    inputs: [(source: String, name: String, shape: [Int])]? = nil,
    outputs: [(source: String, name: String)]? = nil,
    weight: (_ name: String, _ shape: Shape) throws -> Tensor
  ) throws {
    for input in inputs ?? [("image", "image", problem.input)] {
      values[input.source] = graph.addInput(input.name, TensorType(.float32, Shape(input.shape)))
    }
    for step in problem.nodes {
      var operands = step.inputs.compactMap { values[$0] }
      if step.op == "Conv" {
        let channels = step.channels ?? 1
        let from = graph[operands[0]].type.dimensions[1].value ?? 1
        let (kernel, groups) = (step.kernel ?? 1, step.groups ?? 1)
        let shape = Shape([channels, from / groups, kernel, kernel])
        let name = "\(step.name).weight"
        operands.append(graph.addConstant(name, try weight(name, shape)))
        if step.bias == true {
          let name = "\(step.name).bias"
          operands.append(graph.addConstant(name, try weight(name, [channels])))
        }
      }
      values[step.name] = try graph.add(Self.operation(step), operands, name: step.name)[0]
    }
    for output in outputs ?? problem.outputs.map({ ($0, $0) }) {
      if let value = values[output.source] { graph.markOutput(value, named: output.name) }
    }
  }

  private static func operation(_ step: GraphFactsTask.Step) throws -> any Operator {
    let (kernel, stride, pad) = (step.kernel ?? 1, step.stride ?? 1, step.pad ?? 0)
    switch step.op {
    case "Conv":
      return Conv(
        kernelShape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
        groups: step.groups ?? 1
      )
    case "MaxPool":
      return MaxPool(
        kernelShape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad]
      )
    case "Add": return Add()
    case "Concat": return Concat(axis: 1)
    default: return Relu()
    }
  }
}
