import CWebAssets

/// Scripts, styles and words that are compiled into the program.
public enum WebAsset {
  /// The visual tools' scripts, in the order in which a page needs them. Whoever shows the tools
  /// on another page includes these, ``styles`` and the words of ``Words``.
  public static let scripts = [
    "core.js", "viewport.js", "charts.js", "structure.js", "structure-panels.js", "timeline.js",
    "heatmap.js",
  ]
  /// The page's and the tools' styles.
  public static let styles = ["style.css", "tools.css"]

  /// The text of a file; empty for a name that is not there.
  public static func text(_ name: String) -> String {
    var count = 0
    guard let bytes = vtWebAsset(name, &count) else { return "" }
    return bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
  }
}
