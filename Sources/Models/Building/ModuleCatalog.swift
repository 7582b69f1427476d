import Diagnostics
import Formats

/// The module classes that the importer knows. Adding one is one file and one line here.
struct ModuleCatalog: Sendable {
  private let kinds: [String: any ModuleKind.Type]

  init(_ types: [any ModuleKind.Type]) {
    var kinds: [String: any ModuleKind.Type] = [:]
    for type in types { for name in type.names { kinds[name] = type } }
    self.kinds = kinds
  }

  /// What the class of that name does, without its package.
  subscript(_ name: String) -> (any ModuleKind.Type)? { kinds[name] }

  /// The error for a class that is not here.
  func unsupported(_ module: Module) -> DeployError {
    let known = (kinds.keys + HeadKind.allCases.map(\.rawValue)).sorted().joined(separator: ", ")
    return DeployError(
      .modelUnsupportedModule,
      "module class '\(module.record.className)' is not one of YOLOv5's",
      at: .module(module.path),
      remedy: "train with the supported modules only: \(known)"
    )
  }
}

extension ModuleCatalog {
  /// Every module class of YOLOv5 v3 to v7, and those of PyTorch that its configurations use.
  static let standard = ModuleCatalog([
    BottleneckKind.self, BottleneckCSPKind.self, C3Kind.self, ClassifyKind.self,
    ConcatKind.self, ContractKind.self, ConvKind.self, CrossConvKind.self, ExpandKind.self,
    FocusKind.self, FReLUKind.self, GhostBottleneckKind.self, GhostConvKind.self,
    MixConvKind.self, ProtoKind.self, SPPKind.self, SPPFKind.self, SumKind.self,
    TransformerBlockKind.self, TransformerLayerKind.self,
    ActivationKind.self, BatchNormKind.self, Convolution2DKind.self, FlattenKind.self,
    IdentityKind.self, LinearKind.self, MaxPoolKind.self, AveragePoolKind.self,
    SequentialKind.self, TransposedConvolutionKind.self, UpsampleKind.self, ZeroPadKind.self,
  ])
}
