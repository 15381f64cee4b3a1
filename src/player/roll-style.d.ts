/** The sheet of a piano roll's shadow root. */
export declare const rollSheet: string;
//# sourceMappingURL=roll-style.d.ts.map