#!/usr/bin/env python3
"""Writes Tests/TensorsTests/Fixtures/conversions.json: edge cases of every conversion, by NumPy.

Needs numpy and ml_dtypes. Only what NumPy defines is stored: no NaN, no float outside the range
of the integer that it becomes.
"""

import base64
import json
import pathlib
import warnings

import ml_dtypes
import numpy as np

warnings.simplefilter("ignore")
TYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16,
         "bfloat16": ml_dtypes.bfloat16, "int64": np.int64, "int32": np.int32, "int16": np.int16,
         "int8": np.int8, "uint8": np.uint8, "bool": np.bool_}
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 0.999, 1.5, 2.5, -2.5, 127.99, -128.99, 255.4, 2048.0,
          2049.0, 2050.0, 2051.0, 65503.0, 65504.0, 65519.996, 65520.0, 1e5, -1e5, 6.1e-5, 6.0e-5,
          5.9604645e-8, 2.9802322e-8, 2.9802326e-8, 1e-40, 1.00390625, 1.0039063, 1.01171875,
          3.3895314e38, 3.4e38, 1e300, -1e300, 1e-300, np.inf, -np.inf, 16777217.0,
          1 + 2**-11, 1 + 2**-11 + 2**-20, 1 + 2**-24, 1 + 2**-24 + 2**-40]
INTEGERS = [0, 1, -1, 2, 127, 128, -128, -129, 255, 256, 257, 2049, 32767, 32768, -32768, 65504,
            65519, 65520, 16777217, 2**31 - 1, 2**31, -2**31, 2**53 + 1, 2**63 - 1, -2**63]


def is_float(dtype):
    return dtype in (np.float64, np.float32, np.float16, ml_dtypes.bfloat16)


def operand(dtype):
    if dtype == np.bool_:
        return np.array([False, True, True, False])
    if is_float(dtype):
        return np.array(FLOATS).astype(dtype)
    return np.array(INTEGERS, dtype=np.int64).astype(dtype)


def main():
    cases = []
    for source, dtype in TYPES.items():
        for target, other in TYPES.items():
            values = operand(dtype)
            if is_float(dtype) and not is_float(other) and other != np.bool_:
                limits = np.iinfo(other)
                wide = values.astype(np.float64)
                whole = np.trunc(wide)
                values = values[(whole >= limits.min) & (whole <= float(limits.max))
                                & (np.abs(whole) < 2.0**63)]
            cases.append({
                "from": source, "to": target, "count": len(values),
                "input": base64.b64encode(values.tobytes()).decode(),
                "output": base64.b64encode(values.astype(other).tobytes()).decode()})
    folder = pathlib.Path(__file__).parent.parent / "Tests/TensorsTests/Fixtures"
    folder.mkdir(exist_ok=True)
    (folder / "conversions.json").write_text(json.dumps(cases, indent=0) + "\n")
    (folder / "PROVENANCE.md").write_text(
        "`conversions.json`: made by `Tools/tensor_fixtures.py` with NumPy "
        f"{np.__version__} and ml_dtypes {ml_dtypes.__version__}.\n")


if __name__ == "__main__":
    main()
