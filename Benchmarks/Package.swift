// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vitrine", path: "..")],
  targets: [
    .executableTarget(
      name: "picture-benchmark",
      dependencies: [.product(name: "PictureStages", package: "vitrine")],
      swiftSettings: [.swiftLanguageMode(.v6)]
    ),
    .executableTarget(
      name: "soak-benchmark",
      dependencies: [.product(name: "NativeEngine", package: "vitrine")],
      swiftSettings: [.swiftLanguageMode(.v6)]
    ),
    .executableTarget(
      name: "verdict-benchmark",
      dependencies: [.product(name: "Measuring", package: "vitrine")],
      swiftSettings: [.swiftLanguageMode(.v6)]
    ),
  ]
)
