/// The passes by name, and the pipelines that the stages run.
public struct PassCatalog: Sendable {
  /// Every pass, in the order in which it makes sense.
  public let passes: [any Pass]

  /// Creates a catalogue.
  public init(_ passes: [any Pass]) { self.passes = passes }

  /// The pass of that name.
  public subscript(_ name: String) -> (any Pass)? { passes.first { $0.name == name } }
  /// Every name, in order.
  public var names: [String] { passes.map(\.name) }
}

extension PassCatalog {
  /// What the exporter runs: a smaller file of the same standard operators.
  public static let export = PassCatalog([
    RewritePass(RemoveIdentities()),
    RewritePass("fold-constants", [FoldShapes(), FoldConstants()]),
    RewritePass(FoldBatchNormalization()),
    EliminateCommonSubexpressions(),
    RemoveDeadCode(),
  ])

  /// What an engine of our own runs: the operators that it has kernels for.
  public static let optimize = PassCatalog([
    RewritePass(RemoveIdentities()),
    RewritePass("fold-constants", [FoldShapes(), FoldConstants()]),
    RewritePass("fold-into-convolutions", [FoldBatchNormalization(), FoldChannelScale()]),
    RewritePass("fuse-activations", [FuseSiLU(), FuseHardSwish()]),
    EliminateCommonSubexpressions(),
    RemoveDeadCode(),
  ])

  /// What the native engine runs before it lays layers out: ``optimize``, then whatever one of
  /// its kernels does at once. For graphs of known shape.
  public static let native = PassCatalog(
    optimize.passes.dropLast(2) + [
      RewritePass("fuse-convolutions", [FuseConvolutionActivation(), FuseConvolutionSum()]),
      RewritePass(FuseDetectHead()),
      EliminateCommonSubexpressions(),
      RemoveDeadCode(),
    ]
  )
}
