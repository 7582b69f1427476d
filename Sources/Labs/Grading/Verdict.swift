/// What a grader says about one submission; `verdict.json`.
package struct Verdict: Sendable, Hashable, Codable {
  /// How one check ended. Only the first three ever count.
  package enum Status: String, Sendable, Codable {
    case pass
    case fail
    /// The learner's program died.
    case error
    /// The measurement is too noisy to say.
    case inconclusive
    /// This machine lacks what the check needs.
    case unsupported
    /// The grader's own fault: costs nothing.
    case infra

    /// Whether it counts as an attempt.
    package var counts: Bool { self == .pass || self == .fail || self == .error }
  }

  /// What a number rests on.
  package enum Trust: String, Sendable, Codable {
    /// Said by the learner.
    case reported = "T0"
    /// Agrees with itself.
    case consistent = "T1"
    /// Computed again by the grader.
    case rerun = "T2"
    /// Measured again on known hardware.
    case remeasured = "T3"
  }

  /// A figure, and the limit that it must keep.
  package struct Measured: Sendable, Hashable, Codable {
    package var name: String
    package var value: Double
    package var rule: String
    package var limit: Double
  }

  /// A sentence of the course's messages with its values.
  package struct Message: Sendable, Hashable, Codable {
    package var id: String
    package var params: [String: String]
  }

  /// A case that shows the failure.
  package struct Witness: Sendable, Hashable, Codable {
    package var id: String
    package var title: String
    package var place: String?
    package var replay: String
  }

  /// A likely cause, and how far it explains what was seen.
  package struct Cause: Sendable, Hashable, Codable {
    package var mutant: String
    package var posterior: Double
    package var explained: Int
    package var tried: Int
  }

  /// One check.
  package struct Check: Sendable, Hashable, Codable {
    package var id: String
    package var status: Status
    package var points: Int
    package var maxPoints: Int
    package var trust: Trust
    package var concepts: [String]
    /// Cases right, and cases tried.
    package var passed: Int
    package var cases: Int
    package var measured: [Measured]
    package var diagnosis: [Cause]
    package var witness: Witness?
    package var message: Message?
  }

  /// What was run, and how it ended.
  package struct Run: Sendable, Hashable, Codable {
    package var slot: String
    package var command: [String]
    package var ending: String
    package var seconds: Double
    package var limitSeconds: Double
    package var errors: String
  }

  /// The seed that hidden cases were drawn from: its digest is in the log before they are
  /// drawn, itself afterwards.
  package struct Variant: Sendable, Hashable, Codable {
    package var commitment: String
    package var seed: String
  }

  package struct Grader: Sendable, Hashable, Codable {
    package var version: String
    package var isolation: IsolationLevel?
    /// Who measured: `self` on the learner's own machine, `server` on another's.
    package var measuredBy: String
  }

  package struct Score: Sendable, Hashable, Codable {
    package var points: Int
    package var max: Int
  }

  package var format = 1
  package var lab: String
  package var uuid: String
  package var course: String
  package var tier: String
  package var lane = "C"
  package var learner: String
  package var attempt: Int
  /// quick, check or submit.
  package var mode: String
  package var variant: Variant
  package var grader: Grader
  package var submission: [String: String]
  package var runs: [Run]
  package var checks: [Check]
  package var score: Score
  package var seconds: Double
  package var date: String
  package var previous: String?
  /// What became of README.md; nil where there is none that promises anything.
  package var documentation: Documentation?
  /// What was chosen where the lab leaves a choice; of submissions that passed only.
  package var choice: Choice?
  /// Ed25519 over the document without this, keys sorted.
  package var signature: String?
  package var publicKey: String?

  /// Whether every check passed.
  package var isPassed: Bool { !checks.isEmpty && checks.allSatisfy { $0.status == .pass } }
  /// Whether it counts as an attempt.
  package var counts: Bool { checks.allSatisfy { $0.status.counts } }
}
