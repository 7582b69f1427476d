extension Letterbox {
  /// Where one picture lies inside the network's input, and the way back.
  public struct Geometry: Sendable, Hashable {
    let steps: Steps
    let borders: Borders
    /// Letterbox pixels per source pixel, horizontally.
    public let scaleX: Double
    /// Letterbox pixels per source pixel, vertically.
    public let scaleY: Double
    /// Letterbox pixels left of the picture, as the way back counts them.
    public let padX: Double
    /// Letterbox pixels above the picture, as the way back counts them.
    public let padY: Double

    /// The picture's width in pixels.
    public var sourceWidth: Int { steps.sourceWidth }
    /// The picture's height in pixels.
    public var sourceHeight: Int { steps.sourceHeight }
    /// The width of the network's input in pixels.
    public var inputWidth: Int { steps.width + borders.left + borders.right }
    /// The height of the network's input in pixels.
    public var inputHeight: Int { steps.height + borders.top + borders.bottom }

    /// A box in source pixels, cut at the picture's edges.
    /// Source: YOLOv5 `general.scale_boxes`, `clip_boxes`, in single precision.
    public func sourceBox(_ box: Box) -> Box {
      let (right, bottom) = (Float(steps.sourceWidth), Float(steps.sourceHeight))
      func horizontal(_ x: Float) -> Float {
        min(max((x - Float(padX)) / Float(scaleX), 0), right)
      }
      func vertical(_ y: Float) -> Float {
        min(max((y - Float(padY)) / Float(scaleY), 0), bottom)
      }
      return Box(
        x1: horizontal(box.x1),
        y1: vertical(box.y1),
        x2: horizontal(box.x2),
        y2: vertical(box.y2)
      )
    }
  }

  /// The resizing steps, none to two.
  struct Steps: Sendable, Hashable {
    enum Method: Sendable, Hashable {
      case linear
      case area
    }
    struct Step: Sendable, Hashable {
      let width: Int
      let height: Int
      let method: Method
    }
    let sourceWidth: Int
    let sourceHeight: Int
    private(set) var first: Step?
    private(set) var second: Step?

    init(width: Int, height: Int) {
      sourceWidth = width
      sourceHeight = height
    }

    var width: Int { second?.width ?? first?.width ?? sourceWidth }
    var height: Int { second?.height ?? first?.height ?? sourceHeight }

    mutating func resize(width: Int, height: Int, _ method: Method) {
      guard width != self.width || height != self.height else { return }
      let step = Step(width: width, height: height, method: method)
      if first == nil { first = step } else { second = step }
    }
  }

  /// The grey on each side, in pixels. Source: YOLOv5 `augmentations.letterbox`.
  struct Borders: Sendable, Hashable {
    let x: Double
    let y: Double

    var left: Int { Self.rounded(x - 0.1) }
    var right: Int { Self.rounded(x + 0.1) }
    var top: Int { Self.rounded(y - 0.1) }
    var bottom: Int { Self.rounded(y + 0.1) }

    private static func rounded(_ value: Double) -> Int {
      max(0, Int(value.rounded(.toNearestOrEven)))
    }
  }
}
