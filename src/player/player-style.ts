import { type ThemeColourName, themeVariable } from "./theme.js";

const v = (name: ThemeColourName) => themeVariable(name);
const icon = "fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round";

/** The sheet of the player's shadow root. Widths are the player's own, not the window's. */
export const playerSheet = `
:host{display:block;container-type:inline-size;color:${v("ink")};font:14px/1.4 var(--attacca-font);
  font-variant-numeric:tabular-nums lining-nums}
:host([hidden]){display:none}
:host([theme="light"]){color-scheme:light}
:host([theme="dark"]){color-scheme:dark}
*{box-sizing:border-box}
.player{position:relative;overflow:hidden;background:${v("surface")};border:1px solid ${v("line")};
  border-radius:var(--attacca-radius)}
.header{display:flex;align-items:baseline;gap:4px 20px;flex-wrap:wrap;padding:14px 18px 12px}
.title{margin:0;flex:1 1 auto;min-width:0;max-width:100%;font:600 20px/1.25 var(--attacca-title-font);
  letter-spacing:-.005em;overflow-wrap:anywhere}
.title:empty,.header[hidden]{display:none}
.moment{display:flex;gap:14px;color:${v("quiet")};font-size:13px;white-space:nowrap}
.moment span:empty{display:none}
.seam{flex-basis:100%;display:flex;gap:16px;color:${v("quiet")};font-size:12px}
.seam[hidden]{display:none}
.seam span{display:flex;align-items:center;gap:6px}
.seam span::before{content:"";width:14px;height:10px;border-radius:2px;border:1px solid ${v("edge")};
  background:${v("paper")}}
.seam .new::before{background:${v("continuation")};border-left:3px solid ${v("accent")}}
.attacca-piano-roll{height:var(--attacca-roll-height,360px);border-block:1px solid ${v("line")}}
.overview{position:relative;height:40px;margin:0 0 0 46px;cursor:pointer;touch-action:none;
  background:${v("paper")};border-left:1px solid ${v("line")};overflow:hidden}
.overview canvas{position:absolute;inset:0;width:100%;height:100%;opacity:.85}
.overview .band.whole{visibility:hidden}
.overview .band{position:absolute;inset-block:0;min-width:4px;background:${v("quiet")};opacity:.16;
  border-radius:3px;pointer-events:none}
.overview .loop-band{position:absolute;top:0;height:3px;background:${v("focus")};pointer-events:none}
.overview .prompt-mark{position:absolute;inset-block:0;width:2px;margin-left:-1px;background:${v("accent")};opacity:.55}
.overview .head{position:absolute;inset-block:0;left:-1px;width:2px;background:${v("accent")};will-change:transform}
.strip{border-bottom:1px solid ${v("line")};background:${v("surface")}}
.transport{display:flex;flex-wrap:wrap;align-items:center;gap:10px 18px;padding:12px 14px}
.group{display:flex;align-items:center;gap:6px}
.main{flex:1 1 auto}
.joined{gap:0;border:1px solid ${v("line")};border-radius:8px;background:${v("paper")}}
.button{display:inline-grid;place-items:center;min-width:36px;height:36px;padding:0 8px;border:0;border-radius:7px;
  background:transparent;color:${v("ink")};font:600 13px/1 var(--attacca-font);cursor:pointer;
  -webkit-tap-highlight-color:transparent}
.button svg{width:20px;height:20px;${icon}}
.button:hover{background:${v("raised")}}
.button[aria-pressed="true"],.button[aria-expanded="true"]{background:${v("raised")};color:${v("accent")};
  box-shadow:inset 0 -2px ${v("accent")}}
.button.play{width:46px;height:46px;border-radius:50%;background:${v("accent")};color:${v("on-accent")}}
.button.play svg{width:24px;height:24px;fill:currentColor;stroke:none}
.button.play:hover{background:color-mix(in srgb,${v("accent")} 88%,${v("ink")})}
.button:disabled{opacity:.5;cursor:default}
.button.play.waiting svg{animation:wait 1s ease-in-out infinite alternate}
@keyframes wait{to{opacity:.35}}
.button.wide{border:1px solid ${v("edge")};padding:0 12px;white-space:nowrap}
:focus-visible{outline:2px solid ${v("focus")};outline-offset:2px}
.overview:focus-visible{outline-offset:-2px}
.clock{display:flex;gap:5px;margin-left:8px;font-size:15px;white-space:nowrap}
.now{min-width:2.6em;text-align:right;font-weight:600}
.of,.end{color:${v("quiet")}}
.where{display:flex;align-items:baseline;gap:6px;margin-left:10px;min-width:5.4em}
.caption{color:${v("quiet")};font-size:12px}
.dial{display:flex;align-items:center;gap:8px}
.dial input{width:88px}
.value{min-width:3.4em;font-size:13px}
input[type="range"]{appearance:none;-webkit-appearance:none;height:24px;margin:0;background:transparent;cursor:pointer;
  --fill:calc(var(--share,0)*100%);border-radius:4px}
input[type="range"]::-webkit-slider-runnable-track{height:4px;border-radius:2px;
  background:linear-gradient(to right,${v("accent")} var(--fill),${v("edge")} var(--fill))}
input[type="range"]::-moz-range-track{height:4px;border-radius:2px;
  background:linear-gradient(to right,${v("accent")} var(--fill),${v("edge")} var(--fill))}
input[type="range"]::-webkit-slider-thumb{-webkit-appearance:none;width:16px;height:16px;margin-top:-6px;border-radius:50%;
  background:${v("paper")};border:2px solid ${v("accent")}}
input[type="range"]::-moz-range-thumb{width:16px;height:16px;border-radius:50%;box-sizing:border-box;
  background:${v("paper")};border:2px solid ${v("accent")}}
.panel{border-top:1px solid ${v("line")};padding:8px 14px 12px}
.panel[hidden]{display:none}
.tracks{list-style:none;margin:0;padding:0;max-height:280px;overflow:auto;display:grid;
  grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));column-gap:28px}
.tracks li{display:flex;align-items:center;gap:6px;min-width:0;padding:5px 4px}
.swatch{flex:none;width:12px;height:12px;margin-right:6px;border-radius:3px;background:var(--swatch)}
.names{flex:1;min-width:0;line-height:1.3}
.names span{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.name{font-weight:500}
.detail{color:${v("quiet")};font-size:12px}
.silent .name{color:${v("quiet")}}
.silent .swatch{background:transparent;box-shadow:inset 0 0 0 2px var(--swatch)}
.tracks .button{min-width:32px;height:32px;border:1px solid ${v("edge")}}
.tracks input{width:84px;margin-left:6px}
.more{color:${v("quiet")};font-size:13px}
.settings{display:flex;flex-wrap:wrap;gap:10px 28px}
.setting{display:flex;flex-wrap:wrap;align-items:center;gap:8px;min-height:36px}
select{height:36px;max-width:220px;padding:0 8px;border:1px solid ${v("edge")};border-radius:7px;background:${v("paper")};
  color:${v("ink")};font:13px var(--attacca-font)}
select:disabled{color:${v("quiet")}}
.error{display:flex;align-items:start;gap:10px;padding:6px 8px 6px 18px;border-top:1px solid ${v("line")};
  color:${v("error")};font-size:13px;overflow-wrap:anywhere}
.error p{flex:1;margin:8px 0}
.error[hidden]{display:none}
.empty{position:absolute;inset:0;display:grid;place-content:center;justify-items:center;gap:12px;padding:20px;
  text-align:center;color:${v("quiet")};pointer-events:none}
.empty[hidden],.drop[hidden]{display:none}
.empty .button{pointer-events:auto;background:${v("paper")}}
.stand{position:relative}
.drop{position:absolute;inset:6px;display:grid;place-content:center;border:2px dashed ${v("accent")};border-radius:8px;
  background:${v("surface")};color:${v("ink")};font:600 18px var(--attacca-title-font);opacity:.94;pointer-events:none}
.keys-help{width:min(680px,calc(100vw - 24px));max-height:calc(100dvh - 48px);padding:0;border:1px solid ${v("line")};
  border-radius:var(--attacca-radius);background:${v("paper")};color:${v("ink")};box-shadow:0 18px 50px #0005}
.keys-help::backdrop{background:#0007}
.keys-help header{position:sticky;top:0;display:flex;align-items:center;justify-content:space-between;padding:14px 14px 8px 22px;
  background:${v("paper")}}
.keys-help h2{margin:0;font:600 20px var(--attacca-title-font)}
.keys-help .columns{columns:2 260px;column-gap:36px;padding:0 22px 22px}
.keys-help section{break-inside:avoid;padding-bottom:12px}
.keys-help h3{margin:8px 0 6px;font:600 13px var(--attacca-font)}
.keys-help dl{display:grid;grid-template-columns:minmax(92px,auto) 1fr;gap:5px 12px;margin:0;font-size:13px}
.keys-help dt{color:${v("quiet")}}
.keys-help dd{margin:0}
kbd{display:inline-block;min-width:20px;padding:1px 6px;border:1px solid ${v("line")};border-radius:4px;
  background:${v("surface")};color:${v("ink")};font:12px var(--attacca-font);text-align:center;white-space:nowrap}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@container (max-width:1080px){
  .panels{order:1}
  .transport{row-gap:6px}
  .transport::before{content:"";order:2;flex-basis:100%}
  .dial,.view{order:3}
  .dial{flex:1 1 200px}
  .dial input{flex:1;width:0;min-width:60px}
}
@container (max-width:560px){
  .header{padding:12px 14px 10px}
  .title{font-size:18px}
  .transport{padding:12px;gap:10px 12px}
  .transport::before{display:none}
  .main{flex-basis:100%}
  .where{margin-left:auto;min-width:0}
  .loops,.view{flex:1 1 auto;order:1}
  .loops .button,.view .button,.panels .button{flex:1;min-width:34px;padding:0 4px}
  .dial{flex-basis:100%}
  .dial .caption{width:52px}
  .panels{flex:1 1 100%;order:4}
  .panel{padding-inline:10px}
  .attacca-piano-roll{height:var(--attacca-roll-height,260px)}
  .tracks input{width:64px}
}
@media (pointer:coarse){.button,.tracks .button{min-width:40px;height:40px}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.button{border:1px solid ButtonText}.button[aria-pressed="true"]{border-color:Highlight}}
`;
