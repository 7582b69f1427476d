import Diagnostics

/// Scales a picture to fit and pads it with grey, as training did.
public struct Letterbox: Sendable, Hashable, Codable {
  /// What becomes of the room that the picture's shape leaves.
  public enum Fit: String, Sendable, Hashable, Codable, CaseIterable {
    /// Padded to the whole size.
    case square
    /// Padded to the next multiple of the stride only.
    case minimumRectangle
    /// None left: each axis is scaled on its own.
    case stretch
  }

  /// Which of YOLOv5's ways of scaling.
  public enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
    /// One bilinear step; sizes are rounded. Source: YOLOv5 `augmentations.letterbox`.
    case detection
    /// The longer side is scaled to the size first, by area when shrinking, sizes rounded up;
    /// never enlarged after that. Source: YOLOv5 `dataloaders.LoadImagesAndLabels.load_image`.
    case evaluation
    /// As ``evaluation``, with sizes rounded down. Source: `load_image` up to YOLOv5 v6.2.
    case earlyEvaluation
  }

  /// Which way of scaling.
  public var rule = Rule.detection
  /// What becomes of the room left.
  public var fit = Fit.square
  /// Whether pictures smaller than the size are enlarged (detection rule).
  public var allowsUpscaling = true
  /// The height to fit into, in pixels.
  public var height = 640
  /// The width to fit into, in pixels.
  public var width = 640
  /// Rectangles are padded to multiples of it, in pixels.
  public var stride = 32
  /// The grey of the border.
  public var padValue: UInt8 = 114

  /// Creates YOLOv5's default: 640×640, detection rule.
  public init() {}

  /// Where a picture of a given size comes to lie.
  /// - Throws: `detector.invalid-size` for sizes that cannot be scaled.
  public func geometry(sourceWidth: Int, sourceHeight: Int) throws -> Geometry {
    let valid = 1...1 << 20
    guard
      valid.contains(sourceWidth), valid.contains(sourceHeight), valid.contains(width),
      valid.contains(height), valid.contains(stride)
    else {
      throw DeployError(
        .detectorInvalidSize,
        "a picture of \(sourceWidth)×\(sourceHeight) does not fit into \(width)×\(height)",
        remedy: "give pictures and sizes of 1 to \(1 << 20) pixels a side"
      )
    }
    switch rule {
    case .detection: return detectionGeometry(sourceWidth, sourceHeight)
    case .evaluation, .earlyEvaluation: return evaluationGeometry(sourceWidth, sourceHeight)
    }
  }

  private func detectionGeometry(_ sourceWidth: Int, _ sourceHeight: Int) -> Geometry {
    let (w, h) = (Double(sourceWidth), Double(sourceHeight))
    var steps = Steps(width: sourceWidth, height: sourceHeight)
    let borders: Borders
    if fit == .stretch {
      steps.resize(width: width, height: height, .linear)
      borders = Borders(x: 0, y: 0)
    } else {
      borders = fitInto(width: width, height: height, mayEnlarge: allowsUpscaling, &steps)
    }
    let inputWidth = steps.width + borders.left + borders.right
    let inputHeight = steps.height + borders.top + borders.bottom
    // `scale_boxes` computes the gain anew from the sizes, so that is what is undone here.
    var gain = min(Double(inputHeight) / h, Double(inputWidth) / w)
    if !allowsUpscaling { gain = min(gain, 1) }
    let isStretched = fit == .stretch
    return Geometry(
      steps: steps,
      borders: borders,
      scaleX: isStretched ? Double(width) / w : gain,
      scaleY: isStretched ? Double(height) / h : gain,
      padX: isStretched ? 0 : (Double(inputWidth) - w * gain) / 2,
      padY: isStretched ? 0 : (Double(inputHeight) - h * gain) / 2
    )
  }

  private func evaluationGeometry(_ sourceWidth: Int, _ sourceHeight: Int) -> Geometry {
    let (w, h) = (Double(sourceWidth), Double(sourceHeight))
    let size = Double(max(width, height))
    let ratio = size / max(w, h)
    var steps = Steps(width: sourceWidth, height: sourceHeight)
    if ratio != 1 {
      let rounding = rule == .earlyEvaluation ? FloatingPointRoundingRule.down : .up
      steps.resize(
        width: max(1, Int((w * ratio).rounded(rounding))),
        height: max(1, Int((h * ratio).rounded(rounding))),
        ratio > 1 ? .linear : .area
      )
    }
    let gain = Double(steps.height) / h
    var (inputWidth, inputHeight) = (width, height)
    if fit == .minimumRectangle {
      inputWidth = padded(min(1, w / h) * size)
      inputHeight = padded(min(1, h / w) * size)
    }
    let borders = fitInto(width: inputWidth, height: inputHeight, mayEnlarge: false, &steps)
    return Geometry(
      steps: steps,
      borders: borders,
      scaleX: gain,
      scaleY: gain,
      padX: borders.x,
      padY: borders.y
    )
  }

  /// Source: YOLOv5 `dataloaders`, `batch_shapes`, with the half stride that `val` adds.
  private func padded(_ extent: Double) -> Int {
    Int((extent / Double(stride) + 0.5).rounded(.up)) * stride
  }

  /// Appends the bilinear step and gives the borders.
  private func fitInto(
    width: Int,
    height: Int,
    mayEnlarge: Bool,
    _ steps: inout Steps
  ) -> Borders {
    let (w, h) = (Double(steps.width), Double(steps.height))
    var ratio = min(Double(height) / h, Double(width) / w)
    if !mayEnlarge { ratio = min(ratio, 1) }
    let newWidth = max(1, Int((w * ratio).rounded(.toNearestOrEven)))
    let newHeight = max(1, Int((h * ratio).rounded(.toNearestOrEven)))
    var (roomX, roomY) = (width - newWidth, height - newHeight)
    if rule == .detection, fit == .minimumRectangle {
      roomX %= stride
      roomY %= stride
    }
    steps.resize(width: newWidth, height: newHeight, .linear)
    return Borders(x: Double(roomX) / 2, y: Double(roomY) / 2)
  }
}
