import Diagnostics
import Files
package import Pipelines

/// The author's gate: what must hold of a lab before learners get it.
///
/// The starter fails; the solution passes on every seed, and so do right programs of another kind; every mutant
/// fails the checks that it must, and its cause is named first in at least nine of ten gradings; the healthy
/// control passes; starters in other programming languages fail and their solutions pass; failures say all they must, in both languages; the grade takes at most a third of its
/// limit.
package struct CourseGate {
  /// How much is tried.
  package struct Effort: Sendable {
    package var solutionSeeds = 20
    package var mutantSeeds = 5
    /// How many tiers' starters are tried of each translation: each must be compiled.
    package var translatedTiers = Int.max
    package init() {}
    /// For the test suite: each program once or twice.
    package static let short: Effort = {
      var effort = Effort()
      (effort.solutionSeeds, effort.mutantSeeds, effort.translatedTiers) = (1, 1, 1)
      return effort
    }()
  }

  /// What came out for a lab's starter in another programming language.
  package struct Translation: Sendable, Codable {
    package var programming: String
    package var seeds: Int
    package var solutionPasses: Int
    /// Why it was not tried; nil where it was.
    package var skipped: String?
  }

  /// What came out for one lab.
  package struct Row: Sendable, Codable {
    package var lab: String
    package var seeds: Int
    package var solutionPasses: Int
    package var alternates: Int
    package var alternatesPassed: Int
    package var mutants: Int
    package var mutantRuns: Int
    /// Gradings of mutants that failed as they must.
    package var mutantsCaught: Int
    /// Gradings whose first cause is the right one, of those of mutants with a known cause.
    package var diagnosed: Int
    package var diagnosable: Int
    package var slowest: Double
    package var limit: Double
    package var staleSections: [String]
    /// The same starter in other programming languages.
    package var translations: [Translation]
    package var problems: [String]

    package var isPassed: Bool { problems.isEmpty }
    package var diagnosisRate: Double? {
      diagnosable > 0 ? Double(diagnosed) / Double(diagnosable) : nil
    }
  }

  let course: Course
  let effort: Effort
  /// The folder of programs that learners may call: where `vitrine` lies.
  package var tools: String?

  package init(course: Course, effort: Effort) {
    self.course = course
    self.effort = effort
  }

  /// Proves one lab.
  package func prove(_ lab: Lab, progress: @escaping ProgressHandler = { _ in }) throws -> Row {
    guard !course.isForLearners else { throw CourseBundle.lacksSolutions("proved") }
    return try LabProof(course: course, lab: lab, effort: effort, tools: tools, progress: progress)
      .run()
  }
}
