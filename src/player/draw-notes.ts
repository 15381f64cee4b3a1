import { gridLines } from "./grid.js";
import { type Palette, shadeCount, shadeOf } from "./palette.js";
import type { Piece } from "./piece.js";
import { trackColourName } from "./theme.js";

/** What decides where everything of a roll lies. */
export interface RollGeometry {
  readonly piece: Piece;
  readonly pixelsPerTick: number;
  /** Pixels. */
  readonly rowHeight: number;
}

/** What decides how the still part of a roll looks, wherever one scrolls to. */
export interface RollLook extends RollGeometry {
  readonly palette: Palette;
  /** The tick at which the prompt ends. */
  readonly promptEnd?: number;
  /** Whether a track's notes are heard. */
  isHeard(track: number): boolean;
}

/** A rectangle of the roll in its own pixels: 0, 0 is the first tick on the highest line. */
export interface RollArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The rectangle of a note, in the roll's pixels. */
export function noteArea({ piece, pixelsPerTick, rowHeight }: RollGeometry, index: number): RollArea {
  const { notes, rows } = piece;
  const row = notes.row[index];
  const inset = rowHeight >= 6 ? Math.max(0.5, rowHeight * 0.08) : 0;
  const x = notes.start[index] * pixelsPerTick;
  const height = Math.max(1.5, rowHeight - 2 * inset);
  const y = row * rowHeight + inset;
  if (rows.list[row].kind === "drum") {
    // What a drum is held for isn't heard: all are drawn alike.
    const size = Math.min(Math.max(height, 3), 14);
    return { x: x - size / 2, y: y + (height - size) / 2, width: size, height: size };
  }
  // A hair of paper between notes that follow at once; a short note stays visible.
  const width = Math.max(1.5, (notes.end[index] - notes.start[index]) * pixelsPerTick - 0.8);
  return { x, y, width, height };
}

/** Adds a note's outline to the path. */
export function traceNote(context: CanvasRenderingContext2D, area: RollArea, isDrum: boolean): void {
  const { x, y, width, height } = area;
  if (isDrum) {
    context.moveTo(x + width / 2, y);
    context.lineTo(x + width, y + height / 2);
    context.lineTo(x + width / 2, y + height);
    context.lineTo(x, y + height / 2);
    context.closePath();
  } else if (height >= 6 && width >= 5) context.roundRect(x, y, width, height, Math.min(2.5, height / 4));
  else context.rect(x, y, width, height);
}

/** Draws an area of the roll: paper, lines, notes. The context's origin is the area's corner, its unit a pixel. */
export function drawArea(context: CanvasRenderingContext2D, look: RollLook, area: RollArea): void {
  context.save();
  context.fillStyle = look.palette.colour("paper");
  context.fillRect(0, 0, area.width, area.height);
  context.translate(-area.x, -area.y);
  drawContinuation(context, look, area);
  drawRows(context, look, area);
  drawLines(context, look, area);
  drawNotes(context, look, area);
  context.restore();
}

function drawContinuation(context: CanvasRenderingContext2D, look: RollLook, area: RollArea): void {
  if (look.promptEnd === undefined) return;
  const from = Math.max(area.x, look.promptEnd * look.pixelsPerTick);
  const to = Math.min(area.x + area.width, look.piece.extent.ticks * look.pixelsPerTick);
  if (to <= from) return;
  context.fillStyle = look.palette.colour("continuation");
  context.fillRect(from, area.y, to - from, area.height);
}

function drawRows(
  context: CanvasRenderingContext2D,
  { piece, palette, rowHeight }: RollLook,
  area: RollArea,
): void {
  const { list } = piece.rows;
  const first = Math.max(0, Math.floor(area.y / rowHeight));
  const last = Math.min(list.length, Math.ceil((area.y + area.height) / rowHeight));
  for (let row = first; row < last; row++) {
    const { kind, pitch, isBlackKey } = list[row];
    const y = row * rowHeight;
    if (isBlackKey || kind === "gap") {
      context.fillStyle = palette.colour("shade");
      context.fillRect(area.x, y, area.width, rowHeight);
    }
    if (kind === "pitch" && pitch % 12 === 0) {
      context.fillStyle = palette.colour("line");
      context.fillRect(area.x, Math.round(y + rowHeight) - 0.5, area.width, 1);
    }
  }
}

