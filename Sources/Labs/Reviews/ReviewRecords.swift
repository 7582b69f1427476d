/// What the log says about reviews: who was given what, what they found, and what the author said.
struct ReviewRecords {
  /// What a reviewer gets.
  enum Subject: Hashable, Sendable {
    /// A solution with a known mistake in it.
    case planted(mutant: String)
    case submission(author: String, attempt: Int)
  }

  struct Record {
    let bundle: String
    let reviewer: String
    /// The lab's identity.
    let lab: String
    let subject: Subject
    var review: (event: EventLog.Event, causes: [String])?
    var answer: (event: EventLog.Event, answer: ReviewAnswer)?
  }
  private(set) var all: [Record] = []
  private var places: [String: Int] = [:]

  init(_ events: [EventLog.Event]) {
    for event in events {
      guard let bundle = event.data["bundle"] else { continue }
      switch event.type {
      case "review-assigned":
        guard places[bundle] == nil, let subject = Self.subject(event) else { continue }
        places[bundle] = all.count
        all.append(
          Record(
            bundle: bundle,
            reviewer: event.learner,
            lab: event.data["lab"] ?? "",
            subject: subject
          )
        )
      case "reviewed":
        guard let place = places[bundle], all[place].reviewer == event.learner,
          all[place].review == nil
        else { continue }
        let causes = (event.data["causes"] ?? "").split(separator: " ").map(String.init)
        all[place].review = (event, causes)
      case "acknowledged":
        guard let place = places[bundle], case .submission(event.learner, _) = all[place].subject,
          all[place].review != nil, all[place].answer == nil,
          let answer = event.data["answer"].flatMap(ReviewAnswer.init)
        else { continue }
        all[place].answer = (event, answer)
      default: continue
      }
    }
  }

  subscript(_ bundle: String) -> Record? { places[bundle].map { all[$0] } }

  private static func subject(_ event: EventLog.Event) -> Subject? {
    if let mutant = event.data["mutant"] { return .planted(mutant: mutant) }
    guard let author = event.data["author"], let attempt = event.data["attempt"].flatMap(Int.init)
    else { return nil }
    return .submission(author: author, attempt: attempt)
  }
}

/// What an author says to a review; the five answers that there are.
package enum ReviewAnswer: String, Sendable, CaseIterable, Codable {
  /// It was right, and I have changed my work.
  case fixed
  /// It is right; I have not changed it.
  case right
  /// It is right, and I knew it.
  case known
  /// I do not understand it.
  case unclear
  /// It does not hold.
  case wrong

  /// How much it helped, from 0 to 1.
  package var value: Double {
    switch self {
    case .fixed: 1
    case .right: 0.75
    case .known: 0.5
    case .unclear: 0.25
    case .wrong: 0
    }
  }
}

extension Lab {
  /// The known causes that a reviewer may name, in the order of the checks.
  package var causes: [String] {
    checks.flatMap(\.hypotheses).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Mistakes whose cause is known.
  var plantable: [MutantRecipe] {
    mutants.filter { mutant in mutant.diagnosis.map(causes.contains) ?? false }
  }
}

/// How well a reviewer saw a mistake that was planted.
package struct ReviewScore: Sendable, Hashable {
  /// 1 where the planted cause was named, otherwise 0.
  package var recall: Double
  /// Causes that were named and are not there, of all that could have been.
  package var (falseAlarms, possible): (Int, Int)

  /// Recall less the rate of false alarms: naming everything is worth as little as naming nothing.
  package var value: Double {
    recall - (possible > 0 ? Double(falseAlarms) / Double(possible) : 0)
  }

  /// nil where the lab does not have that mistake any more.
  init?(_ named: [String], mutant: String, lab: Lab) {
    guard let cause = lab.mutants.first(where: { $0.id == mutant })?.diagnosis else { return nil }
    recall = named.contains(cause) ? 1 : 0
    falseAlarms = Set(named).subtracting([cause]).count
    possible = lab.causes.count { $0 != cause }
  }
}
