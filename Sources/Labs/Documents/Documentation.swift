extension Verdict {
  /// What became of a learner's README.md: its commands were run, its numbers compared, its links followed.
  package struct Documentation: Sendable, Hashable, Codable {
    /// One command, and how it ended: `exit 0`, `time limit`, `needs a shell` …
    package struct Command: Sendable, Hashable, Codable {
      package var text: String
      package var ending: String
      package var seconds: Double
      /// The end of what it said on standard error, where it failed.
      package var errors: String?
    }

    /// One number that is stated, and what was found.
    ///
    /// - T2: the grader measured it itself in this attempt (`CHECK/FIGURE`).
    /// - T1: a command of the README printed it. Whether it was computed or only recited, the grader cannot know for certain.
    /// - T0: nothing printed it, or it stands beside its name in a file or command, as `echo` would need it.
    package struct Number: Sendable, Hashable, Codable {
      package var name: String
      package var stated: Double?
      package var found: Double?
      package var trust: Trust
      /// Whether both are within ``tolerance``.
      package var holds: Bool
    }

    /// One link into the folder.
    package struct Link: Sendable, Hashable, Codable {
      package var target: String
      /// `missing` or `outside`; nil where it leads to a file of the submission.
      package var problem: String?
    }

    /// The largest difference, as a part of what was found.
    package static let tolerance = 0.1

    package var commands: [Command] = []
    package var numbers: [Number] = []
    package var links: [Link] = []
    /// Why it was not read.
    package var problem: String?

    /// Whether two figures agree.
    static func agree(_ stated: Double, _ found: Double) -> Bool {
      abs(stated - found) <= tolerance * abs(found) + 1e-12
    }
  }
}

/// What the log keeps of a README: `commands=2/3 links=1/1 T2=1 T1=2 T0=0 false=1`.
package struct DocumentationOutcome: Sendable, Hashable {
  package var (commandsRight, commands) = (0, 0)
  package var (linksRight, links) = (0, 0)
  /// Numbers that hold, by what they rest on, and those that do not hold.
  package var (rerun, consistent, reported, wrong) = (0, 0, 0, 0)

  init(_ documentation: Verdict.Documentation) {
    commands = documentation.commands.count
    commandsRight = documentation.commands.count { $0.ending == "exit 0" }
    links = documentation.links.count
    linksRight = documentation.links.count { $0.problem == nil }
    for number in documentation.numbers {
      switch (number.holds, number.trust) {
      case (true, .rerun), (true, .remeasured): rerun += 1
      case (true, .consistent): consistent += 1
      case (_, .reported): reported += 1
      case (false, _): wrong += 1
      }
    }
  }

  package var text: String {
    "commands=\(commandsRight)/\(commands) links=\(linksRight)/\(links) T2=\(rerun) T1=\(consistent) T0=\(reported) false=\(wrong)"
  }

  /// nil where the text is not of this form.
  package init?(_ text: String) {
    let values = text.split(separator: " ").reduce(into: [Substring: [Int]]()) { values, word in
      let halves = word.split(separator: "=")
      if halves.count == 2 {
        values[halves[0]] = halves[1].split(separator: "/").compactMap { Int($0) }
      }
    }
    func counts(_ key: Substring, _ count: Int) -> [Int]? {
      guard let found = values[key], found.count == count,
        found.allSatisfy({ (0...100_000).contains($0) })
      else { return nil }
      return found
    }
    guard let commands = counts("commands", 2), let links = counts("links", 2),
      let rerun = counts("T2", 1), let consistent = counts("T1", 1),
      let reported = counts("T0", 1), let wrong = counts("false", 1)
    else { return nil }
    (commandsRight, self.commands) = (min(commands[0], commands[1]), commands[1])
    (linksRight, self.links) = (min(links[0], links[1]), links[1])
    (self.rerun, self.consistent) = (rerun[0], consistent[0])
    (self.reported, self.wrong) = (reported[0], wrong[0])
  }

  /// From 0 to 1: 0.4 for commands that end well, 0.2 for links that lead somewhere (all where there are none), 0.4 for numbers. A number
  /// counts whole at T2, half at T1, nothing otherwise; so what only a command printed is never enough for "the same numbers".
  package var value: Double {
    guard commands > 0 else { return 0 }
    let numbers = rerun + consistent + reported + wrong
    let share = numbers == 0 ? 0 : (Double(rerun) + 0.5 * Double(consistent)) / Double(numbers)
    let linked = links == 0 ? 1 : Double(linksRight) / Double(links)
    return 0.4 * Double(commandsRight) / Double(commands) + 0.2 * linked + 0.4 * share
  }
}
