import ArgumentParser
import Pipelines

/// Whether a plan that cannot be used here is built anew first.
struct RebuildOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "A plan of another machine or release is built anew first, from the file that it names."
  )
  var rebuild = false

  /// Builds the plan anew where that is asked for and needed, and says so.
  func refresh(_ model: String, _ common: OutputOptions) async throws {
    guard rebuild else { return }
    guard try PlanInspection.isPlan(model) else {
      throw ValidationError("--rebuild has no effect without a plan; leave it out")
    }
    var job = RebuildJob(plan: model)
    job.cache = Cache.path
    guard let (_, reason) = try await job.runWhereNeeded(progress: common.progress) else { return }
    Terminal.warn("note: \(model) \(reason); it was built anew")
  }
}
