/** What pages ask of the preview server that they come from. */
export { type ListedCheckpoint, type ListedFile, type PreviewServer, previewServer } from "./server.js";
