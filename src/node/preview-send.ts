import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** Types of what users have; everything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  mid: "audio/midi",
  midi: "audio/midi",
  json: "application/json",
};

/**
 * Answers with a file: whole, a part of it (one range of RFC 9110, section 14), only its head, or that it hasn't changed.
 *
 * @param path its real place; a link there isn't followed
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
  if (file === undefined) return refuse(response, 404, "There is no such file any more.");
  try {
    const found = await file.stat();
    if (!found.isFile()) return refuse(response, 404, "There is no such file any more.");
    const tag = `"${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}"`;
    response.setHeader("ETag", tag);
    response.setHeader("Last-Modified", found.mtime.toUTCString());
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader(
      "Content-Type",
      TYPES[/\.(\w+)$/.exec(path)?.[1].toLowerCase() ?? ""] ?? "application/octet-stream",
    );
    if (request.headers["if-none-match"] === tag) {
      response.writeHead(304).end();
      return;
    }
    const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === tag;
    const range = isSame ? rangeOf(request.headers.range, found.size) : undefined;
    if (range === "none") {
      response.setHeader("Content-Range", `bytes */${found.size}`);
      return refuse(response, 416, "The file has no such part.");
    }
    const { start, end } = range ?? { start: 0, end: found.size - 1 };
    response.setHeader("Content-Length", end - start + 1);
    if (range) response.setHeader("Content-Range", `bytes ${start}-${end}/${found.size}`);
    response.writeHead(range ? 206 : 200);
    if (request.method === "HEAD" || end < start) response.end();
    // Who closes the tab in the middle of a file has done nothing wrong.
    else
      await pipeline(file.createReadStream({ start, end, autoClose: false }), response).catch(
        () => undefined,
      );
  } finally {
    await file.close();
  }
}

/** One range; undefined where there is none, or one that is to be ignored; `none` where it lies outside of the file. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "none" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size - 1 } : "none";
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start < size ? { start, end } : "none";
}

/** Answers with a status and one line of text. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  response.removeHeader("ETag");
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

/** Answers with JSON. */
export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}
