// VLANs of a bridge port that others own, taken back: over listings that Linux 6.1 gave of a bridge that filters, `foreign`, and its
// port with VLANs 10 (PVID, untagged) and 20 to 22; then of the port that had left the bridge and come back, which has the standard one.

import { expect, test } from "vitest";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import type { NetlinkSocket } from "@patchcord/core/netlink/client.ts";
import { readU16Host, readU32Host, writeU16Host } from "@patchcord/core/netlink/host-bytes.ts";
import { decodeMessages, encodeMessages, NLM_F, NLMSG } from "@patchcord/core/netlink/message.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { bytesFromHex } from "@patchcord/core/wire/hex.ts";
import { lookVlans } from "./link-settings.ts";
import type { NetworkNamespaces } from "../network-namespaces.ts";
import { LinkUndo } from "./undo-links.ts";
import { UndoRequests } from "./undo-requests.ts";

const BEFORE =
  "640000001000020001000000d1000000070001000200000002100000000000000c000300666f726569676e0008000a000200000008000400dc05000005001000020000000a000100d6a6ba9fb016000014001a0008000200060001000800020000002800b00100001000020001000000d100000007000100040000000210000000000000070003006661000008000a000200000008000400dc05000005001000020000000a000100d6a6ba9fb0160000080005000300000038010c80050001000000000006000200200000000800030002000000050004000000000005000500000000000500060000000000050007000000000005001c00000000000500080001000000050009000100000005001b000100000005001e000100000005000a000000000005000c00000000000c000d008000d6a6ba9fb0160c000e008000d6a6ba9fb01606000f00018000000600100000000000060011000180000006001200010000000500130000000000050014000000000005001d000000000006001f0000000000050020000000000005002300000000000500240000000000050021000000000005002700000000000c001500000000000000000004001a000c001600000000000000000004001a000c001700000000000000000005001900010000000800250000020000080026000000000024001a000800020006000a00080002000000140008000200000015000800020000001600";
const CAME_BACK =
  "640000001000020001000000d5000000070001000200000002100000000000000c000300666f726569676e0008000a000200000008000400dc05000005001000020000000a000100d6a6ba9fb016000014001a0008000200060001000800020000002800980100001000020001000000d500000007000100040000000210000000000000070003006661000008000a000200000008000400dc05000005001000020000000a000100d6a6ba9fb0160000080005000300000038010c80050001000000000006000200200000000800030002000000050004000000000005000500000000000500060000000000050007000000000005001c00000000000500080001000000050009000100000005001b000100000005001e000100000005000a000000000005000c00000000000c000d008000d6a6ba9fb0160c000e008000d6a6ba9fb01606000f00018000000600100000000000060011000180000006001200010000000500130000000000050014000000000005001d000000000006001f0000000000050020000000000005002300000000000500240000000000050021000000000005002700000000000c001500000000000000000004001a000c001600000000000000000004001a000c00170000000000000000000500190001000000080025000002000008002600000000000c001a000800020006000100";
const PORT = 4;
const PVID = 2;
const UNTAGGED = 4;

/** struct bridge_vlan_info */
function vlan(vid: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU16Host(bytes, 0, flags);
  writeU16Host(bytes, 2, vid);
  return bytes;
}

/** A kernel that lists what was recorded, and grants everything. */
class Recorded implements NetlinkSocket {
  /** "set" or "delete", flags and VID. */
  readonly asked: [string, number, number][] = [];
  readonly #listing: string;
  readonly #answers: Uint8Array[] = [];

  constructor(listing: string) {
    this.#listing = listing;
  }

  send(datagram: Uint8Array): void {
    const [request] = decodeMessages(datagram).messages;
    if (request === undefined) throw new Error("there is a request");
    const { type, seq, body } = request;
    const answer = (kind: number, flags: number, payload: Uint8Array) => ({
      type: kind,
      flags,
      seq,
      portid: 0,
      body: payload,
    });
    if (type === RTM.GETLINK) {
      const listed = decodeMessages(bytesFromHex(this.#listing) ?? new Uint8Array(0)).messages;
      const bodies = listed.map((each) => answer(RTM.NEWLINK, NLM_F.MULTI, each.body));
      this.#answers.push(encodeMessages([...bodies, answer(NLMSG.DONE, NLM_F.MULTI, new Uint8Array(4))]));
      return;
    }
    // struct ifinfomsg, IFLA_AF_SPEC, IFLA_BRIDGE_VLAN_INFO
    if (body[0] !== AF.BRIDGE || readU32Host(body, 4) !== PORT)
      throw new Error("it is about VLANs of the port");
    this.asked.push([type === RTM.SETLINK ? "set" : "delete", readU16Host(body, 24), readU16Host(body, 26)]);
    this.#answers.push(encodeMessages([answer(NLMSG.ERROR, 0, new Uint8Array(20))]));
  }

  receive(): Uint8Array | undefined {
    return this.#answers.shift();
  }
}

/** What is asked for to take back a change, and what is told of it. */
function undone(
  before: readonly Uint8Array[],
  after: readonly Uint8Array[] | undefined,
  now: string,
): { asked: Recorded["asked"]; told: UndoRequests["told"] } {
  const kernel = new Recorded(now);
  const told = { removed: [], restored: [], failed: [], lost: [] };
  const namespaces = {} as NetworkNamespaces;
  const undo = new LinkUndo(
    {
      namespaces,
      byCookie: new Map(),
      isOurs: () => false,
      again: new Set(),
      makingAgain: () => {},
      release: () => {},
    },
    new UndoRequests(told, false),
  );
  undo.vlans(new NetlinkClient(kernel), { kind: "vlans", index: PORT, self: false }, before, after);
  return { asked: kernel.asked, told };
}

const listed = lookVlans(new NetlinkClient(new Recorded(BEFORE)), PORT);
const without = (...vids: number[]): Uint8Array[] =>
  listed.filter((each) => !vids.includes(readU16Host(each, 2)));

test("VLANs are read from the listing, ranges one by one", () => {
  expect(listed).toEqual([vlan(10, PVID | UNTAGGED), vlan(20), vlan(21), vlan(22)]);
});

test("what was added goes, what was deleted or changed comes back", () => {
  // as if BEFORE were what a request has left
  const before = [...without(20, 21, 10), vlan(1, PVID | UNTAGGED), vlan(10), vlan(50)];
  const { asked, told } = undone(before, listed, BEFORE);
  expect(asked).toEqual([
    ["set", PVID | UNTAGGED, 1],
    ["set", 0, 10],
    ["set", 0, 50],
    ["delete", 0, 20],
    ["delete", 0, 21],
  ]);
  expect(told.failed).toEqual([]);
});

test("what somebody else has changed since stays", () => {
  const after = [...without(22), vlan(22, UNTAGGED), vlan(99)];
  expect(undone(without(22), after, BEFORE).asked).toEqual([]);
});

test("a port that is back at its bridge gets its VLANs again, and loses the standard one", () => {
  const { asked, told } = undone(listed, undefined, CAME_BACK);
  expect(asked).toEqual([
    ["set", PVID | UNTAGGED, 10],
    ["set", 0, 20],
    ["set", 0, 21],
    ["set", 0, 22],
    ["delete", PVID | UNTAGGED, 1],
  ]);
  expect(told.restored).toHaveLength(4);
  expect(told.removed).toEqual(["VLAN 1 of a bridge port"]);
});
