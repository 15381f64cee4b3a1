import { invalid } from "../errors.js";
import { barMap, type Score } from "../midi/index.js";
import { trackLabel } from "./names.js";
import { barColumns, columnsOf, drumColumns, type PitchGrid, pitchGrid } from "./roll-grid.js";
import { type RollRange, rollWindow } from "./roll-window.js";
import { fitText, joinStyled, type Styled, textWidth } from "./styled-text.js";

/** How a roll is drawn on a terminal. */
export interface RollTextOptions extends RollRange {
  /** Characters a line; no line is longer. From 1; labels are left out below 16. */
  readonly width: number;
  /** The most lines for pitches; several pitches share a line where they need more. Default: 24. */
  readonly height?: number;
  /** Whether to colour tracks by ANSI escape sequences. */
  readonly colour: boolean;
  /** Only ASCII characters, a letter-like sign for each track. Default: false. */
  readonly ascii?: boolean;
  /** The tick at which the prompt ends and its continuation begins. */
  readonly mark?: number;
}

// Cyan, yellow, magenta, green, blue, red: the terminal's own, so that they suit its background.
const trackColours = [36, 33, 35, 32, 34, 31];
const asciiTracks = "#=+%o@&*";
const dim = "2";
const bold = "1";

/**
 * A piano roll for a terminal: time from left to right, a column being an eighth of a quarter note or that times a
 * power of two; two pitches a line, by half blocks. Above it bar numbers, below it the tracks' names.
 *
 * @returns Lines joined by newlines, with none at the end.
 * @throws AttaccaError of kind `invalid` for a width, height or range that isn't a number above 0.
 *
 * @example console.log(rollText(score, { width: process.stdout.columns, colour: true }));
 */
export function rollText(score: Score, options: RollTextOptions): string {
  const width = wholeSize("width", options.width);
  const height = wholeSize("height", options.height ?? 24);
  const ascii = options.ascii ?? false;
  const window = rollWindow(score, options);
  if (window.pitches === undefined && !window.hasDrums) return fitText("no notes", width);

  const labelWidth = width < 16 ? 0 : 4;
  const { from, to } = window;
  const mark =
    options.mark !== undefined && options.mark > from && options.mark < to ? options.mark : undefined;
  const room = Math.max(1, width - labelWidth - (mark === undefined ? 0 : 1));
  const columns = columnsOf(score.ticksPerQuarter, from, to, room);
  const grid = pitchGrid(score, window, columns, { height, rowsPerLine: ascii ? 1 : 2 });
  const bars = barColumns(barMap(score), columns);
  const markColumn = mark === undefined ? undefined : Math.round((mark - from) / columns.ticks);
  const markSign = ascii ? "|" : "┃";
  const toLine = (label: string, cells: readonly Styled[]): string => {
    const marked = markColumn === undefined ? cells : cells.toSpliced(markColumn, 0, [markSign, bold]);
    const start: Styled[] = labelWidth === 0 ? [] : [[`${label.padStart(labelWidth - 1)} `, dim]];
    return joinStyled([...start, ...marked.slice(0, width - labelWidth)], options.colour);
  };

  const isBar = (column: number) => bars.has(column) && column !== markColumn;
  const lines: string[] = [];
  if (markColumn !== undefined) {
    lines.push(joinStyled(captions(width, labelWidth + markColumn, markSign), options.colour));
  }
  lines.push(toLine("", barNumbers(bars, columns.count)));
  for (let line = 0; line < grid.lines; line++) {
    const cells = Array.from({ length: columns.count }, (_, column) =>
      ascii ? asciiCell(grid, line, column, isBar(column)) : blockCell(grid, line, column, isBar(column)),
    );
    lines.push(toLine(grid.labels[line], cells));
  }
  if (window.hasDrums) {
    const struck = drumColumns(score, window, columns);
    const cells = Array.from({ length: columns.count }, (_, column): Styled => {
      return struck.has(column) ? [ascii ? "x" : "•"] : empty(isBar(column), ascii);
    });
    lines.push(toLine("dr", cells));
  }
  lines.push(legend(score, grid, width, ascii, options.colour));
  return lines.join("\n");
}

function wholeSize(name: string, value: number): number {
  if (!(value >= 1 && value < 100_000)) throw invalid(name, String(value), "1 to 99,999");
  return Math.floor(value);
}

function empty(isBar: boolean, ascii: boolean): Styled {
  return isBar ? [ascii ? "|" : "│", dim] : [" "];
}

function asciiCell(grid: PitchGrid, line: number, column: number, isBar: boolean): Styled {
  const track = grid.trackAt(line, column);
  if (track === undefined) return empty(isBar, true);
  return [asciiTracks[track % asciiTracks.length], String(colourOf(track))];
}

function blockCell(grid: PitchGrid, line: number, column: number, isBar: boolean): Styled {
  const upper = grid.trackAt(line * 2, column);
  const lower = grid.trackAt(line * 2 + 1, column);
  if (upper === undefined && lower === undefined) return empty(isBar, false);
  if (lower === undefined) return ["▀", String(colourOf(upper!))];
  if (upper === undefined) return ["▄", String(colourOf(lower))];
  if (colourOf(upper) === colourOf(lower)) return ["█", String(colourOf(upper))];
  // Two tracks in one character: the upper as foreground, the lower as background. Without colours both are full.
  return ["▀", `${colourOf(upper)};${colourOf(lower) + 10}`, "█"];
}

function colourOf(track: number): number {
  return trackColours[track % trackColours.length];
}

/** Bar numbers, counted from 1, where there is room for them. */
function barNumbers(bars: ReadonlyMap<number, number>, columns: number): Styled[] {
  const cells: Styled[] = Array.from({ length: columns }, () => [" "]);
  let free = 0;
  for (const [column, bar] of bars) {
    const number = String(bar + 1);
    if (column < free || column + number.length > columns) continue;
    for (let index = 0; index < number.length; index++) cells[column + index] = [number[index], dim];
    free = column + number.length + 1;
  }
  return cells;
}

/** `prompt ┃ continuation`, with the sign at `column`; a word that has no room is left out. */
function captions(width: number, column: number, sign: string): Styled[] {
  if (column >= width) return [];
  const before = "prompt ";
  const after = " continuation";
  const left = column >= before.length ? before.padStart(column) : " ".repeat(column);
  const right = column + 1 + after.length <= width ? after : "";
  return [[left], [sign, bold], [right, bold]];
}

function legend(score: Score, grid: PitchGrid, width: number, ascii: boolean, colour: boolean): string {
  const parts: Styled[] = [];
  let room = width;
  for (const [index, track] of score.tracks.entries()) {
    if (!grid.shown.has(index) || room < 4) continue;
    const sign = ascii ? asciiTracks[index % asciiTracks.length] : colour ? "■" : "";
    const gap = parts.length === 0 ? "" : "  ";
    const start = sign === "" ? gap : `${gap}${sign} `;
    const name = fitText(trackLabel(track), room - start.length);
    parts.push([start, String(colourOf(index))], [name]);
    room -= start.length + textWidth(name);
  }
  return parts.length === 0 ? "" : joinStyled(parts, colour);
}
