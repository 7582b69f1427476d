import Scenes

/// A seed → pictures with exact truth.
public struct SynthJob: Sendable {
  /// What was written.
  public struct Result: Sendable, Codable {
    /// The folder.
    public var folder: String
    /// The seed.
    public var seed: UInt64
    /// How many pictures.
    public var pictureCount: Int
  }

  let folder: String
  let count: Int
  let seed: UInt64
  let size: Int

  /// Creates a job for `count` square pictures of `size` pixels.
  public init(folder: String, count: Int, seed: UInt64, size: Int) {
    self.folder = folder
    self.count = count
    self.seed = seed
    self.size = size
  }

  /// Renders and writes `images/` and `annotations.json`.
  public func run(progress: ProgressHandler = { _ in }) throws -> Result {
    progress(.began(stage: "render", total: count))
    let dataset = SceneDataset(SceneOptions(width: size, height: size))
    try dataset.write(count: count, seed: seed, to: folder) { progress(.advanced($0)) }
    progress(.finished(summary: "\(count) pictures in \(folder)"))
    return Result(folder: folder, seed: seed, pictureCount: count)
  }
}