function drawLines(context: CanvasRenderingContext2D, look: RollLook, area: RollArea): void {
  const { piece, palette, pixelsPerTick } = look;
  const from = Math.max(0, (area.x - 1) / pixelsPerTick);
  const to = Math.min((area.x + area.width + 1) / pixelsPerTick, piece.extent.ticks * 1.0001);
  const bottom = Math.min(area.y + area.height, piece.rows.list.length * look.rowHeight);
  for (const { tick, kind } of gridLines(piece.bars, from, to, pixelsPerTick)) {
    context.fillStyle = palette.colour(kind);
    context.fillRect(Math.round(tick * pixelsPerTick), area.y, 1, bottom - area.y);
  }
  if (look.promptEnd === undefined) return;
  context.fillStyle = palette.colour("accent");
  context.fillRect(Math.round(look.promptEnd * pixelsPerTick) - 1, area.y, 2, area.height);
}

function drawNotes(context: CanvasRenderingContext2D, look: RollLook, area: RollArea): void {
  const { piece, palette, pixelsPerTick, rowHeight } = look;
  const { notes, score, rows } = piece;
  // Drums reach to the left of their start.
  const from = area.x / pixelsPerTick;
  const to = (area.x + area.width + rowHeight) / pixelsPerTick;
  const buckets = new Map<number, number[]>();
  // Notes that would be drawn onto the same pixels as the one before on their line cost nothing.
  const drawnUntil = new Map<number, number>();
  notes.forEachIn(from - rowHeight / pixelsPerTick, to, (index) => {
    const top = notes.row[index] * rowHeight;
    if (top + rowHeight <= area.y || top >= area.y + area.height) return;
    const bucket = notes.track[index] * shadeCount + shadeOf(notes.velocity[index]);
    const line = bucket * rows.list.length + notes.row[index];
    const right = Math.ceil(notes.end[index] * pixelsPerTick * 2);
    if (drawnUntil.get(line) === right) return;
    drawnUntil.set(line, right);
    const bucketNotes = buckets.get(bucket);
    if (bucketNotes === undefined) buckets.set(bucket, [index]);
    else bucketNotes.push(index);
  });
  // The first track lies on top.
  const isOutlined = rowHeight >= 6;
  for (const bucket of [...buckets.keys()].sort((a, b) => b - a)) {
    const track = Math.floor(bucket / shadeCount);
    const isHeard = look.isHeard(track);
    const indices = buckets.get(bucket)!;
    context.fillStyle = isHeard ? palette.note(track, notes.velocity[indices[0]]) : palette.faint(track);
    context.strokeStyle = palette.colour(trackColourName(track));
    context.globalAlpha = 1;
    const isDrum = score.tracks[track].isDrum;
    if (!isOutlined && !isDrum) {
      const areas = indices.map((index) => noteArea(look, index));
      for (const { x, y, width, height } of areas) context.fillRect(x, y, width, height);
      // Too low for a border: its lower edge alone, so that soft notes are seen as well.
      context.fillStyle = context.strokeStyle;
      if (!isHeard) context.globalAlpha = 0.4;
      for (const { x, y, width, height } of areas) context.fillRect(x, y + height - 1, width, 1);
      continue;
    }
    context.beginPath();
    for (const index of indices) traceNote(context, inset(noteArea(look, index), 0.5), isDrum);
    context.fill();
    context.lineWidth = 1;
    if (!isHeard) context.globalAlpha = 0.4;
    context.stroke();
  }
  context.globalAlpha = 1;
}

function inset({ x, y, width, height }: RollArea, by: number): RollArea {
  return {
    x: x + by,
    y: y + by,
    width: Math.max(0.5, width - 2 * by),
    height: Math.max(0.5, height - 2 * by),
  };
}
