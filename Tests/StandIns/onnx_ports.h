// What goes in and out of an ONNX file, for the stand-in for TensorRT.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { portLimit = 16, rankLimit = 8 };

typedef struct {
  int32_t count;
  int64_t extents[rankLimit];
} Dims;

/// One tensor of a run: its name, shape and memory.
typedef struct {
  const char *name;
  int32_t isOutput, elementType;
  Dims dims;
  void *bytes;
} Port;
typedef struct {
  int32_t count;
  Port ports[portLimit];
} Run;

typedef struct {
  const uint8_t *at, *end;
} Reader;

static uint64_t number(Reader *r) {
  uint64_t value = 0;
  for (int shift = 0; r->at < r->end && shift < 64; shift += 7) {
    uint8_t byte = *r->at++;
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) break;
  }
  return value;
}
/// The next field: its number, and its content where it is one (else its value).
static int field(Reader *r, Reader *content, uint64_t *value) {
  if (r->at >= r->end) return 0;
  uint64_t key = number(r);
  *content = (Reader){NULL, NULL};
  *value = 0;
  switch (key & 7) {
  case 0: *value = number(r); break;
  case 1: r->at += 8; break;
  case 2: {
    uint64_t size = number(r);
    if (size > (uint64_t)(r->end - r->at)) return 0;
    *content = (Reader){r->at, r->at + size};
    r->at += size;
    break;
  }
  case 5: r->at += 4; break;
  default: return 0;
  }
  return (int)(key >> 3);
}
/// A field of a message, found by its number.
static Reader inside(Reader r, int wanted, uint64_t *value) {
  Reader content;
  for (int found; (found = field(&r, &content, value));)
    if (found == wanted) return content;
  *value = 0;
  return (Reader){NULL, NULL};
}

static Port readPort(Reader r, bool isOutput) {
  Port port = {.isOutput = isOutput};
  uint64_t value;
  Reader name = inside(r, 1, &value), type = inside(inside(r, 2, &value), 1, &value);
  port.name = strndup((const char *)name.at, (size_t)(name.end - name.at));
  inside(type, 1, &value);
  // TensorRT numbers float, half, int8, int32: 0, 1, 2, 3; int64 is 8 from 10 on.
  port.elementType = value == 1 ? 0 : value == 10 ? 1 : value == 3 ? 2 : value == 7 ? 8 : 3;
  Reader shape = inside(type, 2, &value), dim;
  while (field(&shape, &dim, &value) && port.dims.count < rankLimit) {
    uint64_t extent;
    inside(dim, 1, &extent);
    port.dims.extents[port.dims.count++] = extent ? (int64_t)extent : -1;
  }
  return port;
}

static Run readPorts(const uint8_t *bytes, size_t size) {
  Run run = {0};
  uint64_t value;
  Reader graph = inside((Reader){bytes, bytes + size}, 7, &value), content;
  for (int found; (found = field(&graph, &content, &value));)
    if ((found == 11 || found == 12) && run.count < portLimit)
      run.ports[run.count++] = readPort(content, found == 12);
  return run;
}
static void freePorts(Run *run) {
  for (int i = 0; i < run->count; i++) free((void *)run->ports[i].name);
}
