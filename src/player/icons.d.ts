/** Paths of the player's icons, in a square of 24 units; drawn with a line, or filled where the name says so. */
export declare const icons: {
    readonly play: "M8 5.2v13.6L19 12z";
    readonly pause: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z";
    readonly start: "M6 5v14M19 5.5v13L9 12z";
    readonly loop: "M17 2.5 20.5 6 17 9.5M4 11V9a3 3 0 0 1 3-3h13M7 21.5 3.5 18 7 14.5M20 13v2a3 3 0 0 1-3 3H4";
    readonly follow: "M12 4v16M3 12h5m0 0-2.5-2.5M8 12l-2.5 2.5M21 12h-5m0 0 2.5-2.5M16 12l2.5 2.5";
    readonly zoomIn: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.3 15.3 20 20M10.5 7.7v5.6M7.7 10.5h5.6";
    readonly zoomOut: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.3 15.3 20 20M7.7 10.5h5.6";
    readonly fit: "M4 9V5h4M20 9V5h-4M4 15v4h4M20 15v4h-4M8 12h8";
    readonly tracks: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4";
    readonly sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11";
    readonly help: "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .6-1.6 1.2-1.6 2.3M12 17.2v.3";
    readonly close: "M6 6l12 12M18 6 6 18";
};
export type IconName = keyof typeof icons;
//# sourceMappingURL=icons.d.ts.map