import Diagnostics
import Files
import Glibc
import Images
import Testing

@testable import Videos

@Suite("Videos", .enabled(if: Clip.isAvailable, "FFmpeg's libraries are not installed"))
struct VideoTests {
  @Test(
    "what is written is read again: frames, times, size and pixels",
    arguments: ["mp4", "mov", "mkv", "avi"]
  )
  func roundTrip(_ ending: String) throws {
    let scratch = Scratch()
    let path = scratch.path("clip." + ending)
    try Clip.write(to: path)
    #expect(scratch.names == ["clip." + ending])
    let (frames, images, reader) = try Clip.frames(of: path)
    #expect(reader.info.width == 96)
    #expect(reader.info.height == 64)
    #expect(abs(reader.info.frameRate - 12) < 0.01)
    #expect(reader.info.frameCount == 24)
    #expect(!reader.info.hasAudio)
    #expect(reader.warnings.isEmpty)
    #expect(frames.map(\.index) == Array(0..<24))
    for frame in frames { #expect(abs(frame.seconds - Double(frame.index) / 12) < 2e-3) }
    for (index, image) in images.enumerated() {
      let expected = Clip.picture(index, width: 96, height: 64)
      #expect(image.width == 96 && image.height == 64)
      let error = zip(image.pixels, expected.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(error < 6 * expected.pixels.count, "frame \(index)")
      // The square is where it was drawn, and nowhere else.
      let (inside, outside) = (3 * (12 * 96 + 2 * index + 8), 3 * (50 * 96 + 90))
      #expect(image.pixels[inside] > 180 && image.pixels[inside + 2] < 110)
      #expect(image.pixels[outside] < 60)
    }
  }

  @Test("some frames only, with their own numbers and times")
  func every() throws {
    let scratch = Scratch()
    let path = scratch.path("clip.mkv")
    try Clip.write(to: path)
    let (frames, images, _) = try Clip.frames(of: path, every: 7)
    #expect(frames.map(\.index) == [0, 7, 14, 21])
    #expect(abs(frames[2].seconds - 14.0 / 12) < 2e-3)
    #expect(images[3].pixels[3 * (12 * 96 + 42 + 8)] > 180)
  }

  @Test("frames that are left out leave the others at their times")
  func gaps() throws {
    let scratch = Scratch()
    let path = scratch.path("gaps.mp4")
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 30_000.0 / 1001)
    for index in [0, 5, 10, 10, 40] {
      try writer.write(
        Clip.picture(index, width: 64, height: 48),
        seconds: Double(index) * 1001 / 30_000
      )
    }
    try writer.finish()
    let frames = try Clip.frames(of: path).frames
    let expected = [0, 5, 10, 11, 40].map { Double($0) * 1001 / 30_000 }
    #expect(frames.count == 5)
    for (frame, seconds) in zip(frames, expected) { #expect(abs(frame.seconds - seconds) < 1e-3) }
  }

  @Test("odd sizes lose their last column and row; another size is scaled")
  func sizes() throws {
    let scratch = Scratch()
    let path = scratch.path("odd.mkv")
    let writer = try VideoWriter(path: path, width: 65, height: 49, frameRate: 10)
    try writer.write(Clip.picture(3, width: 65, height: 49), seconds: 0)
    try writer.write(Clip.picture(3, width: 130, height: 98), seconds: 0.1)
    try writer.finish()
    let images = try Clip.frames(of: path).images
    #expect(images.map(\.width) == [64, 64])
    #expect(images.map(\.height) == [48, 48])
    #expect(throws: DeployError.self) {
      try VideoWriter(path: scratch.path("flat.mp4"), width: 64, height: 1, frameRate: 10)
    }
    #expect(scratch.names == ["odd.mkv"])
  }

  @Test(
    "frames are turned as the file says",
    arguments: [
      ([1, 0, 0, 1], 96, 0), ([0, 1, -1, 0], 64, 90), ([-1, 0, 0, -1], 96, 180),
      ([0, -1, 1, 0], 64, 270), ([-1, 0, 0, 1], 96, 0),
    ] as [([Int32], Int, Int)]
  )
  func rotation(_ matrix: [Int32], _ width: Int, _ degrees: Int) throws {
    let scratch = Scratch()
    let path = scratch.path("clip.mp4")
    var bytes = try Clip.bytes("mp4", frames: 4)
    // The track's header, version 0, has its matrix 40 bytes after its name: a b u c d v x y w.
    let header = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("tkhd".utf8)) }
    )
    for (place, value) in zip([0, 1, 3, 4], matrix) {
      for byte in 0..<4 {
        let bits = UInt32(bitPattern: value << 16) >> UInt32(24 - 8 * byte)
        bytes[header + 44 + 4 * place + byte] = UInt8(truncatingIfNeeded: bits)
      }
    }
    try AtomicFile.write(bytes, to: path)
    let (_, images, reader) = try Clip.frames(of: path)
    #expect(reader.info.rotation == degrees)
    #expect(reader.info.width == width)
    #expect(images.count == 4)
    // The square of frame 0 lies at the stored picture's upper left; where does it come to lie?
    let orientation = matrix.withUnsafeBufferPointer { m -> Orientation in
      let full: [Int32] = [m[0], m[1], 0, m[2], m[3], 0, 0, 0, 1]
      return full.withUnsafeBufferPointer { numbers in
        numbers.baseAddress.map { Orientation(displayMatrix: $0) } ?? .upright
      }
    }
    var expected = Image(width: 0, height: 0)
    orientation.turn(Clip.picture(0, width: 96, height: 64), into: &expected)
    let error = zip(images[0].pixels, expected.pixels).reduce(0) {
      $0 + abs(Int($1.0) - Int($1.1))
    }
    #expect(images[0].width == expected.width)
    #expect(error < 6 * expected.pixels.count)
  }

  @Test("a point goes where the matrix sends it")
  func turning() {
    // Rightward in the stored picture is downward in one that is turned clockwise.
    let clockwise: [Int32] = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]
    let orientation = clockwise.withUnsafeBufferPointer { numbers in
      numbers.baseAddress.map { Orientation(displayMatrix: $0) }
    }
    #expect(orientation == .needsRightTurn)
  }

  @Test("a video that is not finished leaves nothing, and what was there stays")
  func unfinished() throws {
    let scratch = Scratch()
    let path = scratch.path("clip.mp4")
    try AtomicFile.write("what was there", to: path)
    do {
      let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 10)
      try writer.write(Clip.picture(0, width: 64, height: 48), seconds: 0)
      #expect(scratch.names.count == 2)
    }
    #expect(scratch.names == ["clip.mp4"])
    let file = try MappedFile(path: path)
    #expect(file.bytes.count == 14)
  }

  @Test("names that cannot be written are refused before any work")
  func refusedNames() {
    let scratch = Scratch()
    mkdir(scratch.path("folder.mp4"), 0o700)
    for name in ["clip.gif", "clip", "folder.mp4", "no/such/folder/clip.mp4"] {
      #expect(throws: DeployError.self, "\(name)") { try VideoWriter.check(scratch.path(name)) }
    }
  }

  @Test("rates become short fractions")
  func timeBases() {
    for (rate, num, den) in [
      (25.0, 1, 25), (30_000 / 1001, 1001, 30_000), (24_000 / 1001, 1001, 24_000),
      (12.5, 1000, 12_500), (0, 1, 1), (.infinity, 1, 25), (59.94006, 1001, 60_000),
    ] as [(Double, Int32, Int32)] {
      let base = VideoEncoder.frameTime(rate)
      #expect(base.num == num && base.den == den, "\(rate)")
    }
  }

  @Test("names of videos")
  func names() {
    #expect(VideoLibrary.isVideoName("a/b/Clip.MP4"))
    #expect(VideoLibrary.isVideoName("x.webm"))
    #expect(!VideoLibrary.isVideoName("mp4"))
    #expect(!VideoLibrary.isVideoName("clip.mp4.jpg"))
  }
}
