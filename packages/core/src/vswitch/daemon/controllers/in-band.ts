// In-band control (Open vSwitch's ofproto/in-band.c, and its design document): flows of a bridge that OpenFlow does not see, which
// keep the way to controllers and managers open that are reached through the bridge itself.

import { Match } from "../../../ovsproto/openflow/match.ts";
import { theField } from "../../../ovsproto/openflow/fields.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { SECOND } from "../../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../../wire/ipv4-address.ts";
import { formatMac } from "../../../wire/mac.ts";
import type { MacAddress } from "../../../wire/mac.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import { LOCAL_PORT } from "../../ofproto/bridge.ts";
import { REMOVED_REASON } from "../../ofproto/flow-tables.ts";
import { NO_FLAGS } from "../../ofproto/rule.ts";
import type { Rule } from "../../ofproto/rule.ts";
import type { StreamTarget } from "../../ovsdb/stream-target.ts";
import type { SwitchHost } from "../host.ts";
import { nextHopAddress } from "./next-hop.ts";

/** Priorities, in the order in which flows are looked at; all are above those of OpenFlow. */
const PRIORITY = {
  FROM_LOCAL_DHCP: 180_000,
  TO_LOCAL_ARP: 180_001,
  FROM_LOCAL_ARP: 180_002,
  TO_NEXT_HOP_ARP: 180_003,
  FROM_NEXT_HOP_ARP: 180_004,
  TO_REMOTE_ARP: 180_005,
  FROM_REMOTE_ARP: 180_006,
  TO_REMOTE_TCP: 180_007,
  FROM_REMOTE_TCP: 180_008,
} as const;

/** Next hops are looked for so often, nanoseconds: until their addresses are known, and then. */
const UNKNOWN_INTERVAL = SECOND;
const KNOWN_INTERVAL = 10 * SECOND;

const IPV4 = 0x0800n;
const ARP = 0x0806n;
const ARP_REQUEST = 1n;
const ARP_REPLY = 2n;
const TCP = 6n;
const UDP = 17n;
const DHCP_SERVER = 67n;
const DHCP_CLIENT = 68n;

export interface InBandRemote {
  readonly address: Ipv4Address;
  readonly port: number;
}

/** The MAC address of the next hop on the way there; 0 as long as it is not known. */
interface WatchedRemote extends InBandRemote {
  mac: MacAddress;
  /** The last that was known. */
  lastMac: MacAddress;
}

/** Where a target leads, if that is to another host by IPv4. */
export function inBandRemote(target: StreamTarget): InBandRemote | undefined {
  if (target.type !== "active" || target.address.family !== "inet") return undefined;
  const { address, port } = target.address;
  return { address: readIpv4Address(address, 0), port };
}

type Fields = readonly (readonly [name: string, value: bigint])[];

interface WantedRule {
  readonly priority: number;
  readonly fields: Fields;
}

export class InBand {
  readonly #bridge: Bridge;
  readonly #host: SwitchHost;
  readonly #rules = new Map<string, Rule>();
  #remotes: readonly WatchedRemote[] = [];
  #queue: number | undefined;
  #nextRefresh = 0;

  constructor(bridge: Bridge, host: SwitchHost) {
    this.#bridge = bridge;
    this.#host = host;
  }

  /** Whether run() has something to do every second. */
  get watches(): boolean {
    return this.#remotes.length > 0;
  }

  /** in_band_set_remotes(). `queue`: that the flows use; undefined for none. */
  update(remotes: readonly InBandRemote[], queue: number | undefined): void {
    const same =
      remotes.length === this.#remotes.length &&
      remotes.every(({ address, port }, at) => {
        const known = this.#remotes[at];
        return known?.address === address && known.port === port;
      });
    if (!same) {
      this.#remotes = remotes.map((remote) => ({ ...remote, mac: 0, lastMac: 0 }));
      this.#nextRefresh = 0;
    }
    this.#queue = queue;
    this.run();
  }

