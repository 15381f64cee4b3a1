import { type Score, type ScoreTrack, tempoMap } from "../midi/index.js";
import type { SoundEvent, SoundMessage } from "../synth/index.js";
import { type SeatedInstrument, seatTracks } from "./seats.js";

/** A score as messages to instruments. */
export interface SoundSchedule {
  /** Seconds until the last note is let go, by its end or by the pedal that holds it. */
  readonly duration: number;
  /** Sorted by time. */
  readonly events: readonly SoundEvent[];
  /** By track of the score: its channel and instrument. */
  readonly seats: readonly SeatedInstrument[];
}

/** So long a pedal can hold a sound after the last note: files end with a pedal that is lifted much later, or never. */
const MAX_PEDAL_SECONDS = 10;

/** So many tracks of one channel hear each other's controls at most. */
const MAX_LISTENERS = 16;

const BANK_SELECT = [0, 32];
const SUSTAIN = 64;

/** Within one time: ends of notes, then controls and bends, then starts of notes, then ends of notes without length. */
type Order = 0 | 1 | 2 | 3;

interface Draft {
  readonly time: number;
  readonly order: Order;
  readonly seat: number;
  readonly track: number;
  readonly message: SoundMessage;
}

/**
 * When each message of a score is due, at the score's tempos.
 *
 * - Controls and bends reach all tracks of their MIDI channel, as on an instrument: two tracks of one piano share the pedal.
 * - A note that starts while the same pitch of its track still sounds ends that one, and lasts until both are over.
 * - Whatever is held by a pedal at the end is let go: ten seconds after the last note at the latest.
 */
export function scheduleOf(score: Score): SoundSchedule {
  const seats = seatTracks(score.tracks);
  const { secondsAt } = tempoMap(score);
  const distinct = [...new Set(seats)];
  const drafts = draftsOf(score.tracks, seats, distinct, secondsAt);
  drafts.sort((a, b) => a.time - b.time || a.order - b.order);
  const events: SoundEvent[] = distinct.map(({ port, channel, program, isDrum }) => ({
    time: 0,
    track: seats.findIndex((seat) => seat.port === port && seat.channel === channel),
    port,
    channel,
    kind: "program",
    program,
    isDrum,
  }));
  const place = ({ time, track, seat, message }: Draft): SoundEvent => {
    const { port, channel } = distinct[seat];
    return { time, track, port, channel, ...message };
  };

  const sounding = new Uint32Array(distinct.length * 128);
  const pedals = new Uint8Array(distinct.length);
  const held = new Uint8Array(distinct.length);
  let lastEnd = 0;
  let lastLift = 0;
  for (const draft of drafts) {
    const { time, seat, message } = draft;
    if (message.kind === "on") {
      const key = seat * 128 + message.pitch;
      if (sounding[key]++ > 0)
        events.push(place({ ...draft, message: { kind: "off", pitch: message.pitch } }));
    } else if (message.kind === "off") {
      lastEnd = time;
      held[seat] ||= pedals[seat];
      if (--sounding[seat * 128 + message.pitch] > 0) continue;
    } else if (message.kind === "control" && message.controller === SUSTAIN) {
      const isDown = message.value >= 64;
      if (!isDown && held[seat] === 1) lastLift = time;
      if (!isDown) held[seat] = 0;
      pedals[seat] = isDown ? 1 : 0;
    }
    events.push(place(draft));
    if (message.kind === "control" && BANK_SELECT.includes(message.controller)) {
      // A bank counts from the next program on, and a score's tracks don't tell when theirs came.
      const { program, isDrum } = distinct[seat];
      events.push(place({ ...draft, message: { kind: "program", program, isDrum } }));
    }
  }
  const duration = Math.max(lastEnd, Math.min(lastLift, lastEnd + MAX_PEDAL_SECONDS));
  const audible = events.filter(({ time }) => time <= duration);
  distinct.forEach(({ port, channel }, seat) => {
    if (!pedals[seat] && lastLift <= duration) return;
    const track = seats.findIndex((one) => one.port === port && one.channel === channel);
    audible.push({ time: duration, track, port, channel, kind: "control", controller: SUSTAIN, value: 0 });
  });
  return { duration, events: audible, seats };
}

function draftsOf(
  tracks: readonly ScoreTrack[],
  seats: readonly SeatedInstrument[],
  distinct: readonly SeatedInstrument[],
  secondsAt: (tick: number) => number,
): Draft[] {
  const indexOf = new Map(distinct.map((seat, index) => [seat, index]));
  const listeners = new Map<number, Set<number>>();
  tracks.forEach(({ channel }, track) => {
    const set = listeners.get(channel) ?? new Set();
    listeners.set(channel, set.add(indexOf.get(seats[track])!));
  });
  const drafts: Draft[] = [];
  tracks.forEach((score, track) => {
    const own = indexOf.get(seats[track])!;
    for (const { start, duration, pitch, velocity } of score.notes) {
      drafts.push({
        time: secondsAt(start),
        order: 2,
        seat: own,
        track,
        message: { kind: "on", pitch, velocity },
      });
      const order = duration === 0 ? 3 : 0;
      drafts.push({
        time: secondsAt(start + duration),
        order,
        seat: own,
        track,
        message: { kind: "off", pitch },
      });
    }
    const all = listeners.get(score.channel)!;
    const reached = all.size > MAX_LISTENERS ? [own] : [...all];
    const push = (tick: number, message: SoundMessage): void => {
      const time = secondsAt(tick);
      for (const seat of reached) drafts.push({ time, order: 1, seat, track, message });
    };
    for (const { tick, controller, value } of score.controls)
      push(tick, { kind: "control", controller, value });
    for (const { tick, value } of score.pitchBends) push(tick, { kind: "bend", value });
  });
  return drafts;
}
