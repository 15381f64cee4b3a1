/** A note without its end. */
export interface OpenNote {
  readonly start: number;
  readonly pitch: number;
  readonly velocity: number;
}

/** Notes of one pitch in the order in which they began; those before `next` have ended. */
interface Queue {
  readonly notes: OpenNote[];
  next: number;
}

/** Notes that began and didn't end. Of equal pitches the first that began is the first that ends. */
export class SoundingNotes {
  private readonly byProgram = new Map<number, Map<number, Queue>>();

  start(program: number, note: OpenNote): void {
    let pitches = this.byProgram.get(program);
    if (pitches === undefined) {
      pitches = new Map();
      this.byProgram.set(program, pitches);
    }
    const queue = pitches.get(note.pitch);
    if (queue === undefined) pitches.set(note.pitch, { notes: [note], next: 0 });
    else queue.notes.push(note);
  }

  /** Ends the note of a pitch that began first, and gives it. */
  end(program: number, pitch: number): OpenNote | undefined {
    const queue = this.byProgram.get(program)?.get(pitch);
    return queue === undefined || queue.next === queue.notes.length ? undefined : queue.notes[queue.next++];
  }

  /** The notes of a program, the lowest pitch first. */
  of(program: number): OpenNote[] {
    const pitches = [...(this.byProgram.get(program) ?? [])].sort(([a], [b]) => a - b);
    return pitches.flatMap(([, { notes, next }]) => notes.slice(next));
  }

  clear(program: number): void {
    this.byProgram.delete(program);
  }
}
