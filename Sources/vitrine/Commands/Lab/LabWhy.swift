import ArgumentParser
import Diagnostics
import Files
import Labs
import Reports

/// `vitrine lab why`: a question, a locked prediction, a real experiment.
struct LabWhy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Asks why; you predict a number, and an experiment on this machine answers.",
    discussion: """
      Without a prediction it shows the question. The first prediction counts: it goes into the log before the experiment begins,
      and cannot be changed. Afterwards --set changes the experiment, and earlier runs are shown beside the new one; some
      questions want a prediction for each. Exit code 1 where a prediction was too far off.

      EXAMPLES
        vitrine lab why
        vitrine lab why W9
        vitrine lab why W9 --predict 12 --plus-minus 4 --because "two bits are lost"
        vitrine lab why W6 --set grey=255 --set width=1
      """
  )

  @Argument(help: "The question, such as W9; all by default.")
  var question: String?

  @Option(name: .long, help: "The number that you predict.")
  var predict: Double?

  @Option(name: .long, help: "How far off you expect to be at most; may be left out.")
  var plusMinus: Double?

  @Option(name: .long, help: "Why you think so, in a sentence.")
  var because: String?

  @Option(
    name: .long,
    help: "Changes the experiment, name=value; the question lists what there is."
  )
  var set: [String] = []

  @OptionGroup var options: LabOptions

  func validate() throws {
    guard predict == nil || (predict?.isFinite == true && because != nil && question != nil) else {
      throw ValidationError("--predict needs a question, a number and --because \"…\"")
    }
    guard plusMinus == nil || (predict != nil && (0...1e9).contains(plusMinus ?? -1)) else {
      throw ValidationError("--plus-minus goes with --predict, and is not negative")
    }
    guard set.isEmpty || question != nil else { throw ValidationError("--set needs a question") }
  }

  func run() async throws {
    let course = try Course(path: options.coursePath())
    let language = options.language()
    guard let name = question else { return list(course, language) }
    guard let question = course.questions.first(where: { $0.id.lowercased() == name.lowercased() })
    else {
      let all = course.questions.map(\.id).joined(separator: ", ")
      throw ValidationError("there is no question \(name); there are \(all)")
    }
    let text = WhyTerminal(question: question, language: language)
    let settings = try settings(question)
    let state = try options.state()
    let asking = WhyAsking(
      question: question,
      learner: LabState.learnerID(options.learnerName()),
      log: state.log
    )
    guard let promise = try promise(asking, settings, text) else { return text.ask() }
    let store = WhyRunStore(state: state.folder)
    let earlier = store.runs(of: asking.learner, question)
    let findings: WhyFindings
    do {
      findings = try await question.run(
        model: try model(course),
        settings: settings,
        progress: options.common.progress
      )
    } catch {
      try asking.failed(promise, error)
      throw error
    }
    let run = try asking.answered(promise, findings)
    try store.keep(run, of: asking.learner, question)
    if options.common.json {
      try JSONOutput.print(Answer(run, question, earlier: earlier))
    } else {
      text.tell(run, earlier: earlier)
    }
    if run.isWithin(question) == false { throw ExitCode(1) }
  }

  /// Wrong settings are wrong usage.
  private func settings(_ question: WhyQuestion) throws -> WhySettings {
    do {
      return try question.settings(WhySettings.changes(set))
    } catch let error as DeployError {
      let first = error.diagnostics.first
      throw ValidationError(
        [first?.message, first?.remedy].compactMap(\.self).joined(separator: "; ")
      )
    }
  }

  /// What is locked before the experiment begins; nil where a prediction is still to come.
  private func promise(
    _ asking: WhyAsking,
    _ settings: WhySettings,
    _ text: WhyTerminal
  ) throws -> WhyAsking.Promise? {
    let prediction = predict.map {
      WhyAsking.Prediction(value: $0, margin: plusMinus, reason: because ?? "")
    }
    do {
      let promise = try asking.promise(settings, prediction, via: "terminal")
      if let predict, asking.question.isOwn(settings), promise.prediction?.value != predict {
        text.warnLocked(promise.prediction?.value ?? 0)
      }
      return promise
    } catch let problem as WhyAsking.Problem {
      switch problem {
      case .predictFirst where set.isEmpty: return nil
      case .predictFirst: throw ValidationError(text.predictFirst)
      case .predictEach: throw ValidationError(text.predictEach)
      case .outOfRange: throw ValidationError(text.outOfRange)
      }
    }
  }

  private func list(_ course: Course, _ language: ReportLanguage) {
    for question in course.questions {
      Terminal.print("\(Style.bold(pad(question.id, 4))) \(question.name[language])")
    }
  }

  private func model(_ course: Course) throws -> String {
    let path = course.samplePath
    guard FileAccess.isReadable(path) else {
      throw ValidationError("the sample network is not beside the course: \(path)")
    }
    return path
  }

  private struct Answer: Encodable {
    var question: String
    var predicted: Double?
    var isWithin: Bool?
    var plusMinus: Double?
    var settings: [String: Double]
    var findings: WhyFindings
    /// Values of earlier runs with their settings.
    var earlier: [Earlier]

    struct Earlier: Encodable {
      var settings: [String: Double]
      var value: Double
    }

    init(_ run: WhyRun, _ question: WhyQuestion, earlier runs: [WhyRun]) {
      (self.question, predicted, plusMinus) = (question.id, run.predicted, run.margin)
      isWithin = run.isWithin(question)
      (settings, findings) = (run.settings.values, run.findings)
      earlier = runs.map { Earlier(settings: $0.settings.values, value: $0.findings.value) }
    }
  }
}
