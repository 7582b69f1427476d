import Tensors

extension Graph {
  /// The arithmetic and traffic of one node, where its shapes are known.
  public func cost(of node: Node) -> Cost {
    node.op.cost(
      inputs: node.inputs.map { $0.map { self[$0].type } },
      outputs: node.outputs.map { self[$0].type }
    )
  }

  /// The sum over all nodes; unknown shapes count as nothing.
  public var cost: Cost {
    nodes.reduce(into: .zero) { total, node in
      let cost = cost(of: node)
      total.multiplyAdds = saturatingSum(total.multiplyAdds, cost.multiplyAdds)
      total.bytesRead = saturatingSum(total.bytesRead, cost.bytesRead)
      total.bytesWritten = saturatingSum(total.bytesWritten, cost.bytesWritten)
    }
  }

  /// The number of floating-point constants' elements, without scalars and lists of two or less
  /// (scales, thresholds): the weights.
  public var parameterCount: Int {
    constants.reduce(0) { total, value in
      guard let tensor = value.constant, tensor.scalarType.isFloatingPoint,
        tensor.shape.count > 2
      else { return total }
      return total + tensor.shape.count
    }
  }

  private func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
