import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointFileNames } from "../../src/checkpoint/index.js";
import { type Preview, startPreview } from "../../src/node/preview.js";
import { previewModelFiles } from "../../src/node/preview-library.js";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const MIDI = Buffer.from("MThd, or what stands for it: 0123456789");
let folder: string;
let preview: Preview;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-preview-"));
  const shown = join(folder, "shown");
  await mkdir(join(shown, "takes"), { recursive: true });
  await mkdir(join(shown, "model"));
  await mkdir(join(shown, ".hidden"));
  await mkdir(join(folder, "outside"));
  await writeFile(join(shown, "one.mid"), MIDI);
  await writeFile(join(shown, "takes", "nº 2 & <b>50%.MID"), MIDI);
  await writeFile(join(shown, "notes.txt"), "private");
  await writeFile(join(shown, ".hidden", "three.mid"), MIDI);
  await writeFile(join(folder, "outside", "secret.mid"), "secret");
  for (const name of [...previewModelFiles, "optimizer.safetensors", "metrics.jsonl"]) {
    await writeFile(join(shown, "model", name), "{}");
  }
  await symlink(join(folder, "outside", "secret.mid"), join(shown, "link.mid"));
  await symlink(join(folder, "outside"), join(shown, "linked"));
  await symlink(join(shown, "one.mid"), join(shown, "takes", "again.mid"));
  preview = await startPreview({ paths: [shown] });
  token = new URL(preview.url).hash.slice("#token=".length);
});
afterAll(async () => {
  await preview.close();
  await rm(folder, { recursive: true, force: true });
});

/** Asks as a client does that writes whatever it likes: nothing in the path is made tidy. */
function ask(
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  { port } = preview,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** The first line that the server answers to bytes that no client library would send. */
function askRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(preview.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1").on("data", (part: string) => {
      answer += part;
      socket.end();
    });
    socket.on("close", () => resolve(answer.split("\r\n", 1)[0]));
    socket.on("error", reject);
  });
}

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

