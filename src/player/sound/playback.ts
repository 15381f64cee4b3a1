import type { Score } from "../../midi/index.js";
import { chase, resets, type SoundEvent, type SoundSchedule, scheduleOf } from "../../sound/index.js";
import type { Instruments, TimedEvent } from "./instruments.js";
import type { Loop } from "./sound.js";
import type { Transport } from "./transport.js";

/** The shortest stretch that is looped, in seconds. */
export const MIN_LOOP_SECONDS = 0.05;

/** A page that is busy for so long still sends its notes in time. */
const LOOK_AHEAD_SECONDS = 0.3;
/** Browsers let timers of hidden pages run once a second. */
const HIDDEN_LOOK_AHEAD_SECONDS = 1.5;
/** From a call to its first message: the way to the audio thread, and the fade of what sounded before. */
const START_SECONDS = 0.08;

/** Sends a score's messages to instruments, a little ahead of their time. */
export class Playback {
  readonly #context: BaseAudioContext;
  readonly #transport: Transport;
  /** Seconds from the instruments to the speaker. */
  readonly #latency: () => number;
  #instruments: Instruments;
  #schedule: SoundSchedule = { duration: 0, events: [], seats: [] };
  #isPlaying = false;
  /** The position while it doesn't play. */
  #resting = 0;
  #rate = 1;
  #loop: Loop | undefined;
  /** Everything before this is sent: a time of the context, the score second that belongs to it, the next event. */
  #frontier = { at: 0, seconds: 0, next: 0 };
  /** Where it began to play last. */
  #start = { at: 0, seconds: 0 };
  /** Notes that are on at the frontier. */
  readonly #sounding = new Map<number, SoundEvent>();
  /** Loudness by track, 1 where none is set. */
  #gains: readonly number[] = [];

  constructor(
    context: BaseAudioContext,
    transport: Transport,
    instruments: Instruments,
    latency: () => number,
  ) {
    this.#context = context;
    this.#transport = transport;
    this.#instruments = instruments;
    this.#latency = latency;
  }

  get duration(): number {
    return this.#schedule.duration;
  }

