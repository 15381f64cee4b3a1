import { byTick } from "./by-tick.js";
import type { MidiEvent, MidiFile, MidiTrack } from "./file.js";
import type { Score, ScoreTrack } from "./score.js";
import { scoreEnd } from "./score-end.js";
import { encodeText } from "./text.js";
import { writeMidi } from "./write.js";

/** The bytes of a Standard MIDI File (format 1) that holds a score; see `midiFromScore`. */
export function writeScore(score: Score): Uint8Array {
  return writeMidi(midiFromScore(score));
}

/**
 * A score as a file of format 1: a first track with tempos, signatures and texts, then one for each score track.
 * Reading it gives the same score, but for what a MIDI file can't say: a note that starts and ends within another
 * of its pitch and channel swaps ends with it, and a track without notes has no program.
 *
 * Within a tick: ends of notes, then controls and bends, then starts of notes.
 */
export function midiFromScore(score: Score): MidiFile {
  const endTick = scoreEnd(score);
  return {
    format: 1,
    division: { kind: "quarter", ticksPerQuarter: score.ticksPerQuarter },
    tracks: [conductorTrack(score, endTick), ...score.tracks.map((track) => partTrack(track, endTick))],
  };
}

function conductorTrack(score: Score, endTick: number): MidiTrack {
  const events: MidiEvent[] = [
    ...score.timeSignatures.map(({ tick, numerator, denominator }) => ({
      kind: "timeSignature" as const,
      tick,
      numerator,
      denominator,
      clocksPerClick: 24,
      thirtySecondsPerQuarter: 8,
    })),
    ...score.keySignatures.map((signature) => ({ kind: "keySignature" as const, ...signature })),
    ...score.tempos.map((tempo) => ({ kind: "tempo" as const, ...tempo })),
    ...score.texts.map(({ tick, kind, text }) => ({
      kind: "text" as const,
      tick,
      text: kind,
      data: encodeText(text),
    })),
  ];
  return { events: byTick(events), endTick };
}

function partTrack(track: ScoreTrack, endTick: number): MidiTrack {
  const { channel, program, name } = track;
  const starts: MidiEvent[] = [];
  const ends: MidiEvent[] = [];
  const emptyEnds: MidiEvent[] = [];
  for (const { start, duration, pitch, velocity, releaseVelocity } of track.notes) {
    starts.push({ kind: "noteOn", tick: start, channel, pitch, velocity });
    const kind = releaseVelocity === undefined ? "noteOn" : "noteOff";
    const end = { kind, tick: start + duration, channel, pitch, velocity: releaseVelocity ?? 0 } as const;
    // A note without length ends after its start, and not before it as the others do at that tick.
    (duration === 0 ? emptyEnds : ends).push(end);
  }
  const controls = track.controls.map((control) => ({ kind: "control" as const, channel, ...control }));
  const bends = track.pitchBends.map((bend) => ({ kind: "pitchBend" as const, channel, ...bend }));
  const head: MidiEvent[] = [{ kind: "program", tick: 0, channel, program }];
  if (name !== "") head.unshift({ kind: "text", tick: 0, text: "trackName", data: encodeText(name) });
  return { events: byTick([...head, ...ends, ...controls, ...bends, ...starts, ...emptyEnds]), endTick };
}
