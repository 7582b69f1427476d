public import Diagnostics
import Files
import FoundationEssentials
import Glibc
import Labs

/// Who may log in: `users.json` in the data folder, readable by its owner only.
public struct UserStore: Sendable {
  /// One person.
  struct User: Codable, Sendable, Hashable {
    var name: String
    var isTeacher: Bool
    var password: PasswordHash

    /// The digest by which the person stands in the log.
    var learner: String { LabState.learnerID(name) }

    /// What changes with the password.
    var mark: String { Token.digest(password.salt + password.hash) }
  }

  private struct Document: Codable {
    var format = 1
    var users: [User]
  }

  private let path: String
  /// The fewest characters of a password.
  public static let passwordLength = 8

  /// The store of a data folder; nothing is read yet.
  public init(folder: String) { path = folder + "/users.json" }

  /// The users by name.
  /// - Throws: `lab.users-unreadable`.
  func users() throws -> [User] {
    guard access(path, F_OK) == 0 else { return [] }
    let bytes = try MappedFile.contents(of: path, limit: 16 << 20)
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
      document.format == 1
    else {
      throw DeployError(
        .labUsersUnreadable,
        "is no list of users",
        at: .file(path: path),
        remedy: "restore the file from a copy, or move it away and add the users again"
      )
    }
    return document.users
  }

  /// The names and who teaches.
  /// - Throws: `lab.users-unreadable`.
  public func names() throws -> [(name: String, isTeacher: Bool)] {
    try users().map { ($0.name, $0.isTeacher) }
  }

  /// Adds a person, or gives one that is there a new password.
  /// - Throws: `lab.invalid-user`, `lab.users-unreadable`, `file.…`.
  public func set(_ name: String, password: String, isTeacher: Bool) throws {
    guard Self.isName(name) else {
      throw DeployError(
        .labInvalidUser,
        "'\(name.prefix(60))' cannot be a user's name",
        remedy: "use 1 to 40 letters, digits, dots, dashes and underscores; not 'local'"
      )
    }
    let user = User(name: name, isTeacher: isTeacher, password: try Self.hashed(password))
    try change { users in
      users.removeAll { $0.name == name }
      users.append(user)
      users.sort { $0.name < $1.name }
    }
  }

  /// Gives a person another password; sessions that began with the old one end.
  /// - Returns: the person as now kept.
  /// - Throws: `lab.invalid-user`, `lab.users-unreadable`, `file.…`.
  @discardableResult
  func changePassword(of name: String, to password: String) throws -> User {
    let hash = try Self.hashed(password)
    var changed: User?
    try change { users in
      guard let index = users.firstIndex(where: { $0.name == name }) else {
        throw Self.nobody(name)
      }
      users[index].password = hash
      changed = users[index]
    }
    guard let changed else { throw Self.nobody(name) }
    return changed
  }

  private static func hashed(_ password: String) throws -> PasswordHash {
    guard (passwordLength...1000).contains(password.count) else {
      throw DeployError(
        .labInvalidUser,
        "the password has \(password.count) characters",
        remedy: "use \(passwordLength) to 1000"
      )
    }
    return try PasswordHash(of: password)
  }

  private static func nobody(_ name: String) -> DeployError {
    DeployError(
      .labInvalidUser,
      "there is no user '\(name.prefix(60))'",
      remedy: "see: vitrine lab user list"
    )
  }

  /// Takes a person's access away; the log keeps what they did.
  /// - Throws: `lab.invalid-user` where there is none of that name.
  public func remove(_ name: String) throws {
    try change { users in
      guard users.contains(where: { $0.name == name }) else {
        throw Self.nobody(name)
      }
      users.removeAll { $0.name == name }
    }
  }

  static func isName(_ text: String) -> Bool {
    (1...40).contains(text.count) && text != "local" && text.utf8.count <= 160
      && !text.hasPrefix(".") && !text.hasPrefix("-")
      && text.allSatisfy { $0.isLetter || $0.isNumber || ".-_".contains($0) }
  }

  /// Changes the list while nobody else can.
  private func change(_ body: (inout [User]) throws -> Void) throws {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    try Folder.create(String(path[..<slash]))
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { if lock >= 0 { close(lock) } }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw DeployError(.fileUnwritable, "cannot be locked", at: .file(path: path))
    }
    var list = try users()
    try body(&list)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let old = umask(0o077)
    defer { umask(old) }
    try AtomicFile.write(Array(try encoder.encode(Document(users: list))), to: path)
  }
}

extension Diagnostic.ID {
  /// A name or a password that cannot be taken.
  public static let labInvalidUser: Self = "lab.invalid-user"
  /// A list of users that cannot be read.
  public static let labUsersUnreadable: Self = "lab.users-unreadable"
}
