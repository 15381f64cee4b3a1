/**
 * What may still stand at one onset. Encoding writes the piece's own events first (meter, tempo, key), then track
 * by track its pedal, its bend, the ends of its notes and its new notes.
 */

/** Stages of the piece's own events; tracks come behind them. */
export const Global = { Meter: 0, Tempo: 1, Key: 2, Tracks: 3 } as const;

/** Stages of a track at an onset; each allows itself, or what comes later. */
export const Stage = { Pedal: 0, Bend: 1, Ends: 2, Notes: 3 } as const;

/** The order of events at one onset. Tracks are told apart by any whole number. */
export class OnsetOrder {
  /** Nothing stands at the onset yet. */
  isEmpty = true;
  /** What the next of the piece's own events may be; `Global.Tracks` behind them all. */
  global: number = Global.Meter;
  private track: number | undefined;
  private stage: number = Stage.Pedal;
  /** The track's pedal moved at this onset. */
  private hasPedal = false;
  private highest = -1;
  private left: number[] = [];

  /** A new onset. */
  reset(): void {
    this.isEmpty = true;
    this.global = Global.Meter;
    this.track = undefined;
    this.left = [];
    this.begin();
  }

  private begin(): void {
    this.stage = Stage.Pedal;
    this.hasPedal = false;
    this.highest = -1;
  }

  /** Whether events of a track may come next: a track that was left doesn't come again. */
  mayEnter(track: number): boolean {
    return track === this.track || !this.left.includes(track);
  }

  /** Whether `stage` of a track may come next. */
  mayReach(track: number, stage: number): boolean {
    if (track !== this.track) return this.mayEnter(track);
    // One bend, any number of ends and notes.
    return stage === Stage.Bend ? this.stage < Stage.Bend : this.stage <= stage;
  }

  /** Whether the pedal of a track may move: once at an onset. */
  mayPedal(track: number): boolean {
    return track === this.track ? this.stage === Stage.Pedal && !this.hasPedal : this.mayEnter(track);
  }

  /** The highest pitch of the track's new notes at this onset, or −1. */
  highestOf(track: number): number {
    return track === this.track ? this.highest : -1;
  }

  /** One of the piece's own events was written. */
  writeGlobal(event: number): void {
    this.isEmpty = false;
    this.global = event + 1;
  }

  private enter(track: number): void {
    this.isEmpty = false;
    this.global = Global.Tracks;
    if (track === this.track) return;
    if (this.track !== undefined) this.left.push(this.track);
    this.track = track;
    this.begin();
  }

  writePedal(track: number): void {
    this.enter(track);
    this.hasPedal = true;
  }

  writeBend(track: number): void {
    this.enter(track);
    this.stage = Stage.Bend;
  }

  writeEnd(track: number): void {
    this.enter(track);
    this.stage = Math.max(this.stage, Stage.Ends);
  }

  writeNote(track: number, pitch: number): void {
    this.enter(track);
    this.stage = Stage.Notes;
    this.highest = Math.max(this.highest, pitch);
  }

  fork(): OnsetOrder {
    return Object.assign(new OnsetOrder(), this, { left: [...this.left] });
  }
}
