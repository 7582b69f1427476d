import Glibc
import Scenes
let a = CommandLine.arguments  // seed count side folder png|jpg [min max objects]
var options = SceneOptions(width: Int(a[3])!, height: Int(a[3])!)
if a.count > 6 { options.objects = Int(a[6])!...Int(a[7])! }
try SceneDataset(options, format: .init(rawValue: a[5])!).write(count: Int(a[2])!, seed: UInt64(a[1])!, to: a[4])
