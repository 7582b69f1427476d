import Diagnostics
import Files
import FoundationEssentials
import Glibc

extension ReviewDesk {
  /// What a reviewer writes; `review.json`.
  package struct Review: Codable, Sendable {
    /// A fault, by the identifier of a known cause, and where it is seen.
    package struct Finding: Codable, Sendable {
      package var cause: String
      package var why: String

      package init(cause: String, why: String) { (self.cause, self.why) = (cause, why) }
    }
    package var format = 1
    package var bundle: String
    package var findings: [Finding]
    /// For the author: what is good, what could be better.
    package var comment: String

    package init(bundle: String, findings: [Finding], comment: String) {
      (self.bundle, self.findings, self.comment) = (bundle, findings, comment)
    }

    /// Reads the file in a bundle's folder.
    /// - Throws: `lab.invalid-review`, `file.…`.
    package init(folder: String) throws {
      let path = folder + "/review.json"
      let bytes = try MappedFile.contents(of: path, limit: 1 << 16)
      guard let review = try? JSONDecoder().decode(Review.self, from: Data(bytes)),
        review.format == 1
      else {
        throw DeployError(
          .labInvalidReview,
          "review.json is not as it was given out",
          at: .file(path: path),
          remedy: "keep its keys: format, bundle, findings (each with cause and why), comment"
        )
      }
      self = review
    }
  }

  private static let (commentLeast, whyLeast) = (30, 15)
  /// In bytes: an event is one line of bounded length.
  private static let (commentMost, whyMost, findingsMost) = (4000, 500, 20)

  /// Takes a review; the first one of a bundle counts.
  /// - Throws: `lab.invalid-review`, `lab.tampered`, `file.…`.
  package func submit(_ review: Review, by reviewer: String) throws {
    guard
      let lab = ReviewRecords(try state.log.events())[review.bundle].flatMap({ record in
        record.reviewer == reviewer ? course.lab(record.lab) : nil
      })
    else {
      throw Self.refusal(
        "there is no bundle '\(review.bundle.prefix(40))' of yours",
        "ask for one: vitrine lab review next"
      )
    }
    let causes = review.findings.map(\.cause)
    if let unknown = causes.first(where: { !lab.causes.contains($0) }) {
      throw Self.refusal(
        "'\(unknown.prefix(60))' is none of the causes that can be named",
        "name those that REVIEW.md lists"
      )
    }
    guard Set(causes).count == causes.count, causes.count <= Self.findingsMost else {
      throw Self.refusal("a cause is named twice", "name each once")
    }
    guard
      review.findings.allSatisfy({
        $0.why.count >= Self.whyLeast && $0.why.utf8.count <= Self.whyMost
      })
    else {
      throw Self.refusal(
        "a finding does not say where it is seen",
        "write for each at least \(Self.whyLeast) characters, at most \(Self.whyMost) bytes: the line, the case"
      )
    }
    guard review.comment.count >= Self.commentLeast,
      review.comment.utf8.count <= Self.commentMost
    else {
      throw Self.refusal(
        "the comment for the author has \(review.comment.count) characters",
        "write at least \(Self.commentLeast), at most \(Self.commentMost) bytes: what is good, what could be better"
      )
    }
    let anonymiser = Anonymiser(author: reviewer)
    let whys = review.findings.map {
      "\($0.cause): " + Self.line(anonymiser.text($0.why))
    }
    try state.log.append("reviewed", lab: lab.uuid, learner: reviewer) {
      guard ReviewRecords(try state.log.events())[review.bundle]?.review == nil else {
        throw Self.refusal("this bundle is reviewed already", "ask for the next one")
      }
      return [
        "bundle": review.bundle, "causes": causes.joined(separator: " "),
        "findings": whys.joined(separator: "\n"), "comment": anonymiser.text(review.comment),
      ]
    }
  }

  /// A review that an author has received, without its reviewer.
  package struct Received: Sendable, Codable {
    package var bundle: String
    package var lab: String
    package var attempt: Int
    package var findings: [String]
    package var comment: String
    package var answer: ReviewAnswer?
  }

  /// The reviews of a learner's own work, in order.
  /// - Throws: `lab.tampered`, `file.…`.
  package func received(_ author: String) throws -> [Received] {
    ReviewRecords(try state.log.events()).all.compactMap { record in
      guard case .submission(author, let attempt) = record.subject, let review = record.review,
        let lab = course.lab(record.lab)
      else { return nil }
      let findings = review.event.data["findings"] ?? ""
      return Received(
        bundle: record.bundle,
        lab: lab.id,
        attempt: attempt,
        findings: findings.split(separator: "\n").map(String.init),
        comment: review.event.data["comment"] ?? "",
        answer: record.answer?.answer
      )
    }
  }

  /// Takes an author's answer to a review; the first one counts.
  /// - Throws: `lab.invalid-review`, `lab.tampered`, `file.…`.
  package func acknowledge(_ bundle: String, _ answer: ReviewAnswer, by author: String) throws {
    guard let record = ReviewRecords(try state.log.events())[bundle],
      case .submission(author, _) = record.subject, record.review != nil
    else {
      throw Self.refusal(
        "there is no review '\(bundle.prefix(40))' of your work",
        "see which there are: vitrine lab review received"
      )
    }
    try state.log.append("acknowledged", lab: record.lab, learner: author) {
      guard ReviewRecords(try state.log.events())[bundle]?.answer == nil else {
        throw Self.refusal("you have answered this review already", "the first answer counts")
      }
      return ["bundle": bundle, "answer": answer.rawValue]
    }
  }

  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private static func refusal(_ message: String, _ remedy: String) -> DeployError {
    DeployError(.labInvalidReview, message, remedy: remedy)
  }
}
