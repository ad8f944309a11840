import { expect, test } from "vitest";
import { NetlinkClient, type NetlinkSocket } from "./client.ts";
import { ERRNO } from "./errno.ts";
import {
  decodeMessages,
  encodeDone,
  encodeError,
  encodeMessage,
  encodeMessages,
  type NetlinkMessage,
  NLM_F,
} from "./message.ts";
import { RTM } from "./rtnl/types.ts";

const options = { capAck: true, extAck: true };
const none = new Uint8Array(0);

/** A kernel that answers each request with what `answer` says, at once. */
class Answering implements NetlinkSocket {
  readonly requests: NetlinkMessage[] = [];
  readonly #queue: Uint8Array[] = [];
  readonly #answer: (request: NetlinkMessage) => Uint8Array[];

  constructor(answer: (request: NetlinkMessage) => Uint8Array[]) {
    this.#answer = answer;
  }

  send(datagram: Uint8Array): void {
    for (const request of decodeMessages(datagram).messages) {
      this.requests.push(request);
      this.#queue.push(...this.#answer(request));
    }
  }

  receive(): Uint8Array | undefined {
    return this.#queue.shift();
  }
}

const object = (request: NetlinkMessage, value: number, flags = 0): NetlinkMessage => ({
  type: RTM.NEWLINK,
  flags,
  seq: request.seq,
  portid: 0,
  body: Uint8Array.of(value),
});

test("a change that is acknowledged", () => {
  const socket = new Answering((request) => [encodeMessage(encodeError(request, 0, {}, options))]);
  const client = new NetlinkClient(socket, 100);
  expect(client.request(RTM.NEWLINK, NLM_F.CREATE, none)).toEqual({
    ok: true,
    messages: [],
    extack: {},
    interrupted: false,
    filtered: false,
  });
  expect(socket.requests[0]).toMatchObject({ seq: 100, flags: NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE });
  expect(client.nextSeq).toBe(101);
});

test("a refusal with the kernel's text", () => {
  const extack = { message: "mtu greater than device maximum" };
  const socket = new Answering((request) => [encodeMessage(encodeError(request, 22, extack, options))]);
  expect(new NetlinkClient(socket).request(RTM.SETLINK, 0, none)).toEqual({
    ok: false,
    errno: ERRNO.EINVAL,
    extack,
    text: "Invalid argument",
  });
});

test("an object, then the acknowledgement", () => {
  const socket = new Answering((request) => [
    encodeMessage(object(request, 1)),
    encodeMessage(encodeError(request, 0, {}, options)),
  ]);
  const result = new NetlinkClient(socket).request(RTM.GETLINK, 0, none);
  expect(result.ok && result.messages.map(({ body }) => body[0])).toEqual([1]);
});

test("a dump of several datagrams, interrupted and filtered", () => {
  const flags = NLM_F.MULTI | NLM_F.DUMP_FILTERED;
  const socket = new Answering((request) => [
    encodeMessages([object(request, 1, flags), object(request, 2, flags)]),
    encodeMessage(object(request, 3, flags | NLM_F.DUMP_INTR)),
    encodeMessage(encodeDone(request, { errno: 0, extack: {} }, options, flags)),
  ]);
  const result = new NetlinkClient(socket).dump(RTM.GETLINK, none);
  expect(result).toMatchObject({ ok: true, interrupted: true, filtered: true });
  expect(result.ok && result.messages.map(({ body }) => body[0])).toEqual([1, 2, 3]);
});

test("a dump that is refused at its end", () => {
  const socket = new Answering((request) => [
    encodeMessage(encodeDone(request, { errno: 95, extack: {} }, options)),
  ]);
  expect(new NetlinkClient(socket).dump(RTM.GETVLAN, none)).toMatchObject({
    ok: false,
    errno: ERRNO.EOPNOTSUPP,
  });
});

test("answers to earlier requests and notifications are not taken", () => {
  const socket = new Answering((request) => [
    encodeMessage(object({ ...request, seq: 0 }, 9)),
    encodeMessage(encodeError({ ...request, seq: request.seq - 1 }, 19, {}, options)),
    encodeMessage(encodeError(request, 0, {}, options)),
  ]);
  expect(new NetlinkClient(socket, 5).request(RTM.SETLINK, 0, none)).toMatchObject({
    ok: true,
    messages: [],
  });
});

test("a pipeline: each request has its own result", () => {
  const socket = new Answering((request) => [
    encodeMessage(encodeError(request, request.body[0] ?? 0, {}, options)),
  ]);
  const requests = [0, 17, 0].map((errno) => ({ type: RTM.NEWLINK, flags: 0, body: Uint8Array.of(errno) }));
  const results = new NetlinkClient(socket).pipeline(requests);
  expect(results.map((result) => (result.ok ? 0 : result.errno))).toEqual([0, 17, 0]);
});

test("no answer is an I/O error", () => {
  const silent = { send: () => {}, receive: () => undefined };
  expect(new NetlinkClient(silent).request(RTM.GETLINK, 0, none)).toMatchObject({
    ok: false,
    errno: ERRNO.EIO,
  });
});
