/** What a page loads to use the element: defines `<attacca-player>`, and gives what the door gives. */

import { defineAttaccaPlayer } from "./index.js";

export * from "./index.js";

if (globalThis.customElements !== undefined) defineAttaccaPlayer();
