public import Detectors

/// Where a network in 8 bits first finds something else than the float network, and the layer that is
/// to blame.
public struct Bisection: Sendable, Hashable, Codable {
  /// One layer put back to float alone.
  public struct Suspect: Sendable, Hashable, Codable {
    /// The convolution's name.
    public var name: String
    /// Its path in the checkpoint.
    public var module: String
    /// How wrong the box still is: 1 less IoU · (1 less the difference of the confidences); 1 where it
    /// is not found.
    public var error: Double
    /// Creates a suspect.
    public init(name: String, module: String, error: Double) {
      self.name = name
      self.module = module
      self.error = error
    }
  }

  /// The float network's file.
  public var reference: String
  /// The quantised network's file.
  public var model: String
  /// Pictures that were looked at.
  public var pictureCount: Int
  /// Pictures with a box that is lost, made up, or too different.
  public var wrongPictureCount: Int
  /// The picture; nil where nothing is wrong.
  public var picture: String?
  /// What the float network finds there.
  public var expected: Detection?
  /// What the quantised network finds instead; nil where it finds nothing.
  public var found: Detection?
  /// How wrong the box is, as ``Suspect/error``.
  public var error = 0.0
  /// The first layer of the network with which, and all after it, in 8 bits the box is wrong, while
  /// it is right once that layer is float, too.
  public var layer: Suspect?
  /// Every layer put back to float alone: what helps most first.
  public var suspects: [Suspect] = []

  /// Creates a result of nothing found.
  public init(reference: String, model: String, pictureCount: Int, wrongPictureCount: Int) {
    self.reference = reference
    self.model = model
    self.pictureCount = pictureCount
    self.wrongPictureCount = wrongPictureCount
  }
}
