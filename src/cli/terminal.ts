import { Presets, SingleBar } from "cli-progress";
import pc from "picocolors";
import type { JsonObject } from "./command.js";

/** Where a command speaks: results on stdout, everything else on stderr. */
export interface Terminal {
  /** Whether stdout may be coloured (a terminal, and NO_COLOR isn't set). */
  readonly colour: boolean;
  /** Columns of stdout; where it isn't a terminal, COLUMNS or 80. */
  readonly width: number;
  /** Whether the result is asked for as JSON; then `print` is silent. */
  readonly json: boolean;
  /** Styles for stdout that are plain text where colour isn't wanted. */
  readonly style: ReturnType<typeof pc.createColors>;
  /** A line of the result, for people: stdout, and nothing under `--json`. */
  print(line?: string): void;
  /** The result of a command that runs on after it, for programs: one JSON object on stdout, and nothing without `--json`. */
  emit(result: JsonObject): void;
  /** Whether that has happened: then nothing else is printed on stdout under `--json`. */
  readonly hasEmitted: boolean;
  /** A line about the work: stderr. */
  note(line: string): void;
  /** A progress bar on stderr; silent where stderr isn't a terminal. */
  progress(total: number, unit: string): Progress;
}

/** A bar that is running. */
export interface Progress {
  /** Sets how much is done, with a short text behind the bar (loss, files a second). */
  update(done: number, text?: string): void;
  stop(): void;
}

/** Columns of stdout; where it isn't a terminal, as the environment's COLUMNS says, or `otherwise`. */
export function terminalWidth(otherwise: number): number {
  const wanted = Number(process.env.COLUMNS);
  return process.stdout.columns ?? (Number.isInteger(wanted) && wanted > 0 ? wanted : otherwise);
}

/** A number with its noun: `1 file`, `1,200 files`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A path as one word of a command line that people can copy. */
export function shellWord(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : JSON.stringify(path);
}

/** `75` → `1 min 15 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** The terminal of this process. */
export function createTerminal(json: boolean): Terminal {
  const colour = process.stdout.isTTY === true && pc.isColorSupported && !process.env.NO_COLOR;
  let hasEmitted = false;
  return {
    colour,
    width: terminalWidth(80),
    json,
    style: pc.createColors(colour),
    print(line = "") {
      if (!json) process.stdout.write(`${line}\n`);
    },
    get hasEmitted() {
      return hasEmitted;
    },
    emit(result) {
      hasEmitted = true;
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    },
    note(line) {
      process.stderr.write(`${line}\n`);
    },
    progress: startProgress,
  };
}

function startProgress(total: number, unit: string): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}% {value}/{total} ${unit} · {eta_formatted} left {text}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
      barsize: Math.max(8, Math.min(30, (process.stderr.columns ?? 80) - 60)),
      etaBuffer: 50,
      // Before the first steps the time left is the word INF.
      formatTime: (seconds) => (Number.isFinite(seconds) ? duration(seconds) : "?"),
      autopadding: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { text: "" });
  return {
    update: (done, text = "") => bar.update(done, { text }),
    stop: () => bar.stop(),
  };
}
