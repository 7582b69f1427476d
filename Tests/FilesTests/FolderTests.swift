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

  @Test func aFolderAppearsWhenItIsWholeOrNotAtAll() throws {
    struct Stop: Error {}
    let path = scratch.path("new")
    #expect(throws: Stop.self) {
      try AtomicFolder.write(to: path) { folder in
        try AtomicFile.write("half", to: folder + "/file")
        throw Stop()
      }
    }
    #expect(try Folder.files(below: scratch.folder) == [])
    let count = try AtomicFolder.write(to: path + "/") { folder in
      try AtomicFile.write("whole", to: folder + "/file")
      #expect(!Folder.exists(path))
      return 1
    }
    #expect(count == 1)
    #expect(try Folder.files(below: scratch.folder) == [path + "/file"])
    // Over what is there it is not put.
    #expect(throws: DeployError.self) { try AtomicFolder.write(to: path) { _ in } }
    #expect(try Folder.files(below: scratch.folder) == [path + "/file"])
  }
}
