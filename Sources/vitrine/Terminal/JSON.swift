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
    Terminal.print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
