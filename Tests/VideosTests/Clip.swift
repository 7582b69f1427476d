import Files
import Glibc
import Images
import Videos

/// Small clips of a bright square that goes right over a dark ground, made by the writer itself.
enum Clip {
  static let isAvailable = (try? VideoLibrary.encoders().isEmpty) == false

  /// The picture of one frame.
  static func picture(_ index: Int, width: Int, height: Int) -> Image {
    var image = Image(
      width: width,
      height: height,
      filledWith: Color(red: 20, green: 40, blue: 90)
    )
    image.fill(
      x: 2 * index,
      y: 4,
      width: 16,
      height: 16,
      with: Color(red: 240, green: 200, blue: 30)
    )
    return image
  }

  /// Writes a clip.
  static func write(
    to path: String,
    frames: Int = 24,
    width: Int = 96,
    height: Int = 64,
    rate: Double = 12
  ) throws {
    let writer = try VideoWriter(path: path, width: width, height: height, frameRate: rate)
    for index in 0..<frames {
      let image = picture(index, width: width, height: height)
      try writer.write(image, seconds: Double(index) / rate)
    }
    try writer.finish()
  }

  /// The bytes of a clip of one kind.
  static func bytes(_ ending: String, frames: Int = 24) throws -> [UInt8] {
    let folder = Scratch()
    let path = folder.path("clip.\(ending)")
    try write(to: path, frames: frames)
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  /// Everything that a reader gives.
  static func frames(
    of path: String,
    every: Int = 1,
    limits: VideoReader.Limits = VideoReader.Limits()
  ) throws -> (frames: [VideoFrame], images: [Image], reader: VideoReader) {
    let reader = try VideoReader(path: path, limits: limits)
    var (frames, images): ([VideoFrame], [Image]) = ([], [])
    var image = Image(width: 0, height: 0)
    while let frame = try reader.next(every: every, into: &image) {
      frames.append(frame)
      images.append(image)
    }
    return (frames, images, reader)
  }
}

/// An empty folder that goes with the test.
final class Scratch: Sendable {
  let folder: String

  init() {
    var template = Array("/tmp/vitrine-video-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The names of what is inside, hidden ones too.
  var names: [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  deinit {
    for name in names {
      unlink(path(name))
      rmdir(path(name))
    }
    rmdir(folder)
  }
}
