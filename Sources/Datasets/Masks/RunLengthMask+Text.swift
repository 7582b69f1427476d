extension RunLengthMask {
  /// Reads COCO's compressed text: each run as the difference to the one two before, in groups
  /// of five bits and a continuation bit, each group a character from `0`. Nil where the text is
  /// damaged or does not cover the picture. Source: pycocotools `mask.decode`.
  public init?(width: Int, height: Int, text: some Collection<UInt8>) {
    var runs: [Int] = []
    var (value, shift) = (0, 0)
    for character in text {
      guard (48..<112).contains(character), shift <= 30 else { return nil }
      let bits = Int(character) - 48
      value |= (bits & 31) << shift
      shift += 5
      guard bits & 32 == 0 else { continue }
      if bits & 16 != 0 { value |= -1 << shift }
      if runs.count > 2 { value += runs[runs.count - 2] }
      runs.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { return nil }
    self.init(width: width, height: height, runs: runs)
  }

  /// COCO's compressed text of the runs.
  public var text: String {
    var characters: [UInt8] = []
    for (index, count) in counts.enumerated() {
      var value = Int(count)
      if index > 2 { value -= Int(counts[index - 2]) }
      var isDone = false
      while !isDone {
        let bits = value & 31
        value >>= 5
        isDone = bits & 16 != 0 ? value == -1 : value == 0
        characters.append(UInt8(48 + bits + (isDone ? 0 : 32)))
      }
    }
    return String(decoding: characters, as: UTF8.self)
  }
}
