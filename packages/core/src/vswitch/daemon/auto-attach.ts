// Auto Attach (tables AutoAttach and Interface of ovs-vswitchd.conf.db(5); lib/ovs-lldp.c, bridge_configure_aa and what follows from
// it in ovs-vswitchd): which ports speak LLDP, and of which services. All ports tell of the services of all bridges.

import { hashInt, hashString } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { AutoAttachMapping } from "../ofproto/lldp/lldp-agent.ts";
import { LldpAgent } from "../ofproto/lldp/lldp-agent.ts";
import type { LldpLog } from "../ofproto/lldp/lldp-agent.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";
import { VERSION } from "./version.ts";

interface BridgeMapping extends AutoAttachMapping {
  readonly bridge: string;
  /** In place of the address of the row in the original's memory. */
  readonly number: number;
}

/** A VLAN that a port is to carry, or no longer. */
interface VlanChange {
  readonly port: string;
  readonly vlan: number;
  readonly adds: boolean;
}

export class AutoAttach {
  readonly #agents = new HmapOrder<LldpAgent>();
  readonly #mappings = new HmapOrder<BridgeMapping>();
  readonly #changes: VlanChange[] = [];
  #made = 0;
  readonly log: LldpLog;

  constructor(log: LldpLog) {
    this.log = log;
  }

  get agents(): Iterable<LldpAgent> {
    return this.#agents.values();
  }

  #tell(text: string): void {
    this.log("ovs_lldp", "info", text);
  }

  add(agent: LldpAgent): void {
    for (const mapping of this.#mappings.values()) this.#give(agent, mapping);
    this.#agents.insert(agent, hashString(agent.name, 0));
  }

  remove(agent: LldpAgent): void {
    this.#agents.remove(agent);
  }

  #give(agent: LldpAgent, mapping: AutoAttachMapping): void {
    if (!agent.addMapping(mapping)) return;
    this.#tell(`     hardware->h_ifname=${agent.name}`);
    this.#changes.push({ port: agent.name, vlan: mapping.vlan, adds: true });
  }

  /** aa_configure(): names of the system, of whichever bridge comes last. */
  describe(name: string | undefined, description: string): void {
    for (const agent of this.agents) {
      agent.systemDescription = description || `openvswitch ${VERSION}`;
      if (name !== undefined) agent.systemName = name;
    }
  }

  /** Services of a bridge from now on, by their number; undefined: none any more. */
  configure(bridge: string, wanted: ReadonlyMap<number, number> | undefined): void {
    for (const mapping of [...this.#mappings.values()].filter((each) => each.bridge === bridge)) {
      if (wanted?.has(mapping.isid) !== true) this.#delete(mapping);
    }
    const known = new Set(
      [...this.#mappings.values()].filter((each) => each.bridge === bridge).map(({ isid }) => isid),
    );
    for (const [isid, vlan] of wanted ?? []) if (!known.has(isid)) this.#add({ bridge, isid, vlan });
  }

  /** aa_mapping_register() */
  #add({ bridge, isid, vlan }: Omit<BridgeMapping, "number">): void {
    const number = ++this.#made;
    this.log("bridge", "info", `Adding isid=${isid}, vlan=${vlan}`);
    this.#tell(`Adding mapping ISID=${isid}, VLAN=${vlan}, aux=0x${number.toString(16)}`);
    this.#mappings.insert({ bridge, isid, vlan, number }, hashInt(isid, 0));
    for (const agent of this.agents) {
      this.#tell(`   lldp->name=${agent.name}`);
      this.#give(agent, { isid, vlan });
    }
  }

  /** aa_mapping_unregister() */
  #delete(mapping: BridgeMapping): void {
    const { isid, vlan, number } = mapping;
    this.#mappings.remove(mapping);
    this.log("bridge", "info", `Deleting isid=${isid}, vlan=${vlan}`);
    this.#tell(`Removing mapping aux=0x${number.toString(16)}`);
    for (const agent of this.agents) {
      if (!agent.removeMapping(isid)) continue;
      this.#tell(`   Removing mapping ISID=${isid}, VLAN=${vlan} (lldp->name=${agent.name})`);
      this.#tell(`     hardware->h_ifname=${agent.name}`);
      this.#tell(`     Removing lport, isid=${isid}, vlan=${vlan}`);
      this.#changes.push({ port: agent.name, vlan, adds: false });
    }
  }

  /** Changes that ports have not made yet, those of one port after the other. */
  takeChanges(): VlanChange[] {
    const changes = this.#changes.splice(0);
    return [...this.agents].flatMap(({ name }) => changes.filter(({ port }) => port === name));
  }
}

/** bridge_configure_aa() */
export function configureAutoAttach(daemon: SwitchDaemon, { name }: BridgeRecord, row: RowView): void {
  const { autoAttach } = daemon;
  const [settings] = daemon.database.follow(row, "auto_attach", "AutoAttach");
  if (!settings) {
    autoAttach.describe(undefined, "");
    return;
  }
  autoAttach.describe(settings.string("system_name") ?? "", settings.string("system_description") ?? "");
  const mappings = settings.datum("mappings");
  autoAttach.configure(
    name,
    new Map(mappings.keys.map((isid, at) => [Number(isid), Number(mappings.values?.[at] ?? 0)])),
  );
}

/** set_lldp() of ofproto-dpif.c */
export function configureLldp(daemon: SwitchDaemon, port: OfPort, row: RowView): void {
  const enabled = row.entry("lldp", "enable") === "true";
  if (!port.lldp && !enabled) return;
  const now = Math.floor(daemon.host.monotonic() / 1e6);
  if (!port.lldp) {
    port.lldp = new LldpAgent(port.name, port.device?.address ?? port.address, now, daemon.autoAttach.log);
    daemon.autoAttach.add(port.lldp);
    port.bridge.backer.revalidate();
  }
  port.lldp.configure(enabled, now);
}

/** bridge_aa_update_trunks(): what the ports' rows are to have. */
export function attachedVlans(
  daemon: SwitchDaemon,
  note: (table: string, uuid: string, values: RowValues) => void,
): void {
  const trunks = new Map<string, Set<number>>();
  for (const { port: name, vlan, adds } of daemon.autoAttach.takeChanges()) {
    daemon.host.vlog.log("bridge", "info", `ifname=${name}, vlan=${vlan}, oper=${adds ? 1 : 2}`);
    const port = [...daemon.bridges.values()].flatMap(({ ports }) => ports.get(name) ?? [])[0];
    const row = port && daemon.database.row("Port", port.uuid);
    if (!row) continue;
    const known = trunks.get(row.uuid) ?? new Set(row.numbers("trunks"));
    if (known.has(vlan) === adds) continue;
    if (adds) known.add(vlan);
    else known.delete(vlan);
    trunks.set(row.uuid, known);
    const mode = known.size === 0 ? { vlan_mode: "access" } : known.size === 1 ? { vlan_mode: "trunk" } : {};
    note("Port", row.uuid, { trunks: [...known], ...mode });
  }
}
