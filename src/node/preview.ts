import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import sirv, { type RequestHandler } from "sirv";
import { invalid, missing } from "../errors.js";
import { exists } from "./files.js";
import { packagePath } from "./package-path.js";
import { isSameSecret, pathNames, refusalOf } from "./preview-guard.js";
import { type PreviewFile, previewRoots, realPlace } from "./preview-library.js";
import { previewHeaders } from "./preview-policy.js";
import { refuse, sendFile, sendJson } from "./preview-send.js";
import { type WatchedLibrary, watchLibrary } from "./preview-watch.js";

/** Names of this machine that only this machine reaches. */
export const loopbackHosts = ["127.0.0.1", "::1", "localhost"] as const;

/** In this way sirv knows each file by its name from the start and looks at no path of a request's. */
const STATIC = { etag: true, dev: false } as const;

/** Folders of the package that pages name beside themselves. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  checkpoints: ["checkpoints"],
  data: ["data"],
  soundfont: ["dist", "soundfont"],
};

/** What is served, and where. */
export interface PreviewOptions {
  /** MIDI files, folders of them, and folders of checkpoints. */
  readonly paths: readonly string[];
  /** A free one unless given. */
  readonly port?: number;
  readonly host?: (typeof loopbackHosts)[number];
}

/** A server that is running. */
export interface Preview {
  /** The page's address with the token in it: who has it sees the files. */
  readonly url: string;
  readonly port: number;
  /** MIDI files and checkpoints that were found at the start. */
  readonly files: number;
  readonly checkpoints: number;
  /** Whether there were more than are listed. */
  readonly isCut: boolean;
  /** The page's address by a word that works once and holds no token: other users of a machine see what programs are started with. */
  openingUrl(): string;
  close(): Promise<void>;
}

/**
 * Serves the pages of the package and the user's files to this machine alone.
 *
 * @throws AttaccaError `missing` or `invalid` for a path that can't be shown, a port that is taken, or a package without pages
 */
export async function startPreview(options: PreviewOptions): Promise<Preview> {
  const pages = packagePath("dist", "pages");
  if (!(await exists(pages))) throw missing(pages, "the built pages", 'Make them with "npm run build"');
  const roots = await previewRoots(options.paths);
  const library = await watchLibrary(roots);
  const token = randomBytes(24).toString("base64url");
  const tickets = new Set<string>();
  const streams = new Set<ServerResponse>();
  const statics = sirv(pages, STATIC);
  // The package has them once; in dist/pages they are for other servers, and not shipped.
  const shared = new Map<string, RequestHandler>();
  for (const [name, place] of Object.entries(SHARED)) shared.set(name, sirv(packagePath(...place), STATIC));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(previewHeaders)) response.setHeader(name, value);
    const refusal = refusalOf(request, (server.address() as AddressInfo).port);
    if (refusal?.status === 405) response.setHeader("Allow", "GET, HEAD");
    if (refusal) return refuse(response, refusal.status, refusal.text);
    const names = pathNames(request.url);
    if (names === undefined) return refuse(response, 400, "That isn't a path of this server.");
    const [kind, secret, ...rest] = names;
    if (kind === "open") {
      if (!tickets.delete(secret))
        return refuse(response, 403, "That address worked once. Take the one that is printed.");
      response.writeHead(302, { Location: `/#token=${token}`, "Cache-Control": "no-store" }).end();
      return;
    }
    if (kind !== "api" && kind !== "files") {
      const handler = shared.get(kind);
      if (handler) request.url = request.url?.slice(kind.length + 1);
      return sendStatic(handler ?? statics, request, response);
    }
    if (!isSameSecret(secret ?? "", token)) {
      return refuse(
        response,
        403,
        "The token is missing or wrong. Open the address that the program printed.",
      );
    }
    if (kind === "files") {
      const file = fileOf(library, rest.join("/"));
      const place = file && (await realPlace(file, roots));
      return place === undefined
        ? refuse(response, 404, "There is no such file here.")
        : sendFile(request, response, place);
    }
    const listings: Readonly<Record<string, () => unknown>> = {
      files: () => library.current.files.map((file) => describeFile(file, token)),
      checkpoints: () =>
        library.current.checkpoints.map(({ key, name, files }) => ({
          name,
          title: name,
          path: addressOf(key, token),
          files: files.map((file) => file.key.slice(key.length + 1)),
        })),
    };
    const [what] = rest;
    if (rest.length === 1 && what === "events") return stream(request, response, library, streams);
    if (rest.length !== 1 || !Object.hasOwn(listings, what))
      return refuse(response, 404, "There is no such list here.");
    sendJson(request, response, listings[what]());
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "That went wrong.");
    });
  });
  const host = options.host ?? "127.0.0.1";
  try {
    await listen(server, options.port ?? 0, host);
  } catch (error) {
    library.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const base = `http://${host === "::1" ? "[::1]" : host}:${port}/`;
  return {
    url: `${base}#token=${token}`,
    port,
    files: library.current.files.length,
    checkpoints: library.current.checkpoints.length,
    isCut: library.current.isCut,
    openingUrl() {
      const ticket = randomBytes(24).toString("base64url");
      tickets.add(ticket);
      return `${base}open/${ticket}`;
    },
    async close() {
      library.close();
      for (const each of streams) each.end();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const found =
        error.code === "EADDRINUSE"
          ? "taken by another program"
          : error.code === "EACCES"
            ? "no permission"
            : error.message;
      reject(invalid(`port ${port} of ${host}`, found, "a free port", "Leave --port out to take a free one"));
    });
    server.listen(port, host, resolve);
  });
}

/** The pages, without ranges: nothing in them needs any, and sirv fails at those that end before they begin. */
function sendStatic(statics: RequestHandler, request: IncomingMessage, response: ServerResponse): void {
  delete request.headers.range;
  statics(request, response, () => refuse(response, 404, "There is no such page here."));
}

/** Server-sent events: `change` after the library has changed. */
function stream(
  request: IncomingMessage,
  response: ServerResponse,
  library: WatchedLibrary,
  streams: Set<ServerResponse>,
): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  streams.add(response);
  response.write("retry: 1000\nevent: ready\ndata:\n\n");
  const off = library.onChange(() => response.write("event: change\ndata:\n\n"));
  response.on("close", () => {
    off();
    streams.delete(response);
  });
}

function fileOf({ current }: WatchedLibrary, key: string): PreviewFile | undefined {
  return [...current.files, ...current.checkpoints.flatMap(({ files }) => files)].find(
    (file) => file.key === key,
  );
}

function describeFile({ key, name, bytes, modified }: PreviewFile, token: string) {
  return { key, name, url: addressOf(key, token), bytes, modified: new Date(modified).toISOString() };
}

function addressOf(key: string, token: string): string {
  return `/files/${token}/${key.split("/").map(encodeURIComponent).join("/")}`;
}
