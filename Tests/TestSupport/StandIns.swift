import Glibc
import Synchronization

/// Libraries that stand in for NVIDIA's driver, for NVRTC and for TensorRT, built from `Tests/StandIns`
/// with the compiler that builds this package, into one folder:
/// `libcuda.so.1`, `libnvidia-ml.so.1`, `libnvrtc.so.12`, `libnvinfer.so.N` and `libnvonnxparser.so.N`.
public enum StandIns {
  /// A release of TensorRT that is stood in for.
  public enum Release: Int, CaseIterable, Sendable, CustomStringConvertible {
    case eight = 8
    case ten = 10
    case eleven = 11
    /// `TensorRT 10`.
    public var description: String { "TensorRT \(rawValue)" }
    /// The library's path.
    public var library: String { StandIns.folder + "/libnvinfer.so.\(rawValue)" }
  }

  /// Whether they could be built.
  public static var isAvailable: Bool { problem == nil }
  /// Why they could not be built; nil where they were.
  public static let problem: String? = build()
  /// Where they lie.
  public static let folder = SharedData.checkout + "/.build/stand-ins"
  /// The driver's path.
  public static var driver: String { folder + "/libcuda.so.1" }
  /// NVRTC's path.
  public static var compiler: String { folder + "/libnvrtc.so.12" }

  private static let sources = SharedData.checkout + "/Tests/StandIns"

  private static func build() -> String? {
    mkdir(SharedData.checkout + "/.build", 0o755)
    mkdir(folder, 0o755)
    let include = SharedData.checkout + "/Sources"
    let common = [
      "-std=gnu2x", "-O2", "-fPIC", "-shared", "-w", "-I\(include)/CGPUKernels/include",
    ]
    let linked = ["-L\(folder)", "-l:libcuda.so.1", "-Wl,-rpath,$ORIGIN"]
    var problem = compile(
      "cuda.c",
      "libcuda.so.1",
      common + ["-ffp-contract=off", "-Wl,-soname,libcuda.so.1"],
      []
    )
    problem = problem ?? compile("nvrtc.c", "libnvrtc.so.12", common, linked)
    problem = problem ?? compile("nvml.c", "libnvidia-ml.so.1", common, linked)
    for release in Release.allCases where problem == nil {
      let name = "libnvinfer.so.\(release.rawValue)"
      let flags = [
        "-DFAMILY=\(release.rawValue)", "-I\(include)/CTensorRT/include",
        "-I\(include)/CONNXRuntime/include",
      ]
      problem = compile("tensorrt.c", name, common + flags, linked)
      symlink(name, folder + "/libnvonnxparser.so.\(release.rawValue)")
    }
    return problem
  }

  /// Compiles one library, unless it is newer than everything that it is made of.
  private static func compile(
    _ source: String,
    _ library: String,
    _ flags: [String],
    _ last: [String]
  ) -> String? {
    let target = folder + "/" + library
    let inputs = [
      "Tests/StandIns/\(source)", "Tests/StandIns/onnx_ports.h", "Tests/StandIns/onnx_run.h",
      "Sources/CGPUKernels/kernels.cu.h", "Sources/CGPUKernels/include/GPUKernels.h",
      "Sources/CTensorRT/include/CTensorRTSlots.h", "Sources/CONNXRuntime/include/CONNXRuntime.h",
    ]
    let newest = inputs.map { changed(SharedData.checkout + "/" + $0) }.max() ?? 0
    if changed(target) > newest { return nil }
    let part = target + ".\(getpid())"
    let arguments = flags + [sources + "/" + source] + last + ["-lpthread", "-ldl", "-o", part]
    guard run("clang", arguments) else { return "clang does not compile \(source)" }
    return rename(part, target) == 0 ? nil : "\(target) cannot be written"
  }

  private static func changed(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
  }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    guard posix_spawnp(&child, program, nil, nil, &words, environ) == 0 else { return false }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status == 0
  }
}

/// The switches and counters of the stand-ins, which all sessions of a process share: tests that use
/// them take turns.
public enum StandInControls {
  /// What is counted.
  public enum Kind: Int32, CaseIterable, Sendable {
    case device
    case pinned
    case streams
    case events
    case graphs
    case runnables
    case modules
  }

