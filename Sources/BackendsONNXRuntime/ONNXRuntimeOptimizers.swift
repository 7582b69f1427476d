import Backends

/// ONNX Runtime's own rewrites, grouped by what they achieve for convolutional networks.
/// Source: ONNX Runtime's `onnxruntime_session_options_config_keys.h`,
/// `optimization.disable_specified_optimizers`; the names are what its verbose log calls them.
enum ONNXRuntimeOptimizers {
  static let all: [(optimization: EngineOptimization, names: [String])] = [
    (
      EngineOptimization(
        name: "fold-constants",
        summary: "computes what does not depend on the input once, when the plan is built"
      ),
      ["ConstantFolding", "ConstantSharing", "ReshapeFusion"]
    ),
    (
      EngineOptimization(
        name: "fold-batch-normalization",
        summary: "makes batch normalisations part of the weights before them",
        kind: .fusion
      ),
      ["ConvBNFusion", "ConvMulFusion", "ConvAddFusion", "Level1_RuleBasedTransformer"]
    ),
    (
      EngineOptimization(
        name: "eliminate-common-subexpressions",
        summary: "computes equal things once"
      ),
      ["CommonSubexpressionElimination"]
    ),
    (
      EngineOptimization(
        name: "fuse-silu",
        summary: "computes x · σ(x) in one step instead of two",
        kind: .fusion
      ),
      ["QuickGeluFusion"]
    ),
    (
      EngineOptimization(
        name: "fuse-activations",
        summary: "applies activations inside the convolution before them",
        kind: .fusion
      ),
      ["ConvActivationFusion", "ConvAddActivationFusion", "Level2_RuleBasedTransformer"]
    ),
    (
      EngineOptimization(
        name: "block-layout",
        summary: "keeps channels in blocks of the vector width (NCHWc) and fuses what that allows",
        kind: .layout
      ),
      ["NchwcTransformer", "NhwcTransformer"]
    ),
  ]

  /// What `optimization.disable_specified_optimizers` takes for names of ours.
  static func disabled(_ names: Set<String>) -> String {
    all.filter { names.contains($0.optimization.name) }.flatMap(\.names).joined(separator: ";")
  }
}
