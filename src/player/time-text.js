/** `0:07`, `12:40`, `1:02:03`. */
export function clockText(seconds) {
    const whole = Math.max(0, Math.floor(seconds + 1e-6));
    const pad = (value) => String(value).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
/** `7 seconds`, `2 minutes 1 second`: for screen readers. */
export function spokenTime(seconds) {
    const whole = Math.max(0, Math.floor(seconds + 1e-6));
    const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
    const part = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
    if (minutes === 0)
        return part(rest, "second");
    return rest === 0 ? part(minutes, "minute") : `${part(minutes, "minute")} ${part(rest, "second")}`;
}
//# sourceMappingURL=time-text.js.map