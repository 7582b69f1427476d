import ArgumentParser

/// `vitrine compare`: experiments whose cells are measured by the same code.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compares precisions and frameworks; attributes gains of speed and losses of accuracy.",
    discussion: """
      EXAMPLES
        vitrine compare frameworks yolov5n.pt
        vitrine compare precision yolov5n.pt --data coco.json
        vitrine compare why yolov5n.pt
        vitrine compare ledger yolov5n.pt --data coco.json
      """,
    subcommands: [
      CompareFrameworks.self, ComparePrecision.self, CompareWhy.self, CompareLedger.self,
    ]
  )
}
