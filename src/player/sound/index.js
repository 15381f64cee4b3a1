export { createSound } from "./create-sound.js";
//# sourceMappingURL=index.js.map