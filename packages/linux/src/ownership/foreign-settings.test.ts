// Multicast entries and settings of ethtool of others' devices: which of them a request is said to change, and what sets them back.

import { describe, expect, test } from "vitest";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { encodeControl, GENL_ID } from "@patchcord/core/netlink/generic/control.ts";
import { channels, features } from "@patchcord/core/netlink/generic/ethtool.ts";
import { compactBitset } from "@patchcord/core/netlink/generic/ethtool-bitset.ts";
import { ETHTOOL_MSG, ETHTOOL_REPLY } from "@patchcord/core/netlink/generic/ethtool-constants.ts";
import { decodeMessages, encodeMessage, NLMSG } from "@patchcord/core/netlink/message.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { ethtoolBack, ethtoolScopes } from "./ethtool-settings.ts";
import type { EthtoolScope } from "./ethtool-settings.ts";
import { groupName } from "./kernel-groups.ts";
import { changesOf } from "./rtnl-changes.ts";
import type { Devices } from "./scopes.ts";

const [BRIDGE, PORT, OWN] = [2, 4, 7];
const devicesWith = (own: readonly number[]): Devices => ({
  isOwn: (index) => own.includes(index),
  indexOf: (name) => ({ own: OWN, foreign: PORT })[name],
  masterOf: () => 0,
  inGroup: () => [],
  portsOf: () => [],
  goneWith: (index) => [index],
  farEnd: () => undefined,
});
const datagram = (type: number, body: Uint8Array): Uint8Array =>
  encodeMessage({ type, flags: 5, seq: 1, portid: 0, body });

describe("a multicast entry", () => {
  /** `bridge mdb add dev BRIDGE port PORT grp 239.1.1.1 permanent`, as bridge 6.1 sends it. */
  const request = Buffer.from("BwAAAAIAAAAgAAEABAAAAAEAAADvAQEBAAAAAAAAAAAAAAAACAAAAA==", "base64");

  test.each([
    ["of others", [OWN], 1],
    ["of a bridge of its own", [BRIDGE], 0],
    ["of a port of its own, with which it goes", [PORT], 0],
  ])("%s", (_, own, count) => {
    const key = `${PORT} 0 2048 ef010101${"0".repeat(24)} `;
    const expected = Array.from({ length: count }, () => ({ kind: "group", bridge: BRIDGE, key }));
    for (const type of [RTM.NEWMDB, RTM.DELMDB])
      expect(changesOf(datagram(type, request), devicesWith(own)).scopes).toEqual(expected);
  });

  test("has a name", () => {
    expect(groupName(request)).toBe("multicast group 239.1.1.1");
  });
});

describe("a setting of ethtool", () => {
  const FAMILY = 21;
  const header = { devName: "foreign" };
  const scopes = (body: Uint8Array, own: readonly number[] = [], family = FAMILY): EthtoolScope[] =>
    ethtoolScopes(datagram(FAMILY, body), () => family, devicesWith(own));
  const setChannels = channels.encode({ cmd: ETHTOOL_MSG.CHANNELS_SET, version: 1, header, rxCount: 2 });
  const setFeatures = features.encode({
    cmd: ETHTOOL_MSG.FEATURES_SET,
    version: 1,
    header,
    wanted: compactBitset(64, [], [3]),
  });

  /** A kernel that knows no more than the family's number. */
  function generic(): NetlinkClient {
    const answers: Uint8Array[] = [];
    return new NetlinkClient({
      send: (bytes) => {
        for (const { seq } of decodeMessages(bytes).messages) {
          const body = encodeControl({ cmd: 1, headerVersion: 2, familyId: FAMILY });
          answers.push(encodeMessage({ type: GENL_ID.CTRL, flags: 0, seq, portid: 0, body }));
          answers.push(
            encodeMessage({ type: NLMSG.ERROR, flags: 0, seq, portid: 0, body: new Uint8Array(20) }),
          );
        }
      },
      receive: () => answers.shift(),
    });
  }

  test("is one of others, or none that anybody misses", () => {
    expect(scopes(setChannels)).toMatchObject([{ kind: "ethtool", index: PORT, set: 18 }]);
    expect(scopes(setChannels, [PORT])).toEqual([]);
    expect(scopes(setChannels, [], FAMILY + 1)).toEqual([]); // another family's number
    expect(scopes(channels.encode({ cmd: ETHTOOL_MSG.CHANNELS_GET, version: 1, header }))).toEqual([]);
  });

  const told = (rxCount: number): Uint8Array =>
    channels.encode({ cmd: ETHTOOL_REPLY.CHANNELS_GET, version: 1, header, rxMax: 4, rxCount, txCount: 1 });

  test("comes back alone, unless somebody has set it since", () => {
    const [scope] = scopes(setChannels);
    if (scope === undefined) throw new Error("the request has a scope");
    const back = ethtoolBack(generic(), scope, told(1), told(2), told(2));
    expect(back).toMatchObject({ name: "channels", family: FAMILY });
    expect(channels.decode(back?.request ?? new Uint8Array(0))).toEqual({
      cmd: ETHTOOL_MSG.CHANNELS_SET,
      version: 1,
      header: { devIndex: PORT },
      rxCount: 1,
    });
    expect(ethtoolBack(generic(), scope, told(1), told(2), told(3))).toBeUndefined();
    expect(ethtoolBack(generic(), scope, told(1), told(1), told(1))).toBeUndefined();
  });

  test("of a set of bits gives back those that were changed", () => {
    const [scope] = scopes(setFeatures);
    if (scope === undefined) throw new Error("the request has a scope");
    const wanted = (...bits: number[]): Uint8Array =>
      features.encode({
        cmd: ETHTOOL_REPLY.FEATURES_GET,
        version: 1,
        header,
        wanted: compactBitset(64, bits),
      });
    const back = ethtoolBack(generic(), scope, wanted(1, 3, 40), wanted(1, 5, 40), wanted(1, 5, 40));
    expect(features.decode(new Uint8Array(back?.request ?? []))).toMatchObject({
      cmd: ETHTOOL_MSG.FEATURES_SET,
      wanted: compactBitset(64, [3], [3, 5]),
    });
  });
});
