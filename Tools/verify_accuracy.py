#!/usr/bin/env python3
"""Judges random and crafted results with `vitrine val --detections` and with pycocotools, and compares the twelve
figures. Exit code 1 where one differs by more than 1e-9. With --yolo, YOLOv5's own five figures are compared too, to
1e-6 (it computes in single precision).

    verify_accuracy.py --vitrine .build/release/vitrine            (needs Python with pycocotools and numpy)
    verify_accuracy.py --yolo                                      (needs the PyPI package yolov5 as well)
"""
import argparse, contextlib, io, json, pathlib, subprocess, sys, tempfile

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

LIMIT = 1e-9


def official(truth_file, results_file, kind):
    """pycocotools' twelve figures."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(truth_file)
        evaluation = COCOeval(truth, truth.loadRes(results_file), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()


def original(case):
    """YOLOv5's precision, recall, F1, mAP50 and mAP50-95, computed by the package yolov5; None without a hit."""
    import torch
    from yolov5.utils.metrics import ap_per_class
    from yolov5.val import process_batch
    levels = torch.linspace(0.5, 0.95, 10)
    index = {c: i for i, c in enumerate(sorted(c["id"] for c in case.truth["categories"]))}
    stats = []
    for image in case.truth["images"]:
        labels = [[index[a["category_id"]], *corners(a["bbox"])] for a in case.truth["annotations"]
                  if a["image_id"] == image["id"] and not a["iscrowd"] and a["category_id"] in index]
        found = [[*corners(r["bbox"]), r["score"], index[r["category_id"]]] for r in case.results
                 if r["image_id"] == image["id"] and r["category_id"] in index]
        labels = torch.tensor(labels, dtype=torch.float32).reshape(-1, 5)
        found = torch.tensor(sorted(found, key=lambda d: -d[4]), dtype=torch.float32).reshape(-1, 6)
        right = torch.zeros(len(found), 10, dtype=torch.bool)
        if len(found) and len(labels):
            right = process_batch(found, labels, levels)
        stats.append((right, found[:, 4], found[:, 5], labels[:, 0]))
    stats = [torch.cat(column, 0).numpy() for column in zip(*stats)]
    if not stats[0].any():
        return None
    _, _, p, r, f1, ap, _ = ap_per_class(*stats, names={i: str(i) for i in index.values()})
    return [float(x) for x in (p.mean(), r.mean(), f1.mean(), ap[:, 0].mean(), ap.mean())]


def with_distinct_scores(case, seed):
    """NumPy's default sort keeps no order among equal scores, so there must be none."""
    places = np.random.default_rng(seed).permutation(len(case.results))
    for result, place in zip(case.results, places):
        result["score"] = float(place + 1) / (len(case.results) + 1)
    return case


def corners(box):
    return [box[0], box[1], box[0] + box[2], box[1] + box[3]]


