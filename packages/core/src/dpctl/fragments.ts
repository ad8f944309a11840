// ipf-*: settings of the reassembly of fragments in the daemon's own connection tracker (lib/ipf.c). The kernel's is set up
// by sysctls.

import { ERRNO } from "../netlink/errno.ts";
import { formatAddress } from "../ovsproto/datapath/connection.ts";
import { MIN_FRAGMENT } from "../ovsproto/datapath/fragment-settings.ts";
import type { FragmentSettings, WaitingPacket } from "../ovsproto/datapath/fragment-settings.ts";
import type { DpctlCommands } from "./call.ts";
import type { Dpifs } from "./dpif.ts";
import { optionalDpif } from "./open-datapath.ts";

type Family = "v4" | "v6";

const MAX_FRAGMENTS = 5000;

function familyOf(word: string | undefined): Family | undefined {
  return word === "v4" || word === "v6" ? word : undefined;
}

export function addFragmentCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  for (const [verb, wanted] of [
    ["enabled", true],
    ["disabled", false],
  ] as const) {
    commands.add(`ipf-set-${verb}`, "[dp] v4|v6", 1, 2, (call) => {
      const dpif = optionalDpif(dpifs, call, 4);
      if (!dpif) return ERRNO.EINVAL;
      const family = familyOf(call.words.at(-1));
      if (!family) return call.error(ERRNO.EINVAL, "parameter missing: 'v4' for IPv4 or 'v6' for IPv6");
      const what = `${wanted ? "enabling" : "disabling"} fragmentation reassembly`;
      const settings = dpif.tracker.settings?.fragments;
      if (!settings) return call.error(ERRNO.EOPNOTSUPP, `${what} failed`);
      settings[family].enabled = wanted;
      call.print(`${what} successful`);
      return 0;
    });
  }
  commands.add("ipf-set-min-frag", "[dp] v4|v6 minfragment", 2, 3, (call) => {
    const dpif = optionalDpif(dpifs, call, 4);
    if (!dpif) return ERRNO.EINVAL;
    const [familyWord, sizeWord = ""] = call.words.slice(-2);
    const family = familyOf(familyWord);
    if (!family) return call.error(ERRNO.EINVAL, "parameter missing: v4 for IPv4 or v6 for IPv6");
    const size = /^\d+/.exec(sizeWord)?.[0];
    if (size === undefined) return call.error(ERRNO.EINVAL, "parameter missing for minimum fragment size");
    const settings = dpif.tracker.settings?.fragments;
    if (!settings || Number(size) < MIN_FRAGMENT[family]) {
      const errno = settings ? ERRNO.EPERM : ERRNO.EOPNOTSUPP;
      return call.error(errno, "requested minimum fragment size too small; see documentation");
    }
    settings[family].least = Number(size);
    call.print("setting minimum fragment size successful");
    return 0;
  });
  commands.add("ipf-set-max-nfrags", "[dp] maxfrags", 1, 2, (call) => {
    const dpif = optionalDpif(dpifs, call, 3);
    if (!dpif) return ERRNO.EINVAL;
    const most = /^\d+/.exec(call.words.at(-1) ?? "")?.[0];
    if (most === undefined) return call.error(ERRNO.EINVAL, "parameter missing for maximum fragments");
    const settings = dpif.tracker.settings?.fragments;
    if (!settings || Number(most) > MAX_FRAGMENTS) {
      return call.error(settings ? ERRNO.EPERM : ERRNO.EOPNOTSUPP, "setting maximum fragments failed");
    }
    settings.most = Number(most);
    call.print("setting maximum fragments successful");
    return 0;
  });
  commands.add("ipf-get-status", "[dp]", 0, 1, (call) => {
    const dpif = optionalDpif(dpifs, call, 2);
    if (!dpif) return ERRNO.EINVAL;
    const { settings } = dpif.tracker;
    if (!settings) return call.error(ERRNO.EOPNOTSUPP, "ipf status could not be retrieved");
    call.print(describe(settings.fragments));
    if (call.options.verbose)
      call.print(`\n        Fragment Lists:\n\n${settings.waitingPackets().map(describeWaiting).join("")}`);
    return 0;
  });
}

/** ipf_dump_create() */
function describeWaiting(packet: WaitingPacket): string {
  const ends = `src=${formatAddress(packet.source)},dst=${formatAddress(packet.destination)}`;
  const type = packet.version6 ? "0x86dd" : "0x800";
  return (
    `(${ends},recirc_id=${packet.recirculation},ip_id=${packet.id},dl_type=${type},zone=${packet.zone},` +
    `nw_proto=${packet.protocol},num_fragments=${packet.fragments},state=${packet.state})\n`
  );
}

const COUNTERS = [
  ["accepted", "accepted"],
  ["completed", "completed"],
  ["expired", "expired"],
  ["too small", "tooSmall"],
  ["overlapped", "overlapped"],
  ["purged", "purged"],
] as const;

function describe(settings: FragmentSettings): string {
  let text =
    "        Fragmentation Module Status\n        ---------------------------\n" +
    `        v4 enabled: ${Number(settings.v4.enabled)}\n        v6 enabled: ${Number(settings.v6.enabled)}\n` +
    `        max num frags (v4/v6): ${settings.most}\n        num frag: ${settings.count}\n`;
  for (const family of ["v4", "v6"] as const) {
    text += `        min ${family} frag size: ${settings[family].least}\n`;
    for (const [name, counter] of COUNTERS) {
      text += `        ${family} frags ${name}: ${settings[family][counter]}\n`;
    }
  }
  return text;
}
