import Diagnostics
import Foundation
import Testing

@testable import Files

@Suite struct AtomicFileTests {
  private let scratch = Scratch()

  @Test(arguments: [true, false])
  func nothingHasTheNameBeforeTheEnd(mayBeUnnamed: Bool) throws {
    let path = scratch.path("a.bin")
    var file = try AtomicFile(path: path, mayBeUnnamed: mayBeUnnamed)
    try file.write([UInt8](repeating: 7, count: 1 << 20))
    // Without a name, not even a killed process leaves anything.
    #expect(scratch.names.count == (mayBeUnnamed ? 0 : 1))
    #expect(!scratch.names.contains("a.bin"))
    try file.write([1, 2, 3])
    try file.commit()
    #expect(scratch.names == ["a.bin"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == (1 << 20) + 3)
  }

  @Test(arguments: [true, false])
  func anUnfinishedFileGoes(mayBeUnnamed: Bool) throws {
    try AtomicFile.write("old", to: scratch.path("a.txt"))
    do {
      var file = try AtomicFile(path: scratch.path("a.txt"), mayBeUnnamed: mayBeUnnamed)
      try file.write(Array("new".utf8))
    }
    #expect(scratch.names == ["a.txt"])
    #expect(scratch.text("a.txt") == "old")
  }

  @Test(arguments: [true, false])
  func theOldFileIsWholeUntilItIsReplaced(mayBeUnnamed: Bool) throws {
    let path = scratch.path("a.txt")
    try AtomicFile.write("old", to: path)
    let reader = try #require(FileHandle(forReadingAtPath: path))
    var file = try AtomicFile(path: path, mayBeUnnamed: mayBeUnnamed)
    try file.write(Array("new and longer".utf8))
    #expect(scratch.text("a.txt") == "old")
    try file.commit()
    #expect(scratch.text("a.txt") == "new and longer")
    // Who had it open keeps the old one: it was replaced, not overwritten.
    #expect(try reader.readToEnd() == Data("old".utf8))
    #expect(scratch.names == ["a.txt"])
  }

  @Test func theLongestNameIsPossible() throws {
    let name = String(repeating: "n", count: 255)
    for mayBeUnnamed in [true, false] {
      var file = try AtomicFile(path: scratch.path(name), mayBeUnnamed: mayBeUnnamed)
      try file.write([1])
      try file.commit()
    }
    #expect(scratch.names == [name])
  }

  @Test func missingFoldersAreNamed() {
    for path in [scratch.path("none/a.txt"), "/proc/none/a.txt", "", "/proc/a.txt"] {
      let error = #expect(throws: DeployError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.id == .fileUnwritable, "\(path)")
      #expect(error?.diagnostics[0].remedy != nil)
    }
    #expect(scratch.names.isEmpty)
  }

  @Test(.enabled(if: geteuid() != 0)) func lockedFoldersAreNamed() throws {
    try Folder.create(scratch.path("locked"))
    chmod(scratch.path("locked"), 0o500)
    let error = #expect(throws: DeployError.self) {
      try AtomicFile.write("x", to: scratch.path("locked/a.txt"))
    }
    #expect(error?.id == .fileUnwritable)
  }

  @Test func foldersPipesAndDevicesAreNotReplaced() throws {
    mkfifo(scratch.path("pipe"), 0o600)
    for path in [scratch.folder, scratch.path("pipe"), "/dev/null"] {
      let error = #expect(throws: DeployError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.id == .fileNotRegular, "\(path)")
    }
    #expect(scratch.names == ["pipe"])
  }

  @Test func newFilesHaveTheUsersPermissions() throws {
    try AtomicFile.write("x", to: scratch.path("a"))
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path("a"))
    let mode = try #require(attributes[.posixPermissions] as? Int)
    #expect(mode & 0o600 == 0o600)
    #expect(mode & 0o111 == 0)
  }
}
