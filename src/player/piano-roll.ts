import type { Score } from "../midi/index.js";
import { adoptStyles, make } from "./dom.js";
import { drawKeys, drawMotion, drawRuler, keysWidth, rulerHeight, type TickRange } from "./draw-moving.js";
import { noteArea, type RollLook } from "./draw-notes.js";
import { createListeners } from "./events.js";
import type { NoteReference } from "./note-index.js";
import { noteLines } from "./note-text.js";
import { type Palette, readPalette } from "./palette.js";
import { firstDifference, type Piece, pieceOf } from "./piece.js";
import { followGestures, type RollPoint } from "./roll-gestures.js";
import { rollSheet } from "./roll-style.js";
import { createTileCache } from "./tiles.js";
import {
  clampViewport,
  fitScale,
  followViewport,
  initialViewport,
  tickAtX,
  type Viewport,
  zoomViewport,
} from "./viewport.js";

/** What a roll tells. Ticks may have a fraction. */
export interface PianoRollEvents {
  /** Someone wants to be at a tick. `isMoving` while the pointer is still down. */
  readonly seek: { readonly tick: number; readonly isMoving: boolean };
  /** Someone has marked a loop; undefined if it is taken away. */
  readonly loop: TickRange | undefined;
  /** A note was chosen, or none. */
  readonly noteselect: NoteReference | undefined;
  /** Another part of the piece is seen. */
  readonly view: TickRange;
}

/** How a roll keeps the playhead in sight: it glides, it turns pages, or it stays where it is. */
export type FollowManner = "smooth" | "page" | "off";

const empty: Score = {
  ticksPerQuarter: 480,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: [],
};

const hitSlack = 3;
const tallestRow = 28;
const lowestRow = 3;

/**
 * A piano roll on canvas: put `element` into a page, give it a size, and set `score`. It draws when something changes and
 * costs nothing otherwise. Colours are the custom properties of `theme.ts`.
 *
 * @example
 * const roll = new PianoRoll();
 * document.body.append(roll.element);
 * roll.score = readScore(bytes).score;
 */
export class PianoRoll {
  /** Has its own shadow root. Its height is the page's choice: a roll fills it. */
  readonly element: HTMLElement = make("div", { class: "attacca-piano-roll" });
  /** Where the roll takes the keyboard's focus and says what it is. */
  readonly stage: HTMLElement = make("div", { class: "stage", tabindex: 0, role: "application" });
  readonly #listeners = createListeners<PianoRollEvents>();
  readonly #ruler = make("div", { class: "ruler" });
  readonly #keys = make("div", { class: "keys" });
  readonly #tip = make("div", { class: "tip", hidden: true });
  readonly #still = make("canvas", { "aria-hidden": "true" });
  readonly #moving = make("canvas", { "aria-hidden": "true" });
  readonly #rulerCanvas = make("canvas", { "aria-hidden": "true" });
  readonly #keysCanvas = make("canvas", { "aria-hidden": "true" });
  readonly #tiles = createTileCache();
  readonly #stop: (() => void)[] = [];
  #piece: Piece = pieceOf(empty);
  #palette: Palette | undefined;
  #view: Viewport = { width: 1, pixelsPerTick: 1, left: 0 };
  #hasView = false;
  #height = 1;
  #top = 0;
  #rowHeight: number | "fit" = "fit";
  #ratio = 1;
  #tick = 0;
  #loop: TickRange | undefined;
  #promptEnd: number | undefined;
  #hovered: number | undefined;
  #selected: number | undefined;
  #isHeard: (track: number) => boolean = () => true;
  #frame = 0;
  #isStillDirty = true;
  /** How the playhead is kept in sight. Readers who want less motion get pages instead of gliding. */
  follow: FollowManner = "smooth";

