extension ModelContract {
  /// Whether its sizes can be worked with. A file may claim anything.
  public var isSound: Bool {
    let sizes = inputSize + levels.map(\.stride)
    return inputSize.count == 2 && maskCount >= 0
      && preprocessing.mean.count == preprocessing.deviation.count
      && sizes.allSatisfy { (1...65_536).contains($0) }
  }
}
