import Glibc

/// The real checkpoints and pictures that are not part of the project.
public enum SharedData {
  /// `VITRINE_TEST_DATA`, or `../shared/data` beside the checkout; nil where neither exists.
  public static let root: String? = {
    let stated = getenv("VITRINE_TEST_DATA").map { String(cString: $0) }
    let beside = checkout + "/../shared/data"
    return [stated, beside].compactMap { $0 }.first { access($0 + "/models", R_OK) == 0 }
  }()

  /// The checkout that these tests belong to.
  public static let checkout: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Whether the data is at hand: tests that need it are skipped where it is not.
  public static var isAvailable: Bool { root != nil }

  /// The path of one file, such as `models/yolov5n_v7.0.pt`.
  public static func path(_ name: String) -> String { (root ?? "/nonexistent") + "/" + name }
}
