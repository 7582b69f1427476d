import Reports

extension Readme {
  /// What a workspace begins with: how a README is written that can be checked. It promises nothing itself.
  static func starter(_ lab: Lab, _ language: ReportLanguage) -> String {
    language == .chinese
      ? """
      # 我的 \(lab.id)：\(lab.names[language])

      （任务在 TASK.md。这个文件由你来写，给要重复你的工作的人看；写不写都行，写了会计入评估的“文档”一项。写好后把这段说明删掉。）

      提交时评分器会检查三样东西，都在与你的程序相同的隔离环境里，文件夹里有你的文件，in/ 里有练习用例，out/ 里有空文件夹：

      - **命令**：写在围栏代码块里，开头三个反引号后面紧跟 run，每行一条。命令按空格拆开直接运行，没有 shell，所以不能用管道、重定向、变量。
      - **数字**：在数字后面紧跟注释 `<!-- claim 名字 -->`。命令要打印一行 `名字 = 数字`，相差不超过 10 % 才算对。本来就写在文件或命令里的数字不算。
        名字写成“检查/数据”（如 `\(lab.checks.first?.id ?? "check")/…`，即成绩单上的数据），就与评分器自己测得的比较，分量更重。
      - **链接**：指向你提交的文件。

      """
      : """
      # My \(lab.id): \(lab.names[language])

      (The task is in TASK.md. This file is yours, for whoever repeats your work. It is optional, and counts for "documentation" in the
      assessment. Delete these lines when you have written your own.)

      When you submit, the grader checks three things, isolated as your program is, in a folder with your files, practice cases in in/ and
      empty folders in out/:

      - **Commands**: in fenced blocks, three backticks followed by run, one command on a line. They are split at spaces and started directly:
        there is no shell, so no pipes, redirections or variables.
      - **Numbers**: directly before a comment `<!-- claim NAME -->`. A command must print a line `NAME = NUMBER`, and both may differ by 10 %.
        A number that stands ready-made in a file or command does not count. A name of the form CHECK/FIGURE (such as `\(lab.checks.first?.id ?? "check")/…`, as the
        verdict prints them) is compared with what the grader measured itself, which counts more.
      - **Links**: to files that you hand in.

      """
  }
}
