export { type BackendChoice, type BackendName, backendNames, chooseBackend } from "./choose.js";
