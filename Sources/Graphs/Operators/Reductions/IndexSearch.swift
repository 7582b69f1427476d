import Diagnostics
import Tensors

/// How ``ArgMax`` and ``ArgMin`` search an axis.
public struct IndexSearch: Sendable, Hashable {
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Whether the axis stays, with extent 1.
  public let keepsAxis: Bool
  /// Whether the last of equal elements is chosen.
  public let selectsLast: Bool

  init(axis: Int, keepsAxis: Bool, selectsLast: Bool) {
    self.axis = axis
    self.keepsAxis = keepsAxis
    self.selectsLast = selectsLast
  }

  init(_ attributes: Attributes) throws {
    axis = try attributes.int("axis", default: 0)
    keepsAxis = try attributes.int("keepdims", default: 1) != 0
    selectsLast = try attributes.int("select_last_index", default: 0) != 0
  }

  var attributes: [String: Attribute] {
    [
      "axis": .int(Int64(axis)), "keepdims": .int(keepsAxis ? 1 : 0),
      "select_last_index": .int(selectsLast ? 1 : 0),
    ]
  }

  func type(for x: TensorType, of name: String) throws -> TensorType {
    try checkElements(x.scalarType, of: name, integers: true)
    let axis = try normalized(self.axis, rank: x.rank)
    guard x.dimensions[axis] != 0 else {
      throw DeployError.operand("axis \(axis) of \(x) is empty")
    }
    var dimensions = x.dimensions
    if keepsAxis { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    return TensorType(.int64, dimensions)
  }

  func indices(in x: Tensor, _ shape: Shape, _ isBetter: (Double, Double) -> Bool) throws -> Tensor
  {
    let axis = try normalized(self.axis, rank: x.shape.rank)
    let values = try x.reduced(over: [axis]) { elements in
      var best = elements.startIndex
      for index in elements.indices.dropFirst() {
        let isEqual = selectsLast && elements[index] == elements[best]
        if isEqual || isBetter(elements[index], elements[best]) { best = index }
      }
      return Double(best - elements.startIndex)
    }
    return try Tensor(reals: values, shape: shape, as: .int64)
  }
}