describe("what a preview refuses", () => {
  it.each([
    "/files/TOKEN/0/../../outside/secret.mid",
    "/files/TOKEN/0/..%2f..%2foutside/secret.mid",
    "/files/TOKEN/0/%2e%2e/%2e%2e/outside/secret.mid",
    "/files/TOKEN/0/%2E%2E%2Foutside%2Fsecret.mid",
    "/files/TOKEN/0/%252e%252e/outside/secret.mid",
    "/files/TOKEN/0/..%5c..%5coutside%5csecret.mid",
    "/files/TOKEN/0/..\\..\\outside\\secret.mid",
    "/files/TOKEN/0/%c0%ae%c0%ae/outside/secret.mid",
    "/files/TOKEN/0/%u002e%u002e/outside/secret.mid",
    "/files/TOKEN/0/....//outside/secret.mid",
    "/files/TOKEN/0/./one.mid",
    "/files/TOKEN/0//one.mid",
    "/files/TOKEN//0/one.mid",
    "//files/TOKEN/0/one.mid",
    "/files/TOKEN/0/one.mid%00.txt",
    "/files/TOKEN/0/takes%2f..%2fone.mid",
    "/files/TOKEN/0/one.mid/",
    "/files/TOKEN/0/",
    "/files/TOKEN/0",
    "/files/TOKEN/1/one.mid",
    "/files/TOKEN/-1/one.mid",
    "/files/TOKEN/__proto__/one.mid",
    "/files/TOKEN/0/link.mid",
    "/files/TOKEN/0/linked/secret.mid",
    "/files/TOKEN/0/notes.txt",
    "/files/TOKEN/0/.hidden/three.mid",
    "/api/TOKEN/../../package.json",
    "/api/TOKEN/constructor",
    "/api/TOKEN/__proto__",
    "/api/TOKEN/files/more",
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/index.js",
    "/assets/..%2f..%2findex.js",
    "/assets/%2e%2e/%2e%2e/index.js",
    "/assets/..\\..\\index.js",
    "/%",
    "/node_modules/sirv/package.json",
    "/\u00ff",
  ])("is the path %s", async (path) => {
    const answer = await ask(path.replace("TOKEN", token));
    expect([400, 403, 404], String(answer.body)).toContain(answer.status);
    expect(String(answer.body)).not.toMatch(/secret|private|MThd|attacca"/);
  });

  it.each(["http://127.0.0.1/", "*", "index.html", "http://evil.example/index.html", "/ HTTP/9.9\r\nX:"])(
    "is the request target %j",
    async (target) => {
      expect(await askRaw(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${preview.port}\r\n\r\n`)).toMatch(
        / 400 /,
      );
    },
  );

  it("is a host that isn't this machine: another site's name may lead here", async () => {
    const { port } = preview;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port + 1}`,
      `0.0.0.0:${port}`,
      `localhost:${port}@evil.example`,
    ]) {
      for (const path of ["/", `/api/${token}/files`]) {
        expect((await ask(path, { headers: { Host: host } })).status, host).toBe(421);
      }
    }
    expect(await askRaw("GET / HTTP/1.0\r\n\r\n")).toMatch(/ 421 /);
    expect(await askRaw("GET / HTTP/1.1\r\n\r\n")).toMatch(/ 400 /);
    for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
      expect((await ask("/", { headers: { Host: `${host}:${port}` } })).status, host).toBe(200);
    }
  });

  it("is a missing, wrong, short or long token", async () => {
    const wrong = [...token].reverse().join("");
    for (const each of ["", "x", wrong, token.slice(1), `${token}x`, token.toUpperCase(), "%00", "..%2f"]) {
      for (const path of [`/api/${each}/files`, `/api/${each}/events`, `/files/${each}/0/one.mid`]) {
        expect([400, 403], path).toContain((await ask(path)).status);
      }
    }
    for (const path of [
      "/api",
      "/api/",
      "/api/files",
      "/files",
      "/files/0/one.mid",
      `/api/?token=${token}`,
    ]) {
      expect((await ask(path)).status, path).toBe(403);
    }
    expect(token).toMatch(/^[\w-]{32}$/);
    const other = await startPreview({ paths: [] });
    expect(new URL(other.url).hash).not.toContain(token);
    await other.close();
  });

  it("is what another site asks for", async () => {
    const { port } = preview;
    const path = `/api/${token}/files`;
    for (const origin of [
      "null",
      "https://evil.example",
      `https://127.0.0.1:${port}`,
      "http://127.0.0.1:1",
    ]) {
      expect((await ask(path, { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    expect((await ask(path, { headers: { Origin: `http://127.0.0.1:${port}` } })).status).toBe(200);
    const sent = (site: string, mode: string, dest: string) =>
      ask("/", { headers: { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest } });
    expect((await sent("cross-site", "no-cors", "script")).status).toBe(403);
    expect((await sent("same-site", "cors", "empty")).status).toBe(403);
    expect((await sent("cross-site", "navigate", "iframe")).status).toBe(403);
    expect((await sent("cross-site", "navigate", "document")).status).toBe(200);
    expect((await sent("same-origin", "cors", "empty")).status).toBe(200);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])(
    "is the method %s",
    async (method) => {
      for (const path of ["/", `/api/${token}/files`, `/files/${token}/0/one.mid`]) {
        const answer = await ask(path, { method });
        expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
      }
    },
  );

  it("is a tunnel, another protocol, and what is no HTTP", async () => {
    const host = `Host: 127.0.0.1:${preview.port}\r\n`;
    expect(await askRaw(`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host}\r\n`)).not.toMatch(/ 2\d\d /);
    const upgrade = `GET /api/x/events HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await askRaw(upgrade)).not.toMatch(/ [12]\d\d /);
    expect(await askRaw("\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(/ 400 /);
    expect((await ask("/")).status).toBe(200);
  });

  it("is a link that has taken the place of a file", async () => {
    const path = join(folder, "shown", "soon-a-link.mid");
    await writeFile(path, MIDI);
    const watched = await startPreview({ paths: [join(folder, "shown")] });
    const secret = new URL(watched.url).hash.slice("#token=".length);
    const address = `/files/${secret}/0/soon-a-link.mid`;
    expect((await ask(address, {}, watched)).body).toEqual(MIDI);
    await rm(path);
    await symlink(join(folder, "outside", "secret.mid"), path);
    const answer = await ask(address, {}, watched);
    expect([answer.status, String(answer.body)]).toEqual([404, "There is no such file here.\n"]);
    await watched.close();
    await rm(path);
  });

  it("is a path that isn't there, or no MIDI file, and a port that is taken", async () => {
    await expect(startPreview({ paths: [join(folder, "none")] })).rejects.toThrow(/missing .*none/);
    await expect(startPreview({ paths: [join(folder, "shown", "notes.txt")] })).rejects.toThrow(
      /neither a MIDI file nor a folder/,
    );
    await expect(startPreview({ paths: [], port: preview.port })).rejects.toThrow(
      `port ${preview.port} of 127.0.0.1: taken by another program`,
    );
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
    const secret = new URL(alone.url).hash.slice("#token=".length);
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
    const secret = new URL(watched.url).hash.slice("#token=".length);
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
