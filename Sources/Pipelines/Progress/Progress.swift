/// What a long piece of work tells while it runs. Sent from whatever thread does the work.
public enum ProgressEvent: Sendable {
  /// A stage began; `total` is the number of steps where it is known.
  case began(stage: String, total: Int?)
  /// So many steps are done.
  case advanced(Int)
  /// The stage ended, with its result in one line.
  case finished(summary: String)
}

/// `1 picture`, `3 pictures`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// Receives the events of one piece of work, in order.
public typealias ProgressHandler = @Sendable (ProgressEvent) -> Void
