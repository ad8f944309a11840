import { assert, boolean, constantFrom, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesFromHex } from "../../wire/hex.ts";
import { readTrace } from "./ofproto-trace.ts";
import { anyPacket, seenPacket } from "./seen-packet.ts";

const hex = (text: string): Uint8Array => bytesFromHex(text.replace(/\s/g, "")) ?? new Uint8Array(0);

/** As ping sends it: 10.0.0.1 > 10.0.0.2, id 0x1234, sequence 1, TTL 64. */
const PING = "4500001c 00004000 4001 66de 0a000001 0a000002 0800 e5ca 1234 0001";
const PONG = "4500001c 00004000 3f01 67de 0a000002 0a000001 0000 edca 1234 0001";
const MACS = "020000000002 020000000001";

describe("seenPacket", () => {
  test("knows a packet again on another link, in a VLAN, and with less time to live", () => {
    const keys = [
      `${MACS} 0800 ${PING}`,
      `0600000000ff 0600000000ee 0800 ${PING.replace("4001 66de", "3f01 67de")}`,
    ].map((frame) => seenPacket(hex(frame), true)?.key);
    const tagged = seenPacket(hex(`${MACS} 8100 000a 0800 ${PING}`), true);
    expect(new Set([...keys, tagged?.key, seenPacket(hex(PING), false)?.key]).size).toBe(1);
    expect([tagged?.vlan, tagged?.ttl, tagged?.role]).toEqual([10, 64, "request"]);
  });

  test("joins a reply and an error to what they answer", () => {
    const request = seenPacket(hex(PING), false);
    expect(seenPacket(hex(PONG), false)).toMatchObject({ role: "reply", of: request?.key });
    const error = `45000038 00004000 4001 0000 0a0000fe 0a000001 0301 0000 00000000 ${PING}`;
    expect(seenPacket(hex(error), false)).toMatchObject({
      role: "error",
      of: request?.key,
      source: "10.0.0.254",
    });
  });

  test("joins an ARP reply to its question", () => {
    const ask = seenPacket(
      hex(`ffffffffffff 020000000001 0806 0001 0800 0604 0001 020000000001 0a000001 000000000000 0a000002`),
      true,
    );
    const tell = seenPacket(
      hex(`${MACS} 0806 0001 0800 0604 0002 020000000002 0a000002 020000000001 0a000001`),
      true,
    );
    expect(ask).toMatchObject({ role: "question", destination: "10.0.0.2" });
    expect(tell).toMatchObject({ role: "told", of: ask?.key, destination: "10.0.0.1" });
  });

  test("looks into VXLAN", () => {
    const inner = `${MACS} 0800 ${PING}`;
    const udp = "c000 12b5 003a 0000 08000000 00000700";
    const outer = `${MACS} 0800 4500004e 00000000 4011 0000 c0a80001 c0a80002 ${udp} ${inner}`;
    expect(seenPacket(hex(outer), true)).toMatchObject({
      tunnel: "VXLAN",
      key: seenPacket(hex(PING), false)?.key,
    });
  });

  test("joins fragments, and knows which packet they are the beginning of", () => {
    const whole = seenPacket(hex(PING), false);
    const first = seenPacket(hex(PING.replace("00004000 4001", "00072000 4001")), false);
    const later = seenPacket(hex("4500001c 00070001 4001 0000 0a000001 0a000002 61626364 65666768"), false);
    expect(first).toMatchObject({ role: "request", fragment: { offset: 0, whole: whole?.key } });
    expect(later).toMatchObject({ role: "fragment", fragment: { offset: 8, whole: undefined } });
    expect(later?.fragment?.id).toBe(first?.fragment?.id);
    expect(new Set([whole?.key, first?.key, later?.key]).size).toBe(3);
  });

  test("any bytes are a packet or nothing", () => {
    assert(
      property(
        uint8Array({ maxLength: 200 }),
        boolean(),
        constantFrom("0800", "86dd", "0806"),
        (bytes, ethernet, type) => {
          seenPacket(bytes, ethernet);
          seenPacket(Uint8Array.from([...hex(`${MACS} ${type}`), ...bytes]), true);
        },
      ),
    );
  });
});

test("a frame of one's own is known by what is behind its addresses and tags", () => {
  const key = (addresses: string, tag: string): string | undefined =>
    anyPacket(hex(`${addresses}${tag} 88b5 cafe`))?.key;
  expect(key(MACS, "")).toBe(key("ffffffffffff 0600000000ee", "8100 0007"));
  expect(anyPacket(hex(`${MACS} 8100 0007 88b5 cafe`))).toMatchObject({ vlan: 7, protocol: 0x88b5 });
  expect(anyPacket(hex(MACS))).toBeUndefined();
});

// As ovs-appctl 3.1 prints it.
const TRACE = `Flow: icmp,in_port=1,vlan_tci=0x0000

bridge("br0")
-------------
 0. in_port=1, priority 32768
    resubmit(,1)
 1. No match.
    drop

bridge("br1")
-------------
    -> no learned MAC for destination, flooding

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=1,nw_frag=no
Datapath actions: drop
`;

test("readTrace reads tables, actions and what else the switch says", () => {
  expect(readTrace(TRACE, "br9")).toEqual([
    { kind: "flow", bridge: "br0", table: 0, rule: "in_port=1, priority 32768" },
    { kind: "action", bridge: "br0", action: "resubmit(,1)" },
    { kind: "flow", bridge: "br0", table: 1, rule: undefined },
    { kind: "action", bridge: "br0", action: "drop" },
    { kind: "switch-note", bridge: "br1", text: "no learned MAC for destination, flooding" },
    { kind: "switch-note", bridge: "br1", text: "datapath actions: drop" },
  ]);
});
