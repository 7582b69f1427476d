import Diagnostics
import Files
import Testing

@Suite struct FolderTests {
  private let scratch = Scratch()

  @Test func foldersAboveAreCreatedToo() throws {
    for path in ["a/b/c", "a/b/c", "a//d/", "é 🦊/x"] {
      try Folder.create(scratch.path(path))
      #expect(Folder.exists(scratch.path(path)))
    }
    #expect(scratch.names == ["a", "é 🦊"])
  }

  @Test func aFileInTheWayIsAnError() throws {
    try AtomicFile.write("x", to: scratch.path("a"))
    for path in ["a", "a/b"] {
      let error = #expect(throws: DeployError.self) { try Folder.create(scratch.path(path)) }
      #expect(error?.id == .fileUnwritable)
    }
    #expect(!Folder.exists(scratch.path("a")))
    #expect(scratch.text("a") == "x")
  }

  @Test func noFolderCanBeMadeInProc() {
    let error = #expect(throws: DeployError.self) { try Folder.create("/proc/none") }
    #expect(error?.id == .fileUnwritable)
  }
}
