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

    apply() {
      this.view.setAttribute('transform', `translate(${this.x} ${this.y}) scale(${this.scale})`);
      this.changed(this.scale);
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
      cancelAnimationFrame(this.frame);
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
        if (share < 1) this.frame = requestAnimationFrame(step);
      };
      this.frame = requestAnimationFrame(step);
    }

    wheel(event) {
      // The page scrolls over a drawing that nobody works in.
      const isAtWork = event.ctrlKey || event.metaKey || this.svg.contains(document.activeElement)
        || document.activeElement === this.svg.parentElement;
      if (!isAtWork) return;
      event.preventDefault();
      const box = this.svg.getBoundingClientRect();
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
      cancelAnimationFrame(this.frame);
      if (!this.svg.hasPointerCapture(event.pointerId)) this.svg.setPointerCapture(event.pointerId);
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const box = this.svg.getBoundingClientRect();
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
