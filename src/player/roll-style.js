import { themeVariable } from "./theme.js";
/** The sheet of a piano roll's shadow root. */
export const rollSheet = `
:host{display:grid;grid-template:26px minmax(0,1fr)/46px minmax(0,1fr);position:relative;min-height:0;
  overflow:hidden;background:${themeVariable("paper")};font:12px/1.4 var(--attacca-font,system-ui,sans-serif)}
:host([hidden]){display:none}
canvas{display:block;position:absolute;inset:0;width:100%;height:100%}
.corner{background:${themeVariable("surface")};border-right:1px solid ${themeVariable("line")};
  border-bottom:1px solid ${themeVariable("line")};box-sizing:border-box}
.ruler,.keys,.stage{position:relative;overflow:hidden;min-width:0;min-height:0}
.ruler{cursor:ew-resize;touch-action:none}
.stage{cursor:default;touch-action:pan-y;outline:none}
.stage.tall{touch-action:none}
.stage.note{cursor:pointer}
.stage.moving{cursor:grabbing}
.stage:focus-visible::after{content:"";position:absolute;inset:0;border:2px solid ${themeVariable("focus")};
  pointer-events:none}
.tip{position:absolute;z-index:1;pointer-events:none;max-width:min(260px,80%);padding:6px 9px;border-radius:6px;
  background:${themeVariable("ink")};color:${themeVariable("paper")};white-space:pre-line;overflow-wrap:anywhere}
.tip[hidden]{display:none}
`;
//# sourceMappingURL=roll-style.js.map