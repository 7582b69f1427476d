import Diagnostics
import Files
import Foundation
import Metrics
import Testing

@testable import Labs

/// Lab 1: machines are really repaired, and this one is examined.
@Suite struct MachineLabTests {
  @Test func repairsDoToTheMachineWhatTheySay() throws {
    let task = MachineRepairTask()
    var random = SplitMix(seed: 21)
    for index in 1...20 {
      let problem = try task.problem("repairs", index: index, random: &random)
      let order = try task.reference(problem).order
      // Step by step: the set of faults that the probe finds is the one that the list predicts.
      var (state, expected) = (problem, problem.faults)
      for name in order {
        let repair = try #require(problem.repairs.first { $0.name == name })
        #expect(expected.isDisjoint(with: repair.needs))
        expected = expected.subtracting(repair.heals).union(repair.causes)
        #expect(state.carryOut(name) == nil)
        #expect(state.faults == expected)
      }
      #expect(state.faults.isEmpty && order.count >= 3)
      let right = MachineRepairTask.Answer(order: order)
      #expect(task.judge(right, right, problem, Bands([:])).isRight)
      // One step less leaves something.
      let short = MachineRepairTask.Answer(order: Array(order.dropLast()))
      #expect(!task.judge(short, right, problem, Bands([:])).isRight)
    }
  }

  @Test func theFaultOfADrawnMachineIsFound() throws {
    let task = MachineTask()
    var random = SplitMix(seed: 3)
    for group in task.groups {
      for index in 1...14 {
        let problem = try task.problem(group, index: index, random: &random)
        let found = problem.machine.faults(problem.rules)
        #expect(found == (problem.fault == .healthy ? [] : [problem.fault]))
      }
    }
  }

  @Test func thisMachineIsExamined() throws {
    let task = MachineFactsTask(cache: courseFolder + "/../.cache")
    var random = SplitMix(seed: 1)
    let problem = try task.problem("real", index: 1, random: &random)
    let answer = try task.reference(problem)
    // Foundation asks in other ways.
    #expect(answer.cores == ProcessInfo.processInfo.activeProcessorCount)
    let memory = Double(ProcessInfo.processInfo.physicalMemory >> 20)
    #expect(abs(Double(answer.memoryMiB) / memory - 1) < 0.01)
    #expect(answer.newestOpset >= 21)
    var other = answer
    other.memoryMiB *= 1024
    #expect(!task.judge(other, answer, problem, Bands([:])).isRight)
    #expect(task.judge(answer, answer, problem, Bands([:])).isRight)
  }
}
