import { byTick } from "./by-tick.js";
import { encodeChannel, isChannelEvent } from "./channel.js";
import type { Division, MetaEvent, MidiFile, SysexEvent } from "./file.js";
import { type MidiSink, parseMidi } from "./parse.js";
import type { ReadOptions } from "./read.js";
import type { Score, Tempo } from "./score.js";
import { ScoreBuilder } from "./score-builder.js";
import { Faults, type MidiWarning } from "./warnings.js";

/**
 * Reads a Standard MIDI File as a score; see `scoreFromMidi` for how its events become tracks.
 *
 * @throws AttaccaError of kind `invalid`, as `readMidi` does; in strict mode also where a note is never closed.
 */
export function readScore(
  bytes: Uint8Array,
  { mode = "lenient" }: ReadOptions = {},
): { readonly score: Score; readonly warnings: readonly MidiWarning[] } {
  const faults = new Faults(mode);
  const sink = new ScoreSink(faults);
  // Straight from the bytes, without event objects in between: this is the hot path of tokenization.
  parseMidi(bytes, faults, sink);
  return { score: scoreOf(sink.builder, sink.division), warnings: faults.warnings };
}

/**
 * The score that a file's events make: for each of its tracks, one score track for each channel and program in
 * which a note starts. The rules are symusic's, and stand at `ScoreBuilder`.
 *
 * A division in frames of film becomes one in quarters with a tempo at which all times in seconds stay exactly
 * what they were; the file's own tempos, which have no effect on such times, are left out.
 */
export function scoreFromMidi(file: MidiFile): Score {
  const builder = new ScoreBuilder();
  for (const track of file.tracks) {
    for (const event of track.events) {
      if (!isChannelEvent(event)) builder.other(event);
      else {
        const [status, first, second] = encodeChannel(event);
        builder.channel(event.tick, status, first, second);
      }
    }
    builder.endTrack(track.endTick);
  }
  return scoreOf(builder, file.division);
}

class ScoreSink implements MidiSink {
  readonly builder = new ScoreBuilder();
  division: Division = { kind: "quarter", ticksPerQuarter: 480 };

  constructor(readonly faults: Faults) {}

  header(_format: 0 | 1 | 2, division: Division): void {
    this.division = division;
  }

  startTrack(): void {}

  channel(tick: number, status: number, first: number, second: number): void {
    this.builder.channel(tick, status, first, second);
  }

  other(event: MetaEvent | SysexEvent): void {
    this.builder.other(event);
  }

  endTrack(tick: number, byte: number): void {
    const open = this.builder.endTrack(tick);
    if (open === 0) return;
    const found = open === 1 ? "1 note that is never closed" : `${open} notes that are never closed`;
    this.faults.add("notes", byte, found, "a note-off for each", "they last until the end of the track");
  }

  otherChunk(): void {}
}

function scoreOf(builder: ScoreBuilder, division: Division): Score {
  const { timeSignatures, keySignatures, texts, tracks } = builder;
  const { ticksPerQuarter, tempos } = timeOf(division, builder.tempos);
  return {
    ticksPerQuarter,
    tempos: byTick(tempos),
    timeSignatures: byTick(timeSignatures),
    keySignatures: byTick(keySignatures),
    texts: byTick(texts),
    tracks,
  };
}

/**
 * The resolution of a score, and its tempos. Ticks that are parts of a film frame become parts of a quarter that
 * lasts half a second, or a whole one where half a second isn't a whole number of ticks.
 */
function timeOf(
  division: Division,
  tempos: Tempo[],
): { readonly ticksPerQuarter: number; readonly tempos: Tempo[] } {
  if (division.kind === "quarter") return { ticksPerQuarter: division.ticksPerQuarter, tempos };
  const { framesPerSecond, ticksPerFrame } = division;
  // 29 stands for 30,000 / 1,001 frames a second: 15 frames last exactly 500,500 µs.
  if (framesPerSecond === 29) return fixedTempo(15 * ticksPerFrame, 500_500);
  const ticksPerSecond = framesPerSecond * ticksPerFrame;
  if (ticksPerSecond % 2 === 0) return fixedTempo(ticksPerSecond / 2, 500_000);
  return fixedTempo(ticksPerSecond, 1_000_000);
}

function fixedTempo(ticksPerQuarter: number, microsecondsPerQuarter: number) {
  return { ticksPerQuarter, tempos: [{ tick: 0, microsecondsPerQuarter }] };
}
