public import Graphs

extension Graph {
  /// 10⁹ operations of `nodes` as YOLOv5's tables state them: those of products (convolutions,
  /// matrices) and normalisations, a multiply-add as two; activations and pooling are not counted.
  public func gigaFLOPs(of nodes: some Sequence<Node>) -> Double {
    nodes.reduce(0) { total, node in
      let multiplyAdds = Double(cost(of: node).multiplyAdds)
      return switch node.op {
      case is Conv, is ConvTranspose, is Gemm, is MatMul: total + 2e-9 * multiplyAdds
      // Two operations per number to normalise, two to scale.
      case is BatchNormalization: total + 4e-9 * multiplyAdds
      default: total
      }
    }
  }
}
