import { invalid } from "../errors.js";

/** `strict` refuses what breaks the format; `lenient` keeps what can be kept and says what it did. */
export type ReadMode = "strict" | "lenient";

/** Something in a file that broke the format, and what was done about it. */
export interface MidiWarning {
  /** Offset in the file, in bytes, of what was wrong. */
  readonly byte: number;
  readonly message: string;
}

/** A file of nothing but faults must not fill memory with messages: no more than these are listed. */
const MAX_WARNINGS = 100;

/** Gathers a file's faults: throws the first one in strict mode, lists them in lenient mode. */
export class Faults {
  readonly warnings: MidiWarning[] = [];
  #unlisted = 0;

  constructor(readonly mode: ReadMode) {}

  /**
   * The file has `found` at `byte` instead of `expected`. In lenient mode it goes on, and `done` says how.
   *
   * @throws AttaccaError of kind `invalid` in strict mode.
   */
  add(subject: string, byte: number, found: string, expected: string, done: string): void {
    if (this.mode === "strict") throw invalid(subject, `${found} at byte ${byte}`, expected);
    if (this.warnings.length < MAX_WARNINGS - 1) {
      this.warnings.push({ byte, message: `${subject}: ${found}, expected ${expected}; ${done}` });
      return;
    }
    this.#unlisted++;
    const message = `${this.#unlisted} more faults, the first of them here`;
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push({ byte, message });
    else this.warnings[MAX_WARNINGS - 1] = { byte: this.warnings[MAX_WARNINGS - 1].byte, message };
  }
}
