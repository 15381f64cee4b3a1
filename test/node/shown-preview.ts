import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Preview, startPreview } from "../../src/node/preview.js";
import { previewModelFiles } from "../../src/node/preview-library.js";

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** A preview of the folder `shown` in `folder`, which has files to show and others beside them. */
export interface ShownPreview {
  readonly folder: string;
  readonly preview: Preview;
  readonly token: string;
  /** Asks as a client does that writes whatever it likes: nothing in the path is made tidy. */
  ask(path: string, options?: AskOptions, preview?: Preview): Promise<Answer>;
  /** The first line that the server answers to bytes that no client library would send. */
  askRaw(text: string): Promise<string>;
  close(): Promise<void>;
}

/** The bytes of the files that end in .mid. */
export const MIDI = Buffer.from("MThd, or what stands for it: 0123456789");

/** The token in a preview's address. */
export const tokenOf = ({ url }: Preview): string => new URL(url).hash.slice("#token=".length);

export async function openShownPreview(): Promise<ShownPreview> {
  const folder = await mkdtemp(join(tmpdir(), "attacca-preview-"));
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
  const preview = await startPreview({ paths: [shown] });
  return {
    folder,
    preview,
    token: tokenOf(preview),
    ask: (path, options = {}, { port } = preview) => ask(port, path, options),
    askRaw: (text) => askRaw(preview.port, text),
    close: async () => {
      await preview.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ask(port: number, path: string, { method = "GET", headers = {} }: AskOptions): Promise<Answer> {
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

function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1").on("data", (part: string) => {
      answer += part;
      socket.end();
    });
    socket.on("close", () => resolve(answer.split("\r\n", 1)[0]));
    socket.on("error", reject);
  });
}
