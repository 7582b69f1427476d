import Diagnostics
import Formats

/// The class names of a network, made to fit its class count.
struct ClassNames {
  let names: [String]
  let diagnostics: [Diagnostic]

  /// Names from the caller, or the checkpoint's list or dictionary; `class0`, … where it has none.
  /// - Throws: `model.class-names` when the caller's do not fit.
  init(_ root: Module, _ stated: [String]?, _ count: Int) throws {
    if let stated {
      guard stated.count == count else {
        throw DeployError(
          .modelClassNames,
          "\(stated.count) names given for \(count) classes",
          at: .option("--names"),
          remedy: "give one name per class"
        )
      }
      (names, diagnostics) = (stated, [])
      return
    }
    let found = Self.names(root.record.attributes["names"])
    names = (0..<count).map { found[$0] ?? "class\($0)" }
    let missing = (0..<count).filter { found[$0] == nil }.count
    let surplus = found.keys.filter { !(0..<count).contains($0) }.count
    guard missing + surplus > 0 else {
      diagnostics = []
      return
    }
    diagnostics = [
      Diagnostic(
        .warning,
        .modelClassNames,
        "the checkpoint names \(found.count) classes, its head has \(count)",
        remedy: "pass the names, in order"
      )
    ]
  }

  private static func names(_ value: CheckpointValue?) -> [Int: String] {
    var names: [Int: String] = [:]
    switch value {
    case .dictionary(let pairs)?:
      for (key, value) in pairs {
        let text: Int? = if case .string(let text) = key { Int(text) } else { nil }
        guard let index = key.integer ?? text else { continue }
        names[index] = name(value)
      }
    default:
      for (index, element) in (value?.elements ?? []).enumerated() { names[index] = name(element) }
    }
    return names
  }

  private static func name(_ value: CheckpointValue) -> String? {
    if case .string(let text) = value { return text }
    return value.integer.map(String.init)
  }
}
