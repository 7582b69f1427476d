import Diagnostics
import Files
import Glibc
import Images
import TestSupport
import Testing
import Videos

@Suite("Hostile videos", .enabled(if: Clip.isAvailable, "FFmpeg's libraries are not installed"))
struct HostileVideoTests {
  static let known: Set<Diagnostic.ID> = [
    .videoCorrupt, .videoUnsupported, .videoInvalidSize, "file.unreadable",
  ]

  @Test(
    "prefixes and mutations end in frames or an error, with little memory",
    arguments: ["mp4", "mkv", "avi"]
  )
  func attack(_ ending: String) throws {
    let bytes = try Clip.bytes(ending, frames: 8)
    let file = TemporaryFile(suffix: "." + ending)
    var most = 0
    let summary = try HostileInput("video-" + ending, bytes: bytes).attack(
      prefixes: 120,
      mutations: 400
    ) { input in
      file.replace(with: input)
      let frames = try Clip.frames(of: file.path).frames
      most = max(most, frames.count)
      // A clip has as many frames as it has packets, whatever its index says.
      #expect(frames.count < 100)
    }
    #expect(most >= 8)
    #expect(summary.accepted > 50)
    #expect(summary.refused.values.reduce(0, +) > 10)
    #expect(Set(summary.refused.keys).isSubset(of: Self.known), "\(summary.refused)")
    #expect(summary.peakGrowth < 300 << 20)
  }

  @Test("a video that is cut off gives its first frames and a warning")
  func cutOff() throws {
    // Frames are small beside the head of the file, and the index at its end is long.
    let bytes = try Clip.bytes("avi", frames: 240)
    let file = TemporaryFile(Array(bytes.prefix(bytes.count / 2)), suffix: ".avi")
    let (frames, _, reader) = try Clip.frames(of: file.path)
    #expect(frames.count > 3)
    #expect(frames.count < 230)
    let warning = try #require(reader.warnings.first)
    #expect(warning.id == .videoCorrupt)
    #expect(warning.severity == .warning)
  }

  @Test("damaged packets cost their frames and are told of")
  func damagedPackets() throws {
    var bytes = try Clip.bytes("mkv", frames: 60)
    for place in stride(from: bytes.count / 3, to: bytes.count * 2 / 3, by: 7) {
      bytes[place] ^= 0x55
    }
    let file = TemporaryFile(bytes, suffix: ".mkv")
    do {
      let (frames, _, reader) = try Clip.frames(of: file.path)
      #expect(frames.count > 0)
      #expect(frames.count < 60 || !reader.warnings.isEmpty)
    } catch let error as DeployError {
      #expect(Self.known.contains(error.id))
    }
  }

  @Test("files that name other files or addresses are not followed")
  func playLists() throws {
    let scratch = Scratch()
    try Clip.write(to: scratch.path("secret.mp4"), frames: 4)
    let lists = [
      "ffconcat version 1.0\nfile secret.mp4\n",
      "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp4\n#EXT-X-ENDLIST\n",
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
      "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"></MPD>",
    ]
    for (index, list) in lists.enumerated() {
      let path = scratch.path("list\(index).mp4")
      try AtomicFile.write(list, to: path)
      let error = #expect(throws: DeployError.self) { try VideoReader(path: path) }
      #expect(error?.id == .videoUnsupported)
    }
    // The same file is readable when it is named itself.
    #expect(try Clip.frames(of: scratch.path("secret.mp4")).frames.count == 4)
  }

  @Test("a name like an address is a name of a file")
  func addresses() {
    for name in ["http://127.0.0.1:9/clip.mp4", "concat:a.mp4|b.mp4", "pipe:0"] {
      let error = #expect(throws: DeployError.self) { try VideoReader(path: name) }
      #expect(error?.id == "file.not-found")
    }
  }

  @Test("frames beyond the limit are refused before they are converted")
  func limits() throws {
    let scratch = Scratch()
    try Clip.write(to: scratch.path("clip.mp4"), frames: 4)
    var limits = VideoReader.Limits()
    limits.pixelCount = 96 * 64 - 1
    let error = #expect(throws: DeployError.self) {
      try Clip.frames(of: scratch.path("clip.mp4"), limits: limits)
    }
    #expect(error.map { Self.known.contains($0.id) } == true)
  }

  @Test("folders, empty files and pictures are no videos")
  func otherFiles() throws {
    let scratch = Scratch()
    mkdir(scratch.path("folder.mp4"), 0o700)
    try AtomicFile.write([], to: scratch.path("empty.mp4"))
    try Image(width: 8, height: 8).write(to: scratch.path("picture.png"))
    rename(scratch.path("picture.png"), scratch.path("picture.mp4"))
    for name in ["folder.mp4", "empty.mp4", "picture.mp4", "missing.mp4"] {
      #expect(throws: DeployError.self, "\(name)") { try VideoReader(path: scratch.path(name)) }
    }
  }
}
