/** `0:07`, `12:40`, `1:02:03`. */
export declare function clockText(seconds: number): string;
/** `7 seconds`, `2 minutes 1 second`: for screen readers. */
export declare function spokenTime(seconds: number): string;
//# sourceMappingURL=time-text.d.ts.map