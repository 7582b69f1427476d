import Files
import FoundationEssentials
import Reports

extension Report {
  /// A report about a model that need not be there: without it, only a file's name is known.
  static func begun(_ command: String, model: String?, file: String) throws -> Report {
    if let model { return try begun(command, model: model, imageSize: nil, environment: [:]) }
    let subject = Subject(
      file: String(file.split(separator: "/").last ?? ""),
      byteCount: try MappedFile(path: file).count,
      family: "unknown",
      task: "unknown",
      classNames: [],
      parameterCount: 0,
      gigaOperations: 0,
      inputSize: []
    )
    return Report(
      command: command,
      date: Date.now.formatted(.iso8601),
      subject: subject,
      environment: [:]
    )
  }
}
