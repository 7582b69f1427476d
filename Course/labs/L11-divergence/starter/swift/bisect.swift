// Lab 11: where do two engines first disagree, and what is wrong there?
// Helpers: TensorIO.swift, Talk.swift

import Foundation

struct Network: Decodable {
  struct Step: Decodable {
    var name: String
    var op: String
    var inputs: [String]
  }
  var nodes: [Step]
  var output: String
  var channels: Int
}

/// A node's numbers in both engines.
struct Tap: Decodable {
  var reference: [Double]
  var candidate: [Double]
}

struct Fault: Encodable {
  var node: String
  var kind: String
  var input: Int
}

/// Two engines round differently; that is no fault.
let tolerance = 1e-4

/// The largest magnitude.
func largest(_ numbers: [Double]) -> Double { numbers.map(abs).max() ?? 0 }

/// The largest difference between two lists.
func difference(_ a: [Double], _ b: [Double]) -> Double { largest(zip(a, b).map { $0 - $1 }) }

/// Whether two lists of numbers agree up to rounding.
func areClose(_ numbers: [Double], _ right: [Double]) -> Bool {
  difference(numbers, right) <= tolerance * max(largest(right), 1e-9)
}

/// Whether the engine under test is wrong at a node.
func differs(_ tap: Tap) -> Bool {
  //@fade 3 en: the largest difference, compared with the largest value | zh-Hans: 最大的差，与最大的值相比
  //@instead return tap.reference != tap.candidate
  return !areClose(tap.candidate, tap.reference)
  //@end
}

/// For each node the set of all that it depends on, itself included.
func ancestors(_ steps: [Network.Step]) -> [String: Set<String>] {
  var above: [String: Set<String>] = [:]
  for step in steps {
    //@fade 2 en: itself, and everything above what it reads | zh-Hans: 它自己，以及它读的东西之上的一切
    //@instead above[step.name] = [step.name]
    above[step.name] = step.inputs.reduce(into: [step.name]) { $0.formUnion(above[$1] ?? []) }
    //@end
  }
  return above
}

/// The node that is wrong although all that it reads is right. `look(node)` gives its numbers.
func firstDiverging(_ steps: [Network.Step], _ output: String, _ look: (String) throws -> Tap) throws -> String {
  let above = ancestors(steps)
  var suspects = above[output] ?? [output]
  //@fade 3 en: look where about half of the suspects are above; a wrong node leaves those, a right one the others | zh-Hans: 看一个上方约有一半嫌疑的节点；它错就只留上方的，它对就只留其余的
  //@instead suspects = [output]
  while suspects.count > 1 {
    func aboveHere(_ name: String) -> Set<String> { suspects.intersection(above[name] ?? []) }
    func distance(_ name: String) -> Int { abs(2 * aboveHere(name).count - suspects.count) }
    let choices = suspects.sorted().filter { aboveHere($0).count < suspects.count }
    guard let node = choices.min(by: { distance($0) < distance($1) }) else { break }
    let nodes = aboveHere(node)
    suspects = differs(try look(node)) ? nodes : suspects.subtracting(nodes)
  }
  //@end
  return suspects.first ?? output
}

/// What is wrong at a node whose operands are right.
func kind(_ op: String, _ tap: Tap, _ channels: Int) -> String {
  let (reference, candidate) = (tap.reference, tap.candidate)
  let plane = reference.count / channels
  let rows = (0..<channels).map { reference[$0 * plane..<($0 + 1) * plane] }
  let reversedChannels = rows.reversed().flatMap { $0 }
  //@fade 2 en: twice as large? | zh-Hans: 是不是两倍？
  if areClose(candidate, reference.map { 2 * $0 }) { return "doubled" }
  //@end
  if ["LeakyRelu", "Tanh"].contains(op) { return "activation-lost" }
  if op == "Add" { return "operand-lost" }
  //@fade 2 en: the same numbers, the channels in the other order? | zh-Hans: 数字一样，只是通道顺序倒了？
  //@instead _ = reversedChannels
  if areClose(candidate, reversedChannels) { return "channels-reversed" }
  //@end
  let limit = largest(reference) * tolerance
  let changed = zip(candidate, reference).filter { mine, right in abs(mine - right) > limit }.map { $0.0 }
  //@fade 3 en: all that changed is now one and the same number? | zh-Hans: 变了的那些数，现在是不是都等于同一个数？
  //@instead _ = changed
  if let low = changed.min(), let high = changed.max(), high - low < 1e-4 { return "saturated" }
  //@end
  return "bias-lost"
}

/// Finds one fault; nil where the output is right.
func bisect(_ network: Network, _ talk: Talk) throws -> Fault? {
  func answer<Value: Decodable>(_ type: Value.Type, _ question: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(try talk.ask(question).utf8))
  }
  let errors = try answer([Double].self, "error")
  guard let worst = errors.max(), worst > tolerance else { return nil }
  //@fade 3 en: an input that shows the fault best | zh-Hans: 最能显出错误的输入
  //@instead let shown = 0
  let shown = errors.firstIndex(of: worst) ?? 0
  //@end
  // What was looked at once is not asked for again.
  var seen: [String: Tap] = [:]
  func look(_ name: String) throws -> Tap {
    if let tap = seen[name] { return tap }
    let tap = try answer(Tap.self, "tap \(shown) \(name)")
    seen[name] = tap
    return tap
  }
  let node = try firstDiverging(network.nodes, network.output, look)
  let op = network.nodes.first { $0.name == node }?.op ?? ""
  return Fault(node: node, kind: kind(op, try look(node), network.channels), input: shown)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let network = try readJSON(Network.self, folder, "network.json")
      let talk = try Talk(folder)
      var faults: [Fault] = []
      for _ in 0..<4 {
        guard let fault = try bisect(network, talk) else { break }
        faults.append(fault)
        //@fade 2 en: repair it and see whether the output is right now | zh-Hans: 修好它，再看输出对了没有
        //@instead break
        _ = try talk.ask("repair \(fault.node) \(fault.kind)")
        //@end
      }
      try writeJSON(output, "faults.json", ["faults": faults])
    }
  }
}
