/** A place on the roll's stage, in pixels from its corner. */
export interface RollPoint {
  readonly x: number;
  readonly y: number;
}

/** What gestures ask of a roll. Distances in pixels. */
export interface GestureTarget {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number): void;
  /** Whether the roll could be scrolled by `dy`; else the wheel is the page's. */
  canScrollDown(dy: number): boolean;
  /** The pointer rests here, or has left. */
  point(point: RollPoint | undefined): void;
  /** A click or tap. */
  press(point: RollPoint): void;
  scrub(x: number, isMoving: boolean): void;
  markLoop(fromX: number, toX: number): void;
}

/** As far as a pointer may move in a click. */
const clickSlack = 4;

/**
 * Listens to mouse, pen, touch and wheel: drag pans, two fingers or ctrl and wheel zoom, a click chooses, a drag on the
 * ruler moves the playhead, and one with shift marks a loop. Gives the function that ends it.
 */
export function followGestures(stage: HTMLElement, ruler: HTMLElement, target: GestureTarget): () => void {
  const ends = new AbortController();
  const { signal } = ends;
  followStage(stage, target, signal);
  followRuler(ruler, target, signal);
  for (const surface of [stage, ruler])
    surface.addEventListener("wheel", (event) => turnWheel(event, surface, target), {
      passive: false,
      signal,
    });
  return () => ends.abort();
}

function placeOf(event: MouseEvent, surface: HTMLElement): RollPoint {
  const { left, top } = surface.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

function followStage(stage: HTMLElement, target: GestureTarget, signal: AbortSignal): void {
  const pointers = new Map<number, RollPoint>();
  let start: RollPoint | undefined;
  let isLoop = false;
  let isDrag = false;
  stage.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const place = placeOf(event, stage);
      pointers.set(event.pointerId, place);
      stage.setPointerCapture(event.pointerId);
      start = pointers.size === 1 ? place : undefined;
      isLoop = event.shiftKey;
      isDrag = false;
      target.point(undefined);
    },
    { signal },
  );
  stage.addEventListener(
    "pointermove",
    (event) => {
      const place = placeOf(event, stage);
      const before = pointers.get(event.pointerId);
      if (before === undefined) {
        if (event.pointerType === "mouse") target.point(place);
        return;
      }
      pointers.set(event.pointerId, place);
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
        const factor = spread(place, other) / spread(before, other);
        target.zoom(factor, (place.x + other.x) / 2);
        target.pan((before.x - place.x) / 2, 0);
        return;
      }
      if (start === undefined) return;
      isDrag ||= Math.hypot(place.x - start.x, place.y - start.y) > clickSlack;
      if (!isDrag) return;
      stage.classList.add("moving");
      if (isLoop) target.markLoop(start.x, place.x);
      else target.pan(before.x - place.x, before.y - place.y);
    },
    { signal },
  );
  const release = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    stage.classList.remove("moving");
    if (start !== undefined && !isDrag && event.type === "pointerup") target.press(placeOf(event, stage));
    start = undefined;
  };
  stage.addEventListener("pointerup", release, { signal });
  stage.addEventListener("pointercancel", release, { signal });
  stage.addEventListener("pointerleave", () => target.point(undefined), { signal });
}

/** How far two fingers are apart in time; never 0. */
function spread(one: RollPoint, two: RollPoint): number {
  return Math.max(16, Math.hypot(one.x - two.x, one.y - two.y));
}

function followRuler(ruler: HTMLElement, target: GestureTarget, signal: AbortSignal): void {
  let start: { readonly x: number; readonly isLoop: boolean } | undefined;
  ruler.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const { x } = placeOf(event, ruler);
      start = { x, isLoop: event.shiftKey };
      ruler.setPointerCapture(event.pointerId);
      if (!start.isLoop) target.scrub(x, true);
    },
    { signal },
  );
  ruler.addEventListener(
    "pointermove",
    (event) => {
      if (start === undefined) return;
      const { x } = placeOf(event, ruler);
      if (start.isLoop) target.markLoop(start.x, x);
      else target.scrub(x, true);
    },
    { signal },
  );
  const release = (event: PointerEvent) => {
    if (start !== undefined && !start.isLoop) target.scrub(placeOf(event, ruler).x, false);
    else if (start !== undefined && Math.abs(placeOf(event, ruler).x - start.x) <= clickSlack)
      target.markLoop(start.x, start.x);
    start = undefined;
  };
  ruler.addEventListener("pointerup", release, { signal });
  ruler.addEventListener("pointercancel", release, { signal });
}

const linePixels = 16;

function turnWheel(event: WheelEvent, surface: HTMLElement, target: GestureTarget): void {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? linePixels : 1;
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    target.zoom(Math.exp(-Math.max(-120, Math.min(120, dy)) / 240), placeOf(event, surface).x);
  } else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) {
    event.preventDefault();
    target.pan(event.shiftKey && dx === 0 ? dy : dx, 0);
  } else if (target.canScrollDown(dy)) {
    event.preventDefault();
    target.pan(0, dy);
  }
}
