import Backends
import CAllocationCounter
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsNative

/// Sessions: many on one plan, in turns and at once, and what they leave behind.
@Suite(.serialized) struct SessionTests {
  @Test func fourSessionsOnFourThreadsAgreeWithOne() async throws {
    let graph = try PlanNetwork.make().graph
    let plan = try await NativeBackend().build(graph, configuration: configuration(threads: 2)).plan
    let inputs = try PlanNetwork.inputs()
    let expected = try plan.makeSession().run(inputs)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let session = try plan.makeSession()
          for _ in 0..<50 where try !sameBits(session.run(inputs), expected) { return false }
          return true
        }
      }
      for try await agrees in group { #expect(agrees) }
    }
  }

  /// Every shape's program is made while others ask for the same one.
  @Test func sessionsMeetNewShapesAtOnce() async throws {
    var net = Network(9)
    let x = net.input("x", [.symbol("N"), 4, .symbol("H"), 8])
    let a = try net.add(SiLU(), net.convolution(x, to: 20))
    net.graph.markOutput(try net.convolution(a, to: 7), named: "y")
    let graph = net.graph
    let plan = try await NativeBackend().build(graph, configuration: configuration()).plan
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          var net = Network(worker)
          let session = try plan.makeSession()
          for height in 1...10 {
            let inputs = ["x": try net.tensor([1, 4, height, 8])]
            let expected = try graph.evaluate(inputs: inputs)
            let agreement = Agreement(relative: 1e-4)
            #expect(try agreement.difference(session.run(inputs), expected) == nil)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func sessionsLeaveNothingBehind() async throws {
    let graph = try PlanNetwork.make().graph
    let inputs = try PlanNetwork.inputs()
    weak var bound: BoundProgram?
    weak var team: ThreadTeam?
    func once() async throws {
      let plan = try await NativeBackend()
        .build(graph, configuration: configuration(threads: 3)).plan
      let session = try plan.makeSession()
      _ = try session.run(inputs)
      let native = try #require(session as? NativeSession)
      bound = native.bound
      team = bound?.team
      #expect(bound != nil && team != nil)
    }
    try await once()
    #expect(bound == nil, "a bound program is kept by itself")
    #expect(team == nil)
    for _ in 0..<20 { try await once() }
    // Other tests run in this process, too, so that one round says little. But what each plan and
    // session kept, about 200 kB and two threads, would show in every round.
    var growths: [(bytes: Int, threads: Int)] = []
    for _ in 0..<8 {
      let (pages, threads) = (Self.residentPages, Self.threadCount)
      for _ in 0..<40 { try await once() }
      #expect(bound == nil && team == nil)
      let bytes = (Self.residentPages - pages) * Int(getpagesize())
      growths.append((bytes, Self.threadCount - threads))
    }
    #expect((growths.map(\.bytes).min() ?? .max) < 4 << 20, "\(growths)")
    #expect((growths.map(\.threads).min() ?? .max) < 40, "\(growths)")
  }

  @Test func aRefusedThreadCountIsAnError() async throws {
    let graph = try PlanNetwork.make().graph
    for count in [0, -1, 1_000_000, .max] {
      let plan = try await NativeBackend()
        .build(graph, configuration: configuration(threads: count)).plan
      #expect(throws: (any Error).self) { _ = try plan.makeSession() }
    }
  }

  @Test(
    .enabled(if: allocations_are_counted(), "a sanitizer has its own allocator"),
    arguments: [1, 2],
    ["", "views", "fuse-convolution-activation"]
  )
  func aRunAllocatesNothing(_ threads: Int, _ disabled: String) async throws {
    var net = Network(4)
    let x = net.input("x", [2, 3, 32, 32])
    var a = try net.add(
      SiLU(),
      net.convolution(x, to: 16, kernel: [6, 6], strides: [2, 2], pads: [2, 2, 2, 2])
    )
    a = try net.add(Add(), a, net.add(SiLU(), net.convolution(a, to: 16)))
    let parts = try net.addAll(Split(axis: 1, outputCount: 2), [a])
    let pooled = try net.add(
      MaxPool(kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2]),
      parts[0]
    )
    let deep = try net.add(HardSwish(), net.convolution(parts[1], to: 8, groups: 8))
    var b = try net.addAll(Concat(axis: 1), [pooled, deep, pooled])[0]
    let scales = net.constant(try Tensor([1, 1, 2, 2] as [Float], shape: [4]))
    b = try net.add(
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      net.add(Relu(), b),
      nil,
      scales
    )
    b = try net.add(Tanh(), net.normalization(b))
    let heads = try [a, b].map { try net.head($0, anchors: 3, fields: 8, masks: 0, stride: 8) }
    net.graph.markOutput(try net.addAll(Concat(axis: 1), heads)[0], named: "boxes")
    let setting =
      disabled.isEmpty
      ? configuration(threads: threads)
      : configuration(threads: threads, without: disabled)
    let plan = try await NativeBackend().build(net.graph, configuration: setting).plan
    #expect(!plan.info.layers.contains { $0.tactic.hasPrefix("reference") })
    let session = try plan.makeSession()
    try session.input("x", shape: [2, 3, 32, 32]).copy(net.tensor([2, 3, 32, 32]))
    for _ in 0..<3 { try session.run(observer: nil) }
    _ = try session.output("boxes")
    let before = allocations_of_this_thread()
    for _ in 0..<20 {
      try session.run(observer: nil)
      _ = try session.output("boxes")
    }
    let count = allocations_of_this_thread() - before
    #expect(count == 0, "\(count) allocations in 20 runs")
  }

  private static var residentPages: Int {
    let fields = text("/proc/self/statm").split(separator: " ")
    return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
  }
  private static var threadCount: Int {
    let line = text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("Threads:") }
    return line.flatMap { Int($0.dropFirst(8).filter(\.isNumber)) } ?? 0
  }
  private static func text(_ path: String) -> String {
    guard let stream = fopen(path, "rb") else { return "" }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    return String(decoding: bytes[..<fread(&bytes, 1, 4096, stream)], as: UTF8.self)
  }
}
