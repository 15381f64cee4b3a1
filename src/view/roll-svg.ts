import { invalid } from "../errors.js";
import { barMap, type Score } from "../midi/index.js";
import { pitchName, trackLabel } from "./names.js";
import { rollStyle, trackColourCount } from "./roll-style.js";
import { isShown, powerOfTwoFrom, type RollRange, type RollWindow, rollWindow } from "./roll-window.js";
import { fitText, textWidth } from "./styled-text.js";
import { escapeXml, line, number, rect, text } from "./svg-markup.js";

/** How a roll is drawn as a picture. */
export interface RollSvgOptions extends RollRange {
  /** In pixels, 160 to 20,000. */
  readonly width: number;
  /** In pixels, 100 to 20,000. */
  readonly height: number;
  /** The tick at which the prompt ends and its continuation begins. */
  readonly mark?: number;
  /** Shown above the roll, and read out by screen readers. Default: not shown, and "Piano roll". */
  readonly title?: string;
}

interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Pixels. */
  readonly pitchHeight: number;
  x(tick: number): number;
  /** The upper edge of a pitch's row. */
  y(pitch: number): number;
}

const labelRoom = 34;
const margin = 12;
const textLine = 20;
const leastPitches = 18;
const leastBarWidth = 8;
const leastBeatWidth = 9;
const leastNumberWidth = 32;
const characterWidth = 6.3;

/**
 * A piano roll as an SVG document of its own: bars, pitches, a colour for each track, and the prompt set off from
 * its continuation. It follows the reader's light or dark setting. Drums are left out.
 *
 * @throws AttaccaError of kind `invalid` for a size or range out of bounds.
 */
export function rollSvg(score: Score, options: RollSvgOptions): string {
  const { width, height } = options;
  checkSize("width", width, 160);
  checkSize("height", height, 100);
  const window = rollWindow(score, options);
  const mark =
    options.mark !== undefined && options.mark > window.from && options.mark < window.to
      ? options.mark
      : undefined;
  const linesAbove = (options.title === undefined ? 0 : 1) + (mark === undefined ? 0 : 1);
  const plot = plotOf(window, width, height, linesAbove);
  const title = options.title ?? "Piano roll";
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="attacca-roll" role="img" viewBox="0 0 ${number(width)} ${number(height)}" width="${number(width)}" height="${number(height)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description(score, window, mark))}</desc>`,
    `<style>${rollStyle}</style>`,
    `<rect class="paper" width="${number(width)}" height="${number(height)}" rx="8"/>`,
  ];
  if (options.title !== undefined)
    parts.push(text(margin, margin + 10, fitPixels(title, width - 2 * margin), "title"));
  if (mark !== undefined)
    parts.push(rect("new", plot.x(mark), plot.top, plot.right - plot.x(mark), plot.bottom - plot.top));
  if (window.pitches === undefined)
    parts.push(text(labelRoom, (plot.top + plot.bottom) / 2, window.hasDrums ? "only drums" : "no notes"));
  else
    parts.push(
      ...keys(plot, window.pitches),
      ...grid(score, window, plot),
      ...noteShapes(score, window, plot),
    );
  if (mark !== undefined) parts.push(...markShapes(plot, mark));
  parts.push(...legend(score, window, plot, width, height), "</svg>");
  return `${parts.join("\n")}\n`;
}

function checkSize(name: string, value: number, least: number): void {
  if (!(value >= least && value <= 20_000)) throw invalid(name, String(value), `${least} to 20,000 pixels`);
}

function plotOf(window: RollWindow, width: number, height: number, linesAbove: number): Plot {
  const left = labelRoom;
  const right = width - margin;
  const top = margin + linesAbove * textLine;
  // Below stand the bar numbers and the legend.
  const bottom = height - margin - 2 * textLine + 4;
  const { lowest, highest } = window.pitches ?? { lowest: 60, highest: 60 };
  // A melody of two pitches would be drawn as two beams: some air above and below.
  const pitches = Math.max(highest - lowest + 3, leastPitches);
  const highestRow = highest + (pitches - (highest - lowest + 1)) / 2;
  const pitchHeight = (bottom - top) / pitches;
  const ticks = Math.max(1, window.to - window.from);
  return {
    left,
    right,
    top,
    bottom,
    pitchHeight,
    x: (tick) => left + ((tick - window.from) / ticks) * (right - left),
    y: (pitch) => top + (highestRow - pitch) * pitchHeight,
  };
}

/** Shaded rows for the black keys, a line and a name at each C. */
function keys(plot: Plot, { lowest, highest }: { lowest: number; highest: number }): string[] {
  const parts: string[] = [];
  const reach = leastPitches;
  for (let pitch = Math.max(0, lowest - reach); pitch <= Math.min(127, highest + reach); pitch++) {
    const top = Math.max(plot.top, plot.y(pitch));
    const bottom = Math.min(plot.bottom, plot.y(pitch) + plot.pitchHeight);
    if (bottom - top < 0.01) continue;
    if ([1, 3, 6, 8, 10].includes(pitch % 12))
      parts.push(rect("black", plot.left, top, plot.right - plot.left, bottom - top));
    if (pitch % 12 === 0) {
      parts.push(line("octave", plot.left, bottom, plot.right, bottom));
      parts.push(text(plot.left - 6, bottom - plot.pitchHeight / 2 + 4, pitchName(pitch), undefined, "end"));
    }
  }
  return parts;
}

