import { describe, expect, test } from "vitest";
import type { ClassRates, SharedRate } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import { Clock } from "../clock.ts";
import type { Packet } from "../packet.ts";
import { SharedRateDiscipline } from "./shared-rate.ts";

const MILLISECOND = 1e6;
const LENGTH = 1000;

interface Sent {
  readonly at: number;
  readonly queue: number;
}

/** 1 Mbit/s is 125 bytes a millisecond: a packet takes 8 ms. */
const MEGABIT = 125_000;

const rates = (rate: number, ceil: number, priority = 0): ClassRates => ({
  rate,
  ceil,
  burst: LENGTH,
  priority,
});

function shaped(maxRate: number, classes: ReadonlyMap<number, ClassRates>) {
  const clock = new Clock(0);
  const start = clock.now;
  const dropped: Packet[] = [];
  const kernel = { clock, drop: (packet: Packet) => dropped.push(packet) };
  const device = { kernel, mtu: LENGTH, txQueueLength: 5, name: "d" } as unknown as NetDevice;
  const sent: Sent[] = [];
  const queueing: SharedRate = { kind: "htb", maxRate, classes };
  const discipline = new SharedRateDiscipline(device, queueing, ({ priority }) =>
    sent.push({ at: Math.round((clock.now - start) / MILLISECOND), queue: (priority & 0xffff) - 1 }),
  );
  return {
    discipline,
    sent,
    dropped,
    put: (queue: number, count: number) => {
      const packet = { length: LENGTH, priority: 0x1_0001 + queue } as unknown as Packet;
      for (let at = 0; at < count; at++) discipline.enqueue(packet);
    },
    passTime: () => {
      for (let next = clock.next(); next !== undefined; next = clock.next()) {
        clock.now = next;
        clock.fireDue();
      }
    },
  };
}

describe("classes that share a rate", () => {
  test("send their burst, then at their ceiling", () => {
    const { put, sent, passTime } = shaped(10 * MEGABIT, new Map([[0, rates(MEGABIT, MEGABIT)]]));
    put(0, 4);
    passTime();
    // two go before the bucket is in debt
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 8, 16]);
  });

  test("borrow what others leave, those of a smaller number of priority first", () => {
    const { put, sent, passTime } = shaped(
      MEGABIT,
      new Map([
        [0, rates(1000, MEGABIT, 1)],
        [1, rates(1000, MEGABIT, 0)],
      ]),
    );
    put(0, 3);
    put(1, 3);
    passTime();
    // each has sent two by its own rate at once
    expect(sent.filter(({ at }) => at === 0).map(({ queue }) => queue)).toEqual([0, 0, 1, 1]);
    expect(sent.filter(({ at }) => at > 0).map(({ queue }) => queue)).toEqual([1, 0]);
  });

  test("drop what their queue has no room for; packets of no class are in the first", () => {
    const { put, dropped, discipline } = shaped(MEGABIT, new Map([[0, rates(MEGABIT, MEGABIT)]]));
    put(7, 9);
    expect(dropped).toHaveLength(2);
    expect([...discipline.classCounters()]).toMatchObject([[0, { packets: 2, bytes: 2000, drops: 2 }]]);
    discipline.reset();
    expect(discipline.waiting).toEqual({ packets: 0, bytes: 0 });
  });
});
