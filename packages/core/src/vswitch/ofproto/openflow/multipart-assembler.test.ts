// Requests in several parts. The answers to each are those of ovs-vswitchd 3.1.0 to the same messages.

import { expect, test } from "vitest";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { MultipartAssembler } from "./multipart-assembler.ts";

const DESC = 0;
const PORT = 4;
const MORE = 1;

/** A request of OpenFlow 1.3. */
function request(xid: number, kind: number, flags: number, body: readonly number[] = []): Uint8Array {
  return Uint8Array.of(4, 18, 0, 16 + body.length, 0, 0, 0, xid, 0, kind, 0, flags, 0, 0, 0, 0, ...body);
}

const PORT_BODY = [0, 0, 0, 1, 0, 0, 0, 0];

class Bed {
  readonly givenUp: Uint8Array[] = [];
  readonly #timers = new Set<() => void>();
  readonly assembler = new MultipartAssembler(
    (_, fire) => {
      this.#timers.add(fire);
      return { cancel: () => this.#timers.delete(fire) };
    },
    (last) => this.givenUp.push(last),
  );

  /** What a message leads to: the messages of a whole request, nothing yet, or an error. */
  take(bytes: Uint8Array): readonly Uint8Array[] | string | undefined {
    try {
      return this.assembler.take(bytes);
    } catch (error) {
      if (error instanceof OpenflowError) return error.name;
      throw error;
    }
  }

  passTime(): void {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const fire of due) fire();
  }
}

test("what is no multipart request, and what has one part, is there at once", () => {
  const bed = new Bed();
  const echo = Uint8Array.of(4, 2, 0, 8, 0, 0, 0, 1);
  expect(bed.take(echo)).toEqual([echo]);
  expect(bed.take(request(1, DESC, 0))).toEqual([request(1, DESC, 0)]);
});

test("parts wait for the last one, and those without a body are left out", () => {
  const bed = new Bed();
  const body = request(1, PORT, MORE, PORT_BODY);
  expect(bed.take(request(1, PORT, MORE))).toBeUndefined();
  expect(bed.take(body)).toBeUndefined();
  expect(bed.take(request(2, DESC, 0))).toEqual([request(2, DESC, 0)]);
  expect(bed.take(request(1, PORT, 0))).toEqual([body]);
});

test("one of them must have the body that the request needs", () => {
  const bed = new Bed();
  expect(bed.take(request(1, PORT, MORE))).toBeUndefined();
  expect(bed.take(request(1, PORT, 0))).toBe("OFPBRC_BAD_LEN");
  expect(bed.take(request(1, DESC, MORE))).toBeUndefined();
  expect(bed.take(request(1, DESC, 0))).toEqual([request(1, DESC, 0)]);
});

test("a part of another kind ends the request", () => {
  const bed = new Bed();
  expect(bed.take(request(1, DESC, MORE))).toBeUndefined();
  expect(bed.take(request(1, PORT, 0, PORT_BODY))).toBe("OFPBRC_BAD_STAT");
  expect(bed.take(request(1, PORT, 0, PORT_BODY))).toHaveLength(1);
});

test("four megabytes are the most", () => {
  const bed = new Bed();
  const big = new Uint8Array(65_528);
  big.set(request(1, 12, MORE));
  new DataView(big.buffer).setUint16(2, big.length);
  const answers = Array.from({ length: 65 }, () => bed.take(big));
  expect(answers.slice(0, 64)).toEqual(new Array(64).fill(undefined));
  expect(answers[64]).toBe("OFPBRC_MULTIPART_BUFFER_OVERFLOW");
});

test("a request that does not go on is given up", () => {
  const bed = new Bed();
  bed.take(request(1, DESC, MORE));
  bed.passTime();
  expect(bed.givenUp).toEqual([request(1, DESC, MORE)]);
  bed.take(request(2, DESC, MORE));
  bed.take(request(2, DESC, 0));
  bed.passTime();
  expect(bed.givenUp).toHaveLength(1);
});
