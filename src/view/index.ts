export { describeScore, type ScoreDescription, type TrackDescription } from "./describe.js";
export { type LossPlotOptions, type LossRecord, lossPlot } from "./loss-plot.js";
export { keyName, pitchName, trackLabel } from "./names.js";
export { type Curve, curvePlot, type IntervalRow, intervalPlot } from "./plots.js";
export { trackColours } from "./roll-style.js";
export { type RollSvgOptions, rollSvg } from "./roll-svg.js";
export { type RollTextOptions, rollText } from "./roll-text.js";
export type { RollRange } from "./roll-window.js";
export { type SingleHtmlOptions, singleHtml } from "./single-html.js";
