import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { formatMac, readMac } from "../../wire/mac.ts";
import type { FdbEntry } from "./fdb-table.ts";
import { FdbTable, keyHigh } from "./fdb-table.ts";
import { BenchLab, macBytes } from "./testing/bench-lab.ts";

const CREATE = NLM_F.CREATE | NLM_F.EXCL;
const STATION = 0x0200_0000_0505;
const GROUP = 0x0100_5e01_0203;

function request(
  lab: BenchLab,
  type: number,
  device: string,
  mac: number,
  fields: Partial<NeighbourMessage>,
  flags = 0,
): { ok: boolean; errno?: number; extack: { message?: string | undefined } } {
  const body = encodeNeighbour({
    family: AF.BRIDGE,
    ifindex: lab.device(device).ifindex,
    lladdr: macBytes(mac),
    ...fields,
  });
  return lab.client.request(type, flags, body);
}

const master = { flags: NTF.MASTER };
const self = { flags: NTF.SELF, state: NUD.PERMANENT };

function list(lab: BenchLab, filter: Partial<NeighbourMessage> = {}): string[] {
  const result = lab.client.dump(RTM.GETNEIGH, encodeNeighbour({ family: AF.BRIDGE, ...filter }));
  if (!result.ok) throw new Error(result.text);
  return result.messages.map(({ body }) => {
    const entry = decodeNeighbour(body);
    if (isMalformed(entry)) throw new Error(entry.reason);
    const device = lab.kernel.init.deviceByIndex(entry.ifindex)?.name;
    const whose = entry.flags & NTF.SELF ? "self" : "master";
    return `${formatMac(readMac(entry.lladdr ?? new Uint8Array(6), 0))} ${device} ${whose} ${entry.state}`;
  });
}

describe("a forwarding database, on request", () => {
  test("takes an entry once, replaces it at another port, and deletes it there only", () => {
    const lab = new BenchLab();
    lab.star(2);
    const entry = { ...master, state: NUD.NOARP | NUD.REACHABLE };
    expect(request(lab, RTM.NEWNEIGH, "p1", STATION, entry, CREATE)).toMatchObject({ ok: true });
    expect(request(lab, RTM.NEWNEIGH, "p1", STATION, entry, CREATE)).toMatchObject({ errno: ERRNO.EEXIST });
    const replace = NLM_F.CREATE | NLM_F.REPLACE;
    expect(request(lab, RTM.NEWNEIGH, "p2", STATION, entry, replace)).toMatchObject({ ok: true });
    const moved = lab.bridge("br0").fdb.get(STATION, 0);
    expect([moved?.port?.device.name, moved?.fixed]).toEqual(["p2", true]);
    // Once without a VLAN and once in VLAN 1, which both ports are in.
    expect(lab.bridge("br0").fdb.get(STATION, 1)).toBeDefined();
    expect(request(lab, RTM.DELNEIGH, "p1", STATION, master)).toMatchObject({ errno: ERRNO.ENOENT });
    expect(request(lab, RTM.DELNEIGH, "p2", STATION, master)).toMatchObject({ ok: true });
    expect(lab.bridge("br0").fdb.get(STATION, 1)).toBeUndefined();
  });

  test("an entry that a control plane has learned stays one when users change it", () => {
    const lab = new BenchLab();
    lab.star(2);
    const replace = NLM_F.CREATE | NLM_F.REPLACE;
    const learned = { flags: NTF.MASTER | NTF.EXT_LEARNED, state: NUD.REACHABLE };
    request(lab, RTM.NEWNEIGH, "p1", STATION, learned, replace);
    request(lab, RTM.NEWNEIGH, "p2", STATION, { ...master, state: NUD.NOARP }, replace);
    const { port, fixed, externallyLearned } = lab.bridge("br0").fdb.get(STATION, 0) ?? {};
    expect([port?.device.name, fixed, externallyLearned]).toEqual(["p2", true, true]);
  });

  test("delivers to a static entry without having learned it, and lets it move unless it is sticky", () => {
    const lab = new BenchLab();
    lab.star(3);
    const seen = ["h1", "h2", "h3"].map((name) => lab.watch(name));
    const entry = { ...master, state: NUD.NOARP };
    request(lab, RTM.NEWNEIGH, "p2", STATION, entry, CREATE);
    lab.send("h1", STATION, 0x0200_0000_0102);
    expect(seen.map(({ length }) => length)).toEqual([0, 1, 0]);
    lab.send("h3", 0x0200_0000_0102, STATION);
    lab.send("h1", STATION, 0x0200_0000_0102);
    expect(seen.map(({ length }) => length)).toEqual([1, 1, 1]);
    const sticky = { state: NUD.NOARP, flags: NTF.MASTER | NTF.STICKY };
    request(lab, RTM.NEWNEIGH, "p2", STATION, sticky, NLM_F.CREATE | NLM_F.REPLACE);
    lab.send("h3", 0x0200_0000_0102, STATION);
    const kept = lab.bridge("br0").fdb.get(STATION, 0);
    expect([kept?.port?.device.name, kept?.sticky]).toEqual(["p2", true]);
  });

  test.each<[string, string, number, Partial<NeighbourMessage>, number, string | undefined]>([
    ["no state", "p1", STATION, { ...master, state: NUD.STALE }, ERRNO.EINVAL, undefined],
    ["no address", "p1", 0, { ...master, state: NUD.NOARP }, ERRNO.EINVAL, undefined],
    [
      "a VLAN that the port is not in",
      "p1",
      STATION,
      { ...master, state: NUD.NOARP, vlan: 99 },
      ERRNO.EINVAL,
      undefined,
    ],
    ["VLAN 0", "p1", STATION, { ...master, state: NUD.NOARP, vlan: 0 }, ERRNO.EINVAL, "invalid vlan id"],
    [
      "a bridge without NUD_PERMANENT",
      "br0",
      STATION,
      { flags: NTF.SELF, state: NUD.NOARP },
      ERRNO.EINVAL,
      undefined,
    ],
    ["a device that is no port", "h1", STATION, { ...master, state: NUD.NOARP }, ERRNO.EOPNOTSUPP, undefined],
    ["loopback", "lo", STATION, self, ERRNO.EINVAL, "FDB add only supported for Ethernet devices"],
    [
      "a learned address for a plain device",
      "h1",
      STATION,
      { flags: NTF.SELF, state: NUD.REACHABLE },
      ERRNO.EINVAL,
      undefined,
    ],
  ])("refuses %s", (_, device, mac, fields, errno, text) => {
    const lab = new BenchLab();
    lab.star(1);
    const result = request(lab, RTM.NEWNEIGH, device, mac, fields, CREATE);
    expect(result).toMatchObject({ ok: false, errno });
    expect(result.extack.message).toBe(text);
  });

  test("lists by device, each port's entries before what the device itself listens to", () => {
    const lab = new BenchLab();
    lab.star(1);
    request(lab, RTM.NEWNEIGH, "p1", STATION, self, CREATE);
    request(lab, RTM.NEWNEIGH, "p1", GROUP, self, CREATE);
    expect(list(lab, { ifindex: lab.device("p1").ifindex })).toEqual([
      "02:00:00:00:01:01 p1 master 128",
      "02:00:00:00:01:01 p1 master 128",
      "02:00:00:00:05:05 p1 self 128",
      "01:00:5e:01:02:03 p1 self 128",
    ]);
    expect(lab.device("p1").promiscuity).toBe(2);
    expect(request(lab, RTM.DELNEIGH, "p1", STATION, self)).toMatchObject({ ok: true });
    expect(lab.device("p1").promiscuity).toBe(1);
    expect(list(lab, { master: lab.device("br0").ifindex }).some((row) => row.includes(" h1 "))).toBe(false);
  });

  test("flushes by state", () => {
    const lab = new BenchLab();
    lab.star(2);
    lab.send("h1", 0x0200_0000_0202, 0x0200_0000_0102);
    request(lab, RTM.NEWNEIGH, "p2", STATION, { ...master, state: NUD.NOARP }, CREATE);
    const dynamic = { flags: NTF.SELF, ndmStateMask: NUD.NOARP | NUD.PERMANENT };
    expect(request(lab, RTM.DELNEIGH, "br0", 0, dynamic, NLM_F.BULK)).toMatchObject({ ok: true });
    const { fdb } = lab.bridge("br0");
    expect(fdb.get(0x0200_0000_0102, 0)).toBeUndefined();
    expect(fdb.get(STATION, 0)).toBeDefined();
  });

  test("answers about one address", () => {
    const lab = new BenchLab();
    lab.star(1);
    expect(request(lab, RTM.GETNEIGH, "p1", 0x0200_0000_0101, {})).toMatchObject({ ok: true });
    const missing = request(lab, RTM.GETNEIGH, "p1", STATION, {});
    expect(missing).toMatchObject({ errno: ERRNO.ENOENT, extack: { message: "Fdb entry not found" } });
  });
});

