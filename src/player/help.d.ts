/** The dialog that lists the keys. */
export declare function createHelp(): HTMLDialogElement;
//# sourceMappingURL=help.d.ts.map