// swift-tools-version: 6.2
import PackageDescription

/// Every target is Swift 6 mode and names what it imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Numeric targets are optimised in debug builds too: their loops are 10 to 100 times slower
/// otherwise, which would make the tests useless as a habit. Assertions stay on.
let numeric: [SwiftSetting] =
  strict + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

/// One stage: a library target and what lies directly upstream of it.
func stage(
  _ name: String,
  after upstream: String...,
  products: [Target.Dependency] = [],
  exclude: [String] = [],
  settings: [SwiftSetting] = strict
) -> Target {
  .target(
    name: name,
    dependencies: upstream.map { .byName(name: $0) } + products,
    exclude: exclude,
    swiftSettings: settings
  )
}

/// Declarations and thin shims only: the libraries themselves are opened at run time.
func shim(_ name: String) -> Target {
  .target(name: name, linkerSettings: [.linkedLibrary("dl")])
}

/// `fixtures`: whether the folder has `Fixtures`, which tests read by path.
func tests(
  of name: String,
  with others: String...,
  products: [Target.Dependency] = [],
  fixtures: Bool = false
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: Set([name, "TestSupport", "Diagnostics"] + others).sorted()
      .map { .byName(name: $0) } + products,
    exclude: fixtures ? ["Fixtures"] : [],
    swiftSettings: strict
  )
}

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
// Hummingbird's packages have a module Metrics as well; theirs gets another name.
let hummingbird = Target.Dependency.product(
  name: "Hummingbird",
  package: "hummingbird",
  moduleAliases: ["Metrics": "ServerMetrics"]
)
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "vitrine",
  products: [
    .executable(name: "vitrine", targets: ["vitrine"]),
    // What Benchmarks/ measures in one process.
    .library(
      name: "PictureStages",
      targets: [
        "Diagnostics", "Files", "Tensors", "Graphs", "Backends", "CImageCodecs", "Images",
        "Detectors",
      ]
    ),
    .library(
      name: "Measuring",
      targets: ["Tensors", "Backends", "Metrics", "Reports", "Pipelines"]
    ),
    .library(
      name: "NativeEngine",
      targets: ["Tensors", "Graphs", "Formats", "Models", "Backends", "BackendsNative"]
    ),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird",
      exact: "2.28.1",
      traits: []
    ),
    // Hummingbird's own; named since their types are used here.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
  ],
  targets: [
    stage("Diagnostics"),
    stage("Files", after: "Diagnostics", settings: numeric),
    stage("Tensors", after: "Diagnostics", "Files", settings: numeric),
    stage("Graphs", after: "Diagnostics", "Tensors", settings: numeric),
    stage(
      "Formats",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      products: [protobuf],
      exclude: ["ONNX/Generated/PROVENANCE.md"],
      settings: numeric
    ),
    stage("Models", after: "Diagnostics", "Tensors", "Graphs", "Formats"),
    stage("Passes", after: "Diagnostics", "Tensors", "Graphs", settings: numeric),
    stage("Backends", after: "Diagnostics", "Tensors", "Graphs", "Passes", settings: numeric),
    shim("CONNXRuntime"),
    stage(
      "BackendsONNXRuntime",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Formats",
      "Backends",
      "CONNXRuntime"
    ),
    shim("COpenVINO"),
    stage(
      "BackendsOpenVINO",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Formats",
      "Backends",
      "COpenVINO"
    ),
    .target(name: "CAllocation"),
    shim("COneDNN"),
    .target(name: "CNativeThreads", cSettings: [.unsafeFlags(["-O2"])]),
    stage(
      "BackendsNative",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Passes",
      "Formats",
      "Backends",
      "CNativeKernels",
      "CNativeThreads",
      "COneDNN",
      settings: numeric
    ),
    shim("CTensorRT"),
    // What a GPU does around a network, as a text for the compiler at run time.
    .target(name: "CGPUKernels", exclude: ["kernels.cu.h"]),
    stage(
      "BackendsTensorRT",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Formats",
      "Backends",
      "CGPUKernels",
      "CTensorRT"
    ),
    shim("CImageCodecs"),
    shim("CVideoCodecs"),
    .target(name: "CImageKernels"),
    // Loops that a debug build without optimisation would make ten times slower measure nothing.
    .target(
      name: "CMachinePeaks",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]
    ),
    // The register tiles of the kernels need full unrolling, in debug builds too.
    .target(name: "CNativeKernels", cSettings: [.unsafeFlags(["-O3"])]),
    stage("Images", after: "Diagnostics", "Files", "CImageCodecs", settings: numeric),
    stage(
      "Detectors",
      after: "Diagnostics",
      "Tensors",
      "Graphs",
      "Backends",
      "Images",
      "CImageKernels",
      settings: numeric
    ),
    stage("Videos", after: "Diagnostics", "Files", "Images", "CVideoCodecs", settings: numeric),
    stage("Scenes", after: "Diagnostics", "Files", "Images", settings: numeric),
    stage("Datasets", after: "Diagnostics", "Files", settings: numeric),
    stage(
      "Metrics",
      after: "Diagnostics",
      "Datasets",
      "Tensors",
      "Graphs",
      "Passes",
      "Backends",
      "Detectors",
      settings: numeric
    ),
    stage("Histories", after: "Diagnostics", "Files", products: [grdb]),
    // Scripts, styles and words of the reports' pages, compiled in by #embed.
    .target(name: "CWebAssets", exclude: ["web"]),
    stage(
      "Reports",
      after: "Diagnostics",
      "Graphs",
      "Passes",
      "Backends",
      "Detectors",
      "Metrics",
      "CWebAssets"
    ),
    stage(
      "Pipelines",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Formats",
      "Models",
      "Passes",
      "Backends",
      "BackendsNative",
      "BackendsONNXRuntime",
      "BackendsOpenVINO",
      "BackendsTensorRT",
      "CAllocation",
      "CMachinePeaks",
      "Images",
      "Videos",
      "Detectors",
      "Scenes",
      "Datasets",
      "Metrics",
      "Histories",
      "Reports"
    ),
    // Starts learners' programs apart from everything else.
    .target(name: "CIsolation"),
    stage(
      "Labs",
      after: "Diagnostics",
      "Files",
      "Tensors",
      "Graphs",
      "Formats",
      "Models",
      "Passes",
      "Backends",
      "BackendsNative",
      "Images",
      "Scenes",
      "Datasets",
      "Detectors",
      "Metrics",
      "Reports",
      "Pipelines",
      "CIsolation",
      products: [yams, crypto, grdb],
      settings: numeric
    ),
    // HTTP requests in, responses out, within bounds; alone in knowing Hummingbird.
    stage(
      "Connections",
      after: "Diagnostics",
      products: [hummingbird, nioCore, logging, httpTypes]
    ),
    // The lab over HTTP.
    stage(
      "Servers",
      after: "Connections",
      "Diagnostics",
      "Files",
      "Graphs",
      "Formats",
      "Metrics",
      "Reports",
      "Pipelines",
      "Labs",
      "CWebAssets",
      products: [crypto, cryptoExtras]
    ),
    .executableTarget(
      name: "vitrine",
      dependencies: [
        // Work is done by Pipelines only; the others are there for the types of its results.
        "Diagnostics", "Files", "Graphs", "Formats", "Passes", "Backends", "Detectors", "Metrics",
        "Histories", "Reports", "Pipelines", "Videos", "Labs", "Servers",
        argumentParser,
      ],
      swiftSettings: strict,
      // Packed relocations: a megabyte less to read and keep in memory at every start.
      linkerSettings: [
        .unsafeFlags(
          ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"],
          .when(platforms: [.linux], configuration: .release)
        )
      ]
    ),
    .target(
      name: "TestSupport",
      dependencies: ["Diagnostics", "Files", "Tensors", "Graphs"],
      path: "Tests/TestSupport",
      swiftSettings: strict
    ),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    tests(of: "Diagnostics"),
    tests(of: "Files"),
    tests(of: "Tensors", fixtures: true),
    tests(of: "Graphs", with: "Tensors", fixtures: true),
    tests(
      of: "Formats",
      with: "Files",
      "Tensors",
      "Graphs",
      products: [protobuf],
      fixtures: true
    ),
    tests(
      of: "Models",
      with: "Tensors",
      "Graphs",
      "Formats",
      "Passes",
      "Backends",
      fixtures: true
    ),
    tests(of: "Passes", with: "Tensors", "Graphs", "Backends", fixtures: true),
    tests(
      of: "Backends",
      with: "Files",
      "Tensors",
      "Graphs",
      "Passes",
      "Formats",
      "BackendsNative",
      "BackendsONNXRuntime",
      "BackendsOpenVINO",
      "BackendsTensorRT",
      fixtures: true
    ),
    tests(
      of: "BackendsNative",
      with: "CAllocationCounter",
      "CNativeKernels",
      "CNativeThreads",
      "Files",
      "Tensors",
      "Graphs",
      "Passes",
      "Formats",
      "Models",
      "Backends"
    ),
    tests(
      of: "BackendsTensorRT",
      with: "Backends",
      "CTensorRT",
      "Detectors",
      "Files",
      "Graphs",
      "Images",
      "Tensors"
    ),
    // Its definitions are loops over every pixel and channel.
    .testTarget(
      name: "CNativeKernelsTests",
      dependencies: ["CNativeKernels", "TestSupport"],
      swiftSettings: numeric
    ),
    tests(of: "Images", with: "Files", fixtures: true),
    tests(
      of: "Detectors",
      with: "CAllocationCounter",
      "Files",
      "Tensors",
      "Graphs",
      "Backends",
      "Images",
      fixtures: true
    ),
    tests(of: "Videos", with: "Files", "Images"),
    tests(of: "Scenes", with: "Files", "Images"),
    tests(of: "Datasets", with: "Files", fixtures: true),
    tests(
      of: "Metrics",
      with: "Tensors",
      "Graphs",
      "Passes",
      "Backends",
      "Detectors",
      "Datasets",
      fixtures: true
    ),
    tests(of: "Histories", with: "Files"),
    tests(of: "Reports", with: "Graphs", "Passes", "Backends", "Detectors", "Metrics"),
    tests(
      of: "Pipelines",
      with: "Files",
      "Datasets",
      "Scenes",
      "Tensors",
      "Graphs",
      "Passes",
      "Formats",
      "Models",
      "Backends",
      "Images",
      "Videos",
      "Detectors",
      "Metrics",
      "Histories",
      "Reports"
    ),
    tests(of: "Servers", with: "Connections", "Files", "Labs", "Reports"),
    tests(of: "Labs", with: "Files", "Graphs", "Metrics", "Reports", "Tensors"),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["TestSupport", "vitrine"],
      exclude: ["Fixtures"],
      swiftSettings: strict
    ),
  ]
)
