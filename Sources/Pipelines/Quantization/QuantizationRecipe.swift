import Diagnostics
import Files
import FoundationEssentials
public import Metrics
public import Passes

/// What a quantised file is made by: one recipe, from which the form for each engine follows.
public struct QuantizationRecipe: Sendable, Hashable, Codable {
  /// Changes with the form.
  public var version = 1
  /// The SHA-256 of the model's file.
  public var modelDigest: String
  /// How ranges are chosen.
  public var method: CalibrationMethod
  /// Whether biases take back what the weights' rounding does on average.
  public var correctsBiases: Bool
  /// Convolutions that stay in float.
  public var keptLayers: [String]
  /// Modules that stay in float, with everything below them.
  public var keptModules: [String]

  /// Reads a recipe.
  /// - Throws: `quantize.unreadable-recipe`, `quantize.other-model`, IDs of `file.`.
  public static func read(_ path: String, modelDigest: String) throws -> QuantizationRecipe {
    let file = try MappedFile(path: path)
    guard file.count < 1 << 24,
      let recipe = withExtendedLifetime(
        file,
        { try? JSONDecoder().decode(QuantizationRecipe.self, from: Data(file.bytes)) }
      ),
      recipe.version == 1
    else {
      throw DeployError(
        .quantizeUnreadableRecipe,
        "is no recipe",
        at: .file(path: path),
        remedy: "give a file that `vitrine quantize --save-recipe` wrote"
      )
    }
    guard recipe.modelDigest == modelDigest else {
      throw DeployError(
        .quantizeOtherModel,
        "the recipe was made for another file",
        at: .file(path: path),
        remedy: "give the model that it was made for, or make a recipe for this one"
      )
    }
    return recipe
  }

  /// Writes a recipe, whole or not at all.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)) + [0x0A], to: path)
  }
}

/// The engine that a quantised file is for. Any of them reads any of these files; they differ in what
/// they compute in 8 bits.
public enum QuantizationTarget: String, Sendable, Hashable, Codable, CaseIterable {
  /// Our own engine: unsigned bytes with a zero where the range wants it.
  case native
  /// As ``native``.
  case openvino
  /// As ``native``, and the result of each convolution becomes bytes before its activation: ONNX
  /// Runtime multiplies bytes only where it also writes them. Costs accuracy.
  case onnxruntime
  /// Signed bytes with zero in the middle, the only ones that TensorRT takes.
  case tensorrt

  /// How numbers become bytes.
  public var scheme: QuantizationScheme { self == .tensorrt ? .symmetric : .asymmetric }
  /// Whether results of convolutions become bytes before their activation.
  public var quantizesResults: Bool { self == .onnxruntime }
}

extension Diagnostic.ID {
  /// A file that is no recipe.
  static let quantizeUnreadableRecipe: Self = "quantize.unreadable-recipe"
  /// A recipe for another model.
  static let quantizeOtherModel: Self = "quantize.other-model"
}
