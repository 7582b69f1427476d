/// The predictions of one class with which of them are right, by falling score.
struct YOLOTable {
  /// By falling score; equal scores by picture, then by the order given.
  var scores: [Double] = []
  /// Which picture each is of: its place in the data set.
  var pictures: [Int32] = []
  /// Bit `t`: right at overlap `t`.
  var right: [UInt16] = []
  /// Pictures with labels of the class, and how many.
  var positives: [(picture: Int32, count: Int32)] = []

  /// How many labels there are.
  var positiveCount: Int { positives.reduce(0) { $0 + Int($1.count) } }

  /// Sorts by falling score, keeping the order of equal ones.
  mutating func sort() {
    let order = scores.indices.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
    }
    scores = order.map { scores[$0] }
    pictures = order.map { pictures[$0] }
    right = order.map { right[$0] }
  }
}
