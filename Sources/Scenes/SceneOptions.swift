public import Diagnostics

/// What scenes look like. The same options, seed and index give the same picture everywhere.
public struct SceneOptions: Sendable, Hashable, Codable {
  /// Pixels per row.
  public var width = 320
  /// Rows.
  public var height = 320
  /// How many objects are tried; one that finds no place is left out.
  public var objects = 1...7
  /// The diameter of an object's circumscribed circle, as a share of the shorter side.
  public var scale = 0.03...0.5
  /// The least share of an object's own pixels that stays visible.
  public var minimumVisibleShare = 0.7
  /// The most lines and blobs behind the objects.
  public var maximumClutter = 14
  /// The most noise added to a byte.
  public var maximumNoise = 20

  /// Creates options: pictures of 320 × 320 pixels unless said otherwise.
  public init(width: Int = 320, height: Int = 320) {
    self.width = width
    self.height = height
  }

  /// Checks the ranges.
  /// - Throws: `scene.invalid-options`.
  public func validate() throws {
    try check((16...8192).contains(width) && (16...8192).contains(height), "--size") {
      "\(width)×\(height) is not between 16 and 8192 pixels"
    }
    try check(objects.lowerBound >= 0 && objects.upperBound <= 1000, "--objects") {
      "\(objects) objects are not between 0 and 1000"
    }
    try check(scale.lowerBound > 0 && scale.upperBound <= 1, "--scale") {
      "a scale of \(scale) is not above 0 and at most 1"
    }
    try check((0...1).contains(minimumVisibleShare), "--visible") {
      "a visible share of \(minimumVisibleShare) is not between 0 and 1"
    }
    try check((0...10000).contains(maximumClutter) && (0...255).contains(maximumNoise), nil) {
      "clutter \(maximumClutter) or noise \(maximumNoise) is out of range"
    }
  }

  private func check(_ holds: Bool, _ option: String?, _ message: () -> String) throws {
    guard !holds else { return }
    throw DeployError(
      .sceneInvalidOptions,
      message(),
      at: option.map { .option($0) },
      remedy: "choose a value within the range"
    )
  }
}

extension Diagnostic.ID {
  /// Options that no scene can be drawn with.
  public static let sceneInvalidOptions: Self = "scene.invalid-options"
}
