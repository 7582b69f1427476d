package import Reports

/// One lab: a task, how it is graded, and everything that helps a learner with it.
package struct Lab: Sendable {
  /// The short name: `L03`.
  package let id: String
  /// Never changes; titles and folders may.
  package let uuid: String
  /// The folder below `labs/`.
  package let folderName: String
  /// The folder.
  package let path: String
  package let stage: Int
  package let names: Localized
  package let summary: Localized
  package let teaches: [String]
  package let needs: [String]
  /// The family of problems that the grader draws cases from; slots may name another.
  package let task: String
  package let slots: [Slot]
  package let tiers: [Tier]
  package let checks: [CheckRecipe]
  package let mutants: [MutantRecipe]
  package let alternates: [String]
  package let hints: [HintStep]
  /// The highest scaffold that is in the course: 3, the whole program, or less where it was made for learners.
  package let mostGiven: Int
  /// Heading identifiers and texts; the two languages have the same headings.
  package let texts: TextPair

  /// A place for something that the learner makes.
  package struct Slot: Sendable {
    package let name: String
    /// The family of problems that its checks draw cases from.
    package let task: String
    package let limits: RunLimits
  }

  /// How hard the lab is taken.
  package struct Tier: Sendable {
    package let name: String
    package let minutes: Int
    /// How much of the program is given: 3 all of it, 2 with blanks, 1 the frame, 0 nothing.
    package let scaffold: Int
    package let bands: [String: Double]
  }

  /// One step of help, and after how many graded attempts it opens.
  package struct HintStep: Sendable {
    package let text: Localized
    package let attempts: Int
    /// Whether the learner first writes what they think is wrong.
    package let needsThought: Bool
  }

  /// What is checked at a tier: some checks are asked of the later tiers only.
  package func checks(at tier: Tier) -> [CheckRecipe] {
    let own = tiers.firstIndex { $0.name == tier.name } ?? 0
    return checks.filter { check in
      check.firstTier.flatMap { name in tiers.firstIndex { $0.name == name } } ?? 0 <= own
    }
  }

  /// The slots that no check looks at before a later tier.
  package func laterSlots(at tier: Tier) -> Set<String> {
    Set(slots.map(\.name)).subtracting(checks(at: tier).map(\.slot))
  }

  /// The tier of a name; the first where the name is nil.
  package func tier(_ name: String?) -> Tier? {
    guard let name else { return tiers.first }
    return tiers.first { $0.name == name }
  }
}

/// One thing that is checked.
package struct CheckRecipe: Sendable {
  package let id: String
  package let names: Localized
  package let slot: String
  /// From which tier on it is asked; nil for all.
  package let firstTier: String?
  /// Which kind of cases of the task.
  package let group: String
  /// Cases of a full grade and of a quick check (0: not checked quickly).
  package let caseCount: Int
  package let quickCount: Int
  package let points: Int
  package let concepts: [String]
  /// Limits by name; a tier's value for a name replaces it.
  package let bands: [String: Double]
  /// The sentence for a failure.
  package let message: String
  /// Which known causes are tried.
  package let hypotheses: [String]

  /// The limits at a tier.
  package func bands(at tier: Lab.Tier) -> [String: Double] {
    bands.merging(tier.bands.filter { bands[$0.key] != nil }) { $1 }
  }
}

/// A known mistake, as edits of the whole program.
package struct MutantRecipe: Sendable {
  package struct Edit: Sendable {
    package let find: String
    package let replacement: String
  }
  package let id: String
  package let names: Localized
  package let slot: String
  package let edits: [Edit]
  /// Checks that must fail.
  package let mustFail: [String]
  /// The cause that must be named first; nil for the healthy control.
  package let diagnosis: String?
}

/// What a learner's program may use.
package struct RunLimits: Sendable, Hashable {
  package var wallSeconds = 10.0
  package var memoryBytes = 1 << 30
  package var outputBytes = 1 << 20
  package var folderBytes = 256 << 20
  package var processCount = 256

  package init() {}
}
