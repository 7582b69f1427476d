import Images
import Metrics

/// Lab 1, expert: a machine with several faults and a list of repairs → the shortest order of repairs that heals it.
///
/// `in/…/machine.json`, `rules.json` as in `MachineTask`, `repairs.json`: what each repair heals, which faults must be gone before
/// it works, which ones it leaves behind. `out/…/order.json`: names of repairs. The grader carries them out on the
/// machine, in that order, and examines it again.
struct MachineRepairTask: CaseTask {
  static let name = "machine-repair"
  let groups = ["repairs"]
  typealias Fault = MachineTask.Fault

  struct Repair: Sendable, Codable {
    var name: String
    var heals: [Fault]
    /// It fails while one of these is there.
    var needs: [Fault]
    var causes: [Fault]
  }

  struct Problem: Sendable {
    var machine: MachineTask.Machine
    /// The same machine without faults.
    var healthy: MachineTask.Machine
    var rules: MachineTask.Rules
    /// The model's operator set once it is converted.
    var oldOpset: Int
    var repairs: [Repair]
  }

  struct Answer: Sendable, Codable {
    var order: [String]
  }

  /// What can be repaired by software alone.
  private static let faults: [Fault] = [
    .driverTooOld, .libraryMissing, .libraryEmpty, .versionsMixed, .opsetTooNew, .cacheNotWritable,
  ]

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    while true {
      var problem = Problem(MachineTask().healthy(&random))
      var rest = Self.faults
      for _ in 0..<3 + random.index(below: 2) {
        problem.cause(rest.remove(at: random.index(below: rest.count)))
      }
      problem.repairs = Self.repairs(&random)
      let state = problem.faults
      // What follows from looking at needs and side effects must not follow without.
      if let right = Plan(state, problem.repairs).order, (3...6).contains(right.count),
        !Plan(state, problem.repairs, ignoresNeeds: true).isGood(problem),
        !Plan(state, problem.repairs, ignoresCauses: true).isGood(problem)
      {
        return problem
      }
    }
  }

  private static func repairs(_ random: inout SplitMix) -> [Repair] {
    let names = [
      "update-driver", "install-package", "copy-again", "pin-versions", "convert-model",
      "open-cache",
    ]
    func some(_ count: Int, without own: [Fault]) -> [Fault] {
      var rest = faults.filter { !own.contains($0) }
      return (0..<min(count, rest.count)).map { _ in
        rest.remove(at: random.index(below: rest.count))
      }
    }
    var repairs = zip(names, faults).map { name, fault in
      let needs = some(random.index(below: 2), without: [fault])
      let causes = some(random.index(below: 3) == 0 ? 1 : 0, without: [fault] + needs)
      return Repair(name: name, heals: [fault], needs: needs, causes: causes)
    }
    for name in ["fresh-image", "vendor-script"] {
      let heals = some(2, without: [])
      let needs = some(1, without: heals)
      repairs.append(
        Repair(name: name, heals: heals, needs: needs, causes: some(1, without: heals + needs))
      )
    }
    for index in repairs.indices.dropFirst().reversed() {
      repairs.swapAt(index, random.index(below: index + 1))
    }
    return repairs
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem.machine, folder, "machine.json")
    try AnswerFile.write(problem.rules, folder, "rules.json")
    try AnswerFile.write(problem.repairs, folder, "repairs.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "order.json")
    let names = Set(problem.repairs.map(\.name))
    guard answer.order.count <= 100, answer.order.allSatisfy(names.contains) else {
      throw AnswerFile.malformed("order.json", "names a repair that is not in the list")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "order.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    Answer(order: Plan(problem.faults, problem.repairs).order ?? [])
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let outcome = problem.repaired(answer.order)
    func none(_ name: String, _ count: Int) -> Judgement.Figure {
      .init(name: name, value: Double(count), rule: .atMost, limit: 0)
    }
    var result = Judgement(figures: [
      none("repairs-that-fail", outcome.refused == nil ? 0 : 1),
      none("faults-left", outcome.left.count),
      .init(
        name: "repairs",
        value: Double(answer.order.count),
        rule: .atMost,
        limit: Double(expected.order.count)
      ),
    ])
    guard !result.isRight else { return result }
    let left = outcome.left.map(\.rawValue).sorted().joined(separator: ", ")
    result.place =
      outcome.refused.map { "\($0.repair) does not work while there is \($0.fault.rawValue)" }
      ?? (left.isEmpty
        ? "\(answer.order.count) repairs ≠ \(expected.order.count)" : "left: \(left)")
    return result
  }

  func title(_ problem: Problem) -> String {
    problem.faults.map(\.rawValue).sorted().joined(separator: ", ")
  }

  func size(_ problem: Problem) -> Int { problem.faults.count }

  /// The chain of parts before and after each repair.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    var state = problem
    var panels = [("is", MachineTask.marks(problem.faults, problem.machine, problem.rules))]
    for name in answer.order.prefix(6) {
      let isDone = state.carryOut(name) == nil
      let marks = MachineTask.marks(state.faults, state.machine, state.rules)
      panels.append(((isDone ? "" : "fails: ") + name, marks))
    }
    return StructurePicture(MachineTask.chain, panels).image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    /// Whether an order is right, or would be if the machine were as the mistake takes it to be.
    func fits(
      _ id: String,
      _ belief: @escaping @Sendable (_ order: [String], _ problem: Problem) -> Bool
    ) -> Hypothesis<Problem, Answer> {
      .shows(id) { answer, problem in
        let outcome = problem.repaired(answer.order)
        let isHealed = outcome.refused == nil && outcome.left.isEmpty
        let best = Plan(problem.faults, problem.repairs).order?.count ?? 0
        return isHealed && answer.order.count == best ? true : belief(answer.order, problem)
      }
    }
    return [
      fits("needs-not-looked-at") { order, problem in
        Plan(problem.faults, problem.repairs, ignoresNeeds: true).isSolved(by: order)
      },
      fits("side-effects-not-looked-at") { order, problem in
        Plan(problem.faults, problem.repairs, ignoresCauses: true).isSolved(by: order)
      },
      fits("first-fault-only") { order, problem in
        let first = Fault.allCases.first(where: problem.faults.contains)
        return Plan(first.map { [$0] } ?? [], problem.repairs).isSolved(by: order)
      },
      fits("not-the-shortest") { order, problem in
        let outcome = problem.repaired(order)
        return outcome.refused == nil && outcome.left.isEmpty
      },
    ]
  }
}

