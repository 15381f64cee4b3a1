import type { GivenFile } from "../protocol.js";
import { find } from "./dom.js";
import { droppedFiles } from "./files.js";

/** Takes files that are dropped anywhere on the page. */
export function takeDrops(take: (files: readonly GivenFile[]) => void, fail: (error: unknown) => void): void {
  const sign = find("drop", HTMLElement);
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") === true;
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    // Without it the browser would open the file in place of the page.
    event.preventDefault();
    sign.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) sign.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer === null || !hasFiles(event)) return;
    event.preventDefault();
    sign.hidden = true;
    droppedFiles(event.dataTransfer).then(take, fail);
  });
}
