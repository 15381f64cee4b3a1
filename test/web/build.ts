import { buildPage } from "../../scripts/web/tab.js";

/** Bundles the page that all tests in a browser open. */
export async function setup(): Promise<void> {
  await buildPage();
}
