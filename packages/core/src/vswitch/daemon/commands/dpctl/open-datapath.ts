// Finding the datapath that a dpctl command is about: those of bridges, and those that were made by hand (dpctl/add-dp).

import { ERRNO } from "../../../../netlink/errno.ts";
import type { Datapath } from "../../../datapath/datapath.ts";
import { hashString } from "../../../../ovsproto/flow/hash.ts";
import { HmapOrder } from "../../../ofproto/hmap-order.ts";
import type { Backer } from "../../../ofproto/backer.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import type { DpctlCall } from "./call.ts";

/** A datapath as its users see it (struct dpif). */
export interface Dpif {
  readonly type: string;
  readonly datapath: Datapath;
  /** Of the bridges above it; undefined for one that was made by hand. */
  readonly backer: Backer | undefined;
}

export function dpifName({ type, datapath }: Dpif): string {
  return `${type}@${datapath.name}`;
}

/** All there are, by type. */
export function allDpifs(daemon: SwitchDaemon): Dpif[] {
  const ours = [...daemon.backers.values()].map((backer) => ({
    type: backer.type,
    datapath: backer.datapath,
    backer,
  }));
  const made = [...daemon.handmade].map(([name, datapath]) => ({
    type: name.slice(0, name.indexOf("@")),
    datapath,
    backer: undefined,
  }));
  const order = new HmapOrder<Dpif>();
  for (const dpif of [...ours, ...made]) order.insert(dpif, hashString(dpif.datapath.name, 0));
  // types by name; the names of a type as the original walks its set of them
  return [...order.values()].sort((a, b) => (a.type === b.type ? 0 : a.type < b.type ? -1 : 1));
}

/** dp_parse_name(): without a type, that of the kernel's is meant. */
export function splitName(name: string): { readonly type: string; readonly name: string } {
  const at = name.indexOf("@");
  return at < 0
    ? { type: "system", name }
    : { type: name.slice(0, at) || "system", name: name.slice(at + 1) };
}

/** parsed_dpif_open(): the datapath, or an error number. */
export function openDpif(daemon: SwitchDaemon, text: string): Dpif | number {
  const { type, name } = splitName(text);
  const found = allDpifs(daemon).find((dpif) => dpif.type === type && dpif.datapath.name === name);
  if (found) return found;
  return daemon.host.datapathTypes.has(type) ? ERRNO.ENODEV : ERRNO.EAFNOSUPPORT;
}

/**
 * opt_dpif_open(): the first word may name the datapath, if there are more words than the command needs; else there must be one
 * only. `most`: words with a datapath's, and the command's own name. Undefined: the call has been told why not.
 */
export function optionalDpif(
  daemon: SwitchDaemon,
  call: DpctlCall,
  most: number,
  count = call.words.length,
): Dpif | undefined {
  const [first] = count > 0 ? call.words : [];
  if (first !== undefined) {
    const named = openDpif(daemon, first);
    if (typeof named !== "number") return named;
  }
  if (count + 1 !== most) {
    const all = allDpifs(daemon);
    const [only] = all;
    if (only && all.length === 1) return only;
    call.error(0, only ? "multiple datapaths, specify one" : "no datapaths exist");
  }
  call.error(ERRNO.EINVAL, "datapath not found");
  return undefined;
}

/** True if the first word is a datapath. */
export function namesDpif(daemon: SwitchDaemon, call: DpctlCall): boolean {
  const [first] = call.words;
  return first !== undefined && typeof openDpif(daemon, first) !== "number";
}
