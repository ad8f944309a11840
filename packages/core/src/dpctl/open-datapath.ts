// Finding the datapath that a command is about.

import { ERRNO } from "../netlink/errno.ts";
import type { DpctlCall } from "./call.ts";
import type { Dpif, Dpifs } from "./dpif.ts";

export function dpifName({ type, name }: Dpif): string {
  return `${type}@${name}`;
}

/** dp_parse_name(): without a type, that of the kernel's is meant. */
export function splitName(name: string): { readonly type: string; readonly name: string } {
  const at = name.indexOf("@");
  return at < 0
    ? { type: "system", name }
    : { type: name.slice(0, at) || "system", name: name.slice(at + 1) };
}

/** parsed_dpif_open(): the datapath, or an error number. */
export function openDpif<D extends Dpif>(dpifs: Dpifs<D>, text: string): D | number {
  const { type, name } = splitName(text);
  return dpifs.open(type, name);
}

/**
 * opt_dpif_open(): the first word may name the datapath, if there are more words than the command needs; else there must be one
 * only. `most`: words with a datapath's, and the command's own name. Undefined: the call has been told why not.
 */
export function optionalDpif<D extends Dpif>(
  dpifs: Dpifs<D>,
  call: DpctlCall,
  most: number,
  count = call.words.length,
): D | undefined {
  if (count > 0 && namesDpif(dpifs, call)) {
    const named = openDpif(dpifs, call.words[0] ?? "");
    if (typeof named !== "number") return named;
  }
  if (count + 1 !== most) {
    const all = dpifs.all();
    const [only] = all;
    if (only && all.length === 1) return only;
    call.error(0, only ? "multiple datapaths, specify one" : "no datapaths exist");
  }
  call.error(ERRNO.EINVAL, "datapath not found");
  return undefined;
}

/** dp_exists(): true if the first word is a datapath. */
export function namesDpif<D extends Dpif>(dpifs: Dpifs<D>, call: DpctlCall): boolean {
  const [first] = call.words;
  if (first === undefined) return false;
  const { type, name } = splitName(first);
  return dpifs.all().some((dpif) => dpif.type === type && dpif.name === name);
}
