extension DeployError {
  /// The same error with one more note.
  public func adding(_ note: Diagnostic) -> DeployError {
    let reason = diagnostics[0]
    return DeployError(
      reason.id,
      reason.message,
      at: reason.location,
      remedy: reason.remedy,
      notes: Array(diagnostics.dropFirst()) + [note],
      cause: cause
    )
  }
}
