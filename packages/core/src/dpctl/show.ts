// show, dump-dps and the sizes of caches: what datapaths there are, with their ports and counters.

import { ERRNO } from "../netlink/errno.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { Dpif, DpifPortCounters, Dpifs } from "./dpif.ts";
import { dpifName, openDpif, optionalDpif } from "./open-datapath.ts";

export function addShowCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  commands.add("dump-dps", "", 0, 0, (call) =>
    each(dpifs, (dpif) => {
      call.print(`${dpifName(dpif)}\n`);
    }),
  );
  commands.add("show", "[-s] [dp...]", 0, Infinity, (call) => show(dpifs, call));
  commands.add("cache-get-size", "[dp]", 0, 1, (call) => {
    const [name] = call.words;
    const print = (dpif: Dpif) => {
      call.print(`${dpifName(dpif)}:\n${caches(dpif)}`);
    };
    if (name === undefined) return each(dpifs, print);
    const dpif = openDpif(dpifs, name);
    if (typeof dpif === "number") return call.error(dpif, `Opening datapath ${name} failed`);
    print(dpif);
    return 0;
  });
  commands.add("cache-set-size", "dp cache <size>", 3, 3, (call) => setCache(dpifs, call));
  commands.add("offload-stats-show", "[dp]", 0, 1, (call) => {
    if (!optionalDpif(dpifs, call, 2)) return ERRNO.EINVAL;
    return call.error(ERRNO.EINVAL, "retrieving offload statistics");
  });
}

/** dps_for_each(): that the walk has missed some matters only if it has found none. */
function each(dpifs: Dpifs, visit: (dpif: Dpif) => void): number {
  const all = dpifs.all();
  for (const dpif of all) visit(dpif);
  return all.length === 0 ? dpifs.walkError : 0;
}

function caches(dpif: Dpif): string {
  const all = dpif.caches();
  if (all.length === 0) return "";
  return `  caches:\n${all.map(({ name, size }) => `    ${name}: size:${size}\n`).join("")}`;
}

function setCache(dpifs: Dpifs, call: DpctlCall): number {
  const [name = "", cache = "", sizeText = ""] = call.words;
  const size = /^\s*\d+/.exec(sizeText)?.[0];
  if (size === undefined) return call.error(ERRNO.EINVAL, "size is malformed");
  const dpif = openDpif(dpifs, name);
  if (typeof dpif === "number") return call.error(dpif, `Opening datapath ${name} failed`);
  const all = dpif.caches();
  if (all.length === 0) return call.error(ERRNO.EOPNOTSUPP, "Setting caches not supported");
  if (!all.some((known) => known.name === cache)) {
    return call.error(ERRNO.EINVAL, `Cache name "${cache}" not found on dpif`);
  }
  const wanted = Number(size) >>> 0;
  const rounded = wanted === 0 ? 0 : 2 ** Math.ceil(Math.log2(wanted)); // dpif_netlink_cache_set_size()
  const errno = dpif.setCache(cache, rounded);
  if (errno !== 0) return call.error(errno, "Setting cache size failed");
  call.print(`Setting cache size successful, new size ${rounded}\n`);
  return 0;
}

function show(dpifs: Dpifs, call: DpctlCall): number {
  if (call.words.length === 0) {
    return each(dpifs, (dpif) => {
      showDatapath(call, dpif);
    });
  }
  let last = 0;
  for (const name of call.words) {
    const dpif = openDpif(dpifs, name);
    if (typeof dpif === "number") last = call.error(dpif, `opening datapath ${name} failed`);
    else showDatapath(call, dpif);
  }
  return last;
}

function showDatapath(call: DpctlCall, dpif: Dpif): void {
  const { hits, misses, lost, flows, masks } = dpif.counters();
  call.print(`${dpifName(dpif)}:\n  lookups: hit:${hits} missed:${misses} lost:${lost}\n  flows: ${flows}\n`);
  if (masks) {
    const packets = hits + misses;
    const rate = packets === 0 ? "0.00" : (masks.hits / packets).toFixed(2);
    call.print(`  masks: hit:${masks.hits} total:${masks.count} hit/pkt:${rate}\n`);
    if (masks.cacheHits > 0) {
      const cacheRate = ((100 * masks.cacheHits) / packets).toFixed(2);
      call.print(`  cache: hit:${masks.cacheHits} hit-rate:${cacheRate}%\n`);
    }
  }
  call.print(caches(dpif));
  for (const port of dpif.ports()) {
    const type = port.type === "system" ? "" : ` (${port.type}${dpif.description(port)})`;
    call.print(`  port ${port.number}: ${port.name}${type}\n`);
    const counters = call.options.statistics ? dpif.portCounters(port) : undefined;
    if (counters) call.print(formatCounters(counters));
  }
}

/** show_dpif(), print_stat(): a counter that is not kept is a question mark. */
function formatCounters(counters: DpifPortCounters): string {
  const { rxPackets, rxBytes, txPackets, txBytes, collisions } = counters;
  const stat = (value: number | undefined) => (value === undefined ? "?" : String(value));
  return (
    `    RX packets:${rxPackets} errors:${stat(counters.rxErrors)} dropped:${stat(counters.rxDropped)} ` +
    `overruns:${stat(counters.rxOverruns)} frame:${stat(counters.rxFrame)}\n` +
    `    TX packets:${txPackets} errors:${stat(counters.txErrors)} dropped:${stat(counters.txDropped)} ` +
    `aborted:${stat(counters.txAborted)} carrier:${stat(counters.txCarrier)}\n` +
    `    collisions:${stat(collisions)}\n` +
    `    RX bytes:${rxBytes}${binarySize(rxBytes)}  TX bytes:${txBytes}${binarySize(txBytes)}\n`
  );
}

/** print_human_size() */
function binarySize(value: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = -1;
  let scaled = value;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return unit < 0 ? "" : ` (${scaled.toFixed(1)} ${units[unit]})`;
}
