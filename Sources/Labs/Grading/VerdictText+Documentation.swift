extension VerdictText {
  /// What became of README.md: the sum, then what did not hold; nothing where there is none.
  func documentation(_ verdict: Verdict) -> [String] {
    guard let found = verdict.documentation else { return [] }
    if let problem = found.problem { return [say("readme.problem", ["problem": problem])] }
    let sum = DocumentationOutcome(found)
    var lines = [
      say(
        "readme.head",
        [
          "right": "\(sum.commandsRight)", "all": "\(sum.commands)", "links": "\(sum.linksRight)",
          "alllinks": "\(sum.links)", "rerun": "\(sum.rerun)", "consistent": "\(sum.consistent)",
          "reported": "\(sum.reported)", "wrong": "\(sum.wrong)",
        ]
      )
    ]
    for command in found.commands where command.ending != "exit 0" {
      lines.append(
        say(
          "readme.command",
          ["command": String(command.text.prefix(120)), "ending": command.ending]
        )
      )
    }
    for number in found.numbers where !number.holds || number.trust == .reported {
      let (stated, found) = (number.stated.map(Self.figure), number.found.map(Self.figure))
      lines.append(
        say(
          "readme.number",
          [
            "name": number.name, "stated": stated ?? "?", "found": found ?? "?",
            "trust": number.trust.rawValue,
          ]
        )
      )
    }
    for link in found.links {
      guard let problem = link.problem else { continue }
      lines.append(say("readme.link", ["target": link.target, "problem": problem]))
    }
    return lines
  }

  /// What was chosen where the lab leaves a choice.
  func choice(_ verdict: Verdict) -> [String] {
    guard let choice = verdict.choice else { return [] }
    guard let gain = choice.gain else { return [say("choice", ["form": choice.form])] }
    return [say("choice.gain", ["form": choice.form, "gain": Self.decimal(gain * 100, 1)])]
  }
}
