// LLDP on one port, for Auto Attach (Open vSwitch's lib/ovs-lldp.c and lib/lldp/): it tells of the switch, and of VLANs that services
// of a fabric are to be reached by, and remembers who is there.

import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../../wire/ethernet.ts";
import { formatMac } from "../../../wire/mac.ts";
import type { MacAddress } from "../../../wire/mac.ts";
import { decodeLldp, encodeLldp, LLDP_ADDRESS, LLDP_ETHERTYPE, sameNeighbour } from "../../../wire/lldp.ts";
import type { LldpNeighbour, LldpObserver } from "../../../wire/lldp.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { bytesEqual } from "../../../wire/bytes.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import { dlType } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { hashInt } from "../../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";

/** Milliseconds between announcements, and seconds that they are good for. */
const INTERVAL = 5000;
const TTL = 120;
/** AA_STATUS_PENDING */
const PENDING = 255;

export interface AutoAttachMapping {
  readonly isid: number;
  readonly vlan: number;
}

interface OwnMapping extends AutoAttachMapping {
  /** As the fabric's server has told. */
  status: number;
}

export type LldpLog = (module: "bridge" | "lldp" | "ovs_lldp", level: "info" | "warn", text: string) => void;

interface Remote {
  readonly frame: Uint8Array;
  readonly neighbour: LldpNeighbour;
}

export class LldpAgent {
  readonly name: string;
  readonly #chassis: MacAddress;
  enabled = true;
  systemName = "";
  systemDescription = "";
  readonly counters = { sent: 0, received: 0, discarded: 0, unrecognized: 0, inserted: 0 };
  /** Milliseconds of the clock. */
  #sendAt: number;
  readonly #mappings: OwnMapping[] = [];
  readonly #order = new HmapOrder<OwnMapping>();
  readonly #remotes: Remote[] = [];

  readonly #log: LldpLog;

  /** @param chassis address of the interface */
  constructor(name: string, chassis: MacAddress, now: number, log: LldpLog) {
    this.name = name;
    this.#log = log;
    this.#chassis = chassis;
    this.#sendAt = now + INTERVAL;
  }

  /** Each time that it is set up, the wait begins again. */
  configure(enabled: boolean, now: number): void {
    this.enabled = enabled;
    this.#sendAt = now + INTERVAL;
  }

  get sendAt(): number {
    return this.enabled ? this.#sendAt : Infinity;
  }

  /** False if it knows the service. */
  addMapping({ isid, vlan }: AutoAttachMapping): boolean {
    if (this.#mappings.some((each) => each.isid === isid)) return false;
    const mapping = { isid, vlan, status: PENDING };
    this.#mappings.push(mapping);
    this.#order.insert(mapping, hashInt(isid, 0));
    return true;
  }

  removeMapping(isid: number): boolean {
    const at = this.#mappings.findIndex((each) => each.isid === isid);
    const [mapping] = at < 0 ? [] : this.#mappings.splice(at, 1);
    if (!mapping) return false;
    this.#order.remove(mapping);
    return true;
  }

  get mappings(): readonly OwnMapping[] {
    return [...this.#order.values()];
  }

  get neighbours(): readonly LldpNeighbour[] {
    return this.#remotes.map(({ neighbour }) => neighbour);
  }

  /** @param own address of the interface */
  frame(own: MacAddress, now: number): Uint8Array {
    this.#sendAt = now + INTERVAL;
    this.counters.sent++;
    const unit = encodeLldp({
      chassis: this.#chassis,
      port: this.name,
      ttl: TTL,
      systemName: this.systemName,
      systemDescription: this.systemDescription,
      assignments: this.#mappings.map(({ isid, vlan }) => ({ status: 0, isid, vlan })),
    });
    const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + unit.length);
    frame.set(unit, writeEthernetHeader(frame, 0, LLDP_ADDRESS, own, LLDP_ETHERTYPE));
    return frame;
  }

  /** lldp_should_process_flow() */
  takes(flow: Flow): boolean {
    return this.enabled && dlType(flow) === LLDP_ETHERTYPE;
  }

  receive({ bytes, start, end }: Packet): void {
    this.counters.received++;
    const frame = bytes.slice(start, end);
    if (this.#remotes.some((each) => bytesEqual(each.frame, frame))) return;
    const neighbour = decodeLldp(frame, ETHERNET_HEADER_LENGTH, frame.length, this.#observer);
    if (isMalformed(neighbour)) {
      this.counters.discarded++;
      this.#tell(neighbour.what);
      return;
    }
    const known = this.#remotes.findIndex((each) => sameNeighbour(each.neighbour, neighbour));
    if (known >= 0) this.#remotes.splice(known, 1);
    else this.counters.inserted++;
    this.#remotes.push({ frame, neighbour });
  }

  readonly #observer: LldpObserver = {
    unrecognized: () => this.counters.unrecognized++,
    element: (word, system) => {
      const hexadecimal = (shift: number, mask: number) => ((word >>> shift) & mask).toString(16);
      const state = `vlan tagging ${hexadecimal(25, 1)}, auto prov mode ${hexadecimal(23, 3)}`;
      const vlan = hexadecimal(8, 0xfff).toUpperCase();
      const type = hexadecimal(26, 0x3f).toUpperCase();
      this.#log("lldp", "info", `Element type: ${type}, ${state}, Mgmt vlan: ${vlan}`);
      this.#log("lldp", "info", `System mac: ${formatMac(system)}`);
    },
  };

  /** What is wrong with a frame. */
  #tell(what: string): void {
    if (what.startsWith("malformed")) this.#log("lldp", "info", what);
    else if (what.includes("PORT")) this.#log("lldp", "warn", what.replace("PORT", this.name));
    else this.#log("lldp", "warn", `${what} on ${this.name}`);
  }

  /** What neighbours say of the services becomes theirs (aa_print_isid_status_port). */
  takeStatus(): void {
    for (const { assignments } of this.neighbours) {
      for (const { isid, vlan, status } of assignments) {
        const mapping = this.#mappings.find((each) => each.isid === isid);
        this.#log("ovs_lldp", "info", `h_rport: isid=${isid}, vlan=${vlan}, status=${status}`);
        if (mapping) {
          this.#log("ovs_lldp", "info", `Setting status for ISID=${isid} to ${status}`);
          mapping.status = status;
        } else this.#log("ovs_lldp", "warn", `Couldn't find mapping for I-SID=${isid}`);
      }
    }
  }
}
