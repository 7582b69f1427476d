import ArgumentParser

/// Which options stand on the command line: one that would do nothing is refused, so that nobody
/// believes that it did something. Defaults cannot be told from stated values otherwise.
enum GivenOptions {
  /// Refuses options that have no effect.
  /// - Parameters:
  ///   - names: as they are written, such as `--conf`.
  ///   - reason: when they have none, such as `with --detections`.
  /// - Throws: `ValidationError`, which is wrong usage.
  static func refuse(_ names: [String], _ reason: String) throws {
    guard let name = names.first(where: isGiven) else { return }
    throw ValidationError("\(name) has no effect \(reason); leave it out")
  }

  private static func isGiven(_ name: String) -> Bool {
    CommandLine.arguments.dropFirst().prefix { $0 != "--" }
      .contains { $0 == name || $0.hasPrefix(name + "=") }
  }
}
