// ct-set-limits, ct-del-limits and ct-get-limits: how many connections zones may have (lib/dpctl.c, lib/ct-dpif.c).

import { ERRNO } from "../netlink/errno.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { Dpifs, ZoneLimit } from "./dpif.ts";
import { namesDpif, optionalDpif } from "./open-datapath.ts";

export function addLimitCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  commands.add("ct-set-limits", "[dp] [default=L] [zone=N,limit=L]...", 1, Infinity, (call) =>
    setLimits(dpifs, call),
  );
  commands.add("ct-del-limits", "[dp] zone=N1[,N2]...", 1, 2, (call) => {
    const dpif = optionalDpif(dpifs, call, 3);
    if (!dpif) return ERRNO.EINVAL;
    const zones = parseZones(call.words.at(-1) ?? "");
    if (typeof zones === "string") return call.error(ERRNO.EINVAL, zones);
    const errno = dpif.deleteLimits(zones);
    return errno === 0 ? 0 : call.error(errno, "failed to delete conntrack limit");
  });
  commands.add("ct-get-limits", "[dp] [zone=N1[,N2]...]", 0, 2, (call) => {
    const [word] = call.words.slice(namesDpif(dpifs, call) ? 1 : 0);
    const dpif = optionalDpif(dpifs, call, 3);
    if (!dpif) return ERRNO.EINVAL;
    const zones = word === undefined ? undefined : parseZones(word);
    if (typeof zones === "string") return call.error(ERRNO.EINVAL, zones);
    const limits = dpif.limits(zones);
    if (typeof limits === "number") return call.error(limits, "failed to get conntrack limit");
    call.print(`default limit=${limits.standard}\n`);
    for (const { zone, limit, count } of limits.zones) {
      call.print(`zone=${zone},limit=${limit},count=${count}\n`);
    }
    return 0;
  });
}

function setLimits(dpifs: Dpifs, call: DpctlCall): number {
  const words = call.words.slice(namesDpif(dpifs, call) ? 1 : 0);
  const dpif = optionalDpif(dpifs, call, Infinity);
  if (!dpif) return ERRNO.EINVAL;
  let standard: number | undefined;
  if (words[0]?.startsWith("default=") === true) {
    const limit = /^default=(\d+)/.exec(words[0])?.[1];
    if (limit === undefined) return call.error(ERRNO.EINVAL, "invalid default limit");
    standard = Number(limit);
    words.shift();
  }
  const zones: ZoneLimit[] = [];
  for (const word of words) {
    const limit = parseLimit(word);
    if (typeof limit === "string") return call.error(ERRNO.EINVAL, limit);
    zones.push(limit);
  }
  const errno = dpif.setLimits(standard, zones);
  return errno === 0 ? 0 : call.error(errno, "failed to set conntrack limit");
}

/** ct_dpif_parse_zone_limit_tuple() */
function parseLimit(word: string): ZoneLimit | string {
  let zone: number | undefined;
  let limit: number | undefined;
  for (const field of word.split(",")) {
    const [name = "", value] = field.split("=");
    if (value === undefined || value === "") return `field ${name} missing value`;
    if (name !== "zone" && name !== "limit") return `invalid zone limit field: ${name}`;
    const number = /^\d+/.exec(value)?.[0];
    const most = name === "zone" ? 0xffff : 0xffff_ffff;
    if (number === undefined || Number(number) > most) return `failed to parse field ${name}`;
    if (name === "zone") zone = Number(number);
    else limit = Number(number) >>> 0;
  }
  return zone === undefined || limit === undefined ? "failed to parse zone limit" : { zone, limit };
}

/** parse_ct_limit_zones() */
function parseZones(word: string): number[] | string {
  if (!word.startsWith("zone=")) return `invalid argument ${word}`;
  const zones: number[] = [];
  for (const text of word
    .slice("zone=".length)
    .split(",")
    .filter((each) => each !== "")) {
    const digits = /^\d+/.exec(text)?.[0];
    if (digits === undefined) return "invalid zone";
    zones.push(Number(digits) & 0xffff);
  }
  return zones;
}
