import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointFileNames } from "../../src/checkpoint/index.js";
import { type Preview, startPreview } from "../../src/node/preview.js";
import { previewModelFiles } from "../../src/node/preview-library.js";
import { MIDI, openShownPreview, type ShownPreview, tokenOf } from "./shown-preview.js";

let shown: ShownPreview;
let folder: string;
let preview: Preview;
let token: string;
const ask: ShownPreview["ask"] = (...given) => shown.ask(...given);
beforeAll(async () => {
  shown = await openShownPreview();
  ({ folder, preview, token } = shown);
});
afterAll(() => shown.close());

const files = async (): Promise<{ name: string; url: string; bytes: number; modified: string }[]> =>
  JSON.parse(String((await ask(`/api/${token}/files`)).body));

describe("what a preview shows", () => {
  it("is the pages, with isolation and a strict policy on every answer", async () => {
    for (const path of ["/", "/studio-that-is-not-there.html", `/api/${token}/files`, "/api/wrong/files"]) {
      const { headers } = await ask(path);
      expect(headers, path).toMatchObject({
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
      expect(headers["content-security-policy"]).not.toMatch(
        /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/,
      );
    }
    const page = await ask("/");
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html;charset=utf-8"]);
    expect((await ask("/index.html")).status).toBe(200);
    expect((await ask("/assets/index.js")).headers["content-type"]).toBe("text/javascript");
    expect((await ask("/assets/shared-plain.wasm")).headers["content-type"]).toBe("application/wasm");
  });

  it("is what the package brings, from where the package has it", async () => {
    for (const [path, place] of [
      ["/checkpoints/chorales/config.json", "checkpoints/chorales/config.json"],
      ["/data/prompts/chorale.mid", "data/prompts/chorale.mid"],
      ["/soundfont/LICENSE", "dist/soundfont/LICENSE"],
    ]) {
      const answer = await ask(path);
      expect([answer.status, answer.body.equals(await readFile(place))], path).toEqual([200, true]);
    }
    for (const path of [
      "/checkpoints",
      "/checkpoints/",
      "/data",
      "/data/../package.json",
      "/soundfont//LICENSE",
    ]) {
      expect([400, 404], path).toContain((await ask(path)).status);
    }
  });

  it("is MIDI files, and nothing hidden, nothing else and nothing that links lead out to", async () => {
    const found = await files();
    expect(found.map(({ name }) => name).sort()).toEqual([
      "shown/one.mid",
      "shown/takes/again.mid",
      "shown/takes/nº 2 & <b>50%.MID",
    ]);
    for (const file of found) {
      expect(file.bytes).toBe(MIDI.length);
      expect(Date.parse(file.modified)).not.toBeNaN();
      const answer = await ask(file.url);
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "audio/midi"]);
      expect(answer.body).toEqual(MIDI);
    }
  });

  it("is a checkpoint's files, but for the optimizer's", async () => {
    const found = JSON.parse(String((await ask(`/api/${token}/checkpoints`)).body));
    expect(found).toEqual([
      {
        name: "shown/model",
        title: "shown/model",
        path: `/files/${token}/0/model`,
        files: [...previewModelFiles].sort(),
      },
    ]);
    expect((await ask(`${found[0].path}/config.json`)).status).toBe(200);
    for (const name of ["optimizer.safetensors", "metrics.jsonl"]) {
      expect((await ask(`${found[0].path}/${name}`)).status).toBe(404);
    }
    // The list is written out where it would load the tensor engine.
    const { optimizer, ...model } = checkpointFileNames;
    expect([...previewModelFiles].sort()).toEqual(Object.values(model).sort());
    expect(previewModelFiles).not.toContain(optimizer);
  });
});

