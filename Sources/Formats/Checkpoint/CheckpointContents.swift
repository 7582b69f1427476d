import Diagnostics
import Tensors

/// What the top of a checkpoint is: a network, bare weights, and other entries.
struct CheckpointContents {
  private(set) var model: ModuleRecord?
  private(set) var modelEntry: String?
  private(set) var weights: [(name: String, tensor: Tensor)] = []
  private(set) var entries: [String: CheckpointValue] = [:]

  /// Entries that may hold the network, best first. The averaged weights are the better ones.
  private static let candidates = ["ema", "model", "state_dict", "model_state_dict", "net"]

  /// Sorts the top of a pickle out.
  /// - Throws: `checkpoint.no-network`, and what assembling throws.
  init(_ root: PickleValue, _ assembler: inout CheckpointAssembler) throws {
    guard let pairs = assembler.heap.pairs(root) else {
      let value = try assembler.value(root)
      guard take(value, from: nil) else { throw Self.noNetwork(Self.kind(value)) }
      return
    }
    var top: [String: PickleValue] = [:]
    for (key, value) in pairs { if let name = key.string { top[name] = value } }
    for name in Self.candidates {
      guard let candidate = top[name], take(try assembler.value(candidate), from: name) else {
        continue
      }
      break
    }
    if model == nil, weights.isEmpty, !take(try assembler.value(root), from: nil) {
      let names = top.keys.sorted().prefix(8).map { "'\($0.prefix(40))'" }
      throw Self.noNetwork("a dictionary of \(names.joined(separator: ", "))")
    }
    guard model != nil || modelEntry != nil else { return }
    for (name, value) in top where name != modelEntry && !Self.isNetwork(name) {
      entries[name] = try assembler.value(value)
    }
  }

  private static func isNetwork(_ name: String) -> Bool { name == "ema" || name == "model" }

  /// Takes a network or weights out of a value, if that is what it is.
  private mutating func take(_ value: CheckpointValue, from entry: String?) -> Bool {
    switch value {
    case .module(let module):
      model = Self.unwrapped(module)
      modelEntry = entry
      return true
    case .dictionary(let pairs):
      var others: [String: CheckpointValue] = [:]
      for (key, value) in pairs {
        guard case .string(let name) = key else { continue }
        if case .tensor(let tensor) = value {
          weights.append((name, tensor))
        } else {
          others[name] = value
        }
      }
      guard !weights.isEmpty else { return false }
      modelEntry = entry
      if entry == nil { entries = others }
      return true
    default: return false
    }
  }

  /// The network inside the wrappers that training on several devices leaves.
  private static func unwrapped(_ module: ModuleRecord) -> ModuleRecord {
    let wrappers = ["DataParallel", "DistributedDataParallel"]
    guard wrappers.contains(where: { module.className.hasSuffix("." + $0) }),
      let inner = module.child("module")
    else { return module }
    return inner
  }

  private static func noNetwork(_ what: String) -> DeployError {
    DeployError(
      .checkpointNoNetwork,
      "the file holds \(what), and neither a network nor weights",
      remedy: "give the checkpoint that training saved, such as best.pt"
    )
  }

  private static func kind(_ value: CheckpointValue) -> String {
    switch value {
    case .none: "nothing"
    case .bool, .int, .float: "a number"
    case .string, .bytes: "a text"
    case .list(let values), .tuple(let values), .set(let values): "a list of \(values.count)"
    case .dictionary(let pairs): "a dictionary of \(pairs.count)"
    case .tensor(let tensor): "a single tensor \(tensor.shape)"
    case .module(let module): "a module '\(module.className)'"
    case .object(let object): "an object of class '\(object.className)'"
    }
  }
}
