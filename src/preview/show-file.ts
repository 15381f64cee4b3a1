import type { AttaccaPlayer } from "../player/index.js";
import { titleOf } from "./file-list.js";
import type { ListedFile } from "./server.js";

/** A player on a page, and the line in which the page says what went wrong. */
export interface Stage {
  readonly player: AttaccaPlayer;
  readonly status: HTMLElement;
}

/** A page would stand still over more than this; no piece of music has it. */
const MOST_BYTES = 32e6;

/** Shows a file of the server's in the player, and says why where that can't be. */
export async function showFile(stage: Stage, file: ListedFile): Promise<void> {
  try {
    if (file.bytes > MOST_BYTES) {
      throw new Error(`${file.name} has ${Math.round(file.bytes / 1e6)} MB: that is too much to be music.`);
    }
    const response = await fetch(file.url);
    if (!response.ok) throw new Error(`${file.name}: ${await response.text()}`);
    showBytes(stage, titleOf(file.name), new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    stage.status.textContent = error instanceof Error ? error.message : String(error);
  }
}

/** Shows a MIDI file in the player. @throws AttaccaError where it is none; the player keeps what it has */
export function showBytes({ player, status }: Stage, title: string, bytes: Uint8Array): void {
  player.loadBytes(bytes);
  player.title = title;
  document.title = `${title} · attacca`;
  status.textContent = "";
}