function grid(score: Score, { from, to }: RollWindow, plot: Plot): string[] {
  const bars = barMap(score);
  const first = bars.positionAt(from);
  const count = bars.positionAt(to).bar - first.bar + 1;
  const barWidth = (plot.right - plot.left) / count;
  const lineStride = powerOfTwoFrom(leastBarWidth / barWidth);
  const numberStride = powerOfTwoFrom(leastNumberWidth / barWidth);
  const parts: string[] = [];
  for (let bar = Math.ceil(first.bar / lineStride) * lineStride; bar < first.bar + count; bar += lineStride) {
    const start = bars.barStart(bar);
    const { ticksPerBar, numerator } = bars.positionAt(start);
    const beatTicks = ticksPerBar / numerator;
    if (plot.x(from + beatTicks) - plot.left >= leastBeatWidth) {
      const end = Math.min(start + ticksPerBar, to, bars.barStart(bar + 1));
      for (let tick = start + beatTicks; tick < end; tick += beatTicks) {
        if (tick > from) parts.push(line("beat", plot.x(tick), plot.top, plot.x(tick), plot.bottom));
      }
    }
    if (start < from || start > to) continue;
    parts.push(line("bar", plot.x(start), plot.top, plot.x(start), plot.bottom));
    if (bar % numberStride === 0 && start < to)
      parts.push(text(plot.x(start) + 3, plot.bottom + 12, String(bar + 1)));
  }
  return parts;
}

/** One group a track; the first track is drawn last, so that it lies on top. */
function noteShapes(score: Score, window: RollWindow, plot: Plot): string[] {
  const groups = score.tracks.map((track, index) => {
    if (track.isDrum) return "";
    const shapes = track.notes
      .filter((note) => isShown(note, window))
      .map(({ start, duration, pitch, velocity }) => {
        const left = plot.x(Math.max(start, window.from));
        // A hair of paper between notes that follow at once; a short note stays visible.
        const right = Math.max(left + 1.2, plot.x(Math.min(start + duration, window.to)) - 0.8);
        const height = Math.max(1.5, plot.pitchHeight * 0.86);
        const top = plot.y(pitch) + (plot.pitchHeight - height) / 2;
        const opacity = 0.55 + (0.45 * velocity) / 127;
        const round = Math.min(2, height / 3, (right - left) / 3);
        return `<rect x="${number(left)}" y="${number(top)}" width="${number(right - left)}" height="${number(height)}" rx="${number(round)}" opacity="${number(opacity)}"/>`;
      });
    return shapes.length === 0 ? "" : `<g class="t${index % trackColourCount}">${shapes.join("")}</g>`;
  });
  return groups.filter((group) => group !== "").reverse();
}

function markShapes(plot: Plot, mark: number): string[] {
  const x = plot.x(mark);
  const above = plot.top - 6;
  const parts = [
    `<line class="mark" x1="${number(x)}" y1="${number(plot.top - 16)}" x2="${number(x)}" y2="${number(plot.bottom)}" stroke-width="1.5"/>`,
  ];
  if (x - plot.left > 50) parts.push(text(x - 6, above, "prompt", undefined, "end"));
  if (plot.right - x > 80) parts.push(text(x + 6, above, "continuation", "mark"));
  return parts;
}

function legend(score: Score, window: RollWindow, plot: Plot, width: number, height: number): string[] {
  const parts: string[] = [];
  const y = height - margin;
  let x = plot.left;
  for (const [index, track] of score.tracks.entries()) {
    if (track.isDrum || !track.notes.some((note) => isShown(note, window))) continue;
    const name = fitPixels(trackLabel(track), width - margin - x - 16);
    if (name === "") break;
    parts.push(
      `<rect class="t${index % trackColourCount}" x="${number(x)}" y="${number(y - 9)}" width="10" height="10" rx="2"/>`,
    );
    parts.push(text(x + 15, y, name));
    x += 15 + textWidth(name) * characterWidth + 18;
  }
  return parts;
}

function description(score: Score, window: RollWindow, mark: number | undefined): string {
  const shown = score.tracks.map(({ notes }) => notes.filter((note) => isShown(note, window)));
  const notes = shown.reduce((sum, each) => sum + each.length, 0);
  if (notes === 0) return "No notes.";
  const bars = barMap(score);
  const tracks = shown.filter((each) => each.length > 0).length;
  const range =
    window.pitches && ` from ${pitchName(window.pitches.lowest)} to ${pitchName(window.pitches.highest)}`;
  const joined =
    mark === undefined ? "" : ` The continuation begins in bar ${bars.positionAt(mark).bar + 1}.`;
  return `${notes} notes in ${tracks} ${tracks === 1 ? "track" : "tracks"}${range ?? ""}.${joined}`;
}

function fitPixels(content: string, pixels: number): string {
  return fitText(content, Math.max(0, Math.floor(pixels / characterWidth)));
}
