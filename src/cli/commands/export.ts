import { stat } from "node:fs/promises";
import { z } from "zod";
import { invalid, naming } from "../../errors.js";
import { readMidi } from "../../midi/index.js";
import { exportHtml } from "../../node/export-html.js";
import { readBytes, writeAtomic } from "../../node/files.js";
import { defineCommand } from "../command.js";

const options = z.object({
  html: z.string().min(1, "a file").describe("HTML file to write"),
  title: z.string().optional().describe("the piece's name (default: the file's)"),
  sound: z
    .enum(["soundfont", "synth"])
    .default("soundfont")
    .describe("real instruments, in a file of 2 MB, or a simple synthesizer, in one of 330 kB"),
  promptEnd: z
    .string()
    .regex(/^(bar:[1-9]\d{0,8}|\d{1,9}(\.\d+)?)$/, "seconds, or bar:N with N from 1")
    .optional()
    .describe("where the continuation begins: seconds, or bar:N (default: where the file says so)"),
  theme: z.enum(["light", "dark"]).optional().describe("default: as the reader's system prefers"),
  force: z.boolean().default(false).describe("replace a file that is there"),
});

export const exportCommand = defineCommand({
  name: "export",
  summary: "write a MIDI file as one HTML file that shows and plays it anywhere",
  positionals: { name: "file", description: "a MIDI file", count: "one" },
  options,
  examples: [
    ["attacca export piece.mid --html piece.html", "a page to send to someone: it needs nothing else"],
    ["attacca export piece.mid --html piece.html --sound synth", "a small one"],
  ],
  async run({ options, positionals: [path], terminal }) {
    const { html, force, title = titleOf(path), ...rest } = options;
    if (!force && (await stat(html).catch(() => undefined)) !== undefined) {
      throw invalid(html, "a file that is there already", "a new name", "--force replaces it");
    }
    const midi = await readBytes(path);
    naming(path, () => readMidi(midi));
    const text = await exportHtml(midi, { ...rest, title });
    await writeAtomic(html, text);
    const bytes = Buffer.byteLength(text);
    terminal.print(`${path} → ${html} (${Math.ceil(bytes / 1000).toLocaleString("en-GB")} kB)`);
    return { file: path, html, bytes, title, sound: options.sound };
  },
});

/** A file's name as a piece's. */
function titleOf(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? path).replace(/\.midi?$/i, "").replaceAll("_", " ");
}
