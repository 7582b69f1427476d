public import Images

/// A rendered picture with its exact truth.
///
/// A pixel belongs to the uppermost object that covers at least half of it. An object's box is the
/// tightest one round the pixels that belong to it, so hidden and cut-off parts do not count.
public struct Scene: Sendable {
  /// The picture.
  public let image: Image
  /// The objects, lowest first.
  public let objects: [SceneObject]
  /// Which object each pixel belongs to: one more than its place in `objects`, 0 for the
  /// background; `[H, W]`, row by row.
  public let owners: [UInt16]

  /// Renders scene number `index` of a data set.
  ///
  /// - Parameter seed: the data set's seed; each pair of seed and index is a scene of its own.
  /// - Throws: `scene.invalid-options`.
  public init(seed: UInt64, index: Int, options: SceneOptions = SceneOptions()) throws {
    try options.validate()
    var random = SceneRandom(seed: seed, index: UInt64(bitPattern: Int64(index)))
    var painter = ScenePainter(options)
    painter.paint(&random)
    image = painter.canvas.image
    owners = painter.canvas.owners
    objects = painter.measure()
  }
}
