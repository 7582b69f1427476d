import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// The course for learners: the same checks, nothing of the solutions.
@Suite(.serialized) struct BundleTests {
  private func bundle() throws -> (course: Course, learners: Course, folder: WorkFolder) {
    let folder = try WorkFolder()
    let course = try Course(path: courseFolder)
    _ = try CourseBundle(course).write(to: folder.path + "/course")
    return (course, try Course(path: folder.path + "/course"), folder)
  }

  @Test func holdsWhatTiersGiveAndNoMore() throws {
    let (course, learners, folder) = try bundle()
    defer { withExtendedLifetime(folder) {} }
    #expect(learners.isForLearners && learners.labs.map(\.id) == course.labs.map(\.id))
    let names = try Folder.files(below: learners.path).map { $0.dropFirst(learners.path.count) }
    #expect(!names.contains { $0.contains("mutants") || $0.contains("alternates") })
    for (lab, other) in zip(course.labs, learners.labs) {
      #expect(other.mutants.isEmpty && other.alternates.isEmpty)
      #expect(other.checks.map(\.id) == lab.checks.map(\.id))
      for programming in lab.starterLanguages {
        let (whole, given) = (
          try StarterFiles(lab, programming), try StarterFiles(other, programming)
        )
        for language in ReportLanguage.allCases {
          for scaffold in 0...other.mostGiven {
            let (a, b) = (
              try whole.rendered(scaffold, language), try given.rendered(scaffold, language)
            )
            #expect(a.map(\.bytes) == b.map(\.bytes), "\(lab.id) \(programming) \(scaffold)")
          }
        }
        try expectNoSolution(of: whole, in: given, other.mostGiven, lab.id)
      }
    }
  }

  /// No line that only the whole program has is in the bundle's files.
  private func expectNoSolution(
    of whole: StarterFiles,
    in given: StarterFiles,
    _ most: Int,
    _ lab: String
  ) throws {
    func lines(_ text: String) -> Set<Substring> {
      Set(text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.count > 12 })
    }
    let solution = try whole.rendered(3, .english).map { String(decoding: $0.bytes, as: UTF8.self) }
    let open = try whole.rendered(most, .english).map { String(decoding: $0.bytes, as: UTF8.self) }
    let secret = lines(solution.joined(separator: "\n")).subtracting(
      lines(open.joined(separator: "\n"))
    )
    #expect(!secret.isEmpty, "\(lab) has nothing to hide")
    let found = lines(given.files.map(\.text).joined(separator: "\n")).intersection(secret)
    #expect(found.isEmpty, "\(lab): \(found.first ?? "")")
  }

  @Test func theWholeProgramIsRefusedInWords() throws {
    let (_, learners, folder) = try bundle()
    let lab = try #require(learners.lab("L03"))
    let record = Workspace.Record(
      lab: "L03",
      tier: "basic",
      programming: "python",
      learner: "local",
      language: "en",
      course: learners.path,
      scaffold: 3
    )
    let place = folder.path + "/work"
    let id = errorID {
      _ = try Workspace(
        creating: place,
        lab: lab,
        course: learners,
        record: record,
        language: .english
      )
    }
    #expect(id == .labNotGiven && !Folder.exists(place))
    let gate = CourseGate(course: learners, effort: .short)
    #expect(errorID { _ = try gate.prove(lab) } == .courseForLearners)
    #expect(errorID { _ = try CourseBundle(learners).write(to: place) } == .courseForLearners)
  }

  @Test func theSameBytesEachTimeAndNothingIsReplaced() throws {
    let folder = try WorkFolder()
    let course = try Course(path: courseFolder)
    let first = try CourseBundle(course).write(to: folder.path + "/a")
    let second = try CourseBundle(course).write(to: folder.path + "/b/")
    #expect(first.files == second.files && first.bytes == second.bytes)
    let names = try Folder.files(below: folder.path + "/a").map {
      String($0.dropFirst(folder.path.count + 2))
    }
    #expect(names.count == first.files)
    for name in names {
      let (a, b) = (
        try MappedFile.contents(of: folder.path + "/a" + name),
        try MappedFile.contents(of: folder.path + "/b" + name)
      )
      #expect(a == b, "\(name)")
    }
    #expect(
      errorID { _ = try CourseBundle(course).write(to: folder.path + "/a") } == .courseBundleExists
    )
    // One that cannot be written whole leaves nothing.
    try folder.write("a file", "taken")
    #expect(errorID { _ = try CourseBundle(course).write(to: folder.path + "/taken/c") } != nil)
    let left = try Folder.files(below: folder.path).contains { $0.contains(".part-") }
    #expect(!left)
  }

  /// The same program gets the same verdict by both courses, with the same cause named.
  @Test func gradesAsTheWholeCourseDoes() throws {
    let (course, learners, folder) = try bundle()
    defer { withExtendedLifetime(folder) {} }
    let lab = try #require(course.lab("L10"))
    let other = try #require(learners.lab("L10"))
    for scaffold in [2, 3] {
      let work = try WorkFolder()
      for file in try StarterFiles(lab, "python").rendered(scaffold, .english) {
        try work.write(String(decoding: file.bytes, as: UTF8.self), file.name)
      }
      let verdicts = try [(course, lab), (learners, other)].map { course, lab in
        try Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "learner:x")
          .practise(work.path, quick: false)
      }
      #expect(verdicts[0].score.points == verdicts[1].score.points)
      #expect(verdicts[0].checks.map(\.status) == verdicts[1].checks.map(\.status))
      #expect(verdicts[0].isPassed == (scaffold == 3))
    }
    // Labs that need the sample network find it in the folder.
    #expect(FileAccess.isReadable(learners.samplePath))
    #expect(learners.samplePath.hasPrefix(learners.path + "/samples/"))
  }
}
