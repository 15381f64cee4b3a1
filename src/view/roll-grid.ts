import type { BarMap, Score } from "../midi/index.js";
import { pitchName } from "./names.js";
import { isShown, powerOfTwoFrom, type RollWindow } from "./roll-window.js";

/** Time in columns of characters. */
export interface Columns {
  readonly from: number;
  /** Ticks a column. */
  readonly ticks: number;
  readonly count: number;
}

// Where there is room, an eighth of a quarter note: finer than what people write, and no finer column says more.
const finestOfQuarter = 8;
const leastColumnsPerBar = 4;

/** The finest columns of which at most `room` cover the ticks: an eighth of a quarter times a power of two. */
export function columnsOf(ticksPerQuarter: number, from: number, to: number, room: number): Columns {
  const finest = ticksPerQuarter / finestOfQuarter;
  const ticks = finest * powerOfTwoFrom((to - from) / finest / room);
  return { from, ticks, count: Math.max(1, Math.ceil((to - from) / ticks)) };
}

/** Column → bar that starts in it (from 0); every second, fourth and so on where they crowd. */
export function barColumns(bars: BarMap, { from, ticks, count }: Columns): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const start = bars.positionAt(from);
  const total = bars.positionAt(from + count * ticks).bar - start.bar;
  const stride = powerOfTwoFrom((total * leastColumnsPerBar) / count);
  if (start.beat === 0 && start.bar % stride === 0) found.set(0, start.bar);
  let previous = start.bar;
  for (let column = 1; column < count; column++) {
    const { bar } = bars.positionAt(from + column * ticks);
    if (Math.floor(bar / stride) > Math.floor(previous / stride)) {
      found.set(column, Math.floor(bar / stride) * stride);
    }
    previous = bar;
  }
  return found;
}

/** Which track sounds where. A row is one pitch, or several where there isn't room for each; rows go downwards. */
export interface PitchGrid {
  readonly lines: number;
  /** Beside each line: the C that lies in it, or nothing. */
  readonly labels: readonly string[];
  /** Index of the track that is seen at a row and column. */
  trackAt(row: number, column: number): number | undefined;
  /** Indices of the tracks that have notes in the window. */
  readonly shown: ReadonlySet<number>;
}

interface GridSize {
  /** The most lines. */
  readonly height: number;
  /** Rows in a line of characters: 2 for half blocks. */
  readonly rowsPerLine: number;
}

/** Lays the notes of a window out. Where tracks meet, the one that comes first in the score is seen. */
export function pitchGrid(score: Score, window: RollWindow, columns: Columns, size: GridSize): PitchGrid {
  const { lowest, highest } = window.pitches ?? { lowest: 60, highest: 60 };
  const { pitchesPerRow, base, lines } = pitchRows(lowest, highest, size);
  const rows = window.pitches === undefined ? 0 : lines * size.rowsPerLine;
  const cells = new Int32Array(rows * columns.count).fill(-1);
  const shown = new Set<number>();
  for (let index = score.tracks.length - 1; index >= 0; index--) {
    const { notes, isDrum } = score.tracks[index];
    const visible = notes.filter((note) => isShown(note, window));
    if (visible.length > 0) shown.add(index);
    if (isDrum) continue;
    const columnOf = (tick: number) =>
      Math.floor((Math.max(tick, columns.from) - columns.from) / columns.ticks);
    const onsets = new Set(visible.map(({ pitch, start }) => columnOf(start) * 128 + pitch));
    for (const { start, duration, pitch } of visible) {
      const row = rows - 1 - Math.floor((pitch - base) / pitchesPerRow);
      const first = columnOf(start);
      const end = Math.round((Math.min(start + duration, window.to) - columns.from) / columns.ticks);
      let last = Math.min(Math.max(first + 1, end), columns.count);
      // The same pitch struck again at once: without a gap the two would look like one long note.
      if (last - first > 1 && onsets.has(last * 128 + pitch)) last -= 1;
      cells.fill(index, row * columns.count + first, row * columns.count + last);
    }
  }
  return {
    lines: rows / size.rowsPerLine,
    labels: Array.from({ length: lines }, (_, line) => {
      const bottom = base + (lines - 1 - line) * size.rowsPerLine * pitchesPerRow;
      const nextC = Math.ceil(bottom / 12) * 12;
      return nextC < bottom + size.rowsPerLine * pitchesPerRow ? pitchName(nextC) : "";
    }),
    trackAt(row, column) {
      const track = cells[row * columns.count + column];
      return track < 0 ? undefined : track;
    },
    shown,
  };
}

/** As few pitches a row as `height` allows; lines begin at multiples of what they hold, so that a C stays in its place. */
function pitchRows(lowest: number, highest: number, { height, rowsPerLine }: GridSize) {
  for (let pitchesPerRow = 1; ; pitchesPerRow++) {
    const pitchesPerLine = pitchesPerRow * rowsPerLine;
    const base = Math.floor(lowest / pitchesPerLine) * pitchesPerLine;
    const lines = Math.floor((highest - base) / pitchesPerLine) + 1;
    // With 128 pitches a line one line holds all that MIDI has, so that this ends.
    if (lines <= height) return { pitchesPerRow, base, lines };
  }
}

/** Columns in which a drum is struck. */
export function drumColumns(score: Score, window: RollWindow, { from, ticks }: Columns): ReadonlySet<number> {
  const struck = new Set<number>();
  for (const { isDrum, notes } of score.tracks) {
    if (!isDrum) continue;
    for (const { start } of notes) {
      if (start >= window.from && start < window.to) struck.add(Math.floor((start - from) / ticks));
    }
  }
  return struck;
}
