import type { QuantiseContext, QuantisedScore, QuantisedTrack } from "./quantise.js";
import { type Section, sectionAt } from "./sections.js";
import { Kind, type TokenTables } from "./token-tables.js";
import { tempoIndex } from "./vocabulary.js";

/** The events of a stream before time tokens go between them: structure of arrays, in stream order. */
export interface Events {
  /** Onset in ticks. */
  readonly times: number[];
  readonly ids: number[];
  /** Until when the event keeps a rest from beginning: a note's end, another event's onset, or 0. */
  readonly ends: number[];
  /** −1 for drums; 0 where an event belongs to no track. */
  readonly programs: number[];
}

function push(events: Events, time: number, id: number, end: number, program: number): void {
  events.times.push(time);
  events.ids.push(id);
  events.ends.push(end);
  events.programs.push(program);
}

/** The events of each stream of a score, sorted by onset; at one onset in MidiTok's order. One stream at a time. */
export function* eventStreams(score: QuantisedScore, context: QuantiseContext): Iterable<Events> {
  if (context.config.oneTokenStreamForPrograms) {
    const events = eventsOf(score.tracks, score, context);
    yield context.config.programChanges ? withProgramChanges(events, context.tables) : events;
  } else if (score.tracks.length === 0) {
    yield eventsOf([], score, context);
  } else {
    for (const track of score.tracks) yield eventsOf([track], score, context);
  }
}

/** The piece's own events and those of `tracks`. */
function eventsOf(
  tracks: readonly QuantisedTrack[],
  score: QuantisedScore,
  context: QuantiseContext,
): Events {
  const events: Events = { times: [], ids: [], ends: [], programs: [] };
  addGlobalEvents(events, score, context);
  for (const track of tracks) addTrackEvents(events, track, score.beatSections, context);
  return sortByTime(events);
}

function addGlobalEvents(
  events: Events,
  score: QuantisedScore,
  { config, tables, onOff }: QuantiseContext,
): void {
  if (config.useTimeSignatures) {
    for (const { tick, numerator, denominator } of score.meters) {
      const index = tables.meters.findIndex(
        (one) => one.numerator === numerator && one.denominator === denominator,
      );
      // MidiTok's MIDI-Like doesn't count a meter among what ends a rest.
      push(events, tick, tables.firstOf[Kind.Meter] + index, onOff ? 0 : tick, 0);
    }
  }
  if (config.useTempos) {
    for (const { tick, microsecondsPerQuarter } of score.tempos) {
      const index = tempoIndex(tables.tempos, microsecondsPerQuarter);
      push(events, tick, tables.firstOf[Kind.Tempo] + index, tick, 0);
    }
  }
  if (config.useKeySignatures) {
    for (const { tick, key } of score.keys) push(events, tick, tables.firstOf[Kind.Key] + key + 14, tick, 0);
  }
}

function addTrackEvents(
  events: Events,
  track: QuantisedTrack,
  beats: readonly Section[],
  context: QuantiseContext,
): void {
  const { config, tables, onOff } = context;
  const { program } = track;
  const programId = config.usePrograms && !config.programChanges ? tables.programIds[program + 1] : -1;
  const firstDuration = tables.firstOf[Kind.Duration];

  const owner = config.usePrograms ? program + 1 : 1;
  track.pedals.starts.forEach((start, i) => {
    push(events, start, tables.pedalIds[owner], start, program);
    const duration = track.pedals.durations[i];
    if (config.sustainPedalDuration) {
      const table = context.durationTicks(sectionAt(beats, start).value);
      push(events, start, firstDuration + table.closest(duration), 0, program);
    } else {
      push(events, start + duration, tables.pedalOffIds[owner], start + duration, program);
    }
  });
  track.bends.starts.forEach((start, i) => {
    if (programId >= 0) push(events, start, programId, start, program);
    const id = tables.firstOf[Kind.PitchBend] + tables.bends.indexOf(track.bends.values[i]);
    push(events, start, id, start, program);
  });

  const { starts, durations, pitches, velocities } = track.notes;
  const isDrum = program === -1 && config.usePitchdrumTokens;
  const low = isDrum ? config.drumsPitchRange[0] : config.pitchRange[0];
  const firstNote = tables.firstOf[isDrum ? Kind.Drum : Kind.Note] - low;
  const firstEnd = tables.firstOf[isDrum ? Kind.DrumEnd : Kind.NoteEnd] - low;
  const timed = context.timedPrograms.has(program);
  let section = 0;
  let table = context.durationTicks(beats[0].value);
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i];
    const end = start + durations[i];
    if (programId >= 0) push(events, start, programId, start, program);
    push(events, start, firstNote + pitches[i], end, program);
    if (config.useVelocities) push(events, start, context.velocityIds[velocities[i]], 0, program);
    if (!timed) continue;
    if (onOff) {
      if (programId >= 0) push(events, end, programId, end, program);
      push(events, end, firstEnd + pitches[i], 0, program);
    } else {
      while (start >= beats[section].end) table = context.durationTicks(beats[++section].value);
      push(events, start, firstDuration + table.closest(durations[i]), 0, program);
    }
  }
}

/** Stable. Counting sort, unless times lie so far apart that counting costs more than comparing. */
function sortByTime(events: Events): Events {
  const { times } = events;
  const count = times.length;
  let last = 0;
  for (let i = 0; i < count; i++) if (times[i] > last) last = times[i];
  let order: Int32Array;
  if (last < 65_536 + count * 8) {
    const places = new Int32Array(last + 2);
    for (let i = 0; i < count; i++) places[times[i] + 1]++;
    for (let time = 1; time <= last; time++) places[time] += places[time - 1];
    order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[places[times[i]]++] = i;
  } else {
    order = Int32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  }
  const take = (values: number[]): number[] => {
    const sorted = new Array<number>(count);
    for (let i = 0; i < count; i++) sorted[i] = values[order[i]];
    return sorted;
  };
  return {
    times: take(times),
    ids: take(events.ids),
    ends: take(events.ends),
    programs: take(events.programs),
  };
}

/** Puts a program token before each event whose program differs from the last one's. */
function withProgramChanges(events: Events, { kinds, programIds }: TokenTables): Events {
  const changed: Events = { times: [], ids: [], ends: [], programs: [] };
  let current: number | undefined;
  let previousKind = -1;
  events.ids.forEach((id, i) => {
    const kind = kinds[id];
    const program = events.programs[i];
    const isPedal = kind === Kind.Pedal || kind === Kind.PedalOff;
    const isGlobal = kind === Kind.Meter || kind === Kind.Tempo;
    const ofPedal = kind === Kind.Duration && previousKind === Kind.Pedal;
    if (program !== current && !isPedal && !isGlobal && !ofPedal && programIds[program + 1] >= 0) {
      current = program;
      const time = events.times[i];
      push(changed, time, programIds[program + 1], time, program);
    }
    previousKind = kind;
    push(changed, events.times[i], id, events.ends[i], program);
  });
  return changed;
}