describe("how a preview answers", () => {
  const one = () => `/files/${token}/0/one.mid`;

  it("gives parts of a file", async () => {
    const size = MIDI.length;
    for (const [range, start, end] of [
      ["bytes=0-3", 0, 4],
      ["bytes=4-", 4, size],
      ["bytes=-5", size - 5, size],
      ["bytes=0-0", 0, 1],
      ["bytes=10-99999", 10, size],
      ["bytes=-99999", 0, size],
    ] as const) {
      const answer = await ask(one(), { headers: { Range: range } });
      expect(answer.status, range).toBe(206);
      expect(answer.headers["content-range"]).toBe(`bytes ${start}-${end - 1}/${size}`);
      expect(answer.body, range).toEqual(MIDI.subarray(start, end));
    }
    for (const range of [`bytes=${size}-`, "bytes=-0", "bytes=999999-9999999"]) {
      const answer = await ask(one(), { headers: { Range: range } });
      expect([answer.status, answer.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
    }
    // Those that mean nothing, or several parts, are as if they weren't there.
    for (const range of ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b", "bytes=--1"]) {
      const answer = await ask(one(), { headers: { Range: range } });
      expect([answer.status, answer.body], range).toEqual([200, MIDI]);
      expect((await ask("/index.html", { headers: { Range: range } })).status, range).toBe(200);
    }
  });

  it("gives the head alone, and says when nothing has changed", async () => {
    const head = await ask(one(), { method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([
      200,
      `${MIDI.length}`,
      0,
    ]);
    for (const path of ["/", `/api/${token}/files`, `/api/${token}/events`]) {
      const answer = await ask(path, { method: "HEAD" });
      expect([answer.status, answer.body.length], path).toEqual([200, 0]);
    }
    const tag = String(head.headers.etag);
    expect((await ask(one(), { headers: { "If-None-Match": tag } })).status).toBe(304);
    const part = { Range: "bytes=0-3" };
    expect((await ask(one(), { headers: { ...part, "If-Range": tag } })).status).toBe(206);
    expect((await ask(one(), { headers: { ...part, "If-Range": '"another"' } })).status).toBe(200);
  });

  it("opens once by a word that holds no token", async () => {
    const address = new URL(preview.openingUrl());
    expect(address.href).not.toContain(token);
    const first = await ask(address.pathname);
    expect([first.status, first.headers.location]).toEqual([302, `/#token=${token}`]);
    expect((await ask(address.pathname)).status).toBe(403);
    expect((await ask("/open/")).status).toBe(403);
  });

  it("shows a file that is named itself, and nothing beside it", async () => {
    const alone = await startPreview({ paths: [join(folder, "shown", "one.mid")], host: "localhost" });
    expect(new URL(alone.url).hostname).toBe("localhost");
    expect(alone.files).toBe(1);
    const secret = tokenOf(alone);
    const localhost = { headers: { Host: `localhost:${alone.port}` } };
    const status = async (path: string) => (await ask(`/files/${secret}/${path}`, localhost, alone)).status;
    expect([
      await status("0/one.mid"),
      await status("0/takes/again.mid"),
      await status("0/notes.txt"),
    ]).toEqual([200, 404, 404]);
    await alone.close();
  });

  it("tells when a file comes, changes and goes", async () => {
    const place = join(folder, "watched");
    await mkdir(place);
    const watched = await startPreview({ paths: [place] });
    const secret = tokenOf(watched);
    const list = async () =>
      JSON.parse(String((await ask(`/api/${secret}/files`, {}, watched)).body)).map(
        ({ name, bytes }: { name: string; bytes: number }) => [name, bytes],
      );
    const response = await fetch(`http://127.0.0.1:${watched.port}/api/${secret}/events`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (isThere: () => Promise<boolean>): Promise<void> => {
      while (!(await isThere())) {
        const { value, done } = await events.read();
        if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
        text += value;
      }
    };
    const lists = (expected: unknown) => async () =>
      JSON.stringify(await list()) === JSON.stringify(expected);
    await until(async () => text.includes("event: ready"));
    expect(await list()).toEqual([]);
    await mkdir(join(place, "new", "newer"), { recursive: true });
    await writeFile(join(place, "new", "newer", ".piece.mid.tmp"), "MThd");
    await rename(join(place, "new", "newer", ".piece.mid.tmp"), join(place, "new", "newer", "piece.mid"));
    await until(lists([["watched/new/newer/piece.mid", 4]]));
    expect(text).toContain("event: change");
    await writeFile(join(place, "new", "newer", "piece.mid"), "MThd, longer");
    await until(lists([["watched/new/newer/piece.mid", 12]]));
    await rm(join(place, "new"), { recursive: true });
    await until(lists([]));
    await watched.close();
    // It ends: what is read on here comes to an end too.
    while (!(await events.read()).done);
  });
});
