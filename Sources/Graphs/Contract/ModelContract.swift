/// What a user of a network must know beyond its tensors. It travels with the graph, inside the
/// ONNX file (as metadata) and inside plans, so that nothing is hard-coded downstream.
public struct ModelContract: Sendable, Hashable, Codable {
  /// What the network answers.
  public enum Task: String, Sendable, Hashable, Codable {
    case detect
    case segment
    case classify
  }

  /// What form the detections leave the network in.
  public enum Head: String, Sendable, Hashable, Codable {
    /// One tensor [N, anchors, 5 + classes (+ masks)]: boxes as centre x, centre y, width and
    /// height in letterbox pixels, scores after the sigmoid.
    case decoded
    /// One tensor [N, anchors per cell, h, w, 5 + classes (+ masks)] per level, before the
    /// sigmoid.
    case raw
    /// One tensor [detections, 7]: image index, x1, y1, x2, y2 in letterbox pixels, class,
    /// confidence, after suppression.
    case end2end
  }

  /// One prior box: width and height in input pixels.
  public struct Anchor: Sendable, Hashable, Codable {
    /// Width in input pixels.
    public var width: Float
    /// Height in input pixels.
    public var height: Float
    /// Creates an anchor.
    public init(width: Float, height: Float) {
      self.width = width
      self.height = height
    }
  }

  /// One head level.
  public struct Level: Sendable, Hashable, Codable {
    /// Input pixels per cell.
    public var stride: Int
    /// The prior boxes, in the order of the head's channels.
    public var anchors: [Anchor]
    /// Creates a level.
    public init(stride: Int, anchors: [Anchor]) {
      self.stride = stride
      self.anchors = anchors
    }
  }

  /// How pixels become the input tensor.
  public struct Preprocessing: Sendable, Hashable, Codable {
    /// What a picture of another shape undergoes.
    public enum Fit: String, Sendable, Hashable, Codable {
      /// Scale to fit, pad with ``padValue``.
      case letterbox
      /// Scale the shorter side, cut the centre (classification).
      case centreCrop
    }
    /// What a picture of another shape undergoes.
    public var fit: Fit = .letterbox
    /// Channel order of the input tensor.
    public var channelOrder = "RGB"
    /// Tensor value = (pixel · scale − mean) / deviation, per channel.
    public var scale: Float = 1 / 255
    /// Subtracted per channel, after ``scale``.
    public var mean: [Float] = [0, 0, 0]
    /// Divided by per channel, after ``mean``.
    public var deviation: [Float] = [1, 1, 1]
    /// The grey of the letterbox border, before scaling.
    public var padValue: UInt8 = 114
    /// Creates YOLOv5's detection preprocessing.
    public init() {}
  }

  /// What the network answers.
  public var task: Task
  /// What form the detections leave the network in.
  public var head: Head = .decoded
  /// The model family and era in words, such as `YOLOv5 v6.0`.
  public var family: String
  /// Class names by class index.
  public var classNames: [String]
  /// Head levels from the finest to the coarsest; empty for classification.
  public var levels: [Level]
  /// Mask coefficients per anchor (segmentation), otherwise 0.
  public var maskCount = 0
  /// The input height and width in pixels that the network was made for: [H, W].
  public var inputSize: [Int]
  /// How pixels become the input tensor.
  public var preprocessing = Preprocessing()

  /// Creates a contract.
  public init(
    task: Task,
    family: String,
    classNames: [String],
    levels: [Level],
    inputSize: [Int]
  ) {
    self.task = task
    self.family = family
    self.classNames = classNames
    self.levels = levels
    self.inputSize = inputSize
  }

  /// The largest stride in pixels: input sizes are multiples of it. 32 where there is no head.
  public var stride: Int { levels.map(\.stride).max() ?? 32 }
}