  /// How many of a kind there are.
  public static func live(_ kind: Kind) -> Int {
    typealias Count = @convention(c) (Int32) -> Int
    return function("standInLive", as: Count.self)?(kind.rawValue) ?? -1
  }
  /// How many of a kind were ever made.
  public static func total(_ kind: Kind) -> Int {
    typealias Count = @convention(c) (Int32) -> Int
    return function("standInTotal", as: Count.self)?(kind.rawValue) ?? -1
  }
  /// Everything that is there, but for modules, which stay as long as the process.
  public static var everything: [Int] { Kind.allCases.dropLast().map(live) }
  /// Rules that were broken: memory overrun, freed twice.
  public static var faults: Int {
    typealias Count = @convention(c) () -> Int32
    return Int(function("standInFaults", as: Count.self)?() ?? -1)
  }
  /// Lets the call after `after` others of a function of the driver or of NVRTC fail, once; "" takes
  /// a plan back.
  public static func fail(_ name: String, after: Int32 = 0, code: Int32 = 2) {
    typealias Plan = @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> Void
    function("standInFail", as: Plan.self)?(name, after, code)
  }
  /// Sets what the "GPU" is, and whether threads run in falling order.
  public static func set(capability: Int32 = 86, hasPools: Bool = true, isReversed: Bool = false) {
    typealias Set = @convention(c) (Int32, Int32, Int32) -> Void
    function("standInSet", as: Set.self)?(capability, hasPools ? 1 : 0, isReversed ? 1 : 0)
  }
  /// Objects of a stand-in for TensorRT.
  public static func objects(_ release: StandIns.Release) -> Int {
    typealias Count = @convention(c) () -> Int
    return function("standInObjects", as: Count.self, of: release.library)?() ?? -1
  }
  /// Lets the call after `after` others of a method of TensorRT fail, once.
  public static func failMethod(_ name: String, after: Int32 = 0, of release: StandIns.Release) {
    typealias Plan = @convention(c) (UnsafePointer<CChar>?, Int32) -> Void
    function("standInFailMethod", as: Plan.self, of: release.library)?(name, after)
  }
  /// Sets what computes the engines of a stand-in for TensorRT.
  public static func setNetwork(
    _ network: @convention(c) (UnsafeRawPointer?) -> Void,
    of release: StandIns.Release
  ) {
    typealias Network = @convention(c) (@convention(c) (UnsafeRawPointer?) -> Void) -> Void
    function("standInSetNetwork", as: Network.self, of: release.library)?(network)
  }
  /// A number that a stand-in for TensorRT tells: `standInRanges`, `standInLastProfile`.
  public static func number(_ name: String, of release: StandIns.Release) -> Int {
    typealias Number = @convention(c) () -> Int32
    return Int(function(name, as: Number.self, of: release.library)?() ?? -1)
  }

  /// One tensor of a run.
  public struct Port {
    /// Whether it is written.
    public let isOutput: Bool
    /// Its extents.
    public let extents: [Int]
    /// Its memory.
    public let bytes: UnsafeMutableRawBufferPointer
  }

  // As onnx_ports.h lays it out: a count, then name, two numbers, shape and address of each.
  private static let portSize = 8 + 8 + 8 + 64 + 8

  /// How many tensors a run has.
  public static func portCount(_ run: UnsafeRawPointer) -> Int { Int(run.load(as: Int32.self)) }

  /// A tensor of a run.
  public static func port(_ run: UnsafeRawPointer, _ index: Int) -> Port {
    let start = run + 8 + index * portSize
    let isOutput = start.load(fromByteOffset: 8, as: Int32.self) != 0
    let isHalf = start.load(fromByteOffset: 12, as: Int32.self) == 1
    let rank = Int(start.load(fromByteOffset: 16, as: Int32.self))
    let extents = (0..<rank).map { Int(start.load(fromByteOffset: 24 + 8 * $0, as: Int64.self)) }
    let bytes = UnsafeMutableRawBufferPointer(
      start: start.load(fromByteOffset: 88, as: UnsafeMutableRawPointer?.self),
      count: extents.reduce(isHalf ? 2 : 4, *)
    )
    return Port(isOutput: isOutput, extents: extents, bytes: bytes)
  }

  private static func function<Function>(
    _ name: String,
    as type: Function.Type,
    of path: String = StandIns.driver
  ) -> Function? {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let found = dlsym(library, name) else {
      return nil
    }
    return unsafeBitCast(found, to: type)
  }
}
