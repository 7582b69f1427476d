import Diagnostics
import Files
import Glibc
import Images
import TestSupport
import Testing

@Suite("Naming pictures")
struct ImageSourceTests {
  /// A folder with a few empty files, removed with this object.
  final class Folder {
    let path: String
    private let names = ["b.JPG", "a.png", ".hidden.png", "notes.txt", "c.webp"]

    init() {
      var template = Array("/tmp/vitrine-test-XXXXXX".utf8CString)
      mkdtemp(&template)
      path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      for name in names { close(open("\(path)/\(name)", O_CREAT | O_WRONLY, 0o600)) }
    }

    deinit {
      for name in names { unlink("\(path)/\(name)") }
      rmdir(path)
    }
  }

  @Test("folders, patterns and files, each picture once")
  func paths() throws {
    let folder = Folder()
    let expected = ["a.png", "b.JPG", "c.webp"].map { "\(folder.path)/\($0)" }
    #expect(try ImageSource.paths([folder.path]) == expected)
    #expect(try ImageSource.paths(["\(folder.path)/*"]) == expected)
    #expect(try ImageSource.paths([expected[2], folder.path]) == [2, 0, 1].map { expected[$0] })
    let text = folder.path + "/notes.txt"
    #expect(try ImageSource.paths([text]) == [text])
  }

  @Test("what names nothing is refused")
  func refusals() {
    let folder = Folder()
    for (source, expected) in [
      ("\(folder.path)/missing.jpg", Diagnostic.ID.fileNotFound),
      ("\(folder.path)/*.bmp", .imageNoneFound), ("\(folder.path)/*.txt", .imageNoneFound),
    ] {
      #expect { try ImageSource.paths([source]) } throws: { id(of: $0) == expected }
    }
    #expect { try ImageSource.paths([]) } throws: { id(of: $0) == .imageNoneFound }
  }

  @Test("a small JPEG that claims 65,500 × 65,500 pixels is refused at once")
  func claims() throws {
    var bytes = try Fixture.bytes("jpeg_420.jpg")
    let frame = try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
    )
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect { try ImageReader().decode(bytes) } throws: { id(of: $0) == .imageInvalidSize }
    // Within the limit of pixels, but far beyond what so few bytes can hold.
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x27, 0x10, 0x27, 0x10])
    #expect { try ImageReader().decode(bytes) } throws: { id(of: $0) == .imageCorrupt }
  }
}
