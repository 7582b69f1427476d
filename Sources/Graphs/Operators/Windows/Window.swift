import Diagnostics
import Tensors

/// How padding is chosen. Source: ONNX Conv `auto_pad`.
public enum AutoPadding: String, Sendable, Hashable {
  /// As `pads` says.
  case explicit = "NOTSET"
  /// So that the result has ⌈extent / stride⌉ positions, the odd one at the end.
  case sameUpper = "SAME_UPPER"
  /// The same, the odd one at the beginning.
  case sameLower = "SAME_LOWER"
  /// None.
  case valid = "VALID"
}

/// A sliding window over the spatial axes. Empty lists stand for all ones (pads: zeros).
public struct Window: Sendable, Hashable {
  /// The extent along each spatial axis; empty where the weights tell.
  public let kernelShape: [Int]
  /// The step along each axis.
  public let strides: [Int]
  /// The padding: every axis' beginning, then every axis' end.
  public let pads: [Int]
  /// The distance between neighbouring taps along each axis.
  public let dilations: [Int]
  /// How padding is chosen.
  public let autoPad: AutoPadding

  /// Creates a window.
  public init(
    kernelShape: [Int] = [],
    strides: [Int] = [],
    pads: [Int] = [],
    dilations: [Int] = [],
    autoPad: AutoPadding = .explicit
  ) {
    self.kernelShape = kernelShape
    self.strides = strides
    self.pads = pads
    self.dilations = dilations
    self.autoPad = autoPad
  }

  init(_ attributes: Attributes) throws {
    let text = try attributes.string("auto_pad", default: "NOTSET")
    guard let autoPad = AutoPadding(rawValue: text) else {
      throw DeployError.attribute("auto_pad '\(text)' does not exist")
    }
    self.init(
      kernelShape: try attributes.ints("kernel_shape") ?? [],
      strides: try attributes.ints("strides") ?? [],
      pads: try attributes.ints("pads") ?? [],
      dilations: try attributes.ints("dilations") ?? [],
      autoPad: autoPad
    )
  }

  var attributes: [String: Attribute] {
    var result: [String: Attribute] = [:]
    if !kernelShape.isEmpty { result["kernel_shape"] = .ints(kernelShape.map(Int64.init)) }
    if !strides.isEmpty { result["strides"] = .ints(strides.map(Int64.init)) }
    if !pads.isEmpty, autoPad == .explicit { result["pads"] = .ints(pads.map(Int64.init)) }
    if !dilations.isEmpty { result["dilations"] = .ints(dilations.map(Int64.init)) }
    if autoPad != .explicit { result["auto_pad"] = .string(autoPad.rawValue) }
    return result
  }

  /// The window along each of `rank` spatial axes.
  /// - Throws: `graph.invalid-attribute` where a list has another length or a number is out of range.
  func axes(rank: Int, kernel: [Int]? = nil) throws -> [WindowAxis] {
    let kernel = kernel ?? kernelShape
    guard kernelShape.isEmpty || kernelShape == kernel else {
      throw DeployError.attribute(
        "kernel_shape \(kernelShape) is not that of the weights, \(kernel)"
      )
    }
    let steps = strides.isEmpty ? [Int](repeating: 1, count: rank) : strides
    let gaps = dilations.isEmpty ? [Int](repeating: 1, count: rank) : dilations
    let ends = pads.isEmpty ? [Int](repeating: 0, count: 2 * rank) : pads
    guard kernel.count == rank, steps.count == rank, gaps.count == rank, ends.count == 2 * rank
    else {
      throw DeployError.attribute(
        "kernel \(kernel), strides \(steps), pads \(ends), dilations \(gaps) do not fit "
          + "\(rank) spatial axes"
      )
    }
    let limit = 1 << 24
    guard (kernel + steps + gaps).allSatisfy({ $0 > 0 && $0 <= limit }),
      ends.allSatisfy({ $0 >= 0 && $0 <= limit })
    else {
      throw DeployError.attribute(
        "kernel \(kernel), strides \(steps), pads \(ends), dilations \(gaps) are out of range"
      )
    }
    return (0..<rank).map { axis in
      WindowAxis(
        kernel: kernel[axis],
        stride: steps[axis],
        dilation: gaps[axis],
        begin: ends[axis],
        end: ends[rank + axis],
        autoPad: autoPad
      )
    }
  }
}

extension Window {
  /// The padding of a kernel over spatial axes of known extents: every axis' beginning, then every
  /// axis' end.
  public func padding(kernel: [Int], over extents: [Int]) throws -> [Int] {
    let sides = try zip(axes(rank: kernel.count, kernel: kernel), extents).map {
      $0.padding(of: $1)
    }
    return sides.map(\.begin) + sides.map(\.end)
  }
}

/// A window along one axis.
struct WindowAxis {
  let kernel: Int
  let stride: Int
  let dilation: Int
  let begin: Int
  let end: Int
  let autoPad: AutoPadding

  /// From the first tap to the last.
  var span: Int { (kernel - 1) * dilation + 1 }

  /// The padding for a known extent.
  func padding(of extent: Int) -> (begin: Int, end: Int) {
    switch autoPad {
    case .explicit: return (begin, end)
    case .valid: return (0, 0)
    case .sameUpper, .sameLower:
      let positions = (extent + stride - 1) / stride
      let total = max(0, (positions - 1) * stride + span - extent)
      let small = total / 2
      return autoPad == .sameUpper ? (small, total - small) : (total - small, small)
    }
  }

  /// The number of positions. A position of a rounded-up count must start inside the input or
  /// the padding before it. Source: ONNX MaxPool, opset 22.
  func positions(over extent: Dimension, roundingUp: Bool = false) throws -> Dimension {
    guard let value = extent.value else { return keepsExtent ? extent : .unknown }
    let (begin, end) = padding(of: value)
    let (room, overflow) = value.addingReportingOverflow(begin + end - span)
    guard !overflow, room >= 0 else {
      throw DeployError.operand(
        "a window of \(span) does not fit \(value) elements padded by \(begin) and \(end)"
      )
    }
    var count = room / stride + 1
    if roundingUp, room % stride != 0, count * stride < value + begin { count += 1 }
    return .fixed(count)
  }

  /// Whether every extent stays as it is.
  private var keepsExtent: Bool {
    guard stride == 1 else { return false }
    switch autoPad {
    case .explicit: return begin + end == span - 1
    case .sameUpper, .sameLower: return true
    case .valid: return span == 1
    }
  }

  /// The input coordinate of each tap at each position: `[positions][kernel]`, -1 in the padding.
  func coordinates(extent: Int, positions: Int) throws -> [[Int]] {
    guard positions.multipliedReportingOverflow(by: kernel).partialValue <= 1 << 26 else {
      throw DeployError.operand("a window of \(kernel) taps at \(positions) positions is too large")
    }
    let begin = padding(of: extent).begin
    return (0..<positions).map { position in
      (0..<kernel).map { tap in
        let coordinate = position * stride + tap * dilation - begin
        return coordinate >= 0 && coordinate < extent ? coordinate : -1
      }
    }
  }
}
