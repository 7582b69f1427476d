/// How learners review each other's work; `review` in `course.yaml`. Whoever takes the course agrees to what stands there.
package struct ReviewPolicy: Sendable {
  /// Whether what is submitted may be shown to others, without names.
  package let sharesSubmissions: Bool
  /// How many of a reviewer's first bundles hold a known mistake, so that it is known how well they look.
  package let plantedFirst: Int
  /// The share of later bundles that do.
  package let plantedShare: Double

  init(_ value: YAMLValue) throws {
    self = try value.fields { fields in
      ReviewPolicy(
        sharesSubmissions: try fields["shares-submissions"].flag(),
        plantedFirst: try fields["planted-first"].count(in: 0...20),
        plantedShare: try fields["planted-share"].number(in: 0...1)
      )
    }
  }

  private init(sharesSubmissions: Bool, plantedFirst: Int, plantedShare: Double) {
    self.sharesSubmissions = sharesSubmissions
    self.plantedFirst = plantedFirst
    self.plantedShare = plantedShare
  }
}