  /** in_band_run(): the flows are there, whoever has removed them. */
  run(): void {
    this.#bridge.inBand = this.watches;
    this.#refreshRemotes();
    const wanted = new Map<string, WantedRule>();
    if (this.watches) {
      const { device } = this.#bridge.port(LOCAL_PORT) ?? {};
      const rules = [
        ...localRules(device?.address),
        ...nextHopRules(this.#remotes),
        ...remoteRules(this.#remotes),
      ];
      for (const rule of rules) {
        const fields = rule.fields.map(([name, value]) => `${name}=${value}`).join();
        wanted.set(`${rule.priority},${fields},${this.#queue ?? ""}`, rule);
      }
    }
    for (const [name, rule] of this.#rules) {
      const there = this.#bridge.tables.table(0).classifier.find(rule.match, rule.priority) === rule;
      if (wanted.has(name) && there) continue;
      if (there) this.#bridge.tables.remove(rule, REMOVED_REASON.DELETE);
      this.#rules.delete(name);
    }
    for (const [name, rule] of wanted)
      if (!this.#rules.has(name)) this.#rules.set(name, this.#add(rule, this.#queue));
  }

  /** refresh_remotes() */
  #refreshRemotes(): void {
    const now = this.#host.monotonic();
    if (!this.watches || now < this.#nextRefresh) return;
    this.#nextRefresh = Infinity;
    for (const remote of this.#remotes) {
      const before = remote.mac;
      this.#lookUp(remote);
      const interval = remote.mac === 0 ? UNKNOWN_INTERVAL : KNOWN_INTERVAL;
      this.#nextRefresh = Math.min(this.#nextRefresh, now + interval);
      if (remote.mac === before || remote.mac === 0 || remote.mac === remote.lastMac) continue;
      const change = `from ${formatMac(remote.lastMac)} to ${formatMac(remote.mac)}`;
      this.#host.vlog.log("in_band", "dbg", `${this.#bridge.name}: remote MAC address changed ${change}`);
      remote.lastMac = remote.mac;
    }
  }

  /** refresh_remote() */
  #lookUp(remote: WatchedRemote): void {
    const dummy = this.#bridge.backer.datapath.kind === "dummy";
    const found = dummy ? { errno: ERRNO.EOPNOTSUPP } : nextHopAddress(this.#host, remote.address);
    remote.mac = "mac" in found ? found.mac : 0;
    if ("mac" in found) return;
    const text = `cannot find route for controller (${formatIpv4(remote.address)}): ${strerror(found.errno)}`;
    this.#host.vlog.limited("in-band", "in_band", "warn", `${this.#bridge.name}: ${text}`, 60, 60);
  }

  #add({ priority, fields }: WantedRule, queue: number | undefined): Rule {
    const match = new Match();
    for (const [name, value] of fields) match.set(theField(name), value);
    const normal: Action = { type: "output", port: Port.NORMAL, maxLength: 0 };
    return this.#bridge.tables.add(0, {
      match,
      priority,
      actions: queue === undefined ? [normal] : [{ type: "set_queue", queue }, normal],
      cookie: 0n,
      idleTimeout: 0,
      hardTimeout: 0,
      importance: 0,
      flags: NO_FLAGS,
    });
  }
}

/** DHCP and ARP of the bridge's own port. */
function* localRules(mac: MacAddress | undefined): Iterable<WantedRule> {
  if (mac === undefined || mac === 0) return;
  yield {
    priority: PRIORITY.FROM_LOCAL_DHCP,
    fields: [
      ["in_port", BigInt(LOCAL_PORT)],
      ["eth_type", IPV4],
      ["eth_src", BigInt(mac)],
      ["nw_proto", UDP],
      ["udp_src", DHCP_CLIENT],
      ["udp_dst", DHCP_SERVER],
    ],
  };
  yield {
    priority: PRIORITY.TO_LOCAL_ARP,
    fields: [
      ["eth_type", ARP],
      ["eth_dst", BigInt(mac)],
      ["arp_op", ARP_REPLY],
    ],
  };
  yield {
    priority: PRIORITY.FROM_LOCAL_ARP,
    fields: [
      ["eth_type", ARP],
      ["eth_src", BigInt(mac)],
      ["arp_op", ARP_REQUEST],
    ],
  };
}

/** ARP of the next hops on the way to remotes. */
function* nextHopRules(remotes: readonly WatchedRemote[]): Iterable<WantedRule> {
  for (const { mac } of remotes) {
    if (mac === 0) continue;
    yield {
      priority: PRIORITY.TO_NEXT_HOP_ARP,
      fields: [
        ["eth_type", ARP],
        ["eth_dst", BigInt(mac)],
        ["arp_op", ARP_REPLY],
      ],
    };
    yield {
      priority: PRIORITY.FROM_NEXT_HOP_ARP,
      fields: [
        ["eth_type", ARP],
        ["eth_src", BigInt(mac)],
        ["arp_op", ARP_REQUEST],
      ],
    };
  }
}

/** ARP of remotes, and TCP with them. */
function* remoteRules(remotes: readonly InBandRemote[]): Iterable<WantedRule> {
  for (const { address, port } of remotes) {
    const ip = BigInt(address);
    const tcp = BigInt(port);
    yield {
      priority: PRIORITY.TO_REMOTE_ARP,
      fields: [
        ["eth_type", ARP],
        ["arp_op", ARP_REPLY],
        ["arp_tpa", ip],
      ],
    };
    yield {
      priority: PRIORITY.FROM_REMOTE_ARP,
      fields: [
        ["eth_type", ARP],
        ["arp_op", ARP_REQUEST],
        ["arp_spa", ip],
      ],
    };
    yield {
      priority: PRIORITY.TO_REMOTE_TCP,
      fields: [
        ["eth_type", IPV4],
        ["nw_proto", TCP],
        ["ip_dst", ip],
        ["tcp_dst", tcp],
      ],
    };
    yield {
      priority: PRIORITY.FROM_REMOTE_TCP,
      fields: [
        ["eth_type", IPV4],
        ["nw_proto", TCP],
        ["ip_src", ip],
        ["tcp_src", tcp],
      ],
    };
  }
}
