import Diagnostics
import Files
import Foundation
import Testing

@Suite struct MappedFileTests {
  private let scratch = Scratch()

  @Test func bytesAreTheFiles() throws {
    let bytes = (0..<10_000).map { UInt8($0 & 255) }
    try AtomicFile.write(bytes, to: scratch.path("a"))
    let file = try MappedFile(path: scratch.path("a"))
    #expect(file.count == bytes.count)
    #expect(file.bytes.elementsEqual(bytes))
    file.releasePages()
    #expect(file.bytes.elementsEqual(bytes))
  }

  @Test func anEmptyFileHasNoBytes() throws {
    try AtomicFile.write([], to: scratch.path("empty"))
    let file = try MappedFile(path: scratch.path("empty"))
    #expect(file.count == 0)
    #expect(file.bytes.isEmpty)
    file.releasePages()
  }

  // A pipe without a writer would hold `open` for ever.
  @Test(.timeLimit(.minutes(1))) func whatIsNoFileIsNamed() {
    mkfifo(scratch.path("pipe"), 0o600)
    for path in [scratch.folder, scratch.path("pipe"), "/dev/zero", "/dev/null"] {
      let error = #expect(throws: DeployError.self) { try MappedFile(path: path) }
      #expect(error?.id == .fileNotRegular, "\(path)")
    }
  }

  @Test func missingFilesAreNamed() throws {
    try AtomicFile.write("x", to: scratch.path("a"))
    for path in [scratch.path("none"), scratch.path("a/below"), ""] {
      let error = #expect(throws: DeployError.self) { try MappedFile(path: path) }
      #expect(error?.id == .fileNotFound, "\(path)")
      #expect(error?.diagnostics[0].location == .file(path: path))
    }
  }

  @Test func linksAreFollowedOnlyWhereAllowed() throws {
    try AtomicFile.write("x", to: scratch.path("a"))
    symlink("a", scratch.path("link"))
    symlink("loop", scratch.path("loop"))
    #expect(try MappedFile(path: scratch.path("link")).count == 1)
    for (path, following) in [("link", false), ("loop", true)] {
      let error = #expect(throws: DeployError.self) {
        try MappedFile(path: scratch.path(path), followingLinks: following)
      }
      #expect(error?.id == .fileUnreadable)
    }
  }

  @Test func oneFileUnderTwoNamesIsTheSame() throws {
    try AtomicFile.write("x", to: scratch.path("a"))
    try AtomicFile.write("x", to: scratch.path("b"))
    symlink("a", scratch.path("link"))
    #expect(MappedFile.areSame(scratch.path("a"), scratch.path("./link")))
    #expect(!MappedFile.areSame(scratch.path("a"), scratch.path("b")))
    #expect(!MappedFile.areSame(scratch.path("none"), scratch.path("none")))
  }
}