describe("the hash table", () => {
  const entry = (mac: number, vid: number): FdbEntry => ({
    mac,
    vid,
    port: undefined,
    local: false,
    fixed: false,
    sticky: false,
    addedByUser: false,
    externallyLearned: false,
    used: 0,
    updated: 0,
    serial: 0,
    newer: undefined,
    older: undefined,
  });

  test("holds what a Map would hold, newest first, for the whole and behind each port", () => {
    const lab = new BenchLab();
    lab.star(2);
    const ports = [undefined, ...lab.bridge("br0").ports];
    const whose = fc.integer({ min: 0, max: ports.length - 1 });
    const act = fc.constantFrom("add", "add", "move", "remove");
    const steps = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 }), act, whose);
    const same = (one: readonly FdbEntry[], other: readonly FdbEntry[]): boolean =>
      one.length === other.length && one.every((each, index) => each === other[index]);
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 200 }), (taken) => {
        const table = new FdbTable();
        const model = new Map<string, FdbEntry>();
        for (const [low, vid, action, at] of taken) {
          // Both halves of the address differ, and the sign bit of the lower one is used.
          const mac = (low % 3) * 0x1_0000_0000 + 0x8000_0000 + low;
          const key = `${mac}/${vid}`;
          const known = model.get(key);
          if (action === "add" && !known) {
            const made = { ...entry(mac, vid), port: ports[at] };
            table.insert(made);
            model.set(key, made);
          } else if (action === "move" && known) {
            table.move(known, ports[at]);
            if (known.port !== ports[at]) return false;
          } else if (action === "remove" && known) {
            table.remove(known);
            model.delete(key);
          }
          if (table.get(mac, vid) !== model.get(key)) return false;
        }
        const newestFirst = [...model.values()].reverse();
        return (
          table.size === model.size &&
          same([...table.entries()], newestFirst) &&
          ports.every((port) =>
            same(
              table.behind(port),
              newestFirst.filter((each) => each.port === port),
            ),
          ) &&
          newestFirst.every((each) => {
            const high = keyHigh(Math.floor(each.mac / 0x1_0000_0000), each.vid);
            return table.find(high, each.mac | 0) === each;
          })
        );
      }),
    );
  });
});
