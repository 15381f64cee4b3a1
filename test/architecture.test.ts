import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../src", import.meta.url));

/** room → rooms that it may import, as the table in src/README.md says. */
function importTable(): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  for (const line of readFileSync(join(root, "README.md"), "utf8").split("\n")) {
    const row = /^\| `(\w+)` \|.*\| ([^|]*) \|$/.exec(line);
    if (!row) continue;
    const allowed = row[2].includes("every room above") ? [...table.keys()] : [];
    for (const name of row[2].matchAll(/\w+/g)) if (table.has(name[0])) allowed.push(name[0]);
    table.set(row[1], new Set(allowed));
  }
  return table;
}

function sourceFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".d.ts"),
  );
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]);
}

/** `midi/read.ts` → `midi`; `errors.ts` → `errors`. */
function roomOf(path: string): string {
  return path.split(sep)[0].replace(/\.ts$/, "");
}

/** What an import of `path` names, as a path below src, or undefined for packages. */
function target(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(root, normalize(join(root, dirname(path), specifier))).replace(/\.js$/, ".ts");
}

describe("the rooms", () => {
  const table = importTable();

  it("are all in the table", () => {
    const rooms = new Set(sourceFiles().map(roomOf));
    rooms.delete("index");
    expect([...rooms].filter((room) => !table.has(room))).toEqual([]);
  });

  it("import only what the table allows", () => {
    const wrong: string[] = [];
    for (const path of sourceFiles()) {
      const from = roomOf(path);
      if (from === "index") continue;
      for (const specifier of importsOf(path)) {
        const to = target(path, specifier);
        if (to === undefined || roomOf(to) === from) continue;
        if (!table.get(from)?.has(roomOf(to))) wrong.push(`${path} imports ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("are entered by their doors", () => {
    const wrong: string[] = [];
    for (const path of sourceFiles()) {
      for (const specifier of importsOf(path)) {
        const to = target(path, specifier);
        if (to === undefined || roomOf(to) === roomOf(path) || !to.includes(sep)) continue;
        // The program opens single files of `node` and lists of choices, so that `--help` loads no tensor engine.
        if (roomOf(path) === "cli" && (roomOf(to) === "node" || to.endsWith(`${sep}choices.ts`))) continue;
        if (to.split(sep).at(-1) !== "index.ts") wrong.push(`${path} imports ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keep Node out of the core", () => {
    const wrong = sourceFiles()
      .filter((path) => !["node", "cli"].includes(roomOf(path)))
      .flatMap((path) =>
        importsOf(path)
          .filter((s) => s.startsWith("node:"))
          .map((s) => `${path}: ${s}`),
      );
    expect(wrong).toEqual([]);
  });

  it("hold no file over 400 lines", () => {
    const long = sourceFiles().filter(
      (path) => readFileSync(join(root, path), "utf8").split("\n").length > 401,
    );
    expect(long).toEqual([]);
  });
});
