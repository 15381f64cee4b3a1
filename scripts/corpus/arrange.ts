import { invalid, type Note, notesEnd, type Score, type ScoreTrack } from "attacca";
import { accompany, type Harmony } from "./accompaniment.js";
import { type Line, readChord, readKey, readLine } from "./notation.js";
import type { Tune } from "./tune.js";

export const ticksPerQuarter = 480;

/** A tune played through once for each of its verses, all in ticks. */
export interface Melody {
  readonly notes: readonly { readonly start: number; readonly duration: number; readonly pitch: number }[];
  readonly harmony: Harmony;
  /** Where each time through begins, and the end of the last. */
  readonly verseStarts: readonly number[];
  readonly end: number;
}

/** The melody with its harmony. Refuses a tune in which a bar doesn't add up to the meter. */
export function melodyOf(tune: Tune): Melody {
  const { sharps } = readKey(tune.key);
  const { numerator, denominator } = readMeter(tune.meter);
  const ticksPerUnit = (ticksPerQuarter * 4) / (tune.unit ?? 8);
  const ticksPerBar = (ticksPerQuarter * 4 * numerator) / denominator;
  const compound = denominator === 8 && numerator % 3 === 0;
  const lines = new Map(Object.entries(tune.parts).map(([name, text]) => [name, readLine(text, sharps)]));

  const firstBar = partNamed(tune, lines, tune.form[0]).bars[0] * ticksPerUnit;
  const start = firstBar < ticksPerBar ? ticksPerBar - firstBar : 0;
  const notes: { start: number; duration: number; pitch: number }[] = [];
  const chords: Harmony["chords"][number][] = [];
  const verseStarts: number[] = [];
  let time = start;
  for (const _ of tune.verses) {
    verseStarts.push(time);
    for (const name of tune.form) {
      const line = partNamed(tune, lines, name);
      for (const note of line.notes) {
        notes.push({
          start: time + note.start * ticksPerUnit,
          duration: note.length * ticksPerUnit,
          pitch: note.pitch + (tune.transpose ?? 0),
        });
      }
      for (const { start: at, symbol } of line.chords) {
        chords.push({ start: time + at * ticksPerUnit, chord: readChord(symbol, tune.transpose) });
      }
      time = checkBars(tune, name, line, time, { ticksPerUnit, ticksPerBar, start });
    }
    if (time % ticksPerBar !== start)
      throw invalid(tune.id, "an end that doesn't fit the pickup", "whole bars");
  }
  const ticksPerBeat = compound ? ticksPerQuarter * 1.5 : (ticksPerQuarter * 4) / denominator;
  return {
    notes,
    harmony: { chords, end: time, ticksPerBar, ticksPerBeat, compound },
    verseStarts,
    end: time,
  };
}

function partNamed(tune: Tune, lines: ReadonlyMap<string, Line>, name: string): Line {
  const line = lines.get(name);
  if (line === undefined)
    throw invalid(`form of ${tune.id}`, `"${name}"`, `one of ${[...lines.keys()].join(", ")}`);
  return line;
}

interface Grid {
  readonly ticksPerUnit: number;
  readonly ticksPerBar: number;
  readonly start: number;
}

/** The end of a part that begins at `time`. Every bar line but the last must fall on the grid of bars. */
function checkBars(tune: Tune, name: string, line: Line, time: number, grid: Grid): number {
  let end = time;
  for (const [index, bar] of line.bars.entries()) {
    end += bar * grid.ticksPerUnit;
    const off = end % grid.ticksPerBar;
    // A part may end where the pickup of the next begins.
    if (off !== 0 && (off !== grid.start || index < line.bars.length - 1)) {
      const found = `bar ${index + 1} of ${line.bars.length} in part ${name} ends ${off} ticks into a bar`;
      throw invalid(tune.id, found, `bars of ${tune.meter}`);
    }
  }
  return end;
}

function readMeter(meter: string): { numerator: number; denominator: number } {
  const match = /^(\d+)\/(2|4|8)$/.exec(meter);
  if (match === null) throw invalid("meter", `"${meter}"`, "for example 3/4");
  return { numerator: Number(match[1]), denominator: Number(match[2]) };
}

/** A tune as a score of two tracks: the melody, and under each verse an accompaniment of its own. */
export function arrange(tune: Tune): Score {
  const { notes, harmony, verseStarts, end } = melodyOf(tune);
  const lastBar = Math.floor((end - 1) / harmony.ticksPerBar) * harmony.ticksPerBar;
  const accompaniment = tune.verses.flatMap((style, index) =>
    accompany(harmony, verseStarts[index], verseStarts[index + 1] ?? lastBar, style),
  );
  // Whatever the pattern was, the piece comes to rest.
  accompaniment.push(...accompany(harmony, lastBar, end, "held"));
  return {
    ...frame(tune, `${tune.title}. ${tune.source}.`),
    tracks: [
      track(
        "Melody",
        tune.melody,
        0,
        notes.map((note) => ({ ...note, velocity: accent(note.start, harmony) })),
      ),
      track("Accompaniment", tune.accompaniment, 1, accompaniment),
    ],
  };
}

function accent(start: number, { ticksPerBar, ticksPerBeat }: Harmony): number {
  if (start % ticksPerBar === 0) return 96;
  return start % ticksPerBeat === 0 ? 88 : 80;
}

/** What a tune and a chorale both say before their first note. */
export function frame(
  { key, transpose, meter, tempo }: Pick<Tune, "key" | "transpose" | "meter" | "tempo">,
  text: string,
): Omit<Score, "tracks"> {
  const { sharps, minor } = readKey(key, transpose);
  return {
    ticksPerQuarter,
    tempos: [{ tick: 0, microsecondsPerQuarter: Math.round(60e6 / tempo) }],
    timeSignatures: [{ tick: 0, ...readMeter(meter) }],
    keySignatures: [{ tick: 0, sharps, minor }],
    texts: [
      { tick: 0, kind: "text", text },
      { tick: 0, kind: "copyright", text: "CC0 1.0" },
    ],
  };
}

export function track(name: string, program: number, channel: number, notes: readonly Note[]): ScoreTrack {
  const sorted = notes.toSorted((one, other) => one.start - other.start);
  return { name, program, isDrum: false, channel, notes: sorted, controls: [], pitchBends: [] };
}

/** The first bars of a score; notes that last longer are cut at the end of the last bar. */
export function firstBars(score: Score, bars: number): Score {
  const { numerator, denominator } = score.timeSignatures[0];
  const end = (bars * score.ticksPerQuarter * 4 * numerator) / denominator;
  if (notesEnd(score) < end) throw invalid("score", "shorter", `${bars} bars`);
  return {
    ...score,
    tracks: score.tracks.map((each) => ({
      ...each,
      notes: each.notes
        .filter(({ start }) => start < end)
        .map((note) => ({ ...note, duration: Math.min(note.duration, end - note.start) })),
    })),
  };
}
