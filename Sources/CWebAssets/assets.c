#include "CWebAssets.h"

#include <string.h>

// #embed is C23; the compiler takes it in every language version.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char style_css[] = {
#embed "web/style.css"
};
static const char tools_css[] = {
#embed "web/tools.css"
};
static const char core_js[] = {
#embed "web/core.js"
};
static const char charts_js[] = {
#embed "web/charts.js"
};
static const char viewport_js[] = {
#embed "web/viewport.js"
};
static const char structure_js[] = {
#embed "web/structure.js"
};
static const char structure_panels_js[] = {
#embed "web/structure-panels.js"
};
static const char timeline_js[] = {
#embed "web/timeline.js"
};
static const char heatmap_js[] = {
#embed "web/heatmap.js"
};
static const char page_js[] = {
#embed "web/page.js"
};
static const char lab_css[] = {
#embed "web/lab.css"
};
static const char lab_js[] = {
#embed "web/lab.js"
};
static const char words_en[] = {
#embed "web/words.en.json"
};
static const char words_zh[] = {
#embed "web/words.zh-Hans.json"
};

static const struct {
  const char *name;
  const char *bytes;
  size_t count;
} assets[] = {
    {"style.css", style_css, sizeof style_css},
    {"tools.css", tools_css, sizeof tools_css},
    {"core.js", core_js, sizeof core_js},
    {"charts.js", charts_js, sizeof charts_js},
    {"viewport.js", viewport_js, sizeof viewport_js},
    {"structure.js", structure_js, sizeof structure_js},
    {"structure-panels.js", structure_panels_js, sizeof structure_panels_js},
    {"timeline.js", timeline_js, sizeof timeline_js},
    {"heatmap.js", heatmap_js, sizeof heatmap_js},
    {"page.js", page_js, sizeof page_js},
    {"lab.css", lab_css, sizeof lab_css},
    {"lab.js", lab_js, sizeof lab_js},
    {"words.en.json", words_en, sizeof words_en},
    {"words.zh-Hans.json", words_zh, sizeof words_zh},
};

const char *vtWebAsset(const char *name, size_t *count) {
  for (size_t index = 0; index < sizeof assets / sizeof *assets; index++) {
    if (strcmp(assets[index].name, name) == 0) {
      *count = assets[index].count;
      return assets[index].bytes;
    }
  }
  *count = 0;
  return NULL;
}
