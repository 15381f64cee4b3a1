import { DRUM_CHANNEL, type ScoreTrack } from "../midi/index.js";
import type { Seat } from "../synth/index.js";

/** A channel with the instrument that plays on it. */
export interface SeatedInstrument extends Seat {
  readonly program: number;
  readonly isDrum: boolean;
}

/** Up to this many tracks get a channel each; of more, those of one instrument share one. */
const MAX_OWN_SEATS = 64;

/**
 * By track, where it plays. Each gets a channel of its own, so that each can be muted: the one that it has in the score
 * if no earlier track has it, else a free one of the first port, else one of a further port. Drums play on channel 10.
 */
export function seatTracks(tracks: readonly ScoreTrack[]): SeatedInstrument[] {
  const shared = new Map<string, SeatedInstrument>();
  const taken = new Set<number>();
  const seats: (SeatedInstrument | undefined)[] = tracks.map(() => undefined);
  const take = (index: number, port: number, channel: number): void => {
    const { program, isDrum } = tracks[index];
    const seat = { port, channel, program, isDrum };
    taken.add(port * 16 + channel);
    seats[index] = seat;
    shared.set(`${isDrum} ${program}`, seat);
  };
  const isFree = (port: number, channel: number): boolean => !taken.has(port * 16 + channel);
  const share = tracks.length > MAX_OWN_SEATS;
  const sharedSeat = ({ isDrum, program }: ScoreTrack): SeatedInstrument | undefined =>
    share ? shared.get(`${isDrum} ${program}`) : undefined;

  tracks.forEach((track, index) => {
    const channel = track.isDrum ? DRUM_CHANNEL : track.channel;
    const fits = track.isDrum === (channel === DRUM_CHANNEL);
    if (fits && isFree(0, channel) && sharedSeat(track) === undefined) take(index, 0, channel);
  });
  tracks.forEach((track, index) => {
    if (seats[index] !== undefined) return;
    seats[index] = sharedSeat(track);
    for (let slot = 0; seats[index] === undefined; slot++) {
      const channel = slot % 16;
      if (track.isDrum !== (channel === DRUM_CHANNEL) || !isFree(slot >> 4, channel)) continue;
      take(index, slot >> 4, channel);
    }
  });
  return seats as SeatedInstrument[];
}
