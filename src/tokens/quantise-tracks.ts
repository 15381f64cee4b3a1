import type { NoteColumns, QuantiseContext, QuantisedTrack, SpanColumns } from "./quantise.js";
import { closestIndex } from "./rounding.js";
import { type Section, snapEnds, snapTimes } from "./sections.js";
import type { TickTable } from "./time-grid.js";

/** The notes of one track: what is out of range left out, the rest on the grid and at token values, in place. */
export function quantiseNotes(
  track: QuantisedTrack,
  context: QuantiseContext,
  steps: readonly Section[] | undefined,
  beats: readonly Section[],
): void {
  const { config } = context;
  const { program } = track;
  const [low, high] =
    program === -1 && config.usePitchdrumTokens ? config.drumsPitchRange : config.pitchRange;
  keepNotes(track.notes, (i) => track.notes.pitches[i] >= low && track.notes.pitches[i] <= high);
  const { notes } = track;
  if (notes.starts.length === 0) return;
  const { velocities } = notes;
  if (config.useVelocities)
    for (let i = 0; i < velocities.length; i++) velocities[i] = context.velocity(velocities[i]);
  const timed = context.timedPrograms.has(program);
  if (steps !== undefined) {
    if (context.onOff && timed) snapEnds(notes, steps);
    else snapTimes(notes.starts, steps);
  }
  if (!context.onOff && timed) fitDurations(notes, beats, context.durationTicks);
  if (config.removeDuplicatedNotes) {
    sortNotes(notes, "pitches", "durations");
    const { starts, pitches } = notes;
    const isFirst = starts.map(
      (start, i) => i === 0 || start !== starts[i - 1] || pitches[i] !== pitches[i - 1],
    );
    keepNotes(notes, (i) => isFirst[i]);
  }
}

/** Each duration becomes that of its nearest token, in its section's beats. */
function fitDurations(
  spans: SpanColumns,
  beats: readonly Section[],
  tableOf: (ticksPerBeat: number) => TickTable,
): void {
  const { starts, durations } = spans;
  let section = 0;
  let table = tableOf(beats[0].value);
  for (let i = 0; i < starts.length; i++) {
    while (starts[i] >= beats[section].end) table = tableOf(beats[++section].value);
    durations[i] = table.ticks[table.closest(durations[i])];
  }
}

/** Of bends at one tick the one that bends most stays. */
export function quantiseBends(
  track: QuantisedTrack,
  { tables }: QuantiseContext,
  steps: readonly Section[] | undefined,
): void {
  const { starts, values } = track.bends;
  if (starts.length === 0) return;
  if (steps !== undefined) snapTimes(starts, steps);
  const kept: QuantisedTrack["bends"] = { starts: [], values: [] };
  for (let i = 0; i < starts.length; i++) {
    const value = tables.bends[closestIndex(tables.bends, values[i])];
    const last = kept.starts.length - 1;
    if (last < 0 || kept.starts[last] !== starts[i]) {
      kept.starts.push(starts[i]);
      kept.values.push(value);
    } else if (Math.abs(value) > Math.abs(kept.values[last])) {
      kept.values[last] = value;
    }
  }
  track.bends = kept;
}

/** Pedal spans on the grid; those that touch or overlap become one. */
export function quantisePedals(
  track: QuantisedTrack,
  context: QuantiseContext,
  steps: readonly Section[] | undefined,
  beats: readonly Section[],
): void {
  const { pedals } = track;
  if (pedals.starts.length === 0) return;
  const asDurations = context.config.sustainPedalDuration;
  if (steps !== undefined) {
    if (asDurations) snapTimes(pedals.starts, steps);
    else snapEnds(pedals, steps);
  }
  const merged: SpanColumns = { starts: [], durations: [] };
  pedals.starts.forEach((start, i) => {
    const last = merged.starts.length - 1;
    if (last >= 0 && merged.starts[last] + merged.durations[last] >= start) {
      const end = start + pedals.durations[i];
      merged.durations[last] = Math.max(merged.durations[last], end - merged.starts[last]);
    } else {
      merged.starts.push(start);
      merged.durations.push(pedals.durations[i]);
    }
  });
  track.pedals = merged;
  if (asDurations) fitDurations(merged, beats, context.durationTicks);
}

/** Tracks of one program become one, in the place of the first, sorted by onset, then duration, then pitch. */
export function mergePrograms(tracks: readonly QuantisedTrack[]): QuantisedTrack[] {
  const groups = new Map<number, QuantisedTrack[]>();
  for (const track of tracks) {
    const group = groups.get(track.program);
    if (group === undefined) groups.set(track.program, [track]);
    else group.push(track);
  }
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0];
    const notes: NoteColumns = {
      starts: group.flatMap((track) => track.notes.starts),
      durations: group.flatMap((track) => track.notes.durations),
      pitches: group.flatMap((track) => track.notes.pitches),
      velocities: group.flatMap((track) => track.notes.velocities),
    };
    sortNotes(notes, "durations", "pitches");
    const pedals = group.flatMap(({ pedals: { starts, durations } }) =>
      starts.map((start, i) => ({ start, duration: durations[i] })),
    );
    pedals.sort((a, b) => a.start - b.start || a.duration - b.duration);
    const bends = group.flatMap(({ bends: { starts, values } }) =>
      starts.map((start, i) => ({ start, value: values[i] })),
    );
    bends.sort((a, b) => a.start - b.start);
    return {
      program: group[0].program,
      notes,
      pedals: { starts: pedals.map((one) => one.start), durations: pedals.map((one) => one.duration) },
      bends: { starts: bends.map((one) => one.start), values: bends.map((one) => one.value) },
    };
  });
}

/** Sorts by start, then the two columns named, then velocity, in place. */
function sortNotes(
  notes: NoteColumns,
  second: "durations" | "pitches",
  third: "durations" | "pitches",
): void {
  const { starts, velocities } = notes;
  const two = notes[second];
  const three = notes[third];
  const order = Array.from(starts, (_, i) => i);
  order.sort(
    (a, b) =>
      starts[a] - starts[b] || two[a] - two[b] || three[a] - three[b] || velocities[a] - velocities[b],
  );
  takeNotes(notes, order);
}

function keepNotes(notes: NoteColumns, keep: (index: number) => boolean): void {
  const order: number[] = [];
  for (let i = 0; i < notes.starts.length; i++) if (keep(i)) order.push(i);
  if (order.length < notes.starts.length) takeNotes(notes, order);
}

function takeNotes(notes: NoteColumns, order: readonly number[]): void {
  for (const column of ["starts", "durations", "pitches", "velocities"] as const) {
    const values = notes[column];
    notes[column] = order.map((i) => values[i]);
  }
}
