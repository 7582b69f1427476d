import Backends
import CNativeKernels
import Graphs

/// One step of a program.
struct Layer: Sendable, Codable {
  /// What is done.
  enum Work: Sendable, Codable {
    case convolution(ConvolutionWork)
    /// Each pools what the one before wrote.
    case pools([PoolWork])
    /// Elements copied, converted, each `repetition` times along both axes.
    case copy(source: Int, target: Int, repetition: Int)
    case fromPlanar(source: Source, target: Int)
    case toPlanar(source: Int, target: Int)
    /// Planar elements in another element type.
    case cast(source: Int, target: Int)
    case elementwise(ElementwiseWork)
    case decode(DecodeWork)
    /// A node run by its operator's definition.
    case reference(ReferenceWork)
  }

  /// Where planar elements are read.
  enum Source: Sendable, Hashable, Codable {
    /// A planar surface.
    case surface(Int)
    /// What a reference layer wrote, by the value's number.
    case tensor(Int)
  }

  var name: String
  var provenance: Provenance
  var work: Work
  /// Surfaces whose borders are cleared before: this layer is the first to write into them.
  var clearedSurfaces: [Int] = []
  /// Multiplications with an addition, for attribution.
  var multiplyAdds: Int64 = 0
}

/// A convolution of dense or depthwise kind, with what follows it.
struct ConvolutionWork: Sendable, Codable {
  enum Kind: String, Sendable, Codable {
    case dense
    case depthwise
    case winograd
    /// By oneDNN, from plain weights [M, C, kh, kw].
    case oneDNN
  }
  var kind: Kind
  var source: Int
  var target: Int
  /// The first of the source's channels, and how many: a group.
  var firstChannel = 0
  var inputChannels: Int
  /// The first of the target's channels, and how many.
  var firstOutput = 0
  var outputChannels: Int
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  /// Top, left, bottom, right.
  var pads: [Int]
  /// Whether the taps of a kernel's row are read as one run: the channels of neighbouring pixels
  /// lie side by side.
  var mergesRow = false
  var blockVectors: Int
  /// Numbers of constants: packed weights, float32 biases and, for quantised sources, scales.
  var weights: Int
  var bias: Int
  var scale: Int?
  var activation: ActivationCode
  /// Whether SiLU from bytes to bytes is computed in floats even where 16 bits would do.
  var usesFloatSilu: Bool?
  var residual: Int?
  /// 0: none, 1: after the activation, 2: before it.
  var residualOrder: Int32 = 0
  /// The decoding of each row as soon as it is there: the logits are in no memory but the caches.
  var decode: DecodeWork?

  /// In the words of reports.
  func tactic(_ element: Element) -> String {
    switch kind {
    case .dense:
      "direct \(element.name) \(16 * blockVectors)" + (decode == nil ? "" : " + decode")
    case .depthwise: "depthwise \(element.name)"
    case .winograd: "winograd \(element.name) 4x4"
    case .oneDNN: "onednn \(element.name)"
    }
  }
}

/// An activation as the kernels know it.
struct ActivationCode: Sendable, Hashable, Codable {
  var code: UInt32
  var alpha: Float
  var beta: Float

  init(_ activation: Activation) {
    let parameters = activation.parameters
    alpha = parameters.first ?? 0
    beta = parameters.count > 1 ? parameters[1] : 0
    let native: native_activation =
      switch activation {
      case .identity: NATIVE_IDENTITY
      case .silu: NATIVE_SILU
      case .relu: NATIVE_RELU
      case .leakyRelu: NATIVE_LEAKY_RELU
      case .hardSwish: NATIVE_HARD_SWISH
      case .sigmoid: NATIVE_SIGMOID
      case .hardSigmoid: NATIVE_HARD_SIGMOID
      case .clip: NATIVE_CLIP
      case .tanh: NATIVE_TANH
      case .mish: NATIVE_MISH
      }
    code = native.rawValue
  }

  var native: native_activation { native_activation(rawValue: code) }
}

/// The largest of each window.
struct PoolWork: Sendable, Codable {
  var source: Int
  var target: Int
  var kernel: [Int]
  var strides: [Int]
  /// Top, left.
  var pads: [Int]
}

/// A sum of one or two values, and a function of it.
struct ElementwiseWork: Sendable, Codable {
  var first: Int
  var second: Int?
  var target: Int
  var activation: ActivationCode
}

/// One head's boxes.
struct DecodeWork: Sendable, Codable {
  var source: Int
  var target: Int
  var anchors: [Float]
  var stride: Float
  var sigmoidFields: Int
}

/// A node that has no kernel here.
struct ReferenceWork: Sendable, Codable {
  enum Operand: Sendable, Codable {
    case none
    case source(Layer.Source)
    /// A constant, with its element type and extents in the program's ``Program/tensors``.
    case constant(Int)
  }
  /// The node's number among the program's ``Program/operators``.
  var node: Int
  var operands: [Operand]
  /// The numbers of the values that it writes.
  var results: [Int]
}