extension MachineRepairTask.Problem {
  init(_ healthy: MachineTask.Problem) {
    self.init(
      machine: healthy.machine,
      healthy: healthy.machine,
      rules: healthy.rules,
      oldOpset: healthy.rules.modelOpset,
      repairs: []
    )
  }

  var faults: Set<MachineTask.Fault> { machine.faults(rules) }

  private func place(_ number: Int) -> Int? {
    let name = rules.engineLibraries[number]
    return machine.libraries.firstIndex { $0.path.contains("/\(name).so") }
  }

  /// Breaks one thing of the machine; the three faults of libraries are about different ones.
  mutating func cause(_ fault: MachineTask.Fault) {
    switch fault {
    case .noDevice, .healthy: break
    case .driverTooOld: machine.driver = "410.48.1"
    case .libraryMissing: place(0).map { _ = machine.libraries.remove(at: $0) }
    case .libraryEmpty: place(1).map { machine.libraries[$0].bytes = 0 }
    case .versionsMixed:
      guard let place = place(2) else { return }
      let library = machine.libraries[place]
      let start = library.path.split(separator: ".so.", maxSplits: 1)[0]
      machine.libraries[place].path = "\(start).so.\(library.major == "8" ? "10" : "8").6.1"
    case .opsetTooNew: rules.modelOpset = 23
    case .cacheNotWritable: machine.cacheWritable = false
    }
  }

