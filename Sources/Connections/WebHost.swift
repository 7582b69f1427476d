public import Diagnostics
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Listens on an address and answers requests, within bounds: so many connections, header bytes, body
/// bytes and seconds. Ends by itself on Ctrl-C or a request to terminate, after what is in progress.
public struct WebHost: Sendable {
  /// How much may be asked for at once.
  public struct Limits: Sendable {
    /// More wait until one is closed.
    public var connections = 256
    /// For all fields of a head together, and for each.
    public var headerBytes = 16 << 10
    /// Fields of a head.
    public var headerFields = 64
    /// For a body, by its head: a request whose body has not been read.
    public var bodyBytes: @Sendable (WebRequest) -> Int = { _ in Limits.smallBody }
    /// Bodies larger than this are few at the same time.
    public static let smallBody = 8 << 20
    /// Larger bodies that may be read at the same time.
    public var largeBodies = 4
    /// For a body, from its first byte to its last.
    public var bodySeconds = 30
    /// For a request's head, and between two requests of a connection.
    public var idleSeconds = 20

    /// The defaults.
    public init() {}
  }

  /// The address or name to listen on.
  public var host: String
  /// 0 for any free one.
  public var port: Int
  /// How much may be asked for.
  public var limits = Limits()

  /// Creates a host that does not listen yet.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Answers requests until it is told to end.
  /// - Parameters:
  ///   - onStart: called once with the port, when it listens.
  /// - Throws: `server.address` where the address cannot be listened on.
  public func run(
    onStart: @escaping @Sendable (_ port: Int) -> Void,
    answer: @escaping @Sendable (WebRequest) async -> WebReply
  ) async throws {
    let limits = limits
    let largeBodies = Slots(limits.largeBodies)
    var logger = Logger(label: "vitrine", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let responder = CallbackResponder<Context> { request, context in
      await Self.respond(request, context, limits, largeBodies, answer)
    }
    let application = Application(
      responder: responder,
      server: .http1(
        configuration: HTTP1Channel.Configuration(
          idleTimeout: .seconds(Int64(limits.idleSeconds)),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: limits.headerBytes,
            maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: limits.headerFields
          )
        )
      ),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        backlog: 128,
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)
      ),
      onServerRunning: { channel in onStart(channel.localAddress?.port ?? 0) },
      logger: logger
    )
    do {
      try await application.runService()
    } catch let error as IOError {
      throw DeployError(
        .serverAddress,
        "cannot listen on \(host), port \(port): \(error.description)",
        remedy: "choose another with --port, or end the program that listens there"
      )
    } catch let error as SocketAddressError {
      throw DeployError(
        .serverAddress,
        "cannot listen on '\(host)': \(error)",
        remedy: "give an address of this machine with --host, such as 127.0.0.1"
      )
    }
  }

  /// What a request came through.
  private struct Context: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  private static func respond(
    _ request: Request,
    _ context: Context,
    _ limits: Limits,
    _ largeBodies: Slots,
    _ answer: @Sendable (WebRequest) async -> WebReply
  ) async -> Response {
    guard let target = WebRequest.target(request.head.path ?? "") else {
      return closing(context, .text(400, "this is no path"))
    }
    var headers: [String: String] = [:]
    for field in request.headers where headers[field.name.canonicalName] == nil {
      headers[field.name.canonicalName] = field.value
    }
    if let authority = request.head.authority { headers["host"] = authority }
    var whole = WebRequest(
      method: request.method.rawValue,
      path: target.path,
      query: target.query,
      headers: headers,
      peer: context.channel.remoteAddress?.ipAddress ?? ""
    )
    let most = limits.bodyBytes(whole)
    let tooLarge = WebReply.text(413, "a request may have \(most >> 20) MiB")
    // Without a length it could be a large one.
    var stated = most
    if let text = headers["content-length"] {
      guard let count = Int(text), count >= 0, count <= most else {
        return closing(context, tooLarge)
      }
      stated = count
    } else if headers["transfer-encoding"] == nil {
      stated = 0
    }
    let isLarge = stated > Limits.smallBody
    guard !isLarge || largeBodies.take() else {
      return closing(context, .text(503, "others send large files; try again"))
    }
    let received = await Self.body(request, limits, most)
    if isLarge { largeBodies.give() }
    switch received {
    case .whole(let bytes): whole.body = bytes
    case .tooLarge: return closing(context, tooLarge)
    case .late: return closing(context, .text(408, "the request took too long"))
    case .broken: return closing(context, .text(400, "the request broke off"))
    }
    var reply = await answer(whole)
    if request.method == .head {
      reply.headers.append(("Content-Length", "\(reply.body.count)"))
      reply.body = []
    }
    return response(reply)
  }

  private enum Body {
    case whole([UInt8])
    case tooLarge, late, broken
  }

  /// Reads a body, but no longer than it may take.
  private static func body(_ request: Request, _ limits: Limits, _ most: Int) async -> Body {
    await withTaskGroup(of: Body.self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        do {
          for try await part in request.body {
            guard bytes.count + part.readableBytes <= most else { return .tooLarge }
            bytes.append(contentsOf: part.readableBytesView)
          }
        } catch { return .broken }
        return Task.isCancelled ? .broken : .whole(bytes)
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(limits.bodySeconds))
        return .late
      }
      let first = await group.next() ?? .broken
      group.cancelAll()
      return first
    }
  }

  /// An answer after which the connection is of no use: what else comes in is not waited for.
  private static func closing(_ context: Context, _ reply: WebReply) -> Response {
    let channel = context.channel
    channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    return response(reply.with("Connection", "close"))
  }

  private static func response(_ reply: WebReply) -> Response {
    var fields = HTTPFields()
    for header in reply.headers {
      guard let name = HTTPField.Name(header.name) else { continue }
      fields.append(HTTPField(name: name, value: header.value))
    }
    return Response(
      status: HTTPResponse.Status(code: reply.status),
      headers: fields,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
    )
  }
}

/// So many at the same time.
private final class Slots: Sendable {
  private let free: Mutex<Int>

  init(_ count: Int) { free = Mutex(count) }

  func take() -> Bool {
    free.withLock { free in
      guard free > 0 else { return false }
      free -= 1
      return true
    }
  }

  func give() { free.withLock { $0 += 1 } }
}

extension Diagnostic.ID {
  /// An address that cannot be listened on.
  public static let serverAddress: Self = "server.address"
}