def ours(vitrine, truth_file, results_file, kind):
    command = [vitrine, "val", "--detections", results_file, "--data", truth_file, "--json", "--no-history"]
    done = subprocess.run(command + (["--masks"] if kind == "segm" else []), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    record = json.loads(done.stdout)
    part = record["masks" if kind == "segm" else "boxes"]
    return {rule: [figure["value"] for figure in part[rule]] for rule in ("coco", "yolo")}


def box_area(box):
    return box[2] * box[3]


class Case:
    """One data set with results, in COCO's layout."""

    def __init__(self, name, kind="bbox"):
        self.name, self.kind = name, kind
        self.truth = {"images": [], "annotations": [], "categories": []}
        self.results = []

    def image(self, identifier, width=640, height=480):
        self.truth["images"].append(
            {"id": identifier, "file_name": f"{identifier}.jpg", "width": width, "height": height})
        return self

    def category(self, *identifiers):
        self.truth["categories"] += [{"id": i, "name": f"class {i}"} for i in identifiers]
        return self

    def label(self, image, category, box, identifier=None, crowd=0, area=None, segmentation=None):
        number = len(self.truth["annotations"]) + 1 if identifier is None else identifier
        record = {"id": number, "image_id": image, "category_id": category, "bbox": box, "iscrowd": crowd,
                  "area": box_area(box) if area is None else area}
        if segmentation is not None:
            record["segmentation"] = segmentation
        self.truth["annotations"].append(record)
        return self

    def result(self, image, category, box, score, **more):
        self.results.append(
            {"image_id": image, "category_id": category, "bbox": box, "score": score, **more})
        return self

    def write(self, folder):
        truth, results = folder / "truth.json", folder / "results.json"
        truth.write_text(json.dumps(self.truth))
        results.write_text(json.dumps(self.results))
        return str(truth), str(results)


def random_box(random, width, height):
    """Sizes from a few pixels to the whole picture; some reach outside."""
    size = np.exp(random.uniform(np.log(3), np.log(max(width, height)), 2))
    corner = random.uniform(-10, [width, height])
    box = np.concatenate([corner, size])
    return [float(x) for x in (np.round(box) if random.random() < 0.3 else np.round(box, 2))]


def random_case(seed):
    random = np.random.default_rng(seed)
    case = Case(f"random {seed}")
    categories = sorted(random.choice(np.arange(1, 91), random.integers(1, 12), replace=False).tolist())
    case.category(*random.permutation(categories).tolist())
    images = random.choice(np.arange(1, 10_000), random.integers(1, 30), replace=False).tolist()
    digits = random.choice([1, 2, 6])
    crowd_share = random.choice([0, 0.1, 0.5])
    for image in images:
        width, height = int(random.integers(50, 1200)), int(random.integers(50, 1200))
        case.image(image, width, height)
        boxes = []
        for _ in range(random.poisson(random.choice([0, 2, 12]))):
            box, category = random_box(random, width, height), int(random.choice(categories))
            area = None if random.random() < 0.5 else round(float(box_area(box) * random.uniform(0.3, 1)), 3)
            case.label(image, category, box, crowd=int(random.random() < crowd_share), area=area)
            boxes.append((box, category))
        for box, category in boxes:
            for _ in range(random.poisson(1.5)):
                near = [float(x) for x in np.round(np.array(box) + random.normal(0, 4, 4), 2)]
                near[2:] = [max(1.0, x) for x in near[2:]]
                if random.random() < 0.1:
                    near = box
                if random.random() < 0.1:
                    category = int(random.choice(categories))
                case.result(image, category, near, round(float(random.random()), digits))
        for _ in range(random.poisson(random.choice([1, 20, 160]))):
            box = random_box(random, width, height)
            case.result(image, int(random.choice(categories)), box, round(float(random.random()), digits))
    if not case.truth["annotations"]:
        case.label(images[0], categories[0], [5, 5, 20, 20])
    if not case.results:
        case.result(images[0], categories[0], [6, 5, 20, 20], 0.5)
    case.results = [case.results[i] for i in random.permutation(len(case.results))]
    return case


def polygon(random, box):
    """A star-shaped outline inside a box."""
    count = int(random.integers(3, 14))
    angles = np.sort(random.uniform(0, 2 * np.pi, count))
    radii = random.uniform(0.3, 1, count)
    x = box[0] + box[2] / 2 + box[2] / 2 * radii * np.cos(angles)
    y = box[1] + box[3] / 2 + box[3] / 2 * radii * np.sin(angles)
    return [float(v) for v in np.round(np.stack([x, y], 1).reshape(-1), 2)]


def random_mask_case(seed):
    from pycocotools import mask as masks
    random = np.random.default_rng(10_000 + seed)
    case = Case(f"random masks {seed}", "segm").category(1, 3, 7)
    for image in range(1, 1 + int(random.integers(2, 10))):
        width, height = int(random.integers(30, 300)), int(random.integers(30, 300))
        case.image(image, width, height)
        for _ in range(random.poisson(4)):
            box, category = random_box(random, width, height), int(random.choice([1, 3, 7]))
            outline = [polygon(random, box) for _ in range(int(random.integers(1, 4)))]
            crowd = int(random.random() < 0.2)
            runs = masks.merge(masks.frPyObjects(outline, height, width))
            area = float(masks.area(runs))
            shape = outline
            if crowd:
                flat = masks.decode(runs).reshape(-1, order="F")
                changes = np.flatnonzero(np.diff(np.concatenate([[0], flat, [-1]])))
                counts = np.diff(np.concatenate([[0], changes])).tolist()
                shape = {"size": [height, width], "counts": [int(c) for c in counts]}
            case.label(image, category, box, crowd=crowd, area=area, segmentation=shape)
            for _ in range(random.poisson(1.5)):
                near = [v + float(random.normal(0, 2)) for v in outline[0]]
                found = masks.merge(masks.frPyObjects([near] + outline[1:], height, width))
                found["counts"] = found["counts"].decode()
                more = {"segmentation": found}
                score = round(float(random.random()), 2)
                if seed % 2:
                    case.result(image, category, box, score, **more)
                else:
                    case.results.append({"image_id": image, "category_id": category, "score": score, **more})
    if not case.results or not case.truth["annotations"]:
        return random_mask_case(seed + 1000)
    return case


def crafted_cases():
    def plain(name):
        return Case(name).category(1, 2).image(1).image(2)

    box = [10.0, 10.0, 50.0, 50.0]
    yield plain("one hit").label(1, 1, box).result(1, 1, box, 0.9)
    yield plain("one miss").label(1, 1, box).result(1, 1, [300, 300, 20, 20], 0.9)
    yield plain("no result for the only class with labels").label(1, 1, box).result(1, 2, box, 0.9)
    yield plain("only crowds").label(1, 1, box, crowd=1).result(1, 1, box, 0.9)
    case = plain("a crowd taken many times").label(1, 1, [0, 0, 400, 400], crowd=1).label(2, 1, box)
    for i in range(30):
        case.result(1, 1, [i * 10.0, 5.0, 30.0, 30.0], 0.5 + i / 100)
    yield case.result(2, 1, box, 0.6)
    case = plain("more than 100 results").label(1, 1, box)
    for i in range(150):
        case.result(1, 1, [200.0 + i, 10, 50, 50], 0.9)
    yield case.result(1, 1, box, 0.1)
    case = plain("all scores equal").label(1, 1, box).label(2, 1, box)
    for i in range(12):
        case.result(1 + i % 2, 1, [10.0 + 3 * (i % 5), 10, 50, 50], 0.5)
    yield case
    case = plain("two labels at one place").label(1, 1, box).label(1, 1, box)
    yield case.result(1, 1, box, 0.9).result(1, 1, box, 0.9).result(1, 1, box, 0.8)
    yield (plain("overlap exactly at a threshold").label(1, 1, [0, 0, 100, 10]).label(2, 1, [0, 0, 20, 20])
           .result(1, 1, [0, 0, 50, 10], 0.9).result(2, 1, [0, 0, 20, 15], 0.8))
    yield (plain("areas exactly at the limits").label(1, 1, [0, 0, 32, 32]).label(1, 1, [100, 0, 96, 96])
           .result(1, 1, [0, 0, 32, 32], 0.9).result(1, 1, [100, 0, 96, 96], 0.8).result(2, 1, [0, 0, 32, 32], 0.7))
    yield plain("an area unlike the box").label(1, 1, box, area=100.0).result(1, 1, box, 0.9).result(
        2, 1, [0, 0, 10, 10], 0.95)
    yield plain("an annotation with the id 0").label(1, 1, box, identifier=0).label(2, 1, box, identifier=5).result(
        1, 1, box, 0.9).result(2, 1, box, 0.8)
    yield plain("labels of unknown images and categories").label(1, 1, box).label(77, 1, box).label(
        1, 99, box).result(1, 1, box, 0.9)
    yield plain("results of unknown categories").label(1, 1, box).result(1, 1, box, 0.9).result(1, 55, box, 0.95)
    yield plain("boxes without width").label(1, 1, [10, 10, 0, 50]).label(1, 1, box).result(
        1, 1, [10, 10, 0, 50], 0.9).result(1, 1, box, 0.8)
    yield plain("boxes outside the picture").label(1, 1, [-50, -50, 100, 100]).label(2, 1, [600, 400, 500, 500]).result(
        1, 1, [-45, -50, 100, 100], 0.9).result(2, 1, [600, 400, 480, 500], 0.8)
    case = Case("categories with gaps, images out of order").category(90, 3, 17).image(9).image(2).image(5)
    for image in (9, 2, 5):
        case.label(image, 90, box).label(image, 3, [200, 100, 150, 150])
        case.result(image, 90, [12, 10, 50, 50], 0.5).result(image, 3, [190, 100, 150, 150], 0.5)
    yield case
    yield plain("a crowd beside an object").label(1, 1, box).label(1, 1, [0, 0, 200, 200], crowd=1).result(
        1, 1, box, 0.9).result(1, 1, [12, 12, 50, 50], 0.8).result(1, 1, [100, 100, 50, 50], 0.7)
    yield plain("negative and large scores").label(1, 1, box).label(2, 1, box).result(1, 1, box, -3.5).result(
        2, 1, box, 1e6).result(2, 1, [300, 300, 20, 20], 0)
    case = plain("areas beyond the greatest").label(1, 1, [0, 0, 200000, 200000]).label(2, 2, box)
    yield case.result(1, 1, [0, 0, 200000, 200000], 0.9).result(2, 2, box, 0.5)


def shrunk(case):
    """The first pictures and results of a case; None where nothing is left."""
    case.truth["images"] = case.truth["images"][:4]
    kept = {image["id"] for image in case.truth["images"]}
    case.truth["annotations"] = [a for a in case.truth["annotations"] if a["image_id"] in kept]
    case.results = [r for r in case.results if r["image_id"] in kept][:80]
    return case if case.truth["annotations"] and case.results else None


def keep(cases, case, kind, figures):
    """Small cases only; the two files as text, to be read as such."""
    truth, results = json.dumps(case.truth), json.dumps(case.results)
    if figures and len(truth) + len(results) < 30_000:
        cases.append({"name": case.name, "kind": kind, "truth": truth, "results": results, "figures": figures})


def compare_with_original(options):
    worst, failures, count = 0.0, [], 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + min(options.random, 60)):
            case = with_distinct_scores(random_case(seed), seed)
            expected = original(case)
            if expected is None:
                continue
            actual = ours(options.vitrine, *case.write(pathlib.Path(folder)), case.kind)["yolo"]
            difference = max(abs(a - b) for a, b in zip(actual, expected))
            worst, count = max(worst, difference), count + 1
            if not difference <= 1e-6:
                failures.append(case.name)
                print(f"{case.name}: YOLOv5's figures: ours {actual}, original {expected}")
    print(f"YOLOv5's figures: {count - len(failures)} of {count} cases equal; largest difference {worst:.3g}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vitrine", default=".build/release/vitrine")
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--masks", type=int, default=40, help="random cases with masks")
    parser.add_argument("--yolo", action="store_true", help="compare YOLOv5's own figures too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fixture", help="write a few cases with pycocotools' figures to this file")
    options = parser.parse_args()

    cases = [random_case(options.seed + i) for i in range(options.random)]
    if options.fixture:
        cases = [case for case in map(shrunk, cases) if case]
    cases += list(crafted_cases())
    cases += [random_mask_case(options.seed + i) for i in range(options.masks)]
    worst, failures, kept = (0.0, ""), [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases, 1):
            truth_file, results_file = case.write(pathlib.Path(folder))
            expected = official(truth_file, results_file, case.kind)
            if options.fixture:
                keep(kept, case, case.kind, expected)
                if options.yolo and case.name.startswith("random") and case.kind == "bbox":
                    case = with_distinct_scores(case, number)
                    keep(kept, case, "yolo", original(case))
                continue
            actual = ours(options.vitrine, truth_file, results_file, case.kind)["coco"]
            difference = max(abs(a - b) for a, b in zip(actual, expected))
            if difference > worst[0]:
                worst = (difference, case.name)
            if not difference <= LIMIT or len(actual) != 12:
                failures.append(case.name)
                print(f"\n{case.name}: largest difference {difference}\n  ours     {actual}\n  official {expected}")
            if sys.stderr.isatty():
                print(f"\r{number}/{len(cases)}", end="", file=sys.stderr)
    if options.fixture:
        pathlib.Path(options.fixture).write_text(json.dumps(kept, separators=(",", ":")))
        return 0
    print(f"{len(cases) - len(failures)} of {len(cases)} cases equal; largest difference {worst[0]:.3g} {worst[1]}")
    if options.yolo:
        failures += compare_with_original(options)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
