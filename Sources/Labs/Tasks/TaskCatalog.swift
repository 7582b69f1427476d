/// The families of problems that labs draw from, one line each.
struct TaskCatalog {
  /// The folder of the course, beside which the sample network lies.
  let course: String

  private var sample: String { Course.samplePath(course) }

  private var cache: String { course + "/../.cache" }

  var tasks: [any CaseTask] {
    [
      MachineTask(), MachineFactsTask(cache: cache), MachineRepairTask(),
      DetectionTask(model: sample),
      LetterboxTask(), SuppressionTask(), AveragePrecisionTask(), ArenaTask(), FoldingTask(),
      GraphFactsTask(), GraphSurgeryTask(), ExportTask(), DynamicTask(), TimingTask(),
      DivergenceTask(), BuildTask(cache: cache), CalibrationTask(),
      PrecisionTask(model: sample, cache: cache),
      PrecisionContrastTask(model: sample, cache: cache),
      FrameworkTask(model: sample, cache: cache),
      FrameworkLoadTask(model: sample, cache: cache),
      FrameworkResourcesTask(model: sample, cache: cache),
      BottleneckTask(model: sample), RooflineTask(), PipeliningTask(), DynamicBatchingTask(),
    ]
  }

  /// The family of a name.
  func task(_ name: String) -> (any CaseTask)? { tasks.first { type(of: $0).name == name } }
}
