// Sessions of FTP under NAT, frame by frame, as ovs-vswitchd 3.1 sent them on between two devices of a netdev bridge, whose flows
// were those of tests/conformance/dummy/scripts/ftp-addresses.sh.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EmbeddedSystem } from "../../../embedded.ts";
import { Packet } from "../../../kernel/packet.ts";
import { newFlow, W, word } from "../../../ovsproto/flow/flow.ts";
import type { ConntrackRequest } from "../../../ovsproto/datapath/actions.ts";
import type { NatAddresses } from "../../../ovsproto/openflow/actions.ts";
import { parseIpv4 } from "../../../wire/ipv4-address.ts";
import { parseIpv6 } from "../../../wire/ipv6-address.ts";
import { CT_STATE } from "../connection-table.ts";
import { UserspaceTracker } from "./userspace-tracker.ts";

interface Session {
  readonly name: string;
  readonly nat: { readonly src?: string; readonly dst?: string };
  readonly frames: readonly (readonly [port: number, sent: string, got: string])[];
}

const sessions = readFileSync(new URL("fixtures/ftp-nat.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Session);

const NAT = {
  type: "nat",
  direction: undefined,
  addresses: undefined,
  ports: undefined,
  persistent: false,
  protocol: undefined,
} as const;
/** ct(zone=9,nat) */
const PLAIN: ConntrackRequest = {
  zone: 9,
  nat: NAT,
  commit: false,
  force: false,
  mark: undefined,
  label: undefined,
  helper: undefined,
  timeout: undefined,
};

function addressOf(text: string): NatAddresses {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return { family: 4, min: ipv4, max: undefined };
  const ipv6 = parseIpv6(text);
  if (ipv6 === undefined) throw new Error(`${text} is no address`);
  return { family: 6, min: ipv6, max: undefined };
}

/** ct(alg=ftp,commit,zone=9,nat(...)) of what a client sends to its server, else ct(zone=9,nat). */
function requestFor({ nat }: Session, port: number, destinationPort: number): ConntrackRequest {
  if (port !== 1 || ![21, 2121].includes(destinationPort)) return PLAIN;
  const address = nat.src ?? nat.dst ?? "";
  const direction = nat.src === undefined ? "dst" : "src";
  const addresses = addressOf(address);
  return { ...PLAIN, commit: true, helper: "ftp", nat: { ...NAT, direction, addresses } };
}

test.each(sessions)("$name: what comes out is what the original sends", (session) => {
  const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() } });
  const { loopback } = system.kernel.init;
  const tracker = new UserspaceTracker(
    () => 0,
    (length) => Packet.allocate(loopback, length),
  );
  for (const [port, sent, got] of session.frames) {
    const frame = Buffer.from(sent, "hex");
    const packet = Packet.copyOf(loopback, frame);
    const transport = frame.readUInt16BE(12) === 0x86dd ? 54 : 34;
    const key = newFlow();
    tracker.execute(packet, key, requestFor(session, port, frame.readUInt16BE(transport + 2)));
    const announced = CT_STATE.RELATED | CT_STATE.NEW;
    if (((word(key, W.CT_STATE_ZONE) >>> 16) & announced) === announced)
      tracker.execute(packet, key, { ...PLAIN, commit: true });
    expect(Buffer.from(packet.copyBytes()).toString("hex")).toBe(got);
  }
});
