/// The progress of a stage whose length is a time, in hundredths.
struct Ticks {
  private let progress: ProgressHandler

  init(_ stage: String, _ progress: @escaping ProgressHandler) {
    self.progress = progress
    progress(.began(stage: stage, total: 100))
  }

  /// The share done, 0 to 1.
  func advance(_ share: Double) { progress(.advanced(Int(share * 100))) }

  /// The end: `120 runs`.
  func finish(_ count: Int, _ noun: String, _ one: String = "", _ many: String = "s") {
    progress(.finished(summary: "\(count) \(noun)\(count == 1 ? one : many)"))
  }
}
