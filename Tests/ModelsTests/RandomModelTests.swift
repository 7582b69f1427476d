import Formats
import Glibc
import Graphs
import Tensors
import Testing

@testable import Models

/// Networks of random weights written by Tools/random_models.py, against PyTorch's results.
/// `VITRINE_RANDOM_MODELS` names the folder; `VITRINE_RANDOM_ONLY` picks some by a part of the
/// name.
struct RandomModelTests {
  static let folder = getenv("VITRINE_RANDOM_MODELS").map { String(cString: $0) }
  static let only = getenv("VITRINE_RANDOM_ONLY").map { String(cString: $0) } ?? ""

  static func names(in folder: String?) -> [String] {
    guard let folder, let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".output0.npy") { names.append(String(name.dropLast(12))) }
    }
    return names.sorted()
  }

  @Test(.enabled(if: folder != nil, "needs VITRINE_RANDOM_MODELS"))
  func everyConfigurationEqualsPyTorch() throws {
    let folder = try #require(Self.folder)
    let names = Self.names(in: folder).filter { Self.only.isEmpty || $0.contains(Self.only) }
    #expect(!names.isEmpty)
    for name in names {
      do {
        let worst = try Self.relativeError(of: name, in: folder)
        print("\(name): largest difference over largest value \(worst)")
        #expect(worst <= 1e-4, "\(name): \(worst)")
      } catch { Issue.record("\(name): \(error)") }
    }
  }

  /// The largest relative difference over all outputs.
  static func relativeError(
    of name: String,
    in folder: String,
    dynamic: ImportOptions.DynamicAxes = .none
  ) throws -> Float {
    let path = "\(folder)/\(name)"
    let input = try NPYFile.read(path: path + ".input.npy")
    var options = ImportOptions()
    options.imageSize = Array(input.shape.dimensions.suffix(2))
    options.dynamic = dynamic
    let checkpoint = try CheckpointReader.read(path: path + ".pt")
    let graph = try ModelImporter().graph(from: checkpoint, options: options).graph
    let outputs = try graph.evaluate(inputs: ["images": input])
    var worst: Float = 0
    for (name, output) in outputs {
      let expected = try NPYFile.read(path: "\(path).\(name).npy")
      #expect(output.shape == expected.shape)
      worst = max(worst, try Closeness(output.floats(), expected.floats()).relative)
    }
    return worst
  }
}
