import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Preview, startPreview } from "../../src/node/preview.js";
import { MIDI, openShownPreview, type ShownPreview, tokenOf } from "./shown-preview.js";

let shown: ShownPreview;
let folder: string;
let preview: Preview;
let token: string;
const ask: ShownPreview["ask"] = (...given) => shown.ask(...given);
const askRaw = (text: string): Promise<string> => shown.askRaw(text);
beforeAll(async () => {
  shown = await openShownPreview();
  ({ folder, preview, token } = shown);
});
afterAll(() => shown.close());

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
    const secret = tokenOf(watched);
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
