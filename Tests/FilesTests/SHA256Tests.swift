import Files
import Testing

@Suite struct SHA256Tests {
  /// Source: FIPS 180-4 examples; the last by `sha256sum`.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "vitrine", count: 100),
      "caa032cd6b2a8e06490e58b0fa037699cd41ab69126b65cb5a7be8f223a59852"
    ),
  ])
  func digests(text: String, expected: String) {
    #expect(Array(text.utf8).withUnsafeBytes { SHA256.hex($0) } == expected)
  }
}
