import FoundationEssentials

/// Prints values as JSON: sorted keys, no escaped slashes, numbers as they are.
enum JSONOutput {
  static func print(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    // JSON escapes what a terminal would obey, all but a few marks of direction that are part of it.
    Terminal.write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n", to: 1)
  }
}
