import Diagnostics

/// Counts doubtful records while a data set is read, and says each kind once.
struct Findings {
  enum Kind: CaseIterable {
    case repeatedPicture, unknownPicture, unknownClass, outside, withoutArea, zeroIdentifier
    case repeatedLabel, cut, leftOut, withoutPicture, unreadablePicture
  }

  private var counts: [Kind: (count: Int, example: String)] = [:]

  mutating func note(_ kind: Kind, _ example: @autoclosure () -> String) {
    if let known = counts[kind] {
      counts[kind] = (known.count + 1, known.example)
    } else {
      counts[kind] = (1, example())
    }
  }

  /// Notes a box that reaches beyond its picture or has no area.
  mutating func check(_ rectangle: Rectangle, in picture: LabelledPicture, _ name: String) {
    if !(rectangle.width > 0 && rectangle.height > 0) { return note(.withoutArea, name) }
    guard picture.width > 0, picture.height > 0 else { return }
    // Half a pixel may come from rounding.
    let isInside =
      rectangle.x >= -0.5 && rectangle.y >= -0.5
      && rectangle.x + rectangle.width <= Double(picture.width) + 0.5
      && rectangle.y + rectangle.height <= Double(picture.height) + 0.5
    if !isInside { note(.outside, name) }
  }

  var diagnostics: [Diagnostic] {
    Kind.allCases.compactMap { kind in
      counts[kind].map { found in
        let (id, text, remedy) = Self.words(kind, found.count)
        let example = found.count == 1 ? " (\(found.example))" : " (first: \(found.example))"
        return Diagnostic(.warning, id, text + example, remedy: remedy)
      }
    }
  }

  private static func words(_ kind: Kind, _ count: Int) -> (Diagnostic.ID, String, String) {
    let labels = count == 1 ? "1 label" : "\(count) labels"
    switch kind {
    case .repeatedPicture:
      return (
        .datasetDuplicateIdentifier, "image records repeated and counted once: \(count)",
        "remove the repetitions"
      )
    case .unknownPicture:
      return (
        .datasetUnknownReference, "\(labels) of images that the file does not have left out",
        "add the images, or remove the labels"
      )
    case .unknownClass:
      return (
        .datasetUnknownReference, "\(labels) of classes that the data set does not have left out",
        "add the classes, or remove the labels"
      )
    case .outside:
      return (
        .datasetBoxOutside, "\(labels) beyond the edges of the picture; taken as they are",
        "check whether boxes are x, y, width, height in pixels"
      )
    case .withoutArea:
      return (
        .datasetBoxOutside, "\(labels) without width or height; nothing can match them",
        "remove them, or give them a size"
      )
    case .zeroIdentifier:
      return (
        .datasetInvalidRecord,
        "\(labels) with the id 0: what matches counts as wrong, as pycocotools has it",
        "number annotations from 1"
      )
    case .withoutPicture:
      return (
        .datasetUnknownReference,
        (count == 1 ? "1 label file" : "\(count) label files") + " without a picture; not counted",
        "add the pictures, or remove the label files"
      )
    case .unreadablePicture:
      return (
        .datasetMissingPictures,
        (count == 1 ? "1 picture" : "\(count) pictures") + " missing or damaged; left out with "
          + (count == 1 ? "its" : "their") + " labels",
        "compare the figures only with others of the same pictures"
      )
    case .repeatedLabel:
      return (.datasetRepeatedLabel, "\(labels) repeated; counted once", "remove them")
    case .cut:
      return (
        .datasetBoxOutside, "\(labels) beyond the edges of the picture; cut there",
        "check whether labels are centre x, centre y, width, height as shares of the picture"
      )
    case .leftOut:
      return (
        .datasetBoxOutside, "\(labels) outside the picture or without area; left out",
        "check whether labels are centre x, centre y, width, height as shares of the picture"
      )
    }
  }
}
