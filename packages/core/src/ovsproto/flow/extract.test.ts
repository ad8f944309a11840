// extractNext() reads one frame after the other into the same flow: nothing of the frame before may be left.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { FrameBytes } from "./extract.ts";
import { extractFlow, extractNext, NOTHING_BEYOND } from "./extract.ts";
import { flowsEqual, newFlow } from "./flow.ts";

/** EtherTypes that the reading knows, and one that it does not. */
const TYPES = [0x0800, 0x0806, 0x8035, 0x86dd, 0x8847, 0x894f, 0x88b5, 0x0100] as const;
const PROTOCOLS = [1, 2, 6, 17, 58, 132] as const;

const frames = fc
  .record({
    type: fc.constantFrom(...TYPES),
    protocol: fc.constantFrom(...PROTOCOLS),
    payload: fc.uint8Array({ minLength: 120, maxLength: 120 }),
    tags: fc.integer({ min: 0, max: 2 }),
    vlanTci: fc.constantFrom(-1, 5),
    etherless: fc.boolean(),
    end: fc.constantFrom(10, 20, 40, 134),
  })
  .map(({ type, protocol, payload, tags, vlanTci, etherless, end }): FrameBytes => {
    const bytes = Uint8Array.of(
      ...[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2],
      ...Array.from({ length: tags }, () => [0x81, 0x00, 0x00, 0x07]).flat(),
      ...[type >> 8, type & 0xff],
      ...headerOf(type, protocol, payload),
    );
    return {
      bytes,
      start: 0,
      end: Math.min(end, bytes.length),
      vlanTci,
      vlanTpid: 0x8100,
      etherless: etherless ? type : 0,
    };
  });

/** Random bytes that begin as a header of the type does, so that it is read. */
function headerOf(type: number, protocol: number, payload: Uint8Array): Uint8Array {
  if (type === 0x0800) payload.set([0x45, 0, 0, 100, 0, 0, 0, 0, 64, protocol]);
  if (type === 0x86dd) payload.set([0x60, 0, 0, 0, 0, 60, protocol, 64]);
  if (type === 0x0806) payload.set([0, 1, 8, 0, 6, 4, 0, 1]);
  return payload;
}

test("what one frame has left is gone when the next one is read", () => {
  fc.assert(
    fc.property(fc.array(frames, { minLength: 2, maxLength: 8 }), (sequence) => {
      const flow = newFlow();
      let extent: ReturnType<typeof extractNext> = NOTHING_BEYOND;
      for (const frame of sequence) {
        extent = extractNext(frame, flow, extent);
        const fresh = newFlow();
        extractFlow(frame, fresh);
        expect(flowsEqual(flow, fresh)).toBe(true);
      }
    }),
  );
});
