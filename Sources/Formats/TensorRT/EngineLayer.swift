public import Tensors

/// One layer of a TensorRT engine, as its inspector describes it.
public struct EngineLayer: Sendable, Hashable {
  /// The name: those of the nodes it replaces, joined by `+`, or one made up by the compiler.
  public var name: String
  /// The kind, such as `CaskConvolution`; empty where only names were recorded.
  public var kind: String = ""
  /// The kernel; empty where none is told.
  public var tactic: String = ""
  /// Where it comes from: `[ONNX Layer: /model.0/conv/Conv]`, joined by control characters.
  public var metadata: String = ""
  /// The element type of the weights, or else of the first input; nil where unknown.
  public var scalarType: ScalarType?
  /// What it reads, by name, with the size where it is known.
  public var inputs: [EngineTensor] = []
  /// What it writes.
  public var outputs: [EngineTensor] = []
  /// The size of its weights in bytes.
  public var weightByteCount: Int64 = 0
  /// Arithmetic operations, known of convolutions of fixed shape.
  public var operations: Int64?

  /// Creates a layer of which only the name is known.
  public init(name: String) { self.name = name }
}

/// A tensor at the edge of a layer.
public struct EngineTensor: Sendable, Hashable {
  /// Its name in the engine.
  public var name: String
  /// Its extents; -1 where one is open.
  public var extents: [Int]
  /// The element type; nil where the inspector does not tell.
  public var scalarType: ScalarType?

  /// The size in bytes, where shape and element type are known.
  public var byteCount: Int64? {
    guard let scalarType, let count = Shape.checkedCount(extents + [scalarType.byteCount]) else {
      return nil
    }
    return Int64(count)
  }
}
