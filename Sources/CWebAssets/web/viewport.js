// A drawing that can be panned and zoomed: by dragging, pinching, the wheel and keys.
(function () {
  'use strict';
  const V = window.Vitrine;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  /**
   * @param svg the element that shows the drawing
   * @param view the group that holds it
   * @param size the drawing's [width, height]
   * @param changed called after each move with the scale
   */
  V.Viewport = class {
    constructor(svg, view, size, changed = () => {}) {
      Object.assign(this, { svg, view, size, changed, x: 0, y: 0, scale: 1 });
      this.pointers = new Map();
      svg.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
      svg.addEventListener('pointerdown', (event) => this.down(event));
      svg.addEventListener('pointermove', (event) => this.move(event));
      for (const name of ['pointerup', 'pointercancel', 'pointerleave']) {
        svg.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
      }
    }

    get width() { return this.svg.clientWidth || 300; }
    get height() { return this.svg.clientHeight || 300; }

    /** Where the drawing lies on the screen; the drawing itself may be moved by a style. */
    get frame() { return this.svg.parentElement.getBoundingClientRect(); }

    /**
     * Shows the drawing where it is to be. Browsers set every text anew when the scale that it is drawn at changes, so
     * while the scale changes the finished drawing is scaled as a whole, and drawn anew when that has ended.
     */
    apply() {
      const { drawn } = this;
      if (!drawn || drawn.scale === this.scale || !this.isKept()) return this.draw();
      const share = this.scale / drawn.scale;
      this.svg.style.transform =
        `translate(${this.x - drawn.x * share}px, ${this.y - drawn.y * share}px) scale(${share})`;
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.draw(), 140);
    }

    draw() {
      clearTimeout(this.rest);
      this.drawn = { x: this.x, y: this.y, scale: this.scale };
      this.svg.style.transform = '';
      this.view.setAttribute('transform', `translate(${this.x} ${this.y}) scale(${this.scale})`);
      this.cull();
      this.changed(this.scale);
    }

    /**
     * Parts of the drawing that are taken out of it while they are far out of view.
     * @param parts [element, x0, y0, x1, y1] of the drawing each
     */
    watch(parts) {
      this.parts = parts.map((part) => ({ part, isOut: false }));
      this.kept = null;
      this.cull();
    }

    /** What of the drawing is in view: [x, y, width, height]. */
    get seen() {
      return [-this.x, -this.y, this.width, this.height].map((value) => value / this.scale);
    }

    /** Whether all that is in view is in the drawing. */
    isKept() {
      if (!this.parts) return true;
      const [x, y, w, h] = this.seen;
      const kept = this.kept;
      return Boolean(kept) && x >= kept[0] && y >= kept[1] && x + w <= kept[2] && y + h <= kept[3];
    }

    cull() {
      if (!this.parts || !this.svg.clientWidth) return;
      const [x, y, w, h] = this.seen;
      // What is kept reaches a view beyond each edge, so that most moves change nothing.
      if (this.isKept() && this.kept[2] - this.kept[0] <= 5 * w) return;
      this.kept = [x - w, y - h, x + 2 * w, y + 2 * h];
      const [x0, y0, x1, y1] = this.kept;
      for (const entry of this.parts) {
        const [element, left, top, right, bottom] = entry.part;
        const isOut = right < x0 || left > x1 || bottom < y0 || top > y1;
        if (isOut === entry.isOut) continue;
        entry.isOut = isOut;
        element.style.display = isOut ? 'none' : '';
      }
    }

    /** Shows the whole drawing. */
    fit() {
      this.scale = Math.min(this.width / this.size[0], this.height / this.size[1], 1.2) * 0.96;
      this.x = (this.width - this.size[0] * this.scale) / 2;
      this.y = (this.height - this.size[1] * this.scale) / 2;
      this.apply();
    }

    /** Shows the top at a size that can be read, around a place of the drawing. */
    top(middle = this.size[0] / 2) {
      this.scale = Math.min(1, Math.max(0.55, (this.width / this.size[0]) * 0.96));
      const isWide = this.size[0] * this.scale > this.width;
      this.x = this.width / 2 - (isWide ? middle : this.size[0] / 2) * this.scale;
      this.y = 12;
      this.apply();
    }

    zoom(factor, x = this.width / 2, y = this.height / 2) {
      const scale = Math.max(0.01, Math.min(4, this.scale * factor));
      this.x = x - ((x - this.x) * scale) / this.scale;
      this.y = y - ((y - this.y) * scale) / this.scale;
      this.scale = scale;
      this.apply();
    }

    /** Moves so that a box, [x0, y0, x1, y1] of the drawing, is in view. */
    show(box, always = false) {
      const [left, top] = [box[0] * this.scale + this.x, box[1] * this.scale + this.y];
      const [right, bottom] = [box[2] * this.scale + this.x, box[3] * this.scale + this.y];
      const inside = left >= 0 && top >= 0 && right <= this.width && bottom <= this.height;
      if (inside && !always) return;
      const tall = (box[3] - box[1]) * this.scale > this.height * 0.9;
      const goal = [
        this.width / 2 - ((box[0] + box[2]) / 2) * this.scale,
        // Nothing is above the drawing's top, so it is not shown in the middle.
        Math.min(12, tall ? 24 - box[1] * this.scale : this.height / 2 - ((box[1] + box[3]) / 2) * this.scale),
      ];
      this.glide(goal);
    }

    glide(goal) {
      cancelAnimationFrame(this.motion);
      if (calm.matches || document.hidden) {
        [this.x, this.y] = goal;
        this.apply();
        return;
      }
      const from = [this.x, this.y];
      const start = performance.now();
      const step = (now) => {
        const share = Math.min(1, (now - start) / 180);
        const eased = 1 - (1 - share) ** 3;
        this.x = from[0] + (goal[0] - from[0]) * eased;
        this.y = from[1] + (goal[1] - from[1]) * eased;
        this.apply();
        if (share < 1) this.motion = requestAnimationFrame(step);
      };
      this.motion = requestAnimationFrame(step);
    }

    wheel(event) {
      // The page scrolls over a drawing that nobody works in.
      const isAtWork = event.ctrlKey || event.metaKey || this.svg.contains(document.activeElement)
        || document.activeElement === this.svg.parentElement;
      if (!isAtWork) return;
      event.preventDefault();
      const box = this.frame;
      this.zoom(Math.exp(-event.deltaY * 0.0016), event.clientX - box.left, event.clientY - box.top);
    }

    down(event) {
      if (event.button > 0) return;
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.dragged = 0;
    }

    move(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const now = [event.clientX, event.clientY];
      const distance = Math.hypot(now[0] - before[0], now[1] - before[1]);
      this.dragged += distance;
      if (this.dragged < 4) return;
      cancelAnimationFrame(this.motion);
      if (!this.svg.hasPointerCapture(event.pointerId)) this.svg.setPointerCapture(event.pointerId);
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const box = this.frame;
        const gap = (point) => Math.max(1, Math.hypot(point[0] - other[0], point[1] - other[1]));
        this.zoom(gap(now) / gap(before), other[0] - box.left, other[1] - box.top);
      } else {
        this.x += now[0] - before[0];
        this.y += now[1] - before[1];
        this.apply();
      }
      this.pointers.set(event.pointerId, now);
    }
  };
})();
