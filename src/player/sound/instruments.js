export {};
//# sourceMappingURL=instruments.js.map