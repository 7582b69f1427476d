import ArgumentParser
import Pipelines

/// `vitrine synth`: pictures with exact truth from a seed.
struct Synth: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Renders a data set with exact boxes and masks from a seed.",
    discussion: """
      Writes images/ and annotations.json (COCO format) into the folder. The same seed gives the same pictures
      on every machine. Boxes and masks are of what is visible: hidden and cut-off parts do not count. Masks are runs of
      pixels (uncompressed counts), not polygons, so that rings keep their holes.

      EXAMPLES
        vitrine synth shapes/ --count 100
        vitrine synth shapes/ --count 1000 --seed 7 --size 416
      """
  )

  @Argument(help: "The folder to write into.", completion: .directory)
  var folder: String

  @Option(name: .long, help: "How many pictures.")
  var count = 16

  @Option(name: .long, help: "The seed.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Width and height in pixels.")
  var size = 416

  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("--count must lie between 1 and 1000000, not \(count)")
    }
    guard (64...4096).contains(size) else {
      throw ValidationError("--size must lie between 64 and 4096, not \(size)")
    }
  }

  func run() throws {
    let result = try SynthJob(folder: folder, count: count, seed: seed, size: size)
      .run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    Terminal.print(
      "\(Style.green("✓")) \(result.pictureCount) pictures, seed \(seed) → \(folder)"
    )
  }
}
