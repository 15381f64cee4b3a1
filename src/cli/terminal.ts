import { Presets, SingleBar } from "cli-progress";
import pc from "picocolors";

/** Where a command speaks: results on stdout, everything else on stderr. */
export interface Terminal {
  /** Whether stdout may be coloured (a terminal, and NO_COLOR isn't set). */
  readonly colour: boolean;
  /** Columns of stdout; 80 where it isn't a terminal. */
  readonly width: number;
  /** Whether the result is asked for as JSON; then `print` is silent. */
  readonly json: boolean;
  /** Styles for stdout that are plain text where colour isn't wanted. */
  readonly style: ReturnType<typeof pc.createColors>;
  /** A line of the result, for people: stdout, and nothing under `--json`. */
  print(line?: string): void;
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

/** The terminal of this process. */
export function createTerminal(json: boolean): Terminal {
  const colour = process.stdout.isTTY === true && pc.isColorSupported && !process.env.NO_COLOR;
  return {
    colour,
    width: process.stdout.columns ?? 80,
    json,
    style: pc.createColors(colour),
    print(line = "") {
      if (!json) process.stdout.write(`${line}\n`);
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