  get trackCount(): number {
    return this.#schedule.seats.length;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  get position(): number {
    if (!this.#isPlaying) return this.#resting;
    const heard = this.#context.currentTime - this.#latency();
    const seconds = heard <= this.#start.at ? this.#start.seconds : this.#transport.secondsAt(heard);
    return Math.max(0, Math.min(seconds, this.duration));
  }

  load(score: Score): void {
    this.stop(0);
    this.#schedule = scheduleOf(score);
    this.#prepare();
  }

  append(score: Score): void {
    this.#schedule = scheduleOf(score);
    this.#prepare();
    if (!this.#isPlaying) return;
    const { at, seconds } = this.#frontier;
    const state = chase(this.#schedule, seconds);
    const held = new Set(state.filter(({ kind }) => kind === "on").map(noteKey));
    const batch: TimedEvent[] = [];
    for (const [key, event] of this.#sounding) {
      if (!held.has(key)) this.#push(batch, offOf(event), at);
    }
    for (const event of state) if (event.kind !== "on") this.#push(batch, event, at);
    this.#frontier.next = this.#indexAt(seconds);
    this.#instruments.send(batch);
  }

  play(seconds: number): void {
    const from = this.#within(seconds);
    const now = this.#context.currentTime;
    this.#instruments.cancel();
    this.#sounding.clear();
    let at = now + START_SECONDS;
    if (!this.#instruments.canRecall) at = Math.max(at, this.#frontier.at + START_SECONDS);
    if (this.#isPlaying) this.#transport.jump(at, from);
    else this.#transport.start(at, from);
    this.#transport.setRate(at, this.#rate);
    this.#isPlaying = true;
    this.#start = { at, seconds: from };
    this.#frontier = { at, seconds: from, next: this.#indexAt(from) };
    this.#instruments.send(this.#arrival(from, at));
    this.pump();
  }

  /** Stops, and rests at a position; sounds end. */
  stop(seconds: number): void {
    this.end();
    this.#resting = this.#within(seconds);
    this.#instruments.cancel();
    this.#sounding.clear();
  }

  /** Stops at the end of the score; what still fades goes on fading. */
  end(): void {
    if (this.#isPlaying) this.#transport.stop(this.#context.currentTime);
    this.#isPlaying = false;
    this.#resting = this.duration;
  }

  set rate(rate: number) {
    this.#rate = rate;
    if (this.#isPlaying) this.#transport.setRate(this.#frontier.at, rate);
  }

  set loop(loop: Loop | undefined) {
    this.#loop = loop;
    if (loop && this.#isPlaying && this.#frontier.seconds >= loop.to) this.play(loop.from);
  }

  /** Loudness by track of the score. */
  set gains(gains: readonly number[]) {
    this.#gains = gains;
    this.#setGains();
  }

  /** Goes on with other instruments, where it is. */
  use(instruments: Instruments): void {
    const { position } = this;
    this.#instruments.cancel();
    this.#instruments = instruments;
    this.#prepare();
    if (this.#isPlaying) this.play(position);
  }

  /** Sends what is due soon. Gives false once the score is over. */
  pump(): boolean {
    if (!this.#isPlaying) return true;
    if (this.#loop === undefined && this.position >= this.duration) return false;
    const isHidden = typeof document !== "undefined" && document.hidden;
    const ahead = isHidden ? HIDDEN_LOOK_AHEAD_SECONDS : LOOK_AHEAD_SECONDS;
    const horizon = this.#context.currentTime + ahead;
    const batch: TimedEvent[] = [];
    while (this.#frontier.at < horizon) this.#advance(horizon, batch);
    this.#instruments.send(batch);
    return true;
  }

  /** Moves the frontier to the horizon, or to the end of the loop and from there to its start. */
  #advance(horizon: number, batch: TimedEvent[]): void {
    const frontier = this.#frontier;
    const loop = this.#loop && frontier.seconds < this.#loop.to ? this.#loop : undefined;
    const reached = frontier.seconds + (horizon - frontier.at) * this.#rate;
    const until = Math.min(reached, loop?.to ?? Number.POSITIVE_INFINITY);
    const { events } = this.#schedule;
    for (; frontier.next < events.length && events[frontier.next].time < until; frontier.next++) {
      const event = events[frontier.next];
      const late = Math.max(0, event.time - frontier.seconds);
      this.#push(batch, event, frontier.at + late / this.#rate);
    }
    // Set, not added to: a rest too small to be added would never get smaller.
    frontier.at = until === reached ? horizon : frontier.at + (until - frontier.seconds) / this.#rate;
    frontier.seconds = until;
    if (loop === undefined || until < loop.to) return;
    for (const event of this.#sounding.values()) this.#push(batch, offOf(event), frontier.at);
    this.#transport.jump(frontier.at, loop.from);
    frontier.seconds = loop.from;
    frontier.next = this.#indexAt(loop.from);
    batch.push(...this.#arrival(loop.from, frontier.at));
  }

  /** What makes channels ready to be played from a position on. */
  #arrival(seconds: number, at: number): TimedEvent[] {
    const batch: TimedEvent[] = [];
    for (const event of resets(this.#schedule, seconds)) this.#push(batch, event, at);
    for (const event of chase(this.#schedule, seconds)) this.#push(batch, event, at);
    return batch;
  }

  #push(batch: TimedEvent[], event: SoundEvent, at: number): void {
    if (event.kind === "off") this.#sounding.delete(noteKey(event));
    if (event.kind !== "on") {
      batch.push({ at, event });
      return;
    }
    const gain = this.#gatedGain(event.track);
    if (gain === 0) return;
    this.#sounding.set(noteKey(event), event);
    const velocity = Math.max(1, Math.min(127, Math.round(event.velocity * gain)));
    batch.push({ at, event: { ...event, velocity } });
  }

  /** What a note's velocity is multiplied by: 1 where the track's channel has a gain of its own. */
  #gatedGain(track: number): number {
    const { seats } = this.#schedule;
    const gain = this.#gains[track] ?? 1;
    const isShared = seats.length > 64;
    return this.#instruments.hasGains && !isShared ? 1 : gain;
  }

  #setGains(): void {
    const { seats } = this.#schedule;
    const isShared = seats.length > 64;
    seats.forEach((seat, track) => {
      const gain = this.#gains[track] ?? 1;
      this.#instruments.setGain(seat, isShared ? 1 : gain);
      if (gain > 0 || this.#gatedGain(track) > 0) return;
      const ended = [...this.#sounding.values()].filter((event) => event.track === track);
      const batch: TimedEvent[] = [];
      for (const event of ended) this.#push(batch, offOf(event), this.#frontier.at);
      this.#instruments.send(batch);
    });
  }

  #prepare(): void {
    this.#instruments.prepare(this.#schedule);
    this.#setGains();
  }

  /** The nearest position that there is; 0 for what is no number. */
  #within(seconds: number): number {
    return Math.max(0, Math.min(seconds || 0, this.duration));
  }

  /** The first event at or after a time. */
  #indexAt(seconds: number): number {
    const { events } = this.#schedule;
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle].time < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function noteKey(event: SoundEvent): number {
  return (event.port * 16 + event.channel) * 128 + ("pitch" in event ? event.pitch : 0);
}

function offOf({ time, track, port, channel, ...event }: SoundEvent): SoundEvent {
  return { time, track, port, channel, kind: "off", pitch: "pitch" in event ? event.pitch : 0 };
}
