import { unzipSync } from "fflate";
import { checkpointFileNames } from "../checkpoint/index.js";
import { invalid, missing } from "../errors.js";
import type { GivenFile } from "./protocol.js";

/** The largest that a checkpoint's files may be together; the engine's memory has room for no more. */
export const MOST_CHECKPOINT_BYTES = 2 ** 30;

const NAMES: ReadonlySet<string> = new Set(Object.values(checkpointFileNames));
/** Where the checkpoint is in what was given, best first: as it is, or in a training run's folders. */
const PLACES = ["", "best/", "last/"];

/**
 * The files of a checkpoint by name, from a dropped folder, its files, a training run's folder, or a zip of any of these.
 *
 * @param name what messages call it
 * @throws AttaccaError `missing` where there is no checkpoint in it, `invalid` for a damaged zip or one that is too large
 */
export async function checkpointFilesFrom(
  name: string,
  given: readonly GivenFile[],
): Promise<Map<string, Uint8Array>> {
  const zip = given.length === 1 && /\.zip$/i.test(given[0].path) ? given[0] : undefined;
  if (zip !== undefined) {
    checkSize(name, zip.content.size);
    return chosenFrom(name, unzip(name, new Uint8Array(await zip.content.arrayBuffer())));
  }
  const contents = chosenFrom(name, new Map(given.map(({ path, content }) => [path, content])));
  checkSize(
    name,
    [...contents.values()].reduce((sum, { size }) => sum + size, 0),
  );
  const files = new Map<string, Uint8Array>();
  for (const [file, content] of contents) files.set(file, new Uint8Array(await content.arrayBuffer()));
  return files;
}

/** The checkpoint's files among others: in the outermost folder that has a config.json, or in its best or last. */
function chosenFrom<Content>(name: string, files: ReadonlyMap<string, Content>): Map<string, Content> {
  const root = commonFolder([...files.keys()]);
  for (const place of PLACES) {
    const chosen = new Map(
      [...files].flatMap(([path, content]): [string, Content][] => {
        const rest = path.startsWith(root + place) ? path.slice(root.length + place.length) : "";
        return NAMES.has(rest) ? [[rest, content]] : [];
      }),
    );
    if (chosen.has(checkpointFileNames.config)) return chosen;
  }
  throw missing(
    `${checkpointFileNames.config} in ${name}`,
    "a checkpoint's folder, a training run's, or a zip of one",
  );
}

/** The folders that all paths begin with, with a slash behind; empty where they share none. */
export function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split("/").slice(0, -1));
  const shared: string[] = [];
  for (const [depth, folder] of (folders[0] ?? []).entries()) {
    if (!folders.every((each) => each[depth] === folder)) break;
    shared.push(folder);
  }
  // A run of which only one checkpoint was zipped has its name as the shared folder, which is all right.
  return shared.length === 0 ? "" : `${shared.join("/")}/`;
}

function unzip(name: string, bytes: Uint8Array): Map<string, Uint8Array> {
  let size = 0;
  try {
    const files = unzipSync(bytes, {
      filter({ name: path, originalSize }) {
        if (!NAMES.has(path.split("/").at(-1) ?? "")) return false;
        size += originalSize;
        // Small files can say that they unpack to any size.
        checkSize(name, size);
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof Error && error.name === "AttaccaError") throw error;
    throw invalid(name, `a damaged zip (${error instanceof Error ? error.message : error})`, "a zip file");
  }
}

function checkSize(name: string, bytes: number): void {
  if (bytes <= MOST_CHECKPOINT_BYTES) return;
  throw invalid(name, `${Math.round(bytes / 2 ** 20)} MiB`, `${MOST_CHECKPOINT_BYTES / 2 ** 20} MiB at most`);
}
