/// What a labelled data set holds, as far as it was used.
public struct DatasetSummary: Sendable, Hashable, Codable {
  /// The file's or folder's name.
  public var name: String
  /// The kind: `coco`, `yolo`, `folder` or `synth`.
  public var format: String
  /// How many pictures were looked at.
  public var pictureCount: Int
  /// How many labelled objects they hold, crowds left out.
  public var instanceCount: Int
  /// How many labels stand for a crowd: what is found inside is neither right nor wrong.
  public var crowdCount: Int
  /// How many pictures hold no object.
  public var emptyPictureCount: Int
  /// Class names by class index.
  public var classNames: [String]

  /// Creates a summary.
  public init(
    name: String,
    format: String,
    pictureCount: Int,
    instanceCount: Int,
    crowdCount: Int = 0,
    emptyPictureCount: Int = 0,
    classNames: [String]
  ) {
    self.name = name
    self.format = format
    self.pictureCount = pictureCount
    self.instanceCount = instanceCount
    self.crowdCount = crowdCount
    self.emptyPictureCount = emptyPictureCount
    self.classNames = classNames
  }
}
