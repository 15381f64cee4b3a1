export {};
//# sourceMappingURL=quiet-tone.d.ts.map