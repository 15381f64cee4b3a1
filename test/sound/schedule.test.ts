import { describe, expect, it } from "vitest";
import { chase, type SoundEvent, scheduleOf } from "../../src/sound/index.js";
import { note, scoreOf } from "./scores.js";

const brief = (event: SoundEvent): string => {
  const where = `${event.time} ${event.port}/${event.channel}`;
  switch (event.kind) {
    case "on":
      return `${where} on ${event.pitch} ${event.velocity}`;
    case "off":
      return `${where} off ${event.pitch}`;
    case "program":
      return `${where} program ${event.program}${event.isDrum ? " drums" : ""}`;
    case "control":
      return `${where} control ${event.controller} ${event.value}`;
    case "bend":
      return `${where} bend ${event.value}`;
  }
};
const schedule = (...parameters: Parameters<typeof scoreOf>): string[] =>
  scheduleOf(scoreOf(...parameters)).events.map(brief);

describe("scheduleOf", () => {
  it("gives programs first, then notes at their seconds", () => {
    expect(schedule([{ program: 40, notes: [note(1, 60), note(1.5, 62, 1, 64)] }])).toEqual([
      "0 0/0 program 40",
      "1 0/0 on 60 100",
      "1.5 0/0 off 60",
      "1.5 0/0 on 62 64",
      "2.5 0/0 off 62",
    ]);
  });

  it("follows the tempos", () => {
    const tempos = [
      { tick: 0, microsecondsPerQuarter: 1_000_000 },
      { tick: 480, microsecondsPerQuarter: 250_000 },
    ];
    const { events, duration } = scheduleOf(
      scoreOf([{ notes: [{ start: 480, duration: 480, pitch: 60, velocity: 1 }] }], { tempos }),
    );
    expect(events.slice(1).map(({ time }) => time)).toEqual([1, 1.25]);
    expect(duration).toBe(1.25);
  });

  it("ends a note where its pitch starts anew, and the new one where both are over", () => {
    expect(schedule([{ notes: [note(0, 60, 4), note(1, 60, 1)] }]).slice(1)).toEqual([
      "0 0/0 on 60 100",
      "1 0/0 off 60",
      "1 0/0 on 60 100",
      "4 0/0 off 60",
    ]);
  });

  it("ends notes without length after their start", () => {
    expect(schedule([{ notes: [note(1, 60, 0)] }]).slice(1)).toEqual(["1 0/0 on 60 100", "1 0/0 off 60"]);
  });

  it("lets all tracks of a channel share controls and bends", () => {
    const left = { channel: 3, notes: [note(0, 48)] };
    const right = { channel: 3, notes: [note(0, 72)], controls: [{ tick: 0, controller: 7, value: 90 }] };
    const bent = { channel: 5, notes: [note(0, 50)], pitchBends: [{ tick: 0, value: -100 }] };
    expect(schedule([left, right, bent]).slice(3, 6)).toEqual([
      "0 0/3 control 7 90",
      "0 0/0 control 7 90",
      "0 0/5 bend -100",
    ]);
  });

  it("sends the program again after a bank", () => {
    const controls = [{ tick: 0, controller: 0, value: 8 }];
    expect(schedule([{ program: 4, controls, notes: [note(0, 60)] }]).slice(0, 3)).toEqual([
      "0 0/0 program 4",
      "0 0/0 control 0 8",
      "0 0/0 program 4",
    ]);
  });

  describe("how long it lasts", () => {
    const pedalled = (...controls: [seconds: number, value: number][]) =>
      scheduleOf(
        scoreOf([
          {
            notes: [note(0, 60, 1)],
            controls: controls.map(([seconds, value]) => ({ tick: seconds * 960, controller: 64, value })),
          },
        ]),
      );

    it("is nothing without notes", () => {
      const controls = [{ tick: 960, controller: 64, value: 127 }];
      expect(scheduleOf(scoreOf([{ controls }])).duration).toBe(0);
      expect(scheduleOf(scoreOf([]))).toEqual({ duration: 0, events: [], seats: [] });
    });

    it("counts the pedal that holds the last note", () => {
      expect(pedalled([0, 127], [3, 0]).duration).toBe(3);
      expect(pedalled([2, 127], [3, 0]).duration).toBe(1);
    });

    it("doesn't wait for a pedal that is lifted much later or never", () => {
      const late = pedalled([0, 127], [600, 0]);
      expect(late.duration).toBe(11);
      expect(late.events.map(brief).at(-1)).toBe("11 0/0 control 64 0");
      const never = pedalled([0, 127]);
      expect(never.duration).toBe(1);
      expect(never.events.map(brief).at(-1)).toBe("1 0/0 control 64 0");
    });
  });

  describe("seats", () => {
    const seats = (tracks: Parameters<typeof scoreOf>[0]): string[] =>
      scheduleOf(scoreOf(tracks)).seats.map(({ port, channel }) => `${port}/${channel}`);

    it("are the tracks' own channels where they can be", () => {
      expect(seats([{ channel: 4 }, { channel: 9, isDrum: true }, { channel: 0 }])).toEqual([
        "0/4",
        "0/9",
        "0/0",
      ]);
      expect(seats([{ channel: 4 }, { channel: 4 }, { channel: 0 }])).toEqual(["0/4", "0/1", "0/0"]);
    });

    it("keep drums on the tenth channel, and others off it", () => {
      expect(seats([{ channel: 9 }, { channel: 2, isDrum: true }])).toEqual(["0/0", "0/9"]);
    });

    it("go on at further ports", () => {
      const tracks = [
        ...Array.from({ length: 17 }, () => ({ channel: 0 })),
        { isDrum: true },
        { isDrum: true },
      ];
      expect(seats(tracks).slice(13)).toEqual(["0/14", "0/15", "1/0", "1/1", "0/9", "1/9"]);
    });

    it("are shared by tracks of one instrument where there are very many", () => {
      const tracks = Array.from({ length: 3000 }, (_, i) => ({ channel: i % 9, program: i % 128 }));
      expect(new Set(seats(tracks)).size).toBe(128);
    });
  });
});

describe("chase", () => {
  it("brings instruments to where they are at a time", () => {
    const schedule = scheduleOf(
      scoreOf([
        {
          program: 12,
          notes: [note(0, 60, 1), note(0, 64, 4)],
          controls: [
            { tick: 0, controller: 7, value: 90 },
            { tick: 960, controller: 7, value: 50 },
            { tick: 2880, controller: 7, value: 1 },
          ],
          pitchBends: [{ tick: 0, value: 5 }],
        },
        { channel: 9, isDrum: true, notes: [note(0, 36, 4)] },
      ]),
    );
    expect(chase(schedule, 2).map(brief)).toEqual([
      "2 0/0 program 12",
      "2 0/9 program 0 drums",
      "2 0/0 bend 5",
      "2 0/0 control 7 50",
      "2 0/0 on 64 100",
    ]);
  });
});