  /// Makes one thing of the machine as it was when it was healthy.
  mutating func heal(_ fault: MachineTask.Fault) {
    func restore(_ number: Int) {
      guard let sound = healthy.library(rules.engineLibraries[number]) else { return }
      if let place = place(number) { machine.libraries.remove(at: place) }
      machine.libraries.append(sound)
    }
    switch fault {
    case .noDevice, .healthy: break
    case .driverTooOld: machine.driver = healthy.driver
    case .libraryMissing: if place(0) == nil { restore(0) }
    case .libraryEmpty: restore(1)
    case .versionsMixed: restore(2)
    case .opsetTooNew: rules.modelOpset = oldOpset
    case .cacheNotWritable: machine.cacheWritable = true
    }
  }

  /// Carries out a repair.
  /// - Returns: the fault that keeps it from working; nothing is changed then.
  mutating func carryOut(_ name: String) -> MachineTask.Fault? {
    guard let repair = repairs.first(where: { $0.name == name }) else { return .healthy }
    let present = faults
    if let fault = repair.needs.first(where: present.contains) { return fault }
    for fault in repair.heals where present.contains(fault) { heal(fault) }
    for fault in repair.causes where !faults.contains(fault) { cause(fault) }
    return nil
  }

  /// Carries out repairs in order and examines the machine again.
  func repaired(_ order: [String]) -> (
    left: Set<MachineTask.Fault>, refused: (repair: String, fault: MachineTask.Fault)?
  ) {
    var state = self
    var refused: (String, MachineTask.Fault)?
    for name in order {
      if let fault = state.carryOut(name), refused == nil { refused = (name, fault) }
    }
    return (state.faults, refused)
  }
}

/// The shortest way from a set of faults to none, by sets alone: breadth first.
private struct Plan {
  typealias Fault = MachineTask.Fault
  private let start: Set<Fault>
  private let repairs: [MachineRepairTask.Repair]
  private let ignoresNeeds: Bool
  private let ignoresCauses: Bool
  private(set) var order: [String]?

  init(
    _ start: Set<Fault>,
    _ repairs: [MachineRepairTask.Repair],
    ignoresNeeds: Bool = false,
    ignoresCauses: Bool = false
  ) {
    (self.start, self.repairs) = (start, repairs)
    (self.ignoresNeeds, self.ignoresCauses) = (ignoresNeeds, ignoresCauses)
    var queue: [(state: Set<Fault>, order: [String])] = [(start, [])]
    var (next, seen) = (0, Set([start]))
    while next < queue.count, order == nil {
      let (state, done) = queue[next]
      next += 1
      if state.isEmpty { order = done }
      for repair in repairs {
        guard let after = after(repair, state), seen.insert(after).inserted else { continue }
        queue.append((after, done + [repair.name]))
      }
    }
  }

  private func after(_ repair: MachineRepairTask.Repair, _ state: Set<Fault>) -> Set<Fault>? {
    guard ignoresNeeds || state.isDisjoint(with: repair.needs) else { return nil }
    let healed = state.subtracting(repair.heals)
    return ignoresCauses ? healed : healed.union(repair.causes)
  }

  /// Whether an order leads to no fault, by these rules, in as few steps as possible.
  func isSolved(by names: [String]) -> Bool {
    var state = start
    for name in names {
      guard let repair = repairs.first(where: { $0.name == name }),
        let next = after(repair, state)
      else { return false }
      state = next
    }
    return state.isEmpty && names.count == order?.count
  }

  /// Whether the order heals the machine in truth.
  func isGood(_ problem: MachineRepairTask.Problem) -> Bool {
    let outcome = problem.repaired(order ?? [])
    return outcome.refused == nil && outcome.left.isEmpty
  }
}
