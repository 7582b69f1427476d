import Formats
import Graphs
import Tensors

/// What a `Detect` or `Segment` module says about boxes.
struct DetectionHead {
  let module: Module
  let kind: HeadKind
  /// The convolution of each level, the finest first.
  let convolutions: [Module]
  let classCount: Int
  /// Mask coefficients per box; 0 without masks.
  let maskCount: Int
  let anchorCount: Int
  /// Input pixels per cell of each level; nil where the checkpoint does not say.
  let strides: [Int]?
  /// Width and height of each prior box in cells, by level.
  private let cellAnchors: [[Float]]

  /// Values per box: centre, size, objectness, classes, mask coefficients.
  var outputCount: Int { 5 + classCount + maskCount }

  /// Reads the head, checking that its parts fit each other.
  /// - Throws: `model.incomplete-module`, `model.unsupported-variant`.
  init(_ module: Module, _ kind: HeadKind, root: Module) throws {
    let known: Set<String> = ["m", "proto"]
    if let stranger = module.record.children.first(where: { !known.contains($0.name) }) {
      throw module.unsupported("submodule '\(stranger.name)'")
    }
    let convolutions = try module.child("m").children
    let classCount = try module.int("nc")
    let maskCount = kind == .segment ? try module.int("nm") : 0
    let anchors = try module.tensor("anchors")
    let levels = convolutions.count
    guard levels > 0, anchors.shape.rank > 1, anchors.shape[0] == levels,
      anchors.shape.count % (2 * levels) == 0, anchors.shape.count > 0
    else { throw module.incomplete("anchors: shape \(anchors.shape) for \(levels) levels") }
    let anchorCount = anchors.shape.count / (2 * levels)
    guard (1...65_536).contains(classCount), (0...4096).contains(maskCount) else {
      throw module.incomplete("class count \(classCount) or mask count \(maskCount)")
    }
    for convolution in convolutions {
      let channels = try convolution.tensor("weight").shape.dimensions.first ?? 0
      guard channels == anchorCount * (5 + classCount + maskCount) else {
        throw module.unsupported(
          "\(channels) channels at \(convolution.path) for \(anchorCount) anchors and "
            + "\(classCount) classes"
        )
      }
    }
    let values = try anchors.floats()
    guard values.allSatisfy(\.isFinite) else { throw module.incomplete("finite anchors") }
    let width = 2 * anchorCount
    self.cellAnchors = (0..<levels).map { Array(values[$0 * width..<($0 + 1) * width]) }
    self.strides = try Self.strides(module, root, levels)
    self.module = module
    self.kind = kind
    self.convolutions = convolutions
    self.classCount = classCount
    self.maskCount = maskCount
    self.anchorCount = anchorCount
  }

  private static func strides(
    _ module: Module,
    _ root: Module,
    _ levels: Int
  ) throws -> [Int]? {
    for tensor in [module.optionalTensor("stride"), root.optionalTensor("stride")] {
      guard let values = try tensor?.floats(), values.count == levels else { continue }
      let strides = values.compactMap { Int(exactly: $0) }
      guard strides.count == levels, strides.allSatisfy({ (1...4096).contains($0) }) else {
        throw module.incomplete("strides: \(values)")
      }
      return strides
    }
    return nil
  }

  /// The levels with their prior boxes in input pixels: cells times stride, whatever the
  /// configuration in the file says. Source: YOLOv5 models/yolo.py, Detect.
  func levels(strides: [Int]) -> [ModelContract.Level] {
    zip(strides, cellAnchors).map { stride, cells in
      let pixels = cells.map { $0 * Float(stride) }
      let anchors = Swift.stride(from: 0, to: pixels.count, by: 2).map {
        ModelContract.Anchor(width: pixels[$0], height: pixels[$0 + 1])
      }
      return ModelContract.Level(stride: stride, anchors: anchors)
    }
  }
}
