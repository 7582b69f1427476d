import Connections
import Files
import Labs
import Reports

/// The visual tools on what a learner has made: uploaded, or out of an own submission.
extension LabSite {
  func toolsPage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    let title = visitor.say("Look inside", "看内部")
    let kinds = [
      (
        ".onnx",
        visitor.say(
          "the network before and after our optimiser, and which layers take the time when our own engine runs it",
          "优化前后的网络结构，以及用我们自己的引擎运行时，时间花在哪些层上"
        )
      ),
      (
        "report.json",
        visitor.say(
          "what deploy, profile, bench, val or compare has found",
          "deploy、profile、bench、val 或 compare 的结果"
        )
      ),
      (
        ".plan",
        visitor.say(
          "what a plan file says of itself, and where its values lie in memory",
          "plan 文件的说明，以及各个值在内存里的位置"
        )
      ),
      (
        "trace.json",
        visitor.say(
          "a timeline of any program, in Chrome's trace format",
          "任何程序的时间线（Chrome trace 格式）"
        )
      ),
      (
        "layers.json + times.json",
        visitor.say(
          "TensorRT: trtexec --exportLayerInfo and --exportProfile, together with the .onnx if you have it",
          "TensorRT：trtexec 的 --exportLayerInfo 与 --exportProfile，可以连同 .onnx 一起"
        )
      ),
    ].map { "<li><code>\($0)</code>: \($1)</li>" as Markup }
    let accepted = LookDesk.endings.joined(separator: ",")
    return page(
      visitor,
      title,
      """
      <h1>\(title)</h1>
      <p class="lead">\(visitor.say("Structure, timeline and heat map of your own work. Choose one file, or several that belong together:", "看你自己作品的结构、时间线和瓶颈热力图。选一个文件，或几个相关的文件："))</p>
      <ul>\(kinds)</ul>
      <form class="stacked panel" method="post" action="/tools" enctype="multipart/form-data">\(hidden(visitor))
      <label for="document">\(visitor.say("Files, up to \(LookDesk.byteLimit >> 20) MiB together", "文件，总共不超过 \(LookDesk.byteLimit >> 20) MiB"))</label><input id="document" type="file" name="document" accept="\(accepted)" multiple required>
      <button class="main">\(visitor.say("Show it", "显示"))</button>
      <p class="hint">\(visitor.say("Only you see them. They are read in a process of their own, with limits of time and memory.", "只有你能看到。文件在一个限时、限内存的独立进程里读取。"))</p></form>
      \(try ownArtifacts(visitor, learner))\(lookList(visitor, learner))
      """
    )
  }

  /// What submissions of the learner hold that can be looked at.
  private func artifacts(_ learner: String) throws -> [(
    ticket: String, file: String, title: String
  )] {
    try desk.entries(of: learner).suffix(20).reversed().flatMap { entry in
      guard entry.end != nil else { return [(ticket: String, file: String, title: String)]() }
      let root = desk.store.files(entry.ticket)
      let files = (try? Folder.files(below: root)) ?? []
      return files.filter(LookDesk.canLookAt)
        .prefix(12).map { path in
          let name = String(path.dropFirst(root.count + 1))
          return (entry.ticket, name, "\(entry.lab.id) · \(Self.time(entry.time)) · \(name)")
        }
    }
  }

  private func ownArtifacts(_ visitor: Visitor, _ learner: String) throws -> Markup {
    let options = try artifacts(learner).prefix(60).map {
      "<option value=\"\($0.ticket)/\($0.file)\">\($0.title)</option>" as Markup
    }
    guard !options.isEmpty else { return .empty }
    return """
      <section aria-labelledby="own"><h2 id="own">\(visitor.say("From your submissions", "来自你的提交"))</h2>
      <form class="stacked" method="post" action="/tools/own">\(hidden(visitor))
      <label for="artifact">\(visitor.say("What your programs read and wrote", "你的程序读到和写出的文件"))</label><select id="artifact" name="artifact">\(options)</select>
      <button>\(visitor.say("Show it", "显示"))</button></form></section>
      """
  }

  private func lookList(_ visitor: Visitor, _ learner: String) -> Markup {
    let rows = looks.looks(of: learner).map { look -> Markup in
      let state =
        look.hasPage
        ? visitor.say("ready", "已完成")
        : look.problem != nil
          ? visitor.say("not shown", "无法显示")
          : looks.queue.place(look.ticket) != nil
            ? visitor.say("under way", "进行中") : visitor.say("interrupted", "已中断")
      return
        "<li><a href=\"/tools/\(look.ticket)\">\(look.names.joined(separator: " + ")) · \(Self.time(look.time))</a>: \(state)</li>"
    }
    guard !rows.isEmpty else { return .empty }
    return """
      <section aria-labelledby="looks"><h2 id="looks">\(visitor.say("Looked at before", "之前看过的"))</h2><ul class="plain">\(rows)</ul></section>
      """
  }

  // MARK: One look

  private func look(_ ticket: String, _ learner: String) throws -> LookDesk.Look {
    guard let look = looks.look(ticket, of: learner) else { throw Self.missing }
    return look
  }

  func lookPage(_ visitor: Visitor, _ learner: String, _ ticket: String) throws -> WebReply {
    let look = try look(ticket, learner)
    let isRunning = looks.queue.place(ticket) != nil
    let live: Markup = isRunning ? " data-live=\"/tools/\(ticket)/live\"" : ""
    let title = look.names.joined(separator: " + ")
    return page(
      visitor,
      title,
      """
      <p class="dim"><a href="/tools">← \(visitor.say("Look inside", "看内部"))</a></p><h1>\(title)</h1>
      <div id="live" aria-live="polite" aria-busy="\(isRunning ? "true" : "false")"\(live)>\(try liveLook(visitor, learner, ticket))</div>
      <form method="post" action="/tools/\(ticket)/delete">\(hidden(visitor))<button>\(visitor.say("Delete it", "删除"))</button></form>
      """
    )
  }

  func liveLook(_ visitor: Visitor, _ learner: String, _ ticket: String) throws -> Markup {
    let look = try look(ticket, learner)
    if look.hasPage {
      return """
        <div data-done><p class="notice"><a href="/tools/\(ticket)/page">\(visitor.say("Open the page", "打开页面"))</a></p>
        <p class="hint">\(visitor.say("It is a page of its own: one file, which you may also save.", "这是一个独立的页面，也可以保存为单个文件。"))</p></div>
        """
    }
    if let problem = look.problem {
      return
        "<div data-done><p class=\"notice bad\" role=\"alert\">\(visitor.say("It cannot be shown:", "无法显示："))</p><pre tabindex=\"0\"><code>\(problem)</code></pre></div>"
    }
    guard let place = looks.queue.place(ticket) else {
      return
        "<div data-done><p class=\"notice bad\">\(visitor.say("The server ended while it was read; send it again.", "读取时服务器中断了；请重新上传。"))</p></div>"
    }
    let text =
      place > 0
      ? visitor.say("Waiting: \(place) in line.", "排队中：第 \(place) 位。")
      : visitor.say("It is being read.", "正在读取。")
    return "<p class=\"notice\"><span class=\"spinner\" aria-hidden=\"true\"></span>\(text)</p>"
  }

  /// The page that was made. Its scripts are inline, so it gets an origin of its own, which knows
  /// nothing of this site.
  func lookDocument(_ learner: String, _ ticket: String) throws -> WebReply {
    guard let bytes = looks.page(ticket, of: learner) else { throw Self.missing }
    return WebReply(type: "text/html; charset=utf-8", bytes).with(
      "Content-Security-Policy",
      "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
        + "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"
    )
  }

  // MARK: What is sent

  func upload(_ form: MultipartForm, _ learner: String, _ visitor: Visitor) throws -> WebReply {
    let files = form.files.filter { $0.field == "document" && !$0.bytes.isEmpty }.map {
      ToolRun.File(name: $0.name, bytes: $0.bytes)
    }
    guard !files.isEmpty else {
      throw Refusal(status: 422, text: visitor.say("no file was sent", "没有收到文件"))
    }
    return try begin(files, learner, visitor)
  }

  /// A file of an own submission; others', a teacher's view of them included, are not there.
  func lookAtOwn(_ form: MultipartForm, _ learner: String, _ visitor: Visitor) throws -> WebReply {
    let parts = (form.values["artifact"] ?? "").split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2,
      let found = try artifacts(learner).first(where: {
        $0.ticket == parts[0] && $0.file == parts[1]
      })
    else { throw Self.missing }
    let path = "\(desk.store.files(found.ticket))/\(found.file)"
    let bytes = try MappedFile.contents(of: path, limit: LookDesk.byteLimit)
    let name = found.file.split(separator: "/").last.map(String.init) ?? found.file
    return try begin([ToolRun.File(name: name, bytes: bytes)], learner, visitor)
  }

  private func begin(
    _ files: [ToolRun.File],
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    guard toolLimit.take(learner) else {
      throw Refusal(status: 429, text: visitor.say("wait a little", "请稍等"))
    }
    return .seeOther("/tools/\(try looks.take(files, of: learner, in: visitor.language))")
  }

  func deleteLook(_ learner: String, _ ticket: String) throws -> WebReply {
    _ = try look(ticket, learner)
    looks.remove(ticket, of: learner)
    return .seeOther("/tools")
  }
}
