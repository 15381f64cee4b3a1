// Hands every sample that reaches it to the page, with the time of the context that it belongs to.
class Recorder extends AudioWorkletProcessor {
  process([[left, right]]) {
    if (left) this.port.postMessage({ time: currentTime, left, right: right ?? left });
    return true;
  }
}
registerProcessor("recorder", Recorder);
