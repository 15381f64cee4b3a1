import { noteArea, type RollArea, type RollLook, traceNote } from "./draw-notes.js";
import { gridLines } from "./grid.js";
import { trackColourName } from "./theme.js";
import { tickAtX, type Viewport, xOfTick } from "./viewport.js";

/** Ticks from `from` to `to`. */
export interface TickRange {
  readonly from: number;
  readonly to: number;
}

/** What moves over the still part of a roll. */
export interface RollMotion {
  /** The playhead; in ticks. */
  readonly tick: number;
  readonly loop?: TickRange;
  /** Indices of the note that is pointed at, and of the one that is chosen. */
  readonly hovered?: number;
  readonly selected?: number;
}

/** Height of the strip of bar numbers, and width of that of note names; in pixels. */
export const rulerHeight = 26;
export const keysWidth = 46;
/** Length of a black key, and of the part of a key that lights up. */
const litWidth = keysWidth * 0.6;

/** Draws playhead, sounding notes and loop onto a cleared canvas whose unit is a pixel; `top` is the highest pixel seen. */
export function drawMotion(
  context: CanvasRenderingContext2D,
  look: RollLook,
  view: Viewport,
  top: number,
  height: number,
  motion: RollMotion,
): void {
  const { palette, piece } = look;
  context.save();
  if (motion.loop !== undefined) drawLoop(context, look, view, height, motion.loop);
  context.translate(-view.left * view.pixelsPerTick, -top);
  piece.notes.forEachIn(motion.tick, motion.tick + 1e-3, (index) => {
    if (look.isHeard(piece.notes.track[index])) drawStrong(context, look, index);
  });
  for (const index of [motion.hovered, motion.selected]) {
    if (index === undefined || index >= piece.notes.count) continue;
    const area = noteArea(look, index);
    context.strokeStyle = palette.colour(index === motion.selected ? "focus" : "ink");
    context.lineWidth = index === motion.selected ? 2.5 : 1.5;
    context.beginPath();
    traceNote(context, grown(area, index === motion.selected ? 2 : 1), isDrumNote(look, index));
    context.stroke();
  }
  context.restore();
  const x = Math.round(xOfTick(view, motion.tick));
  context.fillStyle = palette.colour("accent");
  context.fillRect(x - 1, 0, 2, height);
}

function isDrumNote({ piece }: RollLook, index: number): boolean {
  return piece.score.tracks[piece.notes.track[index]].isDrum;
}

function drawStrong(context: CanvasRenderingContext2D, look: RollLook, index: number): void {
  context.fillStyle = look.palette.colour(trackColourName(look.piece.notes.track[index]));
  context.strokeStyle = look.palette.colour("ink");
  context.lineWidth = 1.5;
  context.beginPath();
  traceNote(context, grown(noteArea(look, index), 0.5), isDrumNote(look, index));
  context.fill();
  context.stroke();
}

