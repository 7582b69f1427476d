import Diagnostics
import Files
import Images

/// Any number of scenes, numbered from 0, written as a data set in COCO's layout.
public struct SceneDataset: Sendable {
  /// Which version of the renderer this is: it changes when the same seed gives other pictures.
  public static let generatorVersion = 1

  /// What the scenes look like.
  public var options: SceneOptions

  /// Creates a data set.
  public init(_ options: SceneOptions = SceneOptions()) { self.options = options }
}
