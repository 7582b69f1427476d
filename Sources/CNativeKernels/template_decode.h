#pragma once

// Decoding of one detection head, over the lanes of one instruction set.

/// One anchor of one cell: `logits` of `form`, `fields` floats out.
INLINE void decode_anchor(const native_decode *_Nonnull decode, const uint8_t *_Nonnull logits,
                          format form, float *_Nonnull output, float x, float y,
                          const float *_Nonnull anchor) {
  const int64_t bytes = element_bytes(form.type);
  const int32_t fields = decode->fields, decoded = smaller(decode->sigmoid_fields, fields);
  const format floats = {NATIVE_F32, 1, 1, 0};
  for (int32_t c = 0; c < decoded; c += lane_count) {
    int32_t count = smaller(lane_count, decoded - c);
    vf value = vf_load_values(logits + c * bytes, form, count);
    value = activate_lanes(value, NATIVE_SIGMOID, 0, 0, precision_float);
    vf_store_values((uint8_t *)(output + c), value, floats, count);
  }
  for (int32_t c = decoded; c < fields; c += lane_count) {
    int32_t count = smaller(lane_count, fields - c);
    vf value = vf_load_values(logits + c * bytes, form, count);
    vf_store_values((uint8_t *)(output + c), value, floats, count);
  }
  float width = output[2] * 2, height = output[3] * 2;
  output[0] = (output[0] * 2 + (x - 0.5f)) * decode->stride;
  output[1] = (output[1] * 2 + (y - 0.5f)) * decode->stride;
  output[2] = width * width * anchor[0];
  output[3] = height * height * anchor[1];
}

void ISA(native_decode_run)(const native_decode *_Nonnull decode, int32_t first_row,
                            int32_t row_count) {
  const format form = format_of(&decode->head);
  const int64_t anchor_bytes = decode->fields * element_bytes(form.type);
  for (int32_t y = first_row; y < first_row + row_count; y++)
    for (int32_t anchor = 0; anchor < decode->anchors; anchor++) {
      const uint8_t *logits =
          decode->head.data + y * decode->head.row_step + anchor * anchor_bytes;
      float *output = decode->output +
                      ((int64_t)anchor * decode->height + y) * decode->width * decode->fields;
      for (int32_t x = 0; x < decode->width; x++) {
        decode_anchor(decode, logits, form, output, (float)x, (float)y,
                      decode->anchor_sizes + 2 * anchor);
        logits += decode->head.pixel_step;
        output += decode->fields;
      }
    }
}
