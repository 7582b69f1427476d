import Metrics
import Tensors
import Testing

@testable import Pipelines

@Suite struct BenchRuleTests {
  @Test func roundsGoThereAndBack() {
    var order: [Int] = []
    let rounds = InterleavedRounds(count: 3, seconds: 0.02)
    let legs = rounds.run(progress: { _ in }) { index in
      order.append(index)
      return Double(order.count)
    }
    #expect(order.prefix(12) == [0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0])
    #expect(legs.count == 3)
    #expect(legs[0].first == [1, 6])
    #expect(legs[2].first == [3, 4])
    #expect(legs.allSatisfy { $0.count >= Verdict.minimumBlockCount })
    #expect(InterleavedRounds.blocks(legs[0], legs[1])[0].candidate == [2, 5])
  }

  @Test func warmUpEndsWhenThreeWindowsAgree() {
    let falling = (0..<15).map { 100 - 5 * Double($0) }
    #expect(!WarmUpRule.isStable(falling))
    #expect(WarmUpRule.isStable(falling + [Double](repeating: 30, count: 15)))
    #expect(!WarmUpRule.isStable([Double](repeating: 30, count: 14)))
    // One outlier in a window of five does not move its median.
    var noisy = [Double](repeating: 30, count: 15)
    noisy[7] = 900
    #expect(WarmUpRule.isStable(noisy))
    let unsettled = WarmUpRule(duration: 0.1).run {}
    #expect(unsettled.runCount > 0)
  }

  @Test func noRunSeesTheInputOfTheOneBefore() {
    let pictures = (1...3).map { value in
      let buffer = TensorBuffer(shape: [1, 3, 2, 2], scalarType: .float32)
      for index in buffer.bytes.indices { buffer.bytes[index] = UInt8(value) }
      return buffer
    }
    let target = TensorBuffer(shape: [2, 3, 2, 2], scalarType: .float32)
    let feed = BenchFeed(pictures, into: target)
    var seen: [[UInt8]] = []
    for _ in 0..<6 {
      feed.next()
      seen.append([target.bytes[0], target.bytes[47], target.bytes[48], target.bytes[95]])
    }
    #expect(seen.prefix(3) == [[1, 1, 2, 2], [3, 3, 1, 1], [2, 2, 3, 3]])
    for (left, right) in zip(seen, seen.dropFirst()) { #expect(left != right) }
  }

  @Test func theMachineIsReadAndDoubtIsSaid() throws {
    var probe = MachineProbe()
    let before = probe.read()
    #expect(before.processorCount >= 1)
    #expect(before.stealShare == nil)
    var after = probe.read()
    #expect(MachineProbe.warnings(MachineState(), MachineState()).isEmpty)
    after.stealShare = 0.051
    after.foreignShare = 0.2
    after.temperature = 91
    var slow = before
    slow.governor = "powersave"
    let words = MachineProbe.warnings(slow, after).joined(separator: "; ")
    for part in ["5.1 %", "20.0 %", "powersave", "91 °C"] { #expect(words.contains(part)) }
  }

  @Test(arguments: [
    (0.0, 2, false), (0.4, 2, false), (0.6, 2, true), (0.6, 1, false), (0.8, 1, true),
  ])
  func aBusyMachineIsAnObstacle(foreign: Double, threads: Int, isObstacle: Bool) {
    var state = MachineState(processorCount: 2)
    #expect(MachineProbe.obstacle(state, threadCount: threads) == nil)
    state.foreignShare = foreign - 0.01
    state.stealShare = 0.01
    #expect((MachineProbe.obstacle(state, threadCount: threads) != nil) == isObstacle)
  }

  @Test func theProcessKnowsWhatItUses() {
    #expect(ProcessProbe.peakResidentBytes > 1 << 20)
    let before = ProcessProbe.processorSeconds
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .milliseconds(50) {}
    #expect(ProcessProbe.processorSeconds > before)
  }
}
