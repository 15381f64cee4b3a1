import { z } from "zod";
import { openBrowser } from "../../node/open-browser.js";
import { loopbackHosts, startPreview } from "../../node/preview.js";
import { defineCommand, Interrupted } from "../command.js";
import { counted } from "../terminal.js";

const options = z.object({
  port: z
    .number()
    .int("a whole number")
    .min(0, "0 or more")
    .max(65_535, "65,535 at most")
    .default(0)
    .describe("port to listen on; 0 takes a free one"),
  host: z
    .enum(loopbackHosts)
    .default("127.0.0.1")
    .describe("which name of this machine; others can't reach it"),
  open: z.boolean().default(false).describe("open the page in the browser"),
});

export const previewCommand = defineCommand({
  name: "preview",
  summary: "hear and see MIDI files in the browser, and go on with them there",
  positionals: {
    name: "paths",
    description:
      "MIDI files and folders with MIDI files or checkpoints in them (default: the current folder)",
    count: "any",
  },
  options,
  examples: [
    ["attacca preview --open", "the MIDI files under the current folder"],
    ["attacca preview tour runs/chorales --port 8080", "two folders; new files appear by themselves"],
  ],
  async run({ options, positionals, terminal, signal }) {
    const preview = await startPreview({ ...options, paths: positionals.length > 0 ? positionals : ["."] });
    try {
      const { url, port, files, checkpoints, isCut } = preview;
      terminal.emit({ url, port, files, checkpoints });
      terminal.print(url);
      const found = [
        counted(files, "MIDI file"),
        ...(checkpoints > 0 ? [counted(checkpoints, "checkpoint")] : []),
      ];
      terminal.note(
        `${found.join(" and ")}${isCut ? ", and more that are left out: name a smaller folder" : ""}`,
      );
      terminal.note("Only this machine reaches the page, and only with the whole address. Ctrl-C ends it.");
      if (options.open && !(await openBrowser(preview.openingUrl()))) {
        terminal.note("No browser could be opened. Open the address above.");
      }
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
    } finally {
      await preview.close();
    }
    throw new Interrupted("the page is closed");
  },
});
