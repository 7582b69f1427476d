import Backends
import Detectors
import Diagnostics
import Files
import Graphs
import Images
import Scenes
import Tensors

/// Different pictures as the bytes of their files, taken in turns so that no run sees the input
/// of the one before.
struct PicturePool {
  /// The most pictures kept, and the most bytes of their files.
  static let pictureLimit = 64
  static let byteLimit = 256 << 20

  /// The bytes of each file; empty where no picture could be made.
  private(set) var files: [[UInt8]] = []
  /// Where they came from: `12 pictures given`, `12 scenes drawn`.
  private(set) var description = ""
  /// Pictures left out.
  private(set) var diagnostics: [Diagnostic] = []
  /// Why there is none.
  private(set) var absence: String?

  /// Reads the pictures named, or draws scenes where none is.
  /// - Throws: `image.none-found`, and what is wrong with the last picture where none can be read.
  init(_ sources: [String], seed: UInt64) throws {
    guard !sources.isEmpty else {
      try draw(seed: seed)
      return
    }
    let paths = try ImageSource.paths(sources)
    let reader = ImageReader()
    var (image, byteCount) = (Image(width: 0, height: 0), 0)
    for path in paths.prefix(Self.pictureLimit) where byteCount < Self.byteLimit {
      do {
        try reader.read(path, into: &image)
        let file = try MappedFile(path: path)
        files.append(withExtendedLifetime(file) { [UInt8](file.bytes) })
        byteCount += file.count
      } catch let error as DeployError {
        guard paths.count > 1, error.isAboutPicture else { throw error }
        diagnostics.append(error.asWarning(about: path))
      }
    }
    guard !files.isEmpty else {
      throw DeployError(.imageNoneFound, "none of the pictures can be read")
    }
    description = counted(files.count, "picture") + " given"
  }

  private mutating func draw(seed: UInt64) throws {
    do {
      for index in 0..<12 {
        let options = SceneOptions(width: 640, height: index.isMultiple(of: 3) ? 640 : 480)
        let scene = try Scene(seed: seed, index: index, options: options)
        files.append(try scene.image.jpegBytes())
      }
      description = "\(files.count) scenes drawn (seed \(seed)), JPEG"
    } catch let error as DeployError where error.id == "image.codec-missing" {
      absence = error.diagnostics.first?.message ?? "pictures cannot be encoded"
      description = "random numbers (seed \(seed))"
    }
  }

  /// Ready inputs of one picture each, [1, 3, H, W], so that an engine's run has a fresh one
  /// without decoding: at most 8, and at most 64 MiB of them.
  func tensors(for contender: BenchContender, seed: UInt64) throws -> [TensorBuffer] {
    let shape = Shape([1] + contender.input.shape.dimensions.dropFirst())
    let type = contender.input.scalarType
    let byteCount = max(1, shape.count * type.byteCount)
    let count = min(8, max(3, (64 << 20) / byteCount))
    guard let letterbox = contender.detector?.letterbox, !files.isEmpty else {
      return try random(count, shape, type, seed)
    }
    let reader = ImageReader()
    let workspace = LetterboxWorkspace()
    return try (0..<count).map { index in
      let buffer = TensorBuffer(shape: shape, scalarType: type)
      try letterbox.write(
        try reader.decode(files[index % files.count]),
        to: buffer,
        preprocessing: contender.contract?.preprocessing ?? ModelContract.Preprocessing(),
        using: workspace
      )
      return buffer
    }
  }

  private func random(
    _ count: Int,
    _ shape: Shape,
    _ type: ScalarType,
    _ seed: UInt64
  ) throws -> [TensorBuffer] {
    var graph = Graph(name: "noise")
    graph.addInput("noise", TensorType(type, shape))
    return try (0..<count).map { index in
      let buffer = TensorBuffer(shape: shape, scalarType: type)
      let feed = try Feed.random(graph, seed: seed &+ UInt64(index))
      for tensor in feed.tensors.values { try buffer.copy(tensor) }
      return buffer
    }
  }
}
