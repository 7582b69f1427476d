import Graphs
import Tensors

/// `Sum`: the first input plus the others, each times 2 · sigmoid(w) where it is weighted.
/// Source: YOLOv5 models/experimental.py, Sum.
enum SumKind: ModuleKind {
  static let names = ["Sum"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    guard var sum = inputs.first else { throw module.incomplete("input") }
    let weights = module.bool("weight", default: false) ? try module.weight("w") : nil
    guard weights.map({ $0.shape.count == inputs.count - 1 }) ?? true else {
      throw module.incomplete("weight per input")
    }
    for (index, input) in inputs.dropFirst().enumerated() {
      var term = input
      if let weights {
        let factor = Tensor(deferred: [], .float32) {
          let raw = try weights.floats()[index]
          return Tensor(scalar: 2 * Activation.sigmoid(raw))
        }
        let constant = network.graph.addConstant("\(module.path).w.\(index)", factor)
        term = try network.multiply(term, constant, of: module, part: "scale\(index)")
      }
      sum = try network.add(sum, term, of: module, part: "add\(index)")
    }
    return sum
  }
}
