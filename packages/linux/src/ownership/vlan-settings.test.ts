// VLAN devices of others and options of VLANs on ports: the requests that give them back what was changed, and no more.

import { describe, expect, test } from "vitest";
import { decodeVlanData, encodeVlanData, VLAN_FLAG } from "@patchcord/core/links/vlan/netlink.ts";
import type { VlanData } from "@patchcord/core/links/vlan/netlink.ts";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { decodeMessages, encodeMessages, NLM_F, NLMSG } from "@patchcord/core/netlink/message.ts";
import {
  BRIDGE_VLAN_INFO,
  decodeBridgeVlan,
  encodeBridgeVlan,
} from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import type { BridgeVlanEntry } from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { makingAgain } from "./deleted-links.ts";
import { settingBack } from "./link-settings.ts";
import { lookVlanOptions, vlanOptionsBack } from "./vlan-options.ts";

const ALL = 0xffff_ffff;
const device = (data: VlanData): Uint8Array =>
  encodeLink({ index: 5, ifname: "v5", link: 2, linkinfo: { kind: "vlan", data: encodeVlanData(data) } });

function dataOf(request: Uint8Array | undefined): VlanData | undefined {
  const link = request && decodeLink(request);
  if (link === undefined || isMalformed(link)) return undefined;
  const data = decodeVlanData(link.linkinfo?.data ?? new Uint8Array(0));
  return isMalformed(data) ? undefined : data;
}

describe("a VLAN device", () => {
  test("is made again with its flags, of which the kernel leaves out none and tells a mask that it does not take", () => {
    expect(makingAgain(device({ id: 7 }), new Map())).toBeDefined();
    expect(dataOf(makingAgain(device({ id: 7 }), new Map()))).toEqual({
      id: 7,
      flags: { flags: 0, mask: VLAN_FLAG.REORDER_HDR },
    });
    const flags = VLAN_FLAG.REORDER_HDR | VLAN_FLAG.GVRP;
    const egressQos = [{ from: 1, to: 2 }];
    const again = dataOf(makingAgain(device({ id: 7, flags: { flags, mask: ALL }, egressQos }), new Map()));
    expect(again).toEqual({ id: 7, flags: { flags, mask: flags }, egressQos });
  });

  test("gets back the priorities and flags that were changed, unless somebody has changed them since", () => {
    const map = (...pairs: [number, number][]) => pairs.map(([from, to]) => ({ from, to }));
    const before = device({ id: 7, flags: { flags: 1, mask: ALL }, egressQos: map([1, 2], [2, 5]) });
    const after = device({ id: 7, flags: { flags: 3, mask: ALL }, egressQos: map([1, 3], [4, 6], [5, 7]) });
    const now = device({ id: 7, flags: { flags: 3, mask: ALL }, egressQos: map([1, 3], [4, 6], [5, 1]) });
    const { request } = settingBack({ request: after, before, after, now });
    expect(dataOf(request)).toEqual({ flags: { flags: 0, mask: 2 }, egressQos: map([1, 2], [2, 5], [4, 0]) });
  });
});

describe("options of VLANs on a port", () => {
  const PORT = 4;
  const scope = { kind: "VLAN options", index: PORT, global: false } as const;

  /** A kernel that lists these and grants everything. */
  function kernel(entries: readonly BridgeVlanEntry[]) {
    const asked: (BridgeVlanEntry | undefined)[] = [];
    const answers: Uint8Array[] = [];
    const client = new NetlinkClient({
      send: (bytes) => {
        for (const { type, seq, body } of decodeMessages(bytes).messages) {
          const answer = (kind: number, flags: number, payload: Uint8Array): Uint8Array =>
            encodeMessages([{ type: kind, flags, seq, portid: 0, body: payload }]);
          if (type === RTM.GETVLAN) {
            const listed = encodeBridgeVlan({ family: AF.BRIDGE, index: PORT, entries: [...entries] });
            answers.push(answer(RTM.NEWVLAN, NLM_F.MULTI, listed));
            answers.push(answer(NLMSG.DONE, NLM_F.MULTI, new Uint8Array(4)));
          } else {
            const decoded = decodeBridgeVlan(body);
            asked.push(isMalformed(decoded) ? undefined : decoded.entries?.[0]);
            answers.push(answer(NLMSG.ERROR, 0, new Uint8Array(20)));
          }
        }
      },
      receive: () => answers.shift(),
    });
    return { asked, client };
  }

  const entry = (vid: number, state: number, more: Partial<BridgeVlanEntry> = {}): BridgeVlanEntry => ({
    info: { flags: 0, vid },
    state,
    ...more,
  });
  const looked = (...entries: BridgeVlanEntry[]): Uint8Array[] =>
    lookVlanOptions(kernel(entries).client, scope);

  test("come back one by one, those of a range with its tunnels' numbers", () => {
    const before = looked(entry(10, 3, { range: 12, tunnel: { id: 100 } }), entry(20, 3), entry(30, 3));
    const now = [
      entry(10, 3, { tunnel: { id: 100 } }),
      entry(11, 3, { tunnel: { id: 7 } }),
      entry(12, 1, { tunnel: { id: 102 } }),
      entry(20, 4),
      entry(30, 2),
    ];
    const { asked, client } = kernel(now);
    const after = looked(...now.slice(0, 4), entry(30, 4));
    const back = vlanOptionsBack(client, scope, before, after);
    expect(back.map(({ vid }) => vid)).toEqual([11, 12, 20]); // of 30 somebody has set another state since
    for (const { ask } of back) ask();
    const info = (vid: number) => ({ flags: BRIDGE_VLAN_INFO.ONLY_OPTS, vid });
    expect(asked).toEqual([
      { info: info(11), tunnel: { command: RTM.DELLINK } },
      { info: info(11), tunnel: { id: 101, command: RTM.SETLINK } },
      { info: info(12), state: 3 },
      { info: info(20), state: 3 },
    ]);
  });

  test("of a VLAN that was taken away and is there again are those that it had", () => {
    const { asked, client } = kernel([entry(10, 3)]);
    for (const { ask } of vlanOptionsBack(client, scope, looked(entry(10, 4)), [])) ask();
    expect(asked).toEqual([{ info: { flags: BRIDGE_VLAN_INFO.ONLY_OPTS, vid: 10 }, state: 4 }]);
  });
});
