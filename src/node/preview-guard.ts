import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request isn't answered, with the status that says so. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 405 | 421;
  readonly text: string;
}

/**
 * What is wrong with a request before anything of it is looked at: its method, who it believes to be talking to (a name of
 * another site that leads here is how a page elsewhere would read what is here), and where it comes from.
 */
export function refusalOf(request: IncomingMessage, port: number): Refusal | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, text: "Only GET and HEAD are answered here." };
  }
  const host = request.headers.host?.toLowerCase() ?? "";
  const hosts = ["127.0.0.1", "localhost", "[::1]"].flatMap((name) =>
    port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
  );
  if (!hosts.includes(host)) {
    return { status: 421, text: "This server answers for this machine's own names only." };
  }
  const { origin } = request.headers;
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  // A link to the pages is followed from anywhere; anything else from elsewhere is another site's script or frame.
  const site = request.headers["sec-fetch-site"] ?? "none";
  const isFollowed =
    request.headers["sec-fetch-mode"] === "navigate" && request.headers["sec-fetch-dest"] === "document";
  if (isForeign || !(site === "same-origin" || site === "none" || isFollowed)) {
    return { status: 403, text: "Other sites get nothing from here." };
  }
  return undefined;
}

/**
 * The names in a request's path, decoded; undefined for one that isn't plainly a path downwards: steps up, empty names,
 * separators or control characters in a name in any encoding.
 */
export function pathNames(target: string | undefined): readonly string[] | undefined {
  const path = target?.split(/[?#]/, 1)[0] ?? "";
  if (!path.startsWith("/")) return undefined;
  const names: string[] = [];
  for (const part of path.slice(1).split("/")) {
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return undefined;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/^\.\.?$|[/\\\u0000-\u001f\u007f]/.test(name)) return undefined;
    names.push(name);
  }
  // One empty name at the end is the slash of a folder.
  return names.slice(0, -1).includes("") ? undefined : names;
}

/** Whether two secrets are the same, in a time that doesn't tell how much of them is. */
export function isSameSecret(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(first, second);
}
