/// The families of problems that labs draw from, one line each.
enum TaskCatalog {
  static let tasks: [any CaseTask] = [
    MachineTask(), LetterboxTask(), SuppressionTask(), AveragePrecisionTask(), ArenaTask(),
    FoldingTask(), GraphFactsTask(),
  ]

  /// The family of a name.
  static func task(_ name: String) -> (any CaseTask)? {
    tasks.first { type(of: $0).name == name }
  }
}
