// In-band control (Open vSwitch's ofproto/in-band.c, and its design document): flows of a bridge that OpenFlow does not see, which
// keep the way to controllers and managers open that are reached through the bridge itself.

import { Match } from "../../../ovsproto/openflow/match.ts";
import { theField } from "../../../ovsproto/openflow/fields.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { readIpv4Address } from "../../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../../wire/ipv4-address.ts";
import type { MacAddress } from "../../../wire/mac.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import { LOCAL_PORT } from "../../ofproto/bridge.ts";
import { REMOVED_REASON } from "../../ofproto/flow-tables.ts";
import { NO_FLAGS } from "../../ofproto/rule.ts";
import type { Rule } from "../../ofproto/rule.ts";
import type { StreamTarget } from "../../ovsdb/stream-target.ts";

/** Priorities, in the order in which flows are looked at; all are above those of OpenFlow. */
const PRIORITY = {
  FROM_LOCAL_DHCP: 180_000,
  TO_LOCAL_ARP: 180_001,
  FROM_LOCAL_ARP: 180_002,
  TO_REMOTE_ARP: 180_005,
  FROM_REMOTE_ARP: 180_006,
  TO_REMOTE_TCP: 180_007,
  FROM_REMOTE_TCP: 180_008,
} as const;

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
  readonly #rules = new Map<string, Rule>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** `queue`: that the flows use; undefined for none. `localMac`: of the bridge's own port. */
  update(
    remotes: readonly InBandRemote[],
    localMac: MacAddress | undefined,
    queue: number | undefined,
  ): void {
    const wanted = new Map<string, WantedRule>();
    if (remotes.length > 0) {
      for (const rule of [...localRules(localMac), ...remoteRules(remotes)]) {
        const fields = rule.fields.map(([name, value]) => `${name}=${value}`).join();
        wanted.set(`${rule.priority},${fields},${queue ?? ""}`, rule);
      }
    }
    this.#bridge.inBand = remotes.length > 0;
    for (const [name, rule] of this.#rules) {
      const there = this.#bridge.tables.table(0).classifier.find(rule.match, rule.priority) === rule;
      if (wanted.has(name) && there) continue;
      if (there) this.#bridge.tables.remove(rule, REMOVED_REASON.DELETE);
      this.#rules.delete(name);
    }
    for (const [name, rule] of wanted)
      if (!this.#rules.has(name)) this.#rules.set(name, this.#add(rule, queue));
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

/** ARP of remotes, and TCP with them; who asks for the next hop on the way there is known to the kernel only. */
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
