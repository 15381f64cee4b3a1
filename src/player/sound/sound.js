export {};
//# sourceMappingURL=sound.js.map