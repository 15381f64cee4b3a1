import type { Score } from "../midi/index.js";
import { adoptStyles, make } from "./dom.js";
import { keysWidth, rulerHeight, type TickRange } from "./draw-moving.js";
import { noteArea, type RollArea } from "./draw-notes.js";
import { createListeners } from "./events.js";
import type { NoteReference } from "./note-index.js";
import { noteLines } from "./note-text.js";
import { type Palette, readPalette } from "./palette.js";
import { firstDifference, type Piece, pieceOf } from "./piece.js";
import { RollCanvases } from "./roll-canvases.js";
import { followGestures, type RollPoint } from "./roll-gestures.js";
import { RollLayout } from "./roll-layout.js";
import { rollSheet } from "./roll-style.js";
import { tickAtX } from "./viewport.js";

/** What a roll tells. Ticks may have a fraction. */
export interface PianoRollEvents {
  /** Someone wants to be at a tick. `isMoving` while the pointer is still down. */
  readonly seek: { readonly tick: number; readonly isMoving: boolean };
  /** Someone has marked a loop; undefined if it is taken away. */
  readonly loop: TickRange | undefined;
  /** A note was chosen, or none. */
  readonly noteselect: NoteReference | undefined;
  /** Someone has moved the roll by hand. */
  readonly pan: undefined;
  /** Another part of the piece is seen. */
  readonly view: TickRange;
}

/** How a roll keeps the playhead in sight: it glides, it turns pages, or it stays where it is. */
export type FollowManner = "smooth" | "page" | "off";

const emptyScore: Score = {
  ticksPerQuarter: 480,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: [],
};

/**
 * A piano roll on canvas: put `element` into a page, give it a height, and set `score`. It draws when something changes
 * and costs nothing otherwise. Its colours are the custom properties that `themeRule` names.
 *
 * @example
 * const roll = new PianoRoll();
 * document.body.append(roll.element);
 * roll.score = readScore(bytes).score;
 */
export class PianoRoll {
  /** What is put into the page; has a shadow root of its own. */
  readonly element: HTMLElement = make("div", { class: "attacca-piano-roll" });
  /** The part that takes the keyboard's focus. */
  readonly stage: HTMLElement = make("div", { class: "stage", tabindex: 0, role: "application" });
  /** How the playhead is kept in sight. Readers who want less motion get pages instead of gliding. */
  follow: FollowManner = "smooth";
  readonly #listeners = createListeners<PianoRollEvents>();
  readonly #layout = new RollLayout(pieceOf(emptyScore));
  readonly #canvases = new RollCanvases();
  readonly #tip = make("div", { class: "tip", hidden: true });
  readonly #stop: (() => void)[] = [];
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #palette: Palette | undefined;
  #tick = 0;
  #loop: TickRange | undefined;
  #promptEnd: number | undefined;
  #hovered: number | undefined;
  #selected: number | undefined;
  #isHeard: (track: number) => boolean = () => true;
  #frame = 0;
  #ratio = 1;

