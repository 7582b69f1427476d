import CVideoCodecs
import Diagnostics

/// FFmpeg's libraries, opened once per process.
public enum VideoLibrary {
  /// What is refused before memory is reserved for it, in bytes.
  private static let mostBytesAtOnce = 1 << 30

  private static let opening: Result<String, DeployError> = {
    if let problem = video_open() {
      return .failure(VideoFailure.libraryMissing(String(cString: problem)))
    }
    let functions = video_functions.pointee
    functions.av_max_alloc(mostBytesAtOnce)
    return .success(String(cString: functions.av_version_info()))
  }()

  /// The release that is installed, such as `5.1.9-0+deb12u1`.
  /// - Throws: `video.library-missing`.
  public static func version() throws -> String { try opening.get() }

  /// The functions.
  /// - Throws: `video.library-missing`.
  static func functions() throws -> video_functions_t {
    _ = try opening.get()
    return video_functions.pointee
  }

  /// The encoders that videos are written with, the best first, as far as they are there.
  /// - Throws: `video.library-missing`.
  public static func encoders() throws -> [String] {
    let functions = try functions()
    return VideoEncoder.names.filter { functions.avcodec_find_encoder_by_name($0) != nil }
  }

  /// Whether a name ends like a video's, in upper or lower case.
  public static func isVideoName(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return fileExtensions.contains(name[name.index(after: dot)...].lowercased())
  }

  /// How the names of videos end.
  public static let fileExtensions = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "m2ts", "mts", "wmv", "asf",
    "flv", "ogv", "3gp",
  ]

  /// FFmpeg's words for one of its error numbers.
  static func message(_ error: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    _ = video_functions.pointee.av_strerror(error, &text, text.count)
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return String(decoding: bytes, as: UTF8.self)
  }
}
