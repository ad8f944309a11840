import { expect, test } from "vitest";
import { isMalformed } from "../../wire/malformed.ts";
import { AttributeReader } from "../attributes.ts";
import { exchanges, toHex } from "../testing/exchanges.ts";
import { decodedRequests, expectSameBytes } from "../testing/round-trip.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { IFF, OPERSTATE } from "./link-constants.ts";
import { AF, RTM } from "./types.ts";

const codec = { encode: encodeLink, decode: decodeLink };
const types = [RTM.NEWLINK, RTM.DELLINK];

function linksOf(command: string) {
  const found = exchanges("linux-6.1", "link").filter((each) => each.command === command);
  return found.flatMap(({ received }) =>
    received.flatMap(({ type, body }) => {
      const link = type === RTM.NEWLINK ? decodeLink(body) : undefined;
      return link === undefined || isMalformed(link) ? [] : [link];
    }),
  );
}

test("what Linux 6.1 sends is encoded to the same bytes", () => {
  expect(expectSameBytes(codec, { profile: "linux-6.1", family: "link", types })).toBeGreaterThan(70);
});

/** The attributes of one level, sorted, to compare regardless of order. */
function sortedAttributes(body: Uint8Array): string[] {
  const all: string[] = [];
  const reader = new AttributeReader(body, 16);
  while (reader.next()) all.push(`${reader.rawType}:${toHex(reader.bytes())}`);
  return all.sort();
}

test("what Linux 6.18 sends keeps every attribute; its order is its own", () => {
  let count = 0;
  for (const { command, received } of exchanges("linux-6.18", "link")) {
    for (const { type, body } of received) {
      if (type !== RTM.NEWLINK) continue;
      const link = decodeLink(body);
      if (isMalformed(link)) throw new Error(`${command}: ${link}`);
      expect([command, sortedAttributes(encodeLink(link))]).toEqual([command, sortedAttributes(body)]);
      expect([command, link.unknown]).toEqual([command, undefined]);
      count++;
    }
  }
  expect(count).toBeGreaterThan(8);
});

test("requests of ip and bridge decode without unknown attributes", () => {
  const requests = [RTM.NEWLINK, RTM.DELLINK, RTM.GETLINK, RTM.SETLINK, RTM.NEWLINKPROP, RTM.DELLINKPROP];
  const all = decodedRequests(codec, { profile: "linux-6.1", family: "link", types: requests });
  expect(all.length).toBeGreaterThan(70);
  const of = (command: string) => all.filter((each) => each.command === command).at(-1)?.record;
  expect(of("ip link set veth1 up")).toMatchObject({ flags: IFF.UP, change: IFF.UP });
  expect(of("ip link property add dev veth1 altname cable-one altname cable-two")).toMatchObject({
    propList: { altIfname: ["cable-one", "cable-two"] },
  });
  expect(of("ip link set veth1 addrgenmode none")).toMatchObject({ afSpec: { inet6: { addrGenMode: 1 } } });
  expect(of("bridge vlan add dev veth1 vid 20-30")).toMatchObject({
    family: AF.BRIDGE,
    bridge: {
      vlans: [
        { flags: 0x08, vid: 20 },
        { flags: 0x10, vid: 30 },
      ],
    },
  });
});

test("a link of a dump means what ip printed", () => {
  const veth1 = linksOf("ip link show").find((link) => link.ifname === "veth1");
  expect(veth1).toMatchObject({
    type: 1,
    mtu: 1500,
    minMtu: 68,
    maxMtu: 65535,
    operstate: OPERSTATE.UP,
    group: 7,
    txqlen: 500,
    qdisc: "noqueue",
    ifalias: "a cable",
    promiscuity: 1,
    allmulti: 1,
    carrier: 1,
    linkinfo: { kind: "veth" },
    propList: { altIfname: ["cable-one"] },
    address: Uint8Array.of(2, 0, 0, 0, 0, 0x11),
    afSpec: { inet6: { addrGenMode: 0 } },
  });
  expect(veth1?.flags).toBe(
    IFF.UP | IFF.BROADCAST | IFF.RUNNING | IFF.PROMISC | IFF.ALLMULTI | IFF.MULTICAST | IFF.LOWER_UP,
  );
  expect(veth1?.stats64?.rxBytes).toBe(veth1?.stats?.rxBytes);
  expect(veth1?.afSpec?.inet?.conf).toHaveLength(33);
});

test("a link that misses its header is malformed", () => {
  expect(isMalformed(decodeLink(new Uint8Array(0)))).toBe(true);
  expect(isMalformed(decodeLink(new Uint8Array(15)))).toBe(true);
});

test("an attribute shorter than its type is malformed, with the place of its header", () => {
  const body = encodeLink({ index: 3, ifname: "veth1" });
  const short = new Uint8Array([...body, 6, 0, 4, 0, 1, 2, 0, 0]);
  const result = decodeLink(short);
  expect(isMalformed(result) && result.offset).toBe(body.length);
});
