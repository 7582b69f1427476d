import Glibc

/// What one right answer chose, as its task sees it.
struct CaseChoice: Sendable, Hashable {
  /// Known ways that give exactly this answer; empty where none does.
  var ways: Set<String> = []
  /// The answer's features in words that are comparable between cases.
  var features: String
  /// How much of what counts (memory, time, noise) would be lost with the plain way instead, from −1 to 1; nil where that is not measured.
  var gain: Double?
}

/// A submission's choice in a normal form: equal where two learners did the same, whatever their variants and spelling.
package struct Choice: Sendable, Hashable, Codable {
  /// `best-fit/longest-first`, or features of the answers where no known way gives them.
  package var form: String
  /// Whether the course itself shows it.
  package var isTaught: Bool
  /// The mean over the cases.
  package var gain: Double?
  /// Two standard errors below the mean: so much is proved. nil for fewer than three cases.
  package var provedGain: Double?
  package var cases: Int

  /// Of all cases together; nil where none left a choice.
  init?(_ choices: [CaseChoice], taught: Set<String>) {
    guard let first = choices.first else { return nil }
    // A way that gives every answer; by name where several do.
    let ways = choices.reduce(first.ways) { $0.intersection($1.ways) }
    form = ways.min() ?? Self.commonest(choices.map(\.features))
    isTaught = !ways.isDisjoint(with: taught) || taught.contains(form)
    cases = choices.count
    let gains = choices.compactMap(\.gain).filter(\.isFinite)
    guard !gains.isEmpty else { return }
    let mean = gains.reduce(0, +) / Double(gains.count)
    gain = mean
    guard gains.count >= 3 else { return }
    let squares = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = sqrt(squares / Double(gains.count - 1) / Double(gains.count))
    provedGain = mean - 2 * error
  }

  /// The most frequent; the first by name among equals.
  private static func commonest(_ texts: [String]) -> String {
    let counts = texts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return counts.min { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }?.key ?? ""
  }

  /// For the event in the log.
  var logged: [String: String] {
    var data = ["choice": form, "taught": "\(isTaught)"]
    data["gain"] = provedGain.map { VerdictText.decimal($0, 4) }
    return data
  }
}

extension Choice {
  /// What the whole cohort chose in one lab: of each learner the choice of the last attempt that passed.
  struct Census: Sendable {
    private var forms: [String: String] = [:]

    init(_ events: [EventLog.Event], lab: String) {
      for event in events where event.type == "graded" && event.lab == lab {
        guard event.data["counts"] == "true", let form = event.data["choice"] else { continue }
        forms[event.learner] = form
      }
    }

    var learners: Int { forms.count }
    func count(_ form: String) -> Int { forms.values.count { $0 == form } }
    /// The share of the others who did something else; nil where there are too few others to say.
    func rarity(_ form: String) -> Double? {
      guard learners > Self.fewestOthers else { return nil }
      return 1 - Double(count(form) - 1) / Double(learners - 1)
    }
    static let fewestOthers = 4
  }

  /// A gain of so much counts whole.
  static let fullGain = 0.2

  /// Novelty × gain, from 0 to 1: what the course shows is not new, what is not proved is no gain.
  static func value(rarity: Double, gain: Double, isTaught: Bool) -> Double {
    isTaught ? 0 : max(0, min(1, rarity)) * max(0, min(1, gain / fullGain))
  }
}
