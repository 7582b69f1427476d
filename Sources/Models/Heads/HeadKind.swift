/// The modules that end a network and answer with boxes.
enum HeadKind: String, CaseIterable {
  case detect = "Detect"
  case segment = "Segment"

  /// The head that a module is, if it is one. Forks call theirs by other names, such as IDetect,
  /// and mean something else.
  init?(_ module: Module) { self.init(rawValue: module.kind) }
}
