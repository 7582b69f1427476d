import Graphs

/// One form of a standard operator: how many operands, results, and which attributes.
struct OperatorSignature {
  /// One operand or result.
  enum Parameter: Equatable {
    case single
    case optional
    /// Any number from here on, at least this many.
    case variadic(Int)
  }

  /// One attribute.
  struct AttributeRule {
    let type: String
    let isRequired: Bool
  }

  /// The operator set that brought this form.
  let since: Int
  let isDeprecated: Bool
  let operands: [Parameter]
  let results: [Parameter]
  let attributes: [String: AttributeRule]

  /// How many values may be named.
  static func counts(_ parameters: [Parameter]) -> ClosedRange<Int> {
    guard case .variadic(let least)? = parameters.last else {
      let least = (parameters.lastIndex(of: .single) ?? -1) + 1
      return least...parameters.count
    }
    return (parameters.count - 1 + least)...Int.max
  }
}

/// The signatures of all standard operators.
enum OperatorSignatures {
  /// The form of an operator in one operator set, or nil where it has none.
  static func signature(of type: String, opset: Int) -> OperatorSignature? {
    table[type]?.last { $0.since <= opset }
  }

  /// The operator set that brought an operator (1 for those before 7); nil if there is none.
  static func firstOpset(of type: String) -> Int? { table[type]?.first?.since }

  private static let table: [String: [OperatorSignature]] = {
    var table: [String: [OperatorSignature]] = [:]
    var entry: [Substring] = []
    func close() {
      guard let name = entry.first, let signature = parse(entry.dropFirst()) else { return }
      table[String(name), default: []].append(signature)
    }
    for line in OperatorTable.text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if !line.hasPrefix(" ") {
        close()
        entry = []
      }
      entry += words
    }
    close()
    return table
  }()

  private static func parse(_ words: ArraySlice<Substring>) -> OperatorSignature? {
    guard let since = words.first.flatMap({ Int($0) }), let form = words.dropFirst().first else {
      return nil
    }
    let sides = form.split(separator: ">", omittingEmptySubsequences: false)
    var attributes: [String: OperatorSignature.AttributeRule] = [:]
    for word in words.dropFirst(2) {
      let parts = word.split(separator: ":")
      guard parts.count == 2 else { continue }
      attributes[String(parts[0])] = .init(
        type: parts[1].filter { $0 != "!" },
        isRequired: parts[1].hasSuffix("!")
      )
    }
    return OperatorSignature(
      since: since,
      isDeprecated: form == "deprecated",
      operands: parameters(sides.first ?? ""),
      results: parameters(sides.count > 1 ? sides[1] : ""),
      attributes: attributes
    )
  }

  private static func parameters(_ text: Substring) -> [OperatorSignature.Parameter] {
    var result: [OperatorSignature.Parameter] = []
    for character in text {
      switch character {
      case "s": result.append(.single)
      case "o": result.append(.optional)
      case "v": result.append(.variadic(0))
      default:
        if let least = character.wholeNumberValue { result[result.count - 1] = .variadic(least) }
      }
    }
    return result
  }
}
