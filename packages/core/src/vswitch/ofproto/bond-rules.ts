// Flows of the last table that say where packets of a balance-tcp bond go by the datapath's hash (update_recirc_rules of
// ofproto/bond.c): the datapath hashes a packet and sends it through the pipeline again, which only looks here.

import { theField } from "../../ovsproto/openflow/fields.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { newFlow, W } from "../../ovsproto/flow/flow.ts";
import { BOND_ENTRIES } from "./bond.ts";
import type { Bond } from "./bond.ts";
import type { Bridge } from "./bridge.ts";
import { INTERNAL_TABLE } from "./flow-tables.ts";
import { NO_FLAGS, Rule } from "./rule.ts";

/** RECIRC_RULE_PRIORITY */
const PRIORITY = 20;
/** OFPP_NONE. */
const NO_PORT = 0xffff;
const HASH_MASK = 0xffn;

interface HashRule {
  readonly rule: Rule;
  readonly member: string;
  /** Bytes that have been credited. */
  bytes: number;
}

export class BondRules {
  readonly #bridge: Bridge;
  readonly #bond: Bond;
  readonly #id: number;
  readonly #rules = new Map<number, HashRule>();
  /** Bytes of each hash that the datapath has counted by itself and that have been credited. */
  readonly #balanced = new Array<number>(BOND_ENTRIES).fill(0);

  constructor(bridge: Bridge, bond: Bond) {
    this.#bridge = bridge;
    this.#bond = bond;
    const metadata = newFlow();
    metadata[W.IN_PORT] = NO_PORT;
    this.#id = bridge.backer.recirculations.allocate({
      bridge,
      table: INTERNAL_TABLE,
      metadata,
      stack: [],
      mirrors: 0,
      conntracked: false,
      actionSet: [],
      actions: [],
    });
    bond.recirculationId = this.#id;
  }

  /** Makes the flows what the bond's hashes are. */
  update(): void {
    const { entries, recirculates, usesLbOutput } = this.#bond;
    const { bonds } = this.#bridge.backer.datapath;
    if (usesLbOutput) {
      const known = bonds.get(this.#id) ?? entries.map(() => ({ port: undefined, bytes: 0 }));
      for (const [hash, bucket] of known.entries()) {
        bucket.port = this.#bond.entry(hash).member?.port.datapathPort;
      }
      bonds.set(this.#id, known);
    } else {
      bonds.delete(this.#id);
      this.#balanced.fill(0);
    }
    const wanted = recirculates && !usesLbOutput ? entries.length : 0;
    for (let hash = 0; hash < this.#bond.entries.length; hash++) {
      const port = hash < wanted ? this.#bond.entry(hash).member?.port : undefined;
      const known = this.#rules.get(hash);
      if (known && known.member === port?.name) continue;
      if (known) {
        this.#credit(hash, known);
        this.#bridge.tables.removeHidden(known.rule);
        this.#rules.delete(hash);
      }
      if (!port) continue;
      const match = new Match();
      match.set(theField("recirc_id"), BigInt(this.#id));
      match.set(theField("dp_hash"), BigInt(hash), HASH_MASK);
      const actions = [{ type: "output", port: port.number, maxLength: 0 } as const];
      const rule = new Rule(INTERNAL_TABLE, match, PRIORITY, actions, this.#bridge.backer.now, {
        flags: NO_FLAGS,
      });
      this.#bridge.tables.insertHidden(rule);
      this.#rules.set(hash, { rule, member: port.name, bytes: 0 });
    }
    this.#bridge.backer.revalidate();
  }

  /** bond_recirculation_account(): what the flows have counted is load of the bond's hashes. */
  account(): void {
    for (const [hash, each] of this.#rules) this.#credit(hash, each);
    for (const [hash, { bytes }] of (this.#bridge.backer.datapath.bonds.get(this.#id) ?? []).entries()) {
      const entry = this.#bond.entries[hash];
      if (entry) entry.bytes += bytes - (this.#balanced[hash] ?? 0);
      this.#balanced[hash] = bytes;
    }
  }

  #credit(hash: number, each: HashRule): void {
    const entry = this.#bond.entries[hash];
    if (entry) entry.bytes += each.rule.bytes - each.bytes;
    each.bytes = each.rule.bytes;
  }

  close(): void {
    for (const { rule } of this.#rules.values()) this.#bridge.tables.removeHidden(rule);
    this.#rules.clear();
    this.#bridge.backer.datapath.bonds.delete(this.#id);
    this.#bridge.backer.recirculations.release(this.#id);
    this.#bond.recirculationId = undefined;
    this.#bridge.backer.revalidate();
  }
}