function grown({ x, y, width, height }: RollArea, by: number): RollArea {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** What is outside of the loop is dimmed. */
function drawLoop(
  context: CanvasRenderingContext2D,
  { palette }: RollLook,
  view: Viewport,
  height: number,
  { from, to }: TickRange,
): void {
  const [left, right] = [xOfTick(view, from), xOfTick(view, to)];
  context.fillStyle = palette.colour("paper");
  context.globalAlpha = 0.6;
  if (left > 0) context.fillRect(0, 0, Math.min(left, view.width), height);
  if (right < view.width) context.fillRect(Math.max(0, right), 0, view.width - Math.max(0, right), height);
  context.globalAlpha = 1;
  context.fillStyle = palette.colour("focus");
  context.fillRect(Math.round(left) - 1, 0, 1, height);
  context.fillRect(Math.round(right), 0, 1, height);
}

/** Draws the strip of bar numbers: bars, meters where they change, loop, where the prompt ends, and the playhead's head. */
export function drawRuler(
  context: CanvasRenderingContext2D,
  look: RollLook,
  view: Viewport,
  motion: RollMotion,
): void {
  const { palette, piece, promptEnd } = look;
  context.fillStyle = palette.colour("surface");
  context.fillRect(0, 0, view.width, rulerHeight);
  context.textBaseline = "middle";
  if (promptEnd !== undefined) drawPromptEnd(context, look, view, promptEnd);
  if (motion.loop !== undefined) {
    const [left, right] = [xOfTick(view, motion.loop.from), xOfTick(view, motion.loop.to)];
    context.fillStyle = palette.colour("focus");
    context.globalAlpha = 0.22;
    context.fillRect(left, 0, right - left, rulerHeight);
    context.globalAlpha = 1;
    context.fillRect(left, 0, right - left, 3);
  }
  context.font = `11px ${palette.font}`;
  const from = tickAtX(view, -leastLabelRoom);
  const to = Math.min(tickAtX(view, view.width), piece.extent.ticks);
  for (const { tick, kind, label } of gridLines(piece.bars, Math.max(0, from), to, view.pixelsPerTick)) {
    if (kind !== "bar") continue;
    const x = Math.round(xOfTick(view, tick));
    context.fillStyle = palette.colour("bar");
    context.fillRect(x, label === undefined ? rulerHeight - 4 : rulerHeight - 9, 1, 9);
    if (label === undefined) continue;
    context.fillStyle = palette.colour("quiet");
    context.fillText(label, x + 4, rulerHeight / 2 + 2);
  }
  context.fillStyle = palette.colour("line");
  context.fillRect(0, rulerHeight - 1, view.width, 1);
  const x = Math.round(xOfTick(view, motion.tick));
  context.fillStyle = palette.colour("accent");
  context.beginPath();
  context.moveTo(x - 6, rulerHeight - 10);
  context.lineTo(x + 6, rulerHeight - 10);
  context.lineTo(x, rulerHeight - 1);
  context.fill();
}

const leastLabelRoom = 60;

function drawPromptEnd(
  context: CanvasRenderingContext2D,
  { palette, piece }: RollLook,
  view: Viewport,
  promptEnd: number,
): void {
  const x = Math.round(xOfTick(view, promptEnd));
  const end = Math.min(view.width, xOfTick(view, piece.extent.ticks));
  if (end > x) {
    context.fillStyle = palette.colour("continuation");
    context.fillRect(Math.max(0, x), 0, end - Math.max(0, x), rulerHeight);
  }
  context.fillStyle = palette.colour("accent");
  context.fillRect(x - 1, 0, 2, rulerHeight);
}

/** Draws the keyboard: a key for each pitch, names where there is room, the keys of sounding notes in their track's colour. */
export function drawKeys(
  context: CanvasRenderingContext2D,
  { palette, piece, rowHeight }: RollLook,
  top: number,
  height: number,
  sounding: ReadonlyMap<number, number>,
): void {
  context.fillStyle = palette.colour("surface");
  context.fillRect(0, 0, keysWidth, height);
  context.textBaseline = "middle";
  const { list } = piece.rows;
  const first = Math.max(0, Math.floor(top / rowHeight));
  const last = Math.min(list.length, Math.ceil((top + height) / rowHeight));
  const size = Math.min(11, Math.max(9, rowHeight));
  for (let row = first; row < last; row++) {
    const { kind, pitch, name, isBlackKey } = list[row];
    const y = row * rowHeight - top;
    const track = sounding.get(row);
    if (kind === "pitch") {
      context.fillStyle = palette.colour(isBlackKey ? "black-key" : "white-key");
      const width = isBlackKey ? litWidth : keysWidth - 1;
      if (isBlackKey) {
        context.fillStyle = palette.colour("white-key");
        context.fillRect(0, y, keysWidth - 1, rowHeight + 0.5);
        context.fillStyle = palette.colour("black-key");
      }
      context.fillRect(0, y, width, isBlackKey ? rowHeight : rowHeight + 0.5);
      if (track !== undefined) {
        // Names stay on white.
        context.fillStyle = palette.colour(trackColourName(track));
        context.fillRect(0, y, litWidth, rowHeight);
      }
      // White keys meet between E and F, and between B and C.
      if (pitch % 12 === 0 || pitch % 12 === 5) {
        context.fillStyle = palette.colour("line");
        context.fillRect(0, Math.round(y + rowHeight) - 0.5, keysWidth, 1);
      }
    } else if (track !== undefined) {
      context.fillStyle = palette.colour(trackColourName(track));
      context.fillRect(keysWidth - 6, y + 1, 4, rowHeight - 2);
    }
    const isNamed = kind === "drum" ? rowHeight >= 9 : pitch % 12 === 0 || (rowHeight >= 13 && !isBlackKey);
    if (!isNamed || kind === "gap") continue;
    context.font = `${kind === "drum" ? Math.min(size, 10) : size}px ${palette.font}`;
    context.textAlign = kind === "drum" ? "left" : "right";
    context.fillStyle = palette.colour(kind === "drum" ? "quiet" : "key-name");
    context.fillText(name, kind === "drum" ? 4 : keysWidth - 5, y + rowHeight / 2 + 0.5, keysWidth - 12);
  }
  context.textAlign = "left";
  context.fillStyle = palette.colour("line");
  context.fillRect(keysWidth - 1, 0, 1, height);
}