  constructor() {
    this.stage.setAttribute("aria-roledescription", "piano roll");
    this.stage.append(this.#still, this.#moving);
    this.#ruler.append(this.#rulerCanvas);
    this.#keys.append(this.#keysCanvas);
    const root = this.element.attachShadow({ mode: "open" });
    adoptStyles(root, rollSheet);
    root.append(make("div", { class: "corner" }), this.#ruler, this.#keys, this.stage, this.#tip);
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.element);
    this.#stop.push(
      () => observer.disconnect(),
      followGestures(this.stage, this.#ruler, {
        pan: (dx, dy) => this.scrollBy(dx, dy),
        zoom: (factor, x) => this.zoomBy(factor, x),
        canScrollDown: (dy) => this.#clampTop(this.#top + dy) !== this.#top,
        point: (point) => this.#point(point),
        press: (point) => this.#press(point),
        scrub: (x, isMoving) => this.#listeners.emit("seek", { tick: this.#tickAt(x), isMoving }),
        markLoop: (fromX, toX) => this.#markLoop(fromX, toX),
      }),
    );
    this.#describe();
  }

  get score(): Score {
    return this.#piece.score;
  }

  /** Setting a longer version of the same piece keeps the view, and draws only what is new. */
  set score(score: Score) {
    this.setPiece(pieceOf(score));
  }

  /** The score with all that is computed from it. */
  get piece(): Piece {
    return this.#piece;
  }

  /** As setting `score`, for those who have prepared it already. */
  setPiece(piece: Piece): void {
    const from = firstDifference(this.#piece, piece);
    const isContinued = from > 0 && this.#piece.notes.count > 0;
    this.#piece = piece;
    this.#hovered = undefined;
    if (!isContinued) {
      this.#selected = undefined;
      this.#hasView = false;
      this.#rowHeight = "fit";
      this.#top = 0;
    }
    this.#tiles.invalidate(isContinued ? from : 0);
    this.#describe();
    this.#resize();
  }

  /** The playhead, in ticks. */
  get position(): number {
    return this.#tick;
  }

  set position(tick: number) {
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#request();
  }

  /** The tick at which the prompt ends and its continuation begins. */
  get promptEnd(): number | undefined {
    return this.#promptEnd;
  }

  set promptEnd(tick: number | undefined) {
    if (tick === this.#promptEnd) return;
    this.#promptEnd = tick;
    this.#redraw();
  }

  /** The ticks that are repeated; what lies outside is dimmed. */
  get loop(): TickRange | undefined {
    return this.#loop;
  }

  set loop(loop: TickRange | undefined) {
    this.#loop = loop;
    this.#request();
  }

  /** The ticks that are seen. */
  get visible(): TickRange {
    return { from: this.#view.left, to: tickAtX(this.#view, this.#view.width) };
  }

  /** The note that was chosen. */
  get selected(): NoteReference | undefined {
    return this.#selected === undefined ? undefined : this.#piece.notes.reference(this.#selected);
  }

  on<Name extends keyof PianoRollEvents>(
    name: Name,
    listener: (event: PianoRollEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener);
  }

  /** Says which tracks are heard; the notes of others are drawn faint. */
  setHeard(isHeard: (track: number) => boolean): void {
    this.#isHeard = isHeard;
    this.#redraw();
  }

  /** Reads the page's colours again. Call it when the page changes them. */
  refreshTheme(): void {
    this.#palette = undefined;
    this.#redraw();
  }

  /** Shows the whole length of the piece. */
  fit(): void {
    this.#rowHeight = "fit";
    this.#top = 0;
    this.#redraw();
    this.#setView({ ...this.#view, left: 0, pixelsPerTick: fitScale(this.#piece.extent, this.#view.width) });
  }

  /** Zooms in time so that the tick at pixel `x` (the playhead if it is seen, else the middle) stays there. */
  zoomBy(factor: number, x?: number): void {
    const playhead = (this.#tick - this.#view.left) * this.#view.pixelsPerTick;
    const isSeen = playhead >= 0 && playhead <= this.#view.width;
    this.#setView(
      zoomViewport(this.#piece.extent, this.#view, factor, x ?? (isSeen ? playhead : this.#view.width / 2)),
    );
  }

  /** Makes the lines of pitches higher or lower. */
  zoomPitchesBy(factor: number): void {
    const before = this.#look().rowHeight;
    const middle = (this.#top + this.#height / 2) / before;
    this.#rowHeight = Math.min(tallestRow, Math.max(lowestRow, before * factor));
    this.#top = this.#clampTop(middle * this.#rowHeight - this.#height / 2);
    this.#redraw();
  }

  /** Moves the view by pixels. */
  scrollBy(dx: number, dy: number): void {
    const top = this.#clampTop(this.#top + dy);
    if (top !== this.#top) {
      this.#top = top;
      this.#isStillDirty = true;
      this.#request();
    }
    this.#setView({ ...this.#view, left: this.#view.left + dx / this.#view.pixelsPerTick });
  }

  /** Moves the view so that a tick stands at its left edge. */
  scrollTo(tick: number): void {
    this.#setView({ ...this.#view, left: tick });
  }

  /** Moves the view so that a tick is seen, if it isn't. */
  reveal(tick: number): void {
    this.#setView(followViewport(this.#piece.extent, this.#view, tick, "page"));
  }

  /**
   * Chooses the note that stands `step` after the chosen one (before it if negative), by start; from the playhead on if
   * none is chosen. Gives it.
   */
  selectNext(step: number): NoteReference | undefined {
    const { notes } = this.#piece;
    if (notes.count === 0) return undefined;
    const from = notes.firstFrom(this.#tick);
    const next = this.#selected === undefined ? from + (step > 0 ? step - 1 : step) : this.#selected + step;
    this.#select(Math.min(notes.count - 1, Math.max(0, next)));
    if (this.#selected !== undefined) this.reveal(notes.start[this.#selected]);
    return this.selected;
  }

  /** Chooses a note, or none. */
  select(reference: Pick<NoteReference, "track" | "index"> | undefined): void {
    const index = reference === undefined ? -1 : this.#piece.notes.indexOf(reference.track, reference.index);
    this.#select(index < 0 ? undefined : index);
  }

  /** Draws at once what has changed: for those who are in a frame already. */
  draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#hasView) return;
    const look = this.#look();
    const ratio = this.#ratio;
    // Whole device pixels: copied squares stay sharp, and lines drawn over them meet them.
    const snap = (pixels: number) => Math.round(pixels * ratio) / ratio;
    const left = snap(this.#view.left * this.#view.pixelsPerTick);
    const view = { ...this.#view, left: left / this.#view.pixelsPerTick };
    const top = snap(this.#top);
    if (this.#isStillDirty) {
      this.#isStillDirty = false;
      const context = this.#still.getContext("2d", { alpha: false })!;
      this.#tiles.paint(context, look, { x: left, y: top, width: view.width, height: this.#height, ratio });
    }
    const motion = {
      tick: this.#tick,
      loop: this.#loop,
      hovered: this.#hovered,
      selected: this.#selected,
    };
    const context = this.#moving.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, this.#height);
    drawMotion(context, look, view, top, this.#height, motion);
    const ruler = this.#rulerCanvas.getContext("2d", { alpha: false })!;
    ruler.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawRuler(ruler, look, view, motion);
    const keys = this.#keysCanvas.getContext("2d", { alpha: false })!;
    keys.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawKeys(keys, look, top, this.#height, this.#sounding());
  }

  /** Keeps the playhead in sight, as `follow` says. */
  followPlayhead(): void {
    if (this.follow === "off") return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const manner = isCalm ? "page" : this.follow;
    this.#setView(followViewport(this.#piece.extent, this.#view, this.#tick, manner));
  }

  /** Ends all that the roll listens to. */
  dispose(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stop) stop();
    this.#listeners.clear();
    this.#tiles.invalidate();
  }

  #look(): RollLook {
    this.#palette ??= readPalette(this.stage);
    const lines = this.#piece.rows.list.length;
    const fitting = Math.min(tallestRow, Math.max(lowestRow, this.#height / lines));
    return {
      piece: this.#piece,
      palette: this.#palette,
      pixelsPerTick: this.#view.pixelsPerTick,
      rowHeight: this.#rowHeight === "fit" ? fitting : this.#rowHeight,
      promptEnd: this.#promptEnd,
      isHeard: this.#isHeard,
    };
  }

  #sounding(): ReadonlyMap<number, number> {
    const sounding = new Map<number, number>();
    const { notes } = this.#piece;
    notes.forEachIn(this.#tick, this.#tick + 1e-3, (index) => {
      if (this.#isHeard(notes.track[index])) sounding.set(notes.row[index], notes.track[index]);
    });
    return sounding;
  }

  #clampTop(top: number): number {
    const content = this.#look().rowHeight * this.#piece.rows.list.length;
    // A roll that is higher than its notes shows them in the middle.
    if (content <= this.#height) return (content - this.#height) / 2;
    return Math.min(Math.max(0, top), content - this.#height);
  }

  #setView(view: Viewport): void {
    const next = clampViewport(this.#piece.extent, view);
    if (next.left === this.#view.left && next.pixelsPerTick === this.#view.pixelsPerTick) return;
    if (next.pixelsPerTick !== this.#view.pixelsPerTick) this.#tiles.invalidate();
    this.#view = next;
    this.#isStillDirty = true;
    this.#request();
    this.#listeners.emit("view", this.visible);
  }

  #resize(): void {
    const width = this.element.clientWidth - keysWidth;
    const height = this.element.clientHeight - rulerHeight;
    if (width <= 0 || height <= 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    if (ratio !== this.#ratio || height !== this.#height) this.#tiles.invalidate();
    this.#ratio = ratio;
    this.#height = height;
    for (const [canvas, wide, high] of [
      [this.#still, width, height],
      [this.#moving, width, height],
      [this.#rulerCanvas, width, rulerHeight],
      [this.#keysCanvas, keysWidth, height],
    ] as const) {
      const [deviceWidth, deviceHeight] = [Math.round(wide * ratio), Math.round(high * ratio)];
      if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
      if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    }
    const wasFit =
      this.#hasView && this.#view.pixelsPerTick <= fitScale(this.#piece.extent, this.#view.width) * 1.001;
    const before = this.#view;
    this.#view = this.#hasView
      ? clampViewport(this.#piece.extent, {
          width,
          left: before.left,
          pixelsPerTick: wasFit ? fitScale(this.#piece.extent, width) : before.pixelsPerTick,
        })
      : initialViewport(this.#piece.extent, width);
    if (this.#view.pixelsPerTick !== before.pixelsPerTick) this.#tiles.invalidate();
    this.#hasView = true;
    this.#top = this.#clampTop(this.#top);
    this.stage.classList.toggle("tall", this.#top > 0 || this.#clampTop(1) !== this.#clampTop(0));
    this.#isStillDirty = true;
    this.#request();
    this.#listeners.emit("view", this.visible);
  }

  #redraw(): void {
    this.#tiles.invalidate();
    this.#top = this.#clampTop(this.#top);
    this.#isStillDirty = true;
    this.#request();
  }

  #request(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.draw());
  }

  #tickAt(x: number): number {
    return Math.min(this.#piece.endTick, Math.max(0, tickAtX(this.#view, x)));
  }

  #noteAt({ x, y }: RollPoint): number | undefined {
    const look = this.#look();
    const from = tickAtX(this.#view, x - tallestRow);
    const to = tickAtX(this.#view, x + tallestRow);
    const [left, top] = [x + this.#view.left * this.#view.pixelsPerTick, y + this.#top];
    let best: number | undefined;
    let bestDistance = hitSlack;
    this.#piece.notes.forEachIn(from, to, (index) => {
      const area = noteArea(look, index);
      const dx = Math.max(area.x - left, 0, left - area.x - area.width);
      const dy = Math.max(area.y - top, 0, top - area.y - area.height);
      const distance = Math.max(dx, dy);
      if (distance < bestDistance) [best, bestDistance] = [index, distance];
    });
    return best;
  }

  #point(point: RollPoint | undefined): void {
    const found = point && this.#noteAt(point);
    this.stage.classList.toggle("note", found !== undefined);
    if (found !== this.#hovered) {
      this.#hovered = found;
      this.#request();
    }
    this.#tip.hidden = found === undefined;
    if (found === undefined || point === undefined) return;
    this.#tip.textContent = noteLines(this.#piece, this.#piece.notes.reference(found)).join("\n");
    const { clientWidth, clientHeight } = this.element;
    const [x, y] = [point.x + keysWidth, point.y + rulerHeight];
    const [width, height] = [this.#tip.offsetWidth, this.#tip.offsetHeight];
    this.#tip.style.left = `${Math.max(4, Math.min(x + 14, clientWidth - width - 4))}px`;
    this.#tip.style.top = `${y + 18 + height > clientHeight ? Math.max(2, y - height - 10) : y + 18}px`;
  }

  #press(point: RollPoint): void {
    const found = this.#noteAt(point);
    if (found === undefined) this.#listeners.emit("seek", { tick: this.#tickAt(point.x), isMoving: false });
    this.#select(found);
  }

  #select(index: number | undefined): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.#request();
    this.#listeners.emit("noteselect", this.selected);
  }

  #markLoop(fromX: number, toX: number): void {
    const snap = (x: number) => {
      const { barStart, beat, ticksPerBar, numerator } = this.#piece.bars.positionAt(this.#tickAt(x));
      return barStart + (Math.round(beat) * ticksPerBar) / numerator;
    };
    const [from, to] = [snap(Math.min(fromX, toX)), snap(Math.max(fromX, toX))];
    this.#listeners.emit("loop", to > from ? { from, to } : undefined);
  }

  #describe(): void {
    const { notes, score } = this.#piece;
    this.stage.setAttribute(
      "aria-label",
      `${notes.count} ${notes.count === 1 ? "note" : "notes"} in ${score.tracks.length} ${score.tracks.length === 1 ? "track" : "tracks"}`,
    );
  }
}
