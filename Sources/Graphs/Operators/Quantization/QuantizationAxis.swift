import Diagnostics
import Tensors

/// Which scale belongs to which element: one for all, or one per position along an axis.
struct QuantizationAxis {
  let scales: [Double]
  let zeroPoints: [Int64]
  private let inner: Int

  init(_ x: Shape, scale: Tensor, zeroPoint: Tensor?, axis: Int) throws {
    scales = try scale.reals()
    zeroPoints = try zeroPoint?.wholes() ?? [Int64](repeating: 0, count: scales.count)
    inner =
      scale.shape.rank == 0
      ? max(1, x.count)
      : x.dimensions[(try normalized(axis, rank: x.rank) + 1)...].reduce(1, *)
  }

  /// The place of the scale of an element.
  func index(of element: Int) -> Int { scales.count == 1 ? 0 : element / inner % scales.count }

  /// - Throws: `graph.invalid-operand` where scale and zero point do not fit the operand.
  static func check(_ x: TensorType, _ scale: TensorType, _ zero: TensorType?, axis: Int) throws {
    guard scale.rank <= 1, scale.scalarType.isFloatingPoint, scale.dimensions != [0] else {
      throw DeployError.operand("the scale \(scale) is neither a number nor a list of numbers")
    }
    if scale.rank == 1, scale.dimensions[0] != 1 {
      let axis = try normalized(axis, rank: x.rank)
      _ = try scale.dimensions[0].merged(with: x.dimensions[axis])
    }
    if let zero, !zero.isCompatible(with: TensorType(zero.scalarType, scale.dimensions)) {
      throw DeployError.operand("the zero point \(zero) does not fit the scale \(scale)")
    }
  }
}
