import Diagnostics

extension MutantRecipe {
  /// The files of a solution with this mistake in them.
  /// - Throws: `course.invalid-value` where an edit does not fit exactly once.
  func applied(to files: [Submission.File], of lab: Lab) throws -> [Submission.File] {
    let name = "\(slot).py"
    guard let index = files.firstIndex(where: { $0.name == name }) else {
      throw DeployError(.courseInvalidValue, "there is no \(name) to make \(id) from")
    }
    var text = String(decoding: files[index].bytes, as: UTF8.self)
    for edit in edits {
      let parts = text.split(separator: edit.find, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DeployError(
          .courseInvalidValue,
          "\(id) of \(lab.id) changes a line that is there \(parts.count - 1) times: "
            + "'\(edit.find)'",
          remedy: "quote a line of the program that is there once"
        )
      }
      text = parts.joined(separator: edit.replacement)
    }
    var changed = files
    changed[index] = Submission.File(name: name, bytes: Array(text.utf8), isExecutable: false)
    return changed
  }
}
