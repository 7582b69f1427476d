import ArgumentParser

/// `vitrine compare`: experiments whose cells are measured by the same code.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares precisions and frameworks, and attributes the gain of optimisation.",
    subcommands: [CompareFrameworks.self, ComparePrecision.self, CompareWhy.self]
  )
}
