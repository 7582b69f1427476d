import ArgumentParser
import Pipelines

/// `vitrine peer`: one engine in a process of its own, started by `vitrine compare frameworks` and
/// `vitrine bench --against-program`.
struct Peer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Holds one engine for a comparison; not for people.",
    shouldDisplay: false
  )

  @Argument var model: String
  @OptionGroup var backend: BackendOptions
  @OptionGroup var size: SizeOptions
  @Option var shared: String
  @Option var slotBytes: Int
  @Option var slots: Int
  @Option var cache: String?
  @Option(parsing: .upToNextOption) var images: [String] = []

  func run() async throws {
    var choice = backend.choice
    choice.cache = cache ?? choice.cache
    var server = EngineServer(
      model: model,
      backend: choice,
      imageSize: size.resolved,
      sharedPath: shared,
      slotByteCount: slotBytes,
      slotCount: slots
    )
    server.images = images
    try await server.run()
  }
}
