import ArgumentParser

/// `vitrine compare`: experiments whose cells are measured by the same code.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compares precisions and frameworks; attributes gains of speed and losses of accuracy.",
    subcommands: [
      CompareFrameworks.self, ComparePrecision.self, CompareWhy.self, CompareLedger.self,
    ]
  )
}
