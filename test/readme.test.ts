import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "./cli/run-cli.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

interface Block {
  readonly language: string;
  readonly code: string;
}

function codeBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    language,
    code,
  }));
}

/** Lines that install or start over: CI runs them itself, and a test inside them would call itself. */
function isInstall(line: string): boolean {
  return /^(npm (ci|cit|install|run demo|test)|git clone|cd attacca)\b/.test(line);
}

const blocks = codeBlocks(readFileSync(join(root, "README.md"), "utf8"));

describe("the README", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "attacca-readme-"));
    for (const name of ["data", "checkpoints"])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "attacca"), "dir");
    symlinkSync(
      join(root, "node_modules", "@tensorflow"),
      join(folder, "node_modules", "@tensorflow"),
      "dir",
    );
    mkdirSync(join(folder, "bin"));
    // `npx attacca` in a clone runs the clone's own program.
    writeFileSync(
      join(folder, "bin", "npx"),
      `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`,
      {
        mode: 0o755,
      },
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has commands, a session in the shell, and library code", () => {
    const languages = new Set(blocks.map((block) => block.language));
    expect([...languages].sort()).toEqual(["js", "sh"]);
  });

  // In the order of the page: later blocks use what earlier ones made.
  it.each(blocks.map((block, index) => [index + 1, block] as const))(
    "runs its code block %i",
    async (index, block) => {
      const env = {
        ...process.env,
        NO_COLOR: "1",
        PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
      };
      if (block.language === "sh") {
        const lines = block.code
          .split("\n")
          .filter((line) => !line.split("&&").some((part) => isInstall(part.trim())));
        const script = join(folder, `block-${index}.sh`);
        writeFileSync(script, `set -eu\n${lines.join("\n")}\n`);
        await expect(run("sh", [script], { cwd: folder, env })).resolves.toBeDefined();
      } else {
        const script = join(folder, `block-${index}.mjs`);
        writeFileSync(script, block.code);
        const { stdout } = await run(process.execPath, [script], { cwd: folder, env });
        for (const [, expected] of block.code.matchAll(/console\.log\(.*\); \/\/ → (.*)$/gm)) {
          expect(stdout).toContain(expected);
        }
      }
    },
  );
});
