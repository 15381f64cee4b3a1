import type { PlayerView } from "./player-view.js";
import type { PlayerSession } from "./session.js";
/** Has the keys that are pressed anywhere in a player do what `shortcutGroups` says, and says what they did. */
export declare function followKeys(root: ShadowRoot, session: PlayerSession, view: PlayerView, promptEnd: () => number | undefined): void;
//# sourceMappingURL=player-keys.d.ts.map