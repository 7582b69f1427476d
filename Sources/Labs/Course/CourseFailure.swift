package import Diagnostics

extension Diagnostic.ID {
  /// A course's file is no strict YAML.
  package static let courseInvalidYAML: Self = "course.invalid-yaml"
  /// A key that the format does not know.
  package static let courseUnknownKey: Self = "course.unknown-key"
  /// A key that must be there.
  package static let courseMissingKey: Self = "course.missing-key"
  /// A value of the wrong kind, or out of range.
  package static let courseInvalidValue: Self = "course.invalid-value"
  /// The two languages differ in their structure.
  package static let courseTextsDiffer: Self = "course.texts-differ"
  /// There is no course at that place, or no such lab in it.
  package static let courseNotFound: Self = "course.not-found"
  /// A folder that is no lab's workspace, or a damaged one.
  package static let labNoWorkspace: Self = "lab.no-workspace"
  /// The learner's folder holds nothing to grade, or what may not be graded.
  package static let labInvalidSubmission: Self = "lab.invalid-submission"
  /// A verdict or a log that is not what it says it is.
  package static let labTampered: Self = "lab.tampered"
  /// An answer that is not in the protocol's form.
  package static let answerMalformed: Self = "answer.malformed"
  /// An answer that is not there.
  package static let answerMissing: Self = "answer.missing"
}

extension DeployError {
  /// An error at one line of a course's file.
  static func course(
    _ id: Diagnostic.ID,
    _ message: String,
    in file: String,
    line: Int,
    remedy: String? = nil
  ) -> DeployError {
    DeployError(id, message, at: .file(path: "\(file):\(line)"), remedy: remedy)
  }
}
