public import Diagnostics
import Glibc

extension Diagnostic.ID {
  /// No file of that name.
  public static let fileNotFound: Self = "file.not-found"
  /// A folder, pipe or device where a file was expected.
  public static let fileNotRegular: Self = "file.not-regular"
  /// The system refused to open or read the file.
  public static let fileUnreadable: Self = "file.unreadable"
  /// The system refused to create or write the file.
  public static let fileUnwritable: Self = "file.unwritable"
}

/// Turns `errno` into an error with a remedy.
enum FileFailure {
  static func opening(_ path: String, _ code: Int32) -> DeployError {
    if code == ENOENT || code == ENOTDIR {
      return DeployError(
        .fileNotFound,
        "no such file",
        at: .file(path: path),
        remedy: "check the spelling of the path"
      )
    }
    return DeployError(
      .fileUnreadable,
      "cannot be read: \(text(code))",
      at: .file(path: path),
      remedy: "check the file's permissions"
    )
  }

  static func writing(_ path: String, _ code: Int32) -> DeployError {
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: "free some space on the disk or choose another folder"
      case EFBIG: "raise the limit on file sizes (`ulimit -f`) or choose another file system"
      case ENAMETOOLONG: "choose a shorter name"
      default: "check that the folder exists and may be written to"
      }
    return DeployError(
      .fileUnwritable,
      "cannot be written: \(text(code))",
      at: .file(path: path),
      remedy: remedy
    )
  }

  static func replacing(_ path: String) -> DeployError {
    DeployError(
      .fileNotRegular,
      "is a folder, pipe or device, which a file must not replace",
      at: .file(path: path),
      remedy: "give the path of a file to write"
    )
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
