/**
 * Any bytes decode to a record or to Malformed, never to an exception; what was decoded, encoded and decoded again is
 * the same record. Bytes are random, or recorded messages with some of their bytes changed, which gets deeper.
 */

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isMalformed } from "../wire/malformed.ts";
import { driverInformation, readStats, readStrings, readStringSetCounts } from "./ethtool-ioctl.ts";
import * as ethtool from "./generic/ethtool.ts";
import { decodeControl, encodeControl } from "./generic/control.ts";
import { decodeDone, decodeError, decodeMessages, encodeMessages } from "./message.ts";
import { decodeAddress, encodeAddress } from "./rtnl/address.ts";
import { decodeAddressLabel, decodePrefix, encodeAddressLabel, encodePrefix } from "./rtnl/address-label.ts";
import {
  decodeBridgeVlan,
  decodeBridgeVlanRequest,
  encodeBridgeVlan,
  encodeBridgeVlanRequest,
} from "./rtnl/bridge-vlan.ts";
import { decodeLink, encodeLink } from "./rtnl/link.ts";
import { decodeMdb, decodeMdbRequest, encodeMdb, encodeMdbRequest } from "./rtnl/mdb.ts";
import { decodeNeighbour, encodeNeighbour } from "./rtnl/neighbour.ts";
import { decodeNeighbourTable, encodeNeighbourTable } from "./rtnl/neighbour-table.ts";
import { decodeNetconf, encodeNetconf } from "./rtnl/netconf.ts";
import { decodeNexthop, encodeNexthop } from "./rtnl/nexthop.ts";
import { decodeNsid, encodeNsid } from "./rtnl/nsid.ts";
import { decodeQdisc, encodeQdisc } from "./rtnl/qdisc.ts";
import { decodeRoute, encodeRoute } from "./rtnl/route.ts";
import { decodeRule, encodeRule } from "./rtnl/rule.ts";
import {
  decodeStatistics,
  decodeStatisticsRequest,
  encodeStatistics,
  encodeStatisticsRequest,
} from "./rtnl/statistics.ts";
import { exchanges } from "./testing/exchanges.ts";

interface AnyCodec {
  readonly encode: (record: never) => Uint8Array;
  readonly decode: (body: Uint8Array) => unknown;
}

const codecs: readonly (readonly [recording: string, codec: AnyCodec])[] = [
  ["link", { encode: encodeLink, decode: decodeLink }],
  ["address", { encode: encodeAddress, decode: decodeAddress }],
  ["route", { encode: encodeRoute, decode: decodeRoute }],
  ["rule", { encode: encodeRule, decode: decodeRule }],
  ["neighbour", { encode: encodeNeighbour, decode: decodeNeighbour }],
  ["neighbour-table", { encode: encodeNeighbourTable, decode: decodeNeighbourTable }],
  ["netconf", { encode: encodeNetconf, decode: decodeNetconf }],
  ["nexthop", { encode: encodeNexthop, decode: decodeNexthop }],
  ["nsid", { encode: encodeNsid, decode: decodeNsid }],
  ["qdisc", { encode: encodeQdisc, decode: decodeQdisc }],
  ["statistics", { encode: encodeStatistics, decode: decodeStatistics }],
  ["statistics", { encode: encodeStatisticsRequest, decode: decodeStatisticsRequest }],
  ["mdb", { encode: encodeMdb, decode: decodeMdb }],
  ["mdb", { encode: encodeMdbRequest, decode: decodeMdbRequest }],
  ["bridge-vlan", { encode: encodeBridgeVlan, decode: decodeBridgeVlan }],
  ["bridge-vlan", { encode: encodeBridgeVlanRequest, decode: decodeBridgeVlanRequest }],
  ["address-label", { encode: encodeAddressLabel, decode: decodeAddressLabel }],
  ["address", { encode: encodePrefix, decode: decodePrefix }],
  ["generic", { encode: encodeControl, decode: decodeControl }],
  ...Object.values(ethtool).map((codec) => ["generic", codec] as const),
];

/** Decodes, encodes, decodes. */
function check(codec: AnyCodec, body: Uint8Array): void {
  const record = codec.decode(body);
  if (isMalformed(record)) return;
  const again = codec.decode(codec.encode(record as never));
  expect(again).toEqual(record);
}

const recorded = new Map(
  [...new Set(codecs.map(([recording]) => recording))].map((recording) => [
    recording,
    exchanges("linux-6.1", recording).flatMap(({ sent, received }) =>
      [...sent, ...received].map(({ body }) => body),
    ),
  ]),
);

const bytes = fc.uint8Array({ maxLength: 200 });
const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });

test.each(codecs.map(([recording, codec], index) => [`${index} ${recording}`, recording, codec] as const))(
  "codec %s",
  (_name, recording, codec) => {
    fc.assert(
      fc.property(bytes, (body) => check(codec, body)),
      { numRuns: 150 },
    );
    const bodies = recorded.get(recording) ?? [];
    fc.assert(
      fc.property(fc.nat(), fc.array(change, { maxLength: 6 }), fc.nat(), (which, changes, cut) => {
        const body = Uint8Array.from(bodies[which % bodies.length] ?? []);
        for (const { at, value } of changes) if (body.length > 0) body[at % body.length] = value;
        check(codec, cut % 4 === 0 ? body.subarray(0, cut % (body.length + 1)) : body);
      }),
      { numRuns: 300 },
    );
  },
);

test("datagrams", () => {
  fc.assert(
    fc.property(bytes, (datagram) => {
      const { messages } = decodeMessages(datagram);
      expect(decodeMessages(encodeMessages(messages)).messages).toEqual(messages);
      for (const message of messages) {
        decodeError({ ...message, type: 2 });
        decodeDone({ ...message, type: 3 });
      }
    }),
    { numRuns: 500 },
  );
});

test("structures of the ioctl", () => {
  fc.assert(
    fc.property(bytes, (buf) => {
      readStats(buf);
      readStrings(buf);
      readStringSetCounts(buf);
      if (buf.length >= driverInformation.size) driverInformation.get(buf, 0);
    }),
    { numRuns: 300 },
  );
});
