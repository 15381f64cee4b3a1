import { naming } from "../errors.js";
import { readScore } from "../midi/index.js";
import type { AttaccaPlayer } from "../player/index.js";
import { titleOf } from "./file-list.js";
import type { ListedFile } from "./server.js";

/** A player on a page, and the line in which the page says what went wrong. */
export interface Stage {
  /** The file of the server's that was asked for last; undefined before, and after `open`. */
  readonly file: ListedFile | undefined;
  /**
   * Shows a file of the server's, and says why where that can't be: then the player keeps what it has. A newer version of
   * the file that is shown takes its place while it plays on.
   */
  show(file: ListedFile): Promise<void>;
  /** Shows a file of the user's. */
  open(file: File): Promise<void>;
  /** Says something; an empty text takes it away. */
  say(what: unknown): void;
}

/** A page would stand still over more than this; no piece of music has it. */
const MOST_BYTES = 32e6;

export function createStage(player: AttaccaPlayer, status: HTMLElement): Stage {
  let asked: ListedFile | undefined;
  /** The key of the file whose piece the player has. */
  let shown: string | undefined;
  /** What is read more slowly than a later one isn't shown. */
  let requests = 0;

  const say = (what: unknown): void => {
    status.textContent = what instanceof Error ? what.message : String(what);
  };
  const load = async (name: string, read: () => Promise<ArrayBuffer>, key?: string): Promise<void> => {
    requests += 1;
    const request = requests;
    try {
      const bytes = new Uint8Array(await read());
      if (request !== requests) return;
      const { score } = naming(name, () => readScore(bytes));
      const title = titleOf(name);
      player.loadScore(score, { keepPosition: key !== undefined && key === shown });
      shown = key;
      player.title = title;
      document.title = `${title} · attacca`;
      say("");
    } catch (error) {
      if (request === requests) say(error);
    }
  };
  return {
    get file() {
      return asked;
    },
    show(file) {
      asked = file;
      return load(file.name, () => fetchFile(file), file.key);
    },
    open(file) {
      asked = undefined;
      return load(file.name, () => checkSize(file.name, file.size) ?? file.arrayBuffer());
    },
    say,
  };
}

async function fetchFile({ name, bytes, url }: ListedFile): Promise<ArrayBuffer> {
  checkSize(name, bytes);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
  return response.arrayBuffer();
}

function checkSize(name: string, bytes: number): undefined {
  if (bytes > MOST_BYTES)
    throw new Error(`${name} has ${Math.round(bytes / 1e6)} MB: that is too much to be music.`);
}
