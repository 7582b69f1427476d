import Formats
import Graphs
import Metrics
import Models
import Passes
import Reports

/// A model → its forms, from the checkpoint's modules to what runs at one input size.
struct StructureJob {
  let model: String
  var imageSize: [Int]?
  /// The layers that ran, at the same size.
  var profile: LayerProfile?

  func run() throws -> StructureRecord {
    let source = try ModelSource.open(model)
    let options = ImportOptions(imageSize: imageSize)
    // A network that is no detector has a structure, too.
    let opened = try (try? source.graph(options).graph) ?? source.anyGraph(options).graph
    let size = imageSize ?? opened.contract?.inputSize ?? [640, 640]
    let graph = try opened.bound(batch: 1, size: size)
    let outcome = try PassManager(PassCatalog.export.passes).run(on: graph)
    let file = String(model.split(separator: "/").last ?? "model")
    let name = "\(file) · \(size.map(String.init).joined(separator: " × ")) px"
    var builder = StructureBuilder(name: name, imported: graph)
    if case .checkpoint(let checkpoint) = source { builder.checkpoint = checkpoint }
    builder.optimised = outcome.graph
    builder.records = outcome.records
    builder.profile = profile
    return builder.record()
  }
}
