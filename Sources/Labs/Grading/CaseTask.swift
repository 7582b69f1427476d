import Diagnostics
package import Images
package import Metrics

/// A family of problems: cases that a learner's program solves, and the truth about them.
///
/// The truth comes from the project's own stages. A program reads `in/0001/…` and writes `out/0001/…`, for
/// each case a folder; this type says what is in them.
protocol CaseTask: Sendable {
  /// One problem.
  associatedtype Problem: Sendable
  /// What a program answers to it.
  associatedtype Answer: Sendable

  /// Its name in `lab.yaml`.
  static var name: String { get }
  /// The kinds of cases that it draws.
  var groups: [String] { get }
  /// Draws one case.
  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem
  /// Writes what programs find beside `in/`, the same for every case.
  func furnish(_ folder: String) throws
  /// Writes what the program reads.
  func write(_ problem: Problem, to folder: String) throws
  /// Whether programs may ask while they run: see `Conversation`.
  var answersQuestions: Bool { get }
  /// The answer to the words of a question about a case; asked from another thread.
  func answer(_ question: [Substring], about problem: Problem) -> String
  /// Reads what the program wrote; every byte is hostile.
  /// - Throws: `answer.missing`, `answer.malformed` and what readers throw.
  func read(_ folder: String, of problem: Problem) throws -> Answer
  /// The right answer.
  func reference(_ problem: Problem) throws -> Answer
  /// How far an answer is from the right one.
  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  /// Known causes of wrong answers.
  var hypotheses: [Hypothesis<Problem, Answer>] { get }
  /// The case in a few words that need no translation, such as `17×40 → 64×96, RGB`.
  func title(_ problem: Problem) -> String
  /// How large a case is: the smallest failing one is shown.
  func size(_ problem: Problem) -> Int
  /// Writes the right answer in the program's own form, for the learner to compare.
  func write(answer: Answer, of problem: Problem, to folder: String) throws
  /// Where the answer is wrong, as a picture; nil where there is none.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image?
  /// What a right answer chose where the problem leaves a choice, in a form in which it can be compared with others'; nil where
  /// there is nothing to choose.
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice?
  /// The forms that the course itself shows: no idea of the learner's own.
  static var taughtForms: Set<String> { get }
}

extension CaseTask {
  func furnish(_ folder: String) throws {}
  var answersQuestions: Bool { false }
  func answer(_ question: [Substring], about problem: Problem) -> String { "?" }
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? { nil }
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice? { nil }
  static var taughtForms: Set<String> { [] }
  var hypothesisIDs: Set<String> { Set(hypotheses.map(\.id)) }
}

extension CaseTask {
  /// What answers a program's questions about these cases; nil where the task has no answers.
  func conversation(about problems: [String: Problem], in folder: String) throws -> Conversation? {
    guard answersQuestions else { return nil }
    return try Conversation(in: folder) { line in
      let words = line.split(separator: " ")
      guard let problem = words.first.flatMap({ problems[String($0)] }) else {
        return "? no such case"
      }
      return answer(Array(words.dropFirst()), about: problem)
    }
  }
}

/// The limits of a check by name.
struct Bands {
  let values: [String: Double]
  init(_ values: [String: Double]) { self.values = values }
  /// The limit of a name; the fallback where the check states none.
  func callAsFunction(_ name: String, or fallback: Double) -> Double { values[name] ?? fallback }
}

/// What was measured of one answer.
struct Judgement: Sendable {
  /// One figure and the limit that it must keep.
  struct Figure: Sendable {
    enum Rule: String, Sendable, Codable {
      case atLeast = "min"
      case atMost = "max"
    }
    let name: String
    let value: Double
    let rule: Rule
    let limit: Double

    /// NaN keeps no limit.
    var isKept: Bool { rule == .atLeast ? value >= limit : value <= limit }
  }
  /// Why nothing can be said of an answer, whatever its figures.
  enum Doubt: Sendable, Hashable {
    /// The measurement is too noisy, in words that need no translation.
    case inconclusive(String)
    /// This machine lacks what is to be measured.
    case unsupported(String)
  }
  var figures: [Figure]
  var doubt: Doubt?
  /// Where it first differs, in words that need no translation: `row 3, column 7: 0.5 for 0.447`.
  var place: String?

  var isRight: Bool { doubt == nil && figures.allSatisfy(\.isKept) }
}

/// A known cause of wrong answers, and how to test for it.
///
/// Where the mistake can be undone, it is undone in the learner's own answer; where it loses what
/// would be needed for that, it is made in the right answer instead. Either way the cause fits
/// where both become equal.
struct Hypothesis<Problem: Sendable, Answer: Sendable>: Sendable {
  enum Test: Sendable {
    /// The learner's answer with the mistake undone; nil where that is impossible.
    case undo(@Sendable (_ answer: Answer, _ problem: Problem) throws -> Answer?)
    /// The answer that the mistake gives.
    case make(@Sendable (_ problem: Problem) throws -> Answer?)
    /// Whether the answer is right for the problem that the mistake turns this one into: for tasks with
    /// many right answers.
    case solves(@Sendable (_ problem: Problem) throws -> Problem?)
    /// Whether the answer itself shows the mistake.
    case shows(@Sendable (_ answer: Answer, _ problem: Problem) -> Bool)
  }
  let id: String
  let test: Test

  static func undo(
    _ id: String,
    _ body: @escaping @Sendable (Answer, Problem) throws -> Answer?
  ) -> Self {
    Self(id: id, test: .undo(body))
  }

  static func make(
    _ id: String,
    _ body: @escaping @Sendable (Problem) throws -> Answer?
  ) -> Self {
    Self(id: id, test: .make(body))
  }

  static func shows(_ id: String, _ body: @escaping @Sendable (Answer, Problem) -> Bool) -> Self {
    Self(id: id, test: .shows(body))
  }

  static func solves(
    _ id: String,
    _ body: @escaping @Sendable (Problem) throws -> Problem?
  ) -> Self {
    Self(id: id, test: .solves(body))
  }
}
