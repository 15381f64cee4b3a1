import { readdirSync, readFileSync } from "node:fs";
import type { Tab } from "../../scripts/web/tab.js";
import type { JobName, Jobs } from "../../src/studio/protocol.js";

/** A file as it can be passed to a page. */
export interface PlainFile {
  readonly path: string;
  readonly base64: string;
}

/** A folder's files as a page gets them dropped. */
export function dropped(folder: string, name: string): PlainFile[] {
  return readdirSync(folder).map((file) => ({
    path: `${name}/${file}`,
    base64: readFileSync(`${folder}/${file}`).toString("base64"),
  }));
}

/** Does a job in the studio's worker of a tab. Blobs that come of it arrive as base64. */
export function runStudio<Name extends JobName>(
  tab: Tab,
  name: Name,
  argument: unknown,
  more: { readonly files?: readonly PlainFile[]; readonly stopAfter?: number } = {},
): Promise<{ result: Jobs[Name]["result"]; events: Jobs[Name]["event"][] }> {
  return tab.call("studio", { name, argument, ...more });
}
