import { describe, expect, test } from "vitest";
import { isMalformed } from "../wire/malformed.ts";
import {
  decodeDone,
  decodeError,
  decodeMessages,
  encodeDone,
  encodeError,
  encodeMessage,
  encodeMessages,
  type NetlinkMessage,
  NLM_F,
  NLMSG,
} from "./message.ts";
import { RTM } from "./rtnl/types.ts";
import { exchange, exchanges, fromHex, toHex } from "./testing/exchanges.ts";

const families = [
  "link",
  "address",
  "route",
  "rule",
  "neighbour",
  "nsid",
  "mdb",
  "bridge-vlan",
  "netconf",
  "generic",
];

test("every recorded acknowledgement and refusal is encoded to the same bytes", () => {
  let count = 0;
  for (const family of families) {
    for (const { command, sent, received } of exchanges("linux-6.1", family)) {
      if (command.includes("monitor")) continue; // several sockets with equal numbers
      // ip6_route_multipath_add() clears NLM_F_EXCL in the request itself, and the answer shows it.
      if (command.startsWith("ip -6 route add 2001:db8:101::/48")) continue;
      for (const message of received) {
        if (message.type !== NLMSG.ERROR) continue;
        const error = decodeError(message);
        if (isMalformed(error)) throw new Error(`${command}: ${error}`);
        const request = sent.find((each) => each.seq === message.seq && each.type === error.request.type);
        if (request === undefined) continue;
        const options = { capAck: false, extAck: true };
        const again = encodeError(request, error.errno, error.extack, options, message.portid);
        expect([command, toHex(encodeMessage(again))]).toEqual([command, toHex(encodeMessage(message))]);
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(80);
});

test("a refusal with text and the place of the attribute", () => {
  const { sent, received } = exchange("linux-6.1", "generic", "ethtool nosuch");
  const error = decodeError(received.find((each) => each.type === NLMSG.ERROR && each.seq === 2)!);
  expect(error).toMatchObject({
    errno: 19,
    extack: { message: "no device matches name", offset: 24 },
    requestLength: 36,
    request: { type: 20, seq: 2 },
  });
  expect(!isMalformed(error) && toHex(error.request.body)).toBe(toHex(sent[1]!.body));
});

test("the end of a dump that was refused", () => {
  const { sent, received } = exchange("linux-6.1", "nsid", "ip netns list-id target-nsid 42");
  const done = received.find((each) => each.type === NLMSG.DONE)!;
  const end = decodeDone(done);
  expect(end).toEqual({ errno: 22, extack: { message: "Invalid target network namespace id" } });
  if (isMalformed(end)) return;
  const request = sent.find((each) => each.seq === done.seq)!;
  const again = encodeDone(request, end, { capAck: false, extAck: true }, NLM_F.MULTI, done.portid);
  expect(toHex(encodeMessage(again))).toBe(toHex(encodeMessage(done)));
});

describe("NETLINK_CAP_ACK and NETLINK_EXT_ACK", () => {
  const request: NetlinkMessage = {
    type: RTM.SETLINK,
    flags: 5,
    seq: 7,
    portid: 9,
    body: new Uint8Array(17).fill(1),
  };
  const extack = { message: "no", offset: 16 };

  test("without either, the request comes back and nothing else", () => {
    const error = encodeError(request, 22, extack, { capAck: false, extAck: false });
    expect(error.flags).toBe(0);
    expect(decodeError(error)).toMatchObject({ extack: {}, requestLength: 33 });
    expect(error.body).toHaveLength(4 + 16 + 20);
  });

  test("capped, only the header comes back", () => {
    const error = encodeError(request, 22, extack, { capAck: true, extAck: true });
    expect(error.flags).toBe(NLM_F.CAPPED | NLM_F.ACK_TLVS);
    expect(decodeError(error)).toMatchObject({ errno: 22, extack, request: { body: new Uint8Array(0) } });
  });

  test("a request of odd length is padded before the extended part", () => {
    const error = encodeError(request, 22, extack, { capAck: false, extAck: true });
    expect(decodeError(error)).toMatchObject({ extack, request: { body: request.body } });
  });

  test("an acknowledgement is capped always", () => {
    const ack = encodeError(request, 0, {}, { capAck: false, extAck: true });
    expect([ack.flags, ack.body.length]).toEqual([NLM_F.CAPPED, 20]);
  });
});

describe("datagrams", () => {
  const one: NetlinkMessage = { type: 16, flags: 1, seq: 2, portid: 3, body: Uint8Array.of(1, 2, 3, 4, 5) };

  test("messages are padded, their length is not", () => {
    const datagram = encodeMessages([one, { ...one, seq: 4 }]);
    expect(datagram).toHaveLength(48);
    expect(datagram[0]).toBe(21);
    expect(decodeMessages(datagram).messages).toEqual([one, { ...one, seq: 4 }]);
  });

  test("the last message needs no padding", () => {
    expect(decodeMessages(encodeMessages([one]).subarray(0, 21)).messages).toEqual([one]);
  });

  test("a length below a header ends the walk: ip pads dump requests with zeros", () => {
    const datagram = new Uint8Array(152);
    datagram.set(encodeMessage(one));
    const { messages, malformed } = decodeMessages(datagram);
    expect(messages).toEqual([one]);
    expect(malformed).toMatchObject({ reason: "bad-length", offset: 24 });
  });

  test("a length beyond the datagram is truncation", () => {
    const { messages, malformed } = decodeMessages(encodeMessage(one).subarray(0, 20));
    expect(messages).toEqual([]);
    expect(malformed).toMatchObject({ reason: "truncated", offset: 0 });
  });

  test("fewer bytes than a header are ignored", () => {
    expect(decodeMessages(fromHex("10000000"))).toEqual({ messages: [] });
  });
});
