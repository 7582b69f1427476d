/// The predictions of one class with what became of them, by falling score.
struct COCOTable {
  /// By falling score; equal scores by picture, then by the order given.
  var scores: [Double] = []
  /// Which picture each is of: its place in the data set.
  var pictures: [Int32] = []
  /// How many surer predictions of the class its picture has, below 100.
  var ranks: [UInt8] = []
  /// What became of them, for each range of areas.
  var outcomes: [Outcomes]
  /// Whether any picture has a label or a prediction of the class.
  var isMentioned = false

  /// One range of areas.
  struct Outcomes {
    /// Bit `t`: a label was taken at overlap `t`.
    var matched: [UInt16] = []
    /// Bit `t`: neither right nor wrong at overlap `t`.
    var ignored: [UInt16] = []
    /// Pictures with labels that count, and how many.
    var positives: [(picture: Int32, count: Int32)] = []

    /// How many labels count.
    var positiveCount: Int { positives.reduce(0) { $0 + Int($1.count) } }
  }

  init() { outcomes = Array(repeating: Outcomes(), count: COCORules.areas.count) }

  /// Sorts by falling score, keeping the order of equal ones.
  mutating func sort() {
    let order = scores.indices.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
    }
    scores = order.map { scores[$0] }
    pictures = order.map { pictures[$0] }
    ranks = order.map { ranks[$0] }
    for area in outcomes.indices {
      outcomes[area].matched = order.map { outcomes[area].matched[$0] }
      outcomes[area].ignored = order.map { outcomes[area].ignored[$0] }
    }
  }
}
