import Glibc

/// What the process may do with a path.
public enum FileAccess {
  /// Whether there is something readable under this path.
  public static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }
}
