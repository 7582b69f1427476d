package import Diagnostics
import Files
import Metrics
import Reports

/// Hands out work for review without names, and takes reviews and answers.
///
/// Who reviews has passed the lab. The first bundles hold a known mistake, later ones now and then; nobody is told which, so that it is
/// known how well a reviewer looks before a review is relied on.
package struct ReviewDesk {
  let course: Course
  let state: LabState
  let policy: ReviewPolicy

  /// - Throws: `lab.no-reviews` where the course has none.
  package init(course: Course, state: LabState) throws {
    guard let policy = course.review else {
      throw DeployError(
        .labNoReviews,
        "in this course learners do not review each other",
        remedy: "its author may add 'review' to course.yaml"
      )
    }
    (self.course, self.state, self.policy) = (course, state, policy)
  }

  /// Something to review.
  package struct Bundle: Sendable {
    package let id: String
    package let lab: Lab
    /// Names and contents, without the author.
    package let files: [(name: String, bytes: [UInt8])]
    /// Files that are no text.
    package let leftOut: Int
  }

  /// The bundle that a reviewer has and has not reviewed yet, otherwise a new one.
  /// - Parameter lab: nil for any that the reviewer has passed.
  /// - Throws: `lab.nothing-to-review`, `lab.tampered`, `file.…`.
  package func next(_ reviewer: String, lab: Lab? = nil) throws -> Bundle {
    if let bundle = try open(reviewer) { return bundle }
    // Nobody else is given anything while this is decided, nor the same reviewer a second one.
    struct IsGiven: Error {}
    let event: EventLog.Event
    do {
      event = try state.log.append("review-assigned", lab: "", learner: reviewer) {
        guard try open(reviewer) == nil else { throw IsGiven() }
        return try choose(reviewer, lab, try state.log.events())
      }
    } catch is IsGiven {
      guard let bundle = try open(reviewer) else {
        throw Self.nothing("there is nothing to review")
      }
      return bundle
    }
    guard let record = ReviewRecords([event]).all.first else {
      throw Self.nothing("there is nothing to review")
    }
    return try bundle(record)
  }

  /// The bundle that a reviewer has and has not reviewed yet; nil where there is none, or its files are gone.
  /// - Throws: `lab.tampered`, `file.…`.
  package func open(_ reviewer: String) throws -> Bundle? {
    let record = ReviewRecords(try state.log.events()).all.last {
      $0.reviewer == reviewer && $0.review == nil
    }
    return record.flatMap { try? bundle($0) }
  }

  private func choose(
    _ reviewer: String,
    _ wanted: Lab?,
    _ events: [EventLog.Event]
  ) throws -> [String: String] {
    let passed = Set(
      events.filter {
        $0.type == "graded" && $0.learner == reviewer && $0.data["passed"] == "true"
          && $0.data["counts"] == "true"
      }.map(\.lab)
    )
    let labs = course.labs.filter {
      passed.contains($0.uuid) && (wanted == nil || wanted?.uuid == $0.uuid)
    }
    guard !labs.isEmpty else {
      let what = wanted.map { "lab \($0.id)" } ?? "a lab"
      throw Self.nothing("you have not passed \(what) yet, so you cannot judge others' work in it")
    }
    let records = ReviewRecords(events).all
    let own = records.filter { $0.reviewer == reviewer }
    let seed = state.seed(lab: "review", learner: reviewer, attempt: own.count + 1)
    let given = Set(own.map { "\($0.lab) \($0.subject)" })
    let planted = labs.flatMap { lab in lab.plantable.map { (lab, $0) } }.filter { lab, mutant in
      !given.contains("\(lab.uuid) \(ReviewRecords.Subject.planted(mutant: mutant.id))")
    }
    let others = candidates(labs, reviewer, events).filter { lab, entry in
      let subject = ReviewRecords.Subject.submission(author: entry.learner, attempt: entry.attempt)
      return !given.contains("\(lab.uuid) \(subject)")
    }
    var random = seed.random("what")
    let isPlanted = own.count < policy.plantedFirst || random.fraction() < policy.plantedShare
    let bundle = String(seed.commitment.dropFirst(7).prefix(16))
    if !planted.isEmpty, isPlanted || others.isEmpty {
      let (lab, mutant) = planted[random.index(below: planted.count)]
      return ["bundle": bundle, "lab": lab.uuid, "mutant": mutant.id]
    }
    // Whose work was looked at least; chance among equals.
    func load(_ entry: HandedIn.Entry) -> Int {
      records.count {
        $0.subject == .submission(author: entry.learner, attempt: entry.attempt)
          && course.lab($0.lab)?.id == entry.lab
      }
    }
    let loads = others.map { load($0.1) }
    let least = others.indices.filter { loads[$0] == loads.min() }
    guard !least.isEmpty else { throw Self.nothing("you have reviewed all that there is for now") }
    let (lab, entry) = others[least[random.index(below: least.count)]]
    return [
      "bundle": bundle, "lab": lab.uuid, "author": entry.learner, "attempt": "\(entry.attempt)",
    ]
  }

  /// Others' last submissions whose files are here.
  private func candidates(
    _ labs: [Lab],
    _ reviewer: String,
    _ events: [EventLog.Event]
  ) -> [(Lab, HandedIn.Entry)] {
    guard policy.sharesSubmissions else { return [] }
    let store = HandedIn(state)
    let learners = Set(events.filter { $0.type == "graded" }.map(\.learner)).subtracting([reviewer])
    return learners.sorted().flatMap { learner in
      store.entries(of: learner).compactMap { entry in
        labs.first { $0.id == entry.lab }.map { ($0, entry) }
      }
    }
  }

  /// The files of what was given.
  private func bundle(_ record: ReviewRecords.Record) throws -> Bundle {
    guard let lab = course.lab(record.lab) else { throw Self.nothing("the lab is gone") }
    let files: [Submission.File]
    var author = ""
    switch record.subject {
    case .planted(let id):
      guard let mutant = lab.mutants.first(where: { $0.id == id }) else {
        throw Self.nothing("the bundle cannot be made any more")
      }
      files = try mutant.applied(to: StarterFiles(lab, "python").rendered(3, .english), of: lab)
    case .submission(let learner, let attempt):
      let entry = HandedIn.Entry(learner: learner, lab: lab.id, attempt: attempt)
      files = try Submission(folder: HandedIn(state).path(entry)).files
      author = learner
    }
    let anonymiser = Anonymiser(author: author)
    var shown: [(name: String, bytes: [UInt8])] = []
    var leftOut = 0
    for file in files where file.name != Submission.readme {
      if file.bytes.count <= 1 << 18, let text = String(validating: file.bytes, as: UTF8.self) {
        shown.append((anonymiser.text(file.name), Array(anonymiser.text(text).utf8)))
      } else {
        leftOut += 1
      }
    }
    shown.sort { $0.name < $1.name }
    return Bundle(id: record.bundle, lab: lab, files: shown, leftOut: leftOut)
  }

  static func nothing(_ message: String) -> DeployError {
    DeployError(
      .labNothingToReview,
      message,
      remedy: "pass a lab (vitrine lab submit), or come back when others have handed in"
    )
  }
}

extension Diagnostic.ID {
  /// The course has no reviews.
  package static let labNoReviews: Self = "lab.no-reviews"
  /// There is no work that this learner could review.
  package static let labNothingToReview: Self = "lab.nothing-to-review"
  /// A review, or an answer to one, that cannot be taken.
  package static let labInvalidReview: Self = "lab.invalid-review"
}
