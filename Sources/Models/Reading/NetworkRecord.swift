import Diagnostics
import Formats

/// The network of a checkpoint as YOLOv5 lays it out: a list of layers, each naming where its
/// inputs come from.
struct NetworkRecord {
  /// One entry of the list.
  struct Layer {
    let module: Module
    /// The layers that it reads, by index; −1 is the input picture.
    let sources: [Int]
    /// As the checkpoint has it: relative to this layer where negative.
    let from: [Int]
  }

  /// The module that holds the list, with the names, strides and configuration.
  let root: Module
  let layers: [Layer]

  /// Finds the network inside the wrappers that people save.
  /// - Throws: `model.architecture-unknown`, `model.not-yolov5`.
  init(_ checkpoint: Checkpoint) throws {
    guard let model = checkpoint.model else {
      throw DeployError(
        .modelArchitectureUnknown,
        "the file holds \(checkpoint.weights.count) named weights but no network",
        at: .file(path: checkpoint.path),
        remedy: "pass the checkpoint that YOLOv5's training wrote, such as weights/best.pt"
      )
    }
    root = try Self.unwrapped(Module(model, path: ""), in: checkpoint.path)
    let list = try Self.layerList(of: root)
    layers = try list.record.children.enumerated().map { index, child in
      let module = Module(child.module, path: "model.\(child.name)", depth: 2)
      return try Self.layer(module, at: index)
    }
  }

  /// Whether the last layer is a detection or segmentation head.
  var head: Module? { layers.last?.module }

  private static let wrappers = ["AutoShape", "autoShape", "DetectMultiBackend"]

  private static func unwrapped(_ module: Module, in file: String) throws -> Module {
    var module = module
    for _ in 0..<8 {
      if let inner = module.record.child("module") {
        module = Module(inner, path: "")
      } else if let list = module.record.child("model"), isLayerList(list) {
        return module
      } else if let inner = module.record.child("model") {
        module = Module(inner, path: "")
      } else {
        break
      }
    }
    throw DeployError(
      .modelNotYOLOv5,
      "\(module.record.className) is not a YOLOv5 network: it has no list of layers",
      at: .file(path: file),
      remedy: "pass a checkpoint of YOLOv5 v3 to v7 (detect, segment or classify)"
    )
  }

  private static func isLayerList(_ record: ModuleRecord) -> Bool {
    !record.children.isEmpty
      && record.children.allSatisfy { $0.module.attributes["f"] != nil }
  }

  private static func layerList(of root: Module) throws -> Module { try root.child("model") }

  private static func layer(_ module: Module, at index: Int) throws -> Layer {
    let value = module.record.attributes["f"]
    guard let from = value?.integer.map({ [$0] }) ?? value?.integers, !from.isEmpty else {
      throw module.incomplete("attribute 'f'")
    }
    let sources = from.map { $0 < 0 ? index &+ $0 : $0 }
    guard sources.allSatisfy({ $0 >= -1 && $0 < index }) else {
      throw module.incomplete("attribute 'f': layer \(index) reads from \(from)")
    }
    return Layer(module: module, sources: sources, from: from)
  }
}
