import Backends
import Graphs
import Tensors

/// A network of known shapes as steps over one arena: what a build makes and a session runs.
struct Program: Sendable {
  /// Where everything lies.
  var surfaces: [Surface]
  /// What is done, in order.
  var layers: [Layer]
  /// The operators that reference layers run.
  var operators: [any Operator]
  /// Constants that reference layers read, by constant number.
  var tensors: [Int: Tensor]
  /// The graph's inputs in order: name and type.
  var inputs: [Binding]
  /// Value numbers of inputs that only reference layers read, by input number.
  var tensorInputs: [Int: Int]
  /// The graph's outputs in order, tapped values after them: name, type and where they are.
  var outputs: [Output]
  /// Bytes of the arena.
  var arenaByteCount: Int
  /// Bytes that surfaces would take without sharing memory in time.
  var summedByteCount: Int

  /// A result of the network.
  struct Output: Sendable {
    var binding: Binding
    var source: Layer.Source
  }

  /// The layers as observers and reports see them.
  var layerInfos: [LayerInfo] {
    layers.map { LayerInfo(name: $0.name, tactic: tactic(of: $0), provenance: $0.provenance) }
  }

  /// Where its values lie.
  var memory: PlanMemory {
    surfaces.memory(layers, peak: arenaByteCount, sum: summedByteCount)
  }

  /// The implementation that runs, in words.
  func tactic(of layer: Layer) -> String {
    layer.tactic(surfaces) { type(of: operators[$0]).name }
  }

  /// The surface whose memory another one lies in.
  func root(of surface: Int) -> Int { surfaces.root(of: surface) }
}

extension [Surface] {
  /// The surface whose memory another one lies in.
  func root(of surface: Int) -> Int {
    var index = surface
    while let part = self[index].part { index = part.surface }
    return index
  }

  /// Whether a surface has all pixels of the memory that it lies in, so that what surrounds them is
  /// that memory's border.
  func hasAllPixels(_ surface: Int) -> Bool {
    var index = surface
    while let part = self[index].part {
      let whole = self[part.surface]
      guard part.rowStep == 1, part.columnStep == 1, part.firstRow == 0, part.firstColumn == 0,
        self[index].height == whole.height, self[index].width == whole.width
      else { return false }
      index = part.surface
    }
    return true
  }
}

extension Layer {
  /// The implementation that runs, in words.
  func tactic(_ surfaces: [Surface], _ operatorName: (Int) -> String) -> String {
    switch work {
    case .convolution(let work): work.tactic(surfaces[work.source].element)
    case .pools(let works):
      "max-pool \(surfaces[works[0].source].element.name)"
        + (works.count > 1 ? " × \(works.count)" : "")
    case .copy(let source, let target, let repetition):
      (repetition > 1 ? "upsample" : "copy")
        + " \(surfaces[source].element.name)→\(surfaces[target].element.name)"
    case .fromPlanar(_, let target): "nchw→nhwc \(surfaces[target].element.name)"
    case .toPlanar(let source, _): "nhwc→nchw \(surfaces[source].element.name)"
    case .cast(let source, let target):
      "cast \(surfaces[source].element.name)→\(surfaces[target].element.name)"
    case .elementwise(let work): "elementwise \(surfaces[work.target].element.name)"
    case .decode(let work): "decode \(surfaces[work.source].element.name)"
    case .reference(let work): "reference \(operatorName(work.node))"
    }
  }
}
