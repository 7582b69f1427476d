#pragma once

// Decoding of one detection head, over the lanes of one instruction set.

static const float lane_order[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// What one anchor's fields are multiplied by and added to, for the vector with x, y, w and h:
/// the sigmoid s becomes (s · twice)^(1 or 2) · scale + offset.
typedef struct decoding {
  const native_decode *_Nonnull decode;
  format form;
  float least_logit;
  float scale[16], offset[16], twice[16];
} decoding;

INLINE void decode_lanes(const decoding *_Nonnull d, const uint8_t *_Nonnull logits,
                         float *_Nonnull output, int32_t c, int32_t count, int sigmoid) {
  const format floats = {NATIVE_F32, 1, 1, 0};
  vf value = vf_load_values(logits + c * element_bytes(d->form.type), d->form, count);
  if (sigmoid) value = activate_lanes(value, NATIVE_SIGMOID, 0, 0, precision_float);
  if (c < 4) {
    value = vf_mul(value, vf_load(d->twice + c));
    vf square = vf_mul(value, value), order = vf_load(lane_order + c);
    square = vf_select_less(vf_set(1.5f), order, square, value);
    value = vf_select_less(order, vf_set(3.5f), square, value);
    value = vf_fma(value, vf_load(d->scale + c), vf_load(d->offset + c));
  }
  vf_store_values((uint8_t *)(output + c), value, floats, count);
}

/// Whether an anchor's objectness is too small for anyone to look at the rest. A NaN is not.
INLINE int is_passed_over(const decoding *_Nonnull d, const uint8_t *_Nonnull logits,
                          float *_Nonnull output) {
  if (!(load_value(logits + 4 * element_bytes(d->form.type), d->form) <= d->least_logit)) return 0;
  output[4] = 0;
  return 1;
}

/// One anchor of one cell.
INLINE void decode_anchor(const decoding *_Nonnull d, const uint8_t *_Nonnull logits,
                          float *_Nonnull output) {
  const int32_t fields = d->decode->fields, decoded = smaller(d->decode->sigmoid_fields, fields);
  int32_t c = 0;
  for (; c + lane_count <= decoded; c += lane_count)
    decode_lanes(d, logits, output, c, lane_count, 1);
  if (c < decoded) decode_lanes(d, logits, output, c, decoded - c, 1);
  for (c = decoded; c < fields; c += lane_count)
    decode_lanes(d, logits, output, c, smaller(lane_count, fields - c), 0);
}

INLINE void decode_rows(const native_decode *_Nonnull decode, int32_t first_row,
                        int32_t row_count, native_type type) {
  decoding d = {
      .decode = decode, .form = format_of(&decode->head), .least_logit = *decode->least_logit};
  d.form.type = type;
  for (int32_t lane = 0; lane < 16; lane++) {
    d.scale[lane] = lane < 2 ? decode->stride : 1;
    d.twice[lane] = lane < 4 ? 2 : 1;
  }
  const int64_t anchor_bytes = decode->fields * element_bytes(type);
  for (int32_t y = first_row; y < first_row + row_count; y++)
    for (int32_t anchor = 0; anchor < decode->anchors; anchor++) {
      const uint8_t *logits =
          decode->head.data + y * decode->head.row_step + anchor * anchor_bytes;
      float *output = decode->output +
                      ((int64_t)anchor * decode->height + y) * decode->width * decode->fields;
      d.scale[2] = decode->anchor_sizes[2 * anchor];
      d.scale[3] = decode->anchor_sizes[2 * anchor + 1];
      d.offset[1] = ((float)y - 0.5f) * decode->stride;
      for (int32_t x = 0; x < decode->width; x++) {
        d.offset[0] = ((float)x - 0.5f) * decode->stride;
        if (!is_passed_over(&d, logits, output)) decode_anchor(&d, logits, output);
        logits += decode->head.pixel_step;
        output += decode->fields;
      }
    }
}

void ISA(native_decode_run)(const native_decode *_Nonnull decode, int32_t first_row,
                            int32_t row_count) {
  switch (decode->head.type) {
    case NATIVE_U8: decode_rows(decode, first_row, row_count, NATIVE_U8); break;
    case NATIVE_BF16: decode_rows(decode, first_row, row_count, NATIVE_BF16); break;
    default: decode_rows(decode, first_row, row_count, NATIVE_F32); break;
  }
}
