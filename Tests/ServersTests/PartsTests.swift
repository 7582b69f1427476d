import Connections
import Foundation
import Testing

@testable import Servers

/// The small parts that pages and forms are made of.
@Suite struct PartsTests {
  @Test func whatIsPutInIsEscaped() {
    let evil = "<b a='\"'>&"
    let markup: Markup = "<p title=\"\(evil)\">\(evil)\(5)\(Markup(raw: "<i>"))</p>"
    let safe = "&lt;b a=&#39;&quot;&#39;&gt;&amp;"
    #expect(markup.text == "<p title=\"\(safe)\">\(safe)5<i></p>")
  }

  @Test func markdownBecomesMarkup() {
    func html(_ text: String) -> String { Markdown.markup(text).text }
    #expect(
      html("a **b** *c* `d*e*`") == "<p>a <strong>b</strong> <em>c</em> <code>d*e*</code></p>"
    )
    #expect(html("one\ntwo\n\n三\n四") == "<p>one two</p><p>三四</p>")
    #expect(html("- a\n  b\n- c") == "<ul><li>a b</li><li>c</li></ul>")
    #expect(html("1. a\n2. b\nafter") == "<ol><li>a</li><li>b</li></ol><p>after</p>")
    #expect(
      html("```\n<a>\n\n# x\n```") == "<pre tabindex=\"0\"><code>&lt;a&gt;\n\n# x</code></pre>"
    )
    #expect(html("| a | b |\n|---|---|\n| 1 | `2` |").contains("<td>1</td><td><code>2</code></td>"))
    #expect(html("### T\nx") == "<h3>T</h3><p>x</p>")
    #expect(html("[x](https://e.org/?a=\"b)").contains("href=\"https://e.org/?a=&quot;b\""))
    // No scheme but these, no markup of the text's own, no end that is never found.
    #expect(!html("[x](javascript:alert(1))").contains("href"))
    #expect(html("<script>x</script>") == "<p>&lt;script&gt;x&lt;/script&gt;</p>")
    for text in ["**", "`", "[a](", "*", "```", "|", "> ", "- ", "#", "a**b`c["] {
      #expect(!html(text).isEmpty || text == "|", "\(text)")
    }
  }

  @Test func pathsAreTakenApart() {
    #expect(WebRequest.target("/labs/L03?a=1&b=%E4%B8%AD+x")?.path == ["labs", "L03"])
    #expect(WebRequest.target("/?b=%E4%B8%AD+x")?.query == ["b": "中 x"])
    for bad in [
      "", "labs", "*", "/%", "/%2", "/%zz", "/..", "/a/%2e%2e", "/a%2fb", "/a%5cb", "/a%00", "/%ff",
      "/" + String(repeating: "a", count: 5000), "http://x/", "/a\\..\\b",
    ] {
      #expect(WebRequest.target(bad) == nil, "\(bad)")
    }
    #expect(WebRequest.form((0...200).map { "a\($0)=1" }.joined(separator: "&")) == nil)
  }

  @Test func formsWithFilesAreRead() throws {
    let text =
      "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.py\"\r\nContent-Type: t\r\n\r\n\r\n--\r\n\r\n--B--\r\n"
    let body = Array(text.utf8)
    let form = try #require(MultipartForm(body, contentType: "multipart/form-data; boundary=B"))
    #expect(form.values == ["a": "1"])
    #expect(form.files.map(\.name) == ["x.py"] && form.files[0].bytes == Array("\r\n--\r\n".utf8))
    // Each beginning and each changed byte: read or refused, never a trap.
    for count in body.indices {
      _ = MultipartForm(Array(body.prefix(count)), contentType: "multipart/form-data; boundary=B")
      for byte: UInt8 in [0, 13, 34, 45, 255] {
        var changed = body
        changed[count] = byte
        _ = MultipartForm(changed, contentType: "multipart/form-data; boundary=B")
      }
    }
    let part = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
    let many = String(repeating: part, count: 200) + "--B--"
    #expect(MultipartForm(Array(many.utf8), contentType: "multipart/form-data; boundary=B") == nil)
  }

  @Test func archivesAreOpenedByOthers() throws {
    var archive = ZipWriter()
    archive.add("a/x.txt", Array("hello".utf8))
    archive.add("a/空.txt", [])
    let path = NSTemporaryDirectory() + "vitrine-\(UUID().uuidString).zip"
    try Data(archive.bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      "import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist(), z.read('a/x.txt'))",
      path,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == "None ['a/x.txt', 'a/空.txt'] b'hello'\n")
  }

  @Test func passwordsAreHashedSlowly() throws {
    let hash = try PasswordHash(of: "correct horse")
    #expect(hash.matches("correct horse") && !hash.matches("correct horsf") && !hash.matches(""))
    #expect(try PasswordHash(of: "correct horse").hash != hash.hash)
    var forged = hash
    forged.rounds = 1 << 30
    #expect(!forged.matches("correct horse"))
    // Source: RFC 7914 §12, the second vector, of which the first 32 bytes.
    var known = hash
    (known.rounds, known.blockSize, known.parallelism, known.salt) = (1024, 8, 16, "NaCl")
    known.hash = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    #expect(known.matches("password") && !known.matches("passwore"))
    #expect(!Token.areEqual("a", "b") && !Token.areEqual("a", "ab") && Token.areEqual("ab", "ab"))
    // Every pair of different codes differs, wherever it does.
    let code = Token.random()
    for index in 0..<64 {
      var other = Array(code.utf8)
      other[index] = other[index] == 0x61 ? 0x62 : 0x61
      #expect(!Token.areEqual(code, String(decoding: other, as: UTF8.self)), "\(index)")
    }
    #expect((0..<5000).count { _ in Token.areEqual(Token.random(), Token.random()) } == 0)
    var secret = try PasswordHash(of: "right")
    #expect(secret.matches("right"))
    // Hashes of other passwords, without the time that they take.
    let right = secret.hash
    let wrong = (0..<5000).map { _ in Token.random() }
    #expect(wrong.allSatisfy { !Token.areEqual($0, right) })
    secret.hash = Token.random()
    #expect(!secret.matches("right"))
  }

  @Test func namesOfUsersAreNames() {
    for name in ["anna", "王五", "a.b-c_1"] { #expect(UserStore.isName(name), "\(name)") }
    for name in ["", "local", ".a", "-a", "a b", "<b>", "a/b", String(repeating: "a", count: 41)] {
      #expect(!UserStore.isName(name), "\(name)")
    }
  }

  @Test func triesAreLimited() {
    let limit = RateLimit(most: 2, window: .milliseconds(60))
    #expect(limit.take("a") && limit.take("a") && !limit.take("a") && limit.take("b"))
    usleep(80_000)
    #expect(limit.take("a"))
  }
}
