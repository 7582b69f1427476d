import Tensors

/// A global that a pickle asks for: a name, what it means here, and how often it is asked for.
struct PickleGlobal {
  /// What a call of the global builds.
  enum Meaning: Equatable {
    case dictionary
    case defaultDictionary
    case list
    case tuple
    case set
    /// A conversion that keeps its only argument.
    case identity
    /// Latin-1 text that stands for bytes.
    case encode
    case reconstructor
    case newObject
    case tensor
    case tensorWithType
    case parameter
    case tensorSubclass
    case unsupportedTensor
    /// An element type; nil for plain bytes.
    case storage(ScalarType?)
    case unsupportedStorage
    /// `torch.float16` and the like.
    case elementType(ScalarType)
    case numpyReconstruct
    /// A method by its name, and only that: refused for all but a network's own `forward`.
    case method
    /// Data whose meaning is its name and arguments.
    case named
    /// A class that has no meaning here.
    case opaque
    case refused
  }

  let name: String
  var meaning: Meaning
  var count = 0

  /// Whether it is a class of Python's own whose objects are plain data.
  var isPlainBase: Bool {
    switch meaning {
    case .dictionary, .defaultDictionary, .list, .tuple, .set, .identity: true
    default: name == "builtins.object"
    }
  }

  var treatment: PickleAudit.Treatment {
    switch meaning {
    case .opaque, .method: .opaque
    case .refused: .refused
    default: .data
    }
  }
}
