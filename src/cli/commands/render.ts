import { z } from "zod";
import { invalid } from "../../errors.js";
import { parsePlace, type RenderResult } from "../../node/render.js";
import { defineCommand, Interrupted, usage } from "../command.js";
import { counted, duration } from "../terminal.js";

const options = z.object({
  out: z
    .string()
    .min(1, "a file or folder")
    .describe("WAV file to write; without .wav a folder, in which every file gets its own name"),
  soundfont: z
    .string()
    .min(1, "a file")
    .optional()
    .describe(".sf2, .sf3 or .dls file (default: the Sonivox set that comes with attacca)"),
  sampleRate: z
    .number()
    .int("a whole number")
    .min(8000, "8,000 or more")
    .max(192_000, "192,000 at most")
    .default(44_100)
    .describe("samples a second"),
  gain: z
    .number()
    .positive("above 0")
    .max(100, "100 at most")
    .default(1)
    .describe("loudness; what would be too loud is made softer as a whole"),
  from: z.string().optional().describe("where to begin: seconds, or a bar such as bar:5"),
  to: z.string().optional().describe("where to end: seconds, or the start of a bar such as bar:9"),
  force: z.boolean().default(false).describe("replace files that are there"),
});

export const renderCommand = defineCommand({
  name: "render",
  summary: "play MIDI files into WAV files, with the instruments of a soundfont",
  positionals: { name: "files", description: "MIDI files", count: "many" },
  options,
  examples: [
    ["attacca render more.mid --out more.wav", "one file"],
    ["attacca render tour/*.mid --out sound --soundfont GeneralUser.sf2", "all files of a folder"],
    ["attacca render more.mid --out seam.wav --from bar:7 --to bar:11", "four bars"],
  ],
  async run({ options, positionals, terminal, signal }) {
    const [from, to] = usage(() => [place(options.from, "from"), place(options.to, "to")]);
    const { renderFiles } = await import("../../node/render.js");
    const onStart = (soundfont: string): void => terminal.note(`soundfont: ${soundfont}`);
    const progress = terminal.progress(100, "% rendered");
    let result: RenderResult;
    try {
      result = await renderFiles({
        ...options,
        from,
        to,
        files: positionals,
        signal,
        onStart,
        onProgress: (share, file) => progress.update(Math.floor(share * 100), file),
      });
    } finally {
      progress.stop();
    }
    const { rendered, failed, interrupted } = result;
    for (const { file, out, seconds, peak, warnings } of rendered) {
      for (const warning of warnings) terminal.note(`note: ${warning}`);
      terminal.print(`${file} → ${out} (${duration(seconds)}, peak ${peak.toFixed(1)} dB)`);
    }
    const failures = failed.map(({ file, error }) => ({ file, kind: error.kind, message: error.message }));
    if (positionals.length > 1) for (const { message } of failures) terminal.note(`left out: ${message}`);
    if (interrupted) {
      throw new Interrupted(
        `interrupted; ${counted(rendered.length, "file")} of ${positionals.length} written`,
      );
    }
    if (failed.length > 0) {
      if (positionals.length === 1) throw failed[0].error;
      terminal.emit({ rendered, failed: failures });
      const share = `${failed.length} of ${positionals.length} that couldn't be rendered`;
      throw invalid("files", share, "MIDI files", "The others are written");
    }
    return { rendered, failed: failures };
  },
});

const place = (text: string | undefined, flag: string) =>
  text === undefined ? undefined : parsePlace(text, `option --${flag}`);
