"""Writes the pictures of this folder and, beside each, the RGB bytes that OpenCV reads from it."""
import pathlib
import struct

import cv2
import numpy as np
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
width, height = 23, 17
random = np.random.default_rng(5)
y, x = np.mgrid[0:height, 0:width]
scene = np.stack([x * 11, y * 15, (x * y) % 256], -1).astype(np.uint8)
scene[4:9, 5:14] = [250, 40, 30]
noise = random.integers(0, 256, scene.shape, dtype=np.uint8)
picture = Image.fromarray(scene)
alpha = Image.fromarray(np.dstack([scene, (x * 11).astype(np.uint8)]))


def exif(value, prefix=b""):
    return prefix + b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x112, 3, 1, value, 0) + b"\0" * 4


def big_endian_exif(value):
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x112, 3, 1, value, 0) + b"\0" * 4


def save(image, name, **options):
    image.save(here / name, **options)


save(picture, "jpeg_420.jpg", quality=85, subsampling=2)
save(picture, "jpeg_422.jpg", quality=85, subsampling=1)
save(picture, "jpeg_444.jpg", quality=85, subsampling=0)
save(Image.fromarray(noise), "jpeg_noise.jpg", quality=60, subsampling=2)
save(picture, "jpeg_progressive.jpg", quality=85, progressive=True)
save(picture.convert("L"), "jpeg_grey.jpg", quality=85)
save(picture.convert("CMYK"), "jpeg_cmyk.jpg", quality=90)
for value in range(2, 9):
    block = big_endian_exif(value) if value % 2 else exif(value, b"Exif\0\0")
    save(picture, f"jpeg_turned{value}.jpg", quality=85, exif=block)
save(picture, "png_rgb8.png")
save(alpha, "png_rgba8.png")
save(picture.convert("L"), "png_grey8.png")
save(alpha.convert("LA"), "png_greyalpha8.png")
save(picture.convert("1"), "png_grey1.png")
for colors, bits in ((2, 1), (4, 2), (16, 4), (200, 8)):
    save(picture.quantize(colors), f"png_palette{bits}.png", bits=bits)
save(picture.quantize(16), "png_palette_trns.png", transparency=3)
cv2.imwrite(str(here / "png_rgb16.png"), (scene.astype(np.uint16) * 256 + noise)[..., ::-1])
cv2.imwrite(str(here / "png_grey16.png"), scene[..., 0].astype(np.uint16) * 256 + noise[..., 0])
rgba16 = np.dstack([scene[..., ::-1], scene[..., :1]]).astype(np.uint16) * 256 + 77
cv2.imwrite(str(here / "png_rgba16.png"), rgba16)
save(picture, "png_turned6.png", exif=exif(6))
save(picture, "webp_lossy.webp", quality=80)
save(picture, "webp_lossless.webp", lossless=True)
save(alpha, "webp_alpha.webp", lossless=True, exact=True)
save(picture, "webp_turned8.webp", lossless=True, exif=exif(8))
save(picture, "bmp_24.bmp")
save(picture.quantize(200), "bmp_8.bmp")
save(picture.convert("1"), "bmp_1.bmp")
save(alpha, "bmp_32.bmp")
rows = (here / "bmp_24.bmp").read_bytes()
step = (width * 3 + 3) // 4 * 4
body = b"".join(rows[54 + step * r:54 + step * (r + 1)] for r in reversed(range(height)))
(here / "bmp_topdown.bmp").write_bytes(rows[:22] + struct.pack("<i", -height) + rows[26:54] + body)

for path in sorted(here.iterdir()):
    if path.suffix in (".jpg", ".png", ".webp", ".bmp"):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        rgb = np.ascontiguousarray(image[..., ::-1])
        if path.name == "webp_turned8.webp":  # OpenCV before 4.11 does not turn WebP
            rgb = np.asarray(ImageOps.exif_transpose(Image.open(path)))
        path.with_suffix(path.suffix + ".rgb").write_bytes(
            struct.pack("<II", rgb.shape[1], rgb.shape[0]) + rgb.tobytes())
print(cv2.__version__, Image.__version__, len(list(here.glob("*.rgb"))))
