import { invalid } from "../errors.js";
import { type Meter, type Score, type Tempo, tempoMap } from "../midi/index.js";
import { firstOnset, mapTicks, overrideTimeSignature } from "./retime.js";

/** A beat that somebody, or a beat tracker, has marked. */
export interface AnnotatedBeat {
  /** Since the start of the file. */
  readonly seconds: number;
  readonly startsBar: boolean;
}

/** Beats; a note on the first beat may come out this much before it. */
const ROUNDING = 1e-6;

/** Largest tempo that a file can say, in microseconds a quarter. */
const SLOWEST = 0xffffff;

/**
 * Reads beats from text: a beat a line, its time in seconds first, then flags of which the last says whether a bar begins
 * there (POP909's `beat_midi.txt`); without flags, no bars are known.
 *
 * @throws AttaccaError `invalid`, naming the line, where times aren't numbers that rise
 */
export function parseBeats(text: string): AnnotatedBeat[] {
  const beats: AnnotatedBeat[] = [];
  text.split("\n").forEach((line, i) => {
    const words = line.trim().split(/[\s,;]+/);
    if (words[0] === "") return;
    const seconds = Number(words[0]);
    const last = beats.at(-1)?.seconds ?? Number.NEGATIVE_INFINITY;
    if (!Number.isFinite(seconds) || seconds < 0 || seconds <= last) {
      throw invalid(`beats, line ${i + 1}`, words[0].slice(0, 40), "seconds that rise from line to line");
    }
    beats.push({ seconds, startsBar: words.length > 1 && Number(words[words.length - 1]) > 0 });
  });
  if (beats.length < 2) throw invalid("beats", `${beats.length}`, "two or more");
  return beats;
}

/**
 * Moves a score onto annotated beats: each beat becomes one quarter, time within a beat runs evenly, and a new tempo
 * map makes it sound as before, only that the first beat stands at tick 0, or later where notes come before it. Before the first and after the last beat the nearest beat's length holds. Given
 * a meter in quarters, bars begin where most of the marked bars do.
 *
 * @throws AttaccaError `invalid` where there are fewer than two beats
 */
export function alignToBeats(score: Score, beats: readonly AnnotatedBeat[], meter?: Meter): Score {
  if (beats.length < 2) throw invalid("beats", `${beats.length}`, "two or more");
  const { ticksPerQuarter } = score;
  const seconds = beats.map((beat) => beat.seconds);
  const period = meter?.denominator === 4 ? meter.numerator : 1;
  const { secondsAt } = tempoMap(score);
  // Whole beats come in front so that the first note isn't before tick 0, and then up to a bar for the bar lines.
  const first = firstOnset(score);
  const before = Number.isFinite(first)
    ? Math.max(0, Math.ceil(-beatAt(seconds, secondsAt(first)) - ROUNDING))
    : 0;
  const lead = before + ((period - ((barPhase(beats, period) + before) % period)) % period);
  const place = (tick: number): number => (beatAt(seconds, secondsAt(tick)) + lead) * ticksPerQuarter;
  const moved = mapTicks(score, place, (tick) => (tick === 0 ? 0 : place(tick)));
  const retimed = { ...moved, tempos: temposOf(seconds, lead, ticksPerQuarter) };
  return meter === undefined ? retimed : overrideTimeSignature(retimed, meter);
}

/** The beat, with its fraction, at a time: beats count from 0 and go on before the first and after the last. */
function beatAt(seconds: readonly number[], time: number): number {
  let low = 0;
  let high = seconds.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (seconds[middle] <= time) low = middle;
    else high = middle;
  }
  return low + (time - seconds[low]) / (seconds[low + 1] - seconds[low]);
}

/** Which beat of `period` most bars begin at. */
function barPhase(beats: readonly AnnotatedBeat[], period: number): number {
  const counts = new Array<number>(period).fill(0);
  beats.forEach((beat, i) => {
    if (beat.startsBar) counts[i % period]++;
  });
  return counts.indexOf(Math.max(...counts));
}

function temposOf(seconds: readonly number[], lead: number, ticksPerQuarter: number): Tempo[] {
  const tempos: Tempo[] = [];
  for (let i = 0; i + 1 < seconds.length; i++) {
    const microseconds = Math.round((seconds[i + 1] - seconds[i]) * 1e6);
    const microsecondsPerQuarter = Math.min(SLOWEST, Math.max(1, microseconds));
    if (tempos.at(-1)?.microsecondsPerQuarter === microsecondsPerQuarter) continue;
    tempos.push({ tick: i === 0 ? 0 : (i + lead) * ticksPerQuarter, microsecondsPerQuarter });
  }
  return tempos;
}