  constructor() {
    const ruler = make("div", { class: "ruler" }, this.#canvases.ruler);
    const keys = make("div", { class: "keys" }, this.#canvases.keys);
    this.stage.setAttribute("aria-roledescription", "piano roll");
    this.stage.append(this.#canvases.still, this.#canvases.moving);
    const root = this.element.attachShadow({ mode: "open" });
    adoptStyles(root, rollSheet);
    root.append(make("div", { class: "corner" }), ruler, keys, this.stage, this.#tip);
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.element);
    const endGestures = followGestures(this.stage, ruler, {
      pan: (dx, dy) => {
        this.scrollBy(dx, dy);
        this.#listeners.emit("pan", undefined);
      },
      zoom: (factor, x) => this.zoomBy(factor, x),
      canScrollDown: (dy) => this.#layout.canScrollDown(dy),
      point: (point) => this.#point(point),
      press: (point) => this.#press(point),
      scrub: (x, isMoving) => this.#listeners.emit("seek", { tick: this.#layout.tickAt(x), isMoving }),
      markLoop: (fromX, toX) => this.#markLoop(fromX, toX),
    });
    this.#stop.push(() => observer.disconnect(), endGestures);
    this.#describe();
  }

  get score(): Score {
    return this.piece.score;
  }

  /** Setting a longer version of the same piece keeps the view, and draws only what is new. */
  set score(score: Score) {
    this.setPiece(pieceOf(score));
  }

  /** The score with all that is computed from it. */
  get piece(): Piece {
    return this.#layout.piece;
  }

  /** As setting `score`, for those who have prepared it already. */
  setPiece(piece: Piece): void {
    const from = firstDifference(this.piece, piece);
    const isContinued = from > 0 && this.piece.notes.count > 0;
    this.#hovered = undefined;
    if (!isContinued) this.#selected = undefined;
    this.#move(() => this.#layout.setPiece(piece, isContinued));
    this.#canvases.invalidate(isContinued ? from : 0);
    this.#describe();
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
    const { view } = this.#layout;
    return { from: view.left, to: tickAtX(view, view.width) };
  }

  /** The note that was chosen. */
  get selected(): NoteReference | undefined {
    return this.#selected === undefined ? undefined : this.piece.notes.reference(this.#selected);
  }

  /** Calls `listener` at each such event. Gives the function that ends it. */
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
    this.#move(() => this.#layout.fit());
  }

  /** Zooms in time so that what stands at pixel `x` (the playhead if it is seen, else the middle) stays there. */
  zoomBy(factor: number, x?: number): void {
    const { view } = this.#layout;
    const playhead = (this.#tick - view.left) * view.pixelsPerTick;
    const isSeen = playhead >= 0 && playhead <= view.width;
    this.#move(() => this.#layout.zoom(factor, x ?? (isSeen ? playhead : view.width / 2)));
  }

  /** Makes the lines of pitches higher or lower. */
  zoomPitchesBy(factor: number): void {
    this.#move(() => this.#layout.zoomPitches(factor));
  }

  /** Moves the view by pixels. */
  scrollBy(dx: number, dy: number): void {
    this.#move(() => this.#layout.scrollBy(dx, dy));
  }

  /** Moves the view so that a tick stands at its left edge, or as near to it as the piece allows. */
  scrollTo(tick: number): void {
    this.#move(() => this.#layout.scrollTo(tick));
  }

  /** Moves the view so that a tick is seen, if it isn't. */
  reveal(tick: number): void {
    this.#move(() => this.#layout.follow(tick, "page"));
  }

  /** Keeps the playhead in sight, as `follow` says. */
  followPlayhead(): void {
    const { follow } = this;
    if (follow !== "off")
      this.#move(() => this.#layout.follow(this.#tick, this.#calm.matches ? "page" : follow));
  }

  /**
   * Chooses the note that stands `step` after the chosen one (before it if negative), by start; next to the playhead if
   * none is chosen. Gives it; undefined in a piece without notes.
   */
  selectNext(step: number): NoteReference | undefined {
    const { notes } = this.piece;
    if (notes.count === 0) return undefined;
    const from = notes.firstFrom(this.#tick);
    const next = this.#selected === undefined ? from + (step > 0 ? step - 1 : step) : this.#selected + step;
    const index = Math.min(notes.count - 1, Math.max(0, next));
    this.#select(index);
    this.reveal(notes.start[index]);
    return this.selected;
  }

  /** The rectangle of a note, in pixels from the corner of `element`; undefined for one that isn't in the score. */
  areaOf({ track, index }: Pick<NoteReference, "track" | "index">): RollArea | undefined {
    const found = this.piece.notes.indexOf(track, index);
    if (found < 0) return undefined;
    const { view, pixelsPerTick, top } = this.#layout;
    const { x, y, width, height } = noteArea(this.#layout, found);
    return { x: x + keysWidth - view.left * pixelsPerTick, y: y + rulerHeight - top, width, height };
  }

  /** Chooses a note, or none. */
  select(reference: Pick<NoteReference, "track" | "index"> | undefined): void {
    const index = reference === undefined ? -1 : this.piece.notes.indexOf(reference.track, reference.index);
    this.#select(index < 0 ? undefined : index);
  }

  /** Draws at once what has changed: for those who are in a frame already. */
  draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#layout.isReady) return;
    // On another screen, or at another zoom of the page, a pixel has another number of device pixels.
    if (pixelRatio() !== this.#ratio) {
      this.#resize();
      return;
    }
    this.#palette ??= readPalette(this.stage);
    const { piece, pixelsPerTick, rowHeight } = this.#layout;
    const look = {
      piece,
      pixelsPerTick,
      rowHeight,
      palette: this.#palette,
      promptEnd: this.#promptEnd,
      isHeard: this.#isHeard,
    };
    const motion = { tick: this.#tick, loop: this.#loop, hovered: this.#hovered, selected: this.#selected };
    this.#canvases.draw(this.#layout, look, motion);
  }

  /** Ends all that the roll listens to. */
  dispose(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stop) stop();
    this.#listeners.clear();
    this.#canvases.invalidate();
  }

  #move(change: () => void): void {
    const [before, top, rowHeight] = [this.#layout.view, this.#layout.top, this.#layout.rowHeight];
    change();
    const { view } = this.#layout;
    const isMoved = view.left !== before.left || view.pixelsPerTick !== before.pixelsPerTick;
    if (!isMoved && top === this.#layout.top && rowHeight === this.#layout.rowHeight) return;
    this.stage.classList.toggle("tall", this.#layout.isTall);
    this.#request();
    if (isMoved) this.#listeners.emit("view", this.visible);
  }

  #resize(): void {
    const width = this.element.clientWidth - keysWidth;
    const height = this.element.clientHeight - rulerHeight;
    if (width <= 0 || height <= 0) return;
    this.#ratio = pixelRatio();
    this.#canvases.resize(width, height, this.#ratio);
    this.#layout.resize(width, height);
    this.stage.classList.toggle("tall", this.#layout.isTall);
    this.#listeners.emit("view", this.visible);
    // A canvas that has got a size is empty: left so until the next frame it would flicker.
    this.draw();
  }

  #redraw(): void {
    this.#canvases.invalidate();
    this.#request();
  }

  #request(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.draw());
  }

  #point(point: RollPoint | undefined): void {
    const found = point && this.#layout.noteAt(point.x, point.y);
    this.stage.classList.toggle("note", found !== undefined);
    if (found !== this.#hovered) {
      this.#hovered = found;
      this.#request();
    }
    this.#tip.hidden = found === undefined;
    if (found === undefined || point === undefined) return;
    this.#tip.textContent = noteLines(this.piece, this.piece.notes.reference(found)).join("\n");
    const { clientWidth, clientHeight } = this.element;
    const [x, y] = [point.x + keysWidth, point.y + rulerHeight];
    const { offsetWidth, offsetHeight } = this.#tip;
    this.#tip.style.left = `${Math.max(4, Math.min(x + 14, clientWidth - offsetWidth - 4))}px`;
    const isBelow = y + 18 + offsetHeight <= clientHeight;
    this.#tip.style.top = `${isBelow ? y + 18 : Math.max(2, y - offsetHeight - 10)}px`;
  }

  #press({ x, y }: RollPoint): void {
    const found = this.#layout.noteAt(x, y);
    if (found === undefined) this.#listeners.emit("seek", { tick: this.#layout.tickAt(x), isMoving: false });
    this.#select(found);
  }

  #select(index: number | undefined): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.#request();
    this.#listeners.emit("noteselect", this.selected);
  }

  #markLoop(fromX: number, toX: number): void {
    const from = this.#layout.beatAt(Math.min(fromX, toX));
    const to = this.#layout.beatAt(Math.max(fromX, toX));
    this.#listeners.emit("loop", to > from ? { from, to } : undefined);
  }

  #describe(): void {
    const { notes, score } = this.piece;
    const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
    this.stage.setAttribute(
      "aria-label",
      `${count(notes.count, "note")} in ${count(score.tracks.length, "track")}`,
    );
    this.#request();
  }
}

function pixelRatio(): number {
  return globalThis.devicePixelRatio || 1;
}
