// Commands about CFM and BFD (lib/cfm.c, lib/bfd.c): cfm/show, cfm/set-fault, bfd/show, bfd/set-forwarding.

import { hashString } from "../../../ovsproto/murmur-hash.ts";
import { bfdDetails } from "../../ofproto/bfd/bfd-text.ts";
import type { Bfd } from "../../ofproto/bfd/bfd.ts";
import type { Cfm } from "../../ofproto/cfm/cfm.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerLinkCheckCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const now = () => Math.floor(daemon.host.monotonic() / 1e6);
  const ports = (): OfPort[] => [...daemon.bridges.values()].flatMap(({ bridge }) => [...bridge.ports]);
  const cfms = (): Cfm[] => {
    const order = new HmapOrder<Cfm>();
    for (const { cfm } of ports()) if (cfm) order.insert(cfm, hashString(cfm.name, 0));
    return [...order.values()];
  };
  const bfds = (): Bfd[] => {
    const order = new HmapOrder<Bfd>();
    for (const { bfd } of ports()) if (bfd) order.insert(bfd.session, bfd.session.discriminator);
    return [...order.values()];
  };
  server.register("cfm/show", "[interface]", 0, 1, ([name]) => {
    if (name === undefined)
      return cfms()
        .map((cfm) => `---- ${cfm.name} ----\n${showCfm(cfm, now())}`)
        .join("");
    return named(cfms(), name, "no such CFM object")
      .map((cfm) => `---- ${name} ----\n${showCfm(cfm, now())}`)
      .join("");
  });
  server.register("bfd/show", "[interface]", 0, 1, ([name]) => {
    if (name === undefined)
      return bfds()
        .map((bfd) => `---- ${bfd.name} ----\n${bfdDetails(bfd, now())}`)
        .join("");
    return named(bfds(), name, "no such bfd object")
      .map((bfd) => bfdDetails(bfd, now()))
      .join("");
  });
  for (const [command, objects, refusal] of [
    ["cfm/set-fault", cfms, "no such CFM object"],
    ["bfd/set-forwarding", bfds, "no such BFD object"],
  ] as const) {
    server.register(command, "[interface] normal|false|true", 1, 2, (args) => {
      const override = overrideOf(args.at(-1) ?? "");
      const all: (Bfd | Cfm)[] = objects();
      const chosen = args.length > 1 ? named(all, args[0] ?? "", refusal) : all;
      for (const each of chosen) each.override = override;
      for (const { bridge } of daemon.bridges.values()) bridge.monitor?.poke();
      daemon.schedule();
      return "OK";
    });
  }
}

function named<T extends { readonly name: string }>(
  objects: readonly T[],
  name: string,
  refusal: string,
): T[] {
  const found = objects.filter((each) => each.name === name);
  if (found.length === 0) throw new CommandError(refusal);
  return found;
}

function overrideOf(word: string): boolean | undefined {
  switch (word.toLowerCase()) {
    case "true":
      return true;
    case "false":
      return false;
    case "normal":
      return undefined;
    default:
      throw new CommandError("unknown fault string");
  }
}

/** cfm_print_details() */
function showCfm(cfm: Cfm, now: number): string {
  const { settings, faults } = cfm;
  const state = (up: boolean) => (up ? "up" : "down");
  let text =
    `MPID ${settings.mpid}:${settings.extended ? " extended" : ""}` +
    `${cfm.override === undefined ? "" : " fault_override"}\n`;
  if (faults.length > 0) text += `  fault: ${faults.join(" ")}\n`;
  text +=
    `  average health: ${cfm.health ?? "undefined"}\n` +
    `  opstate: ${state(settings.operational)}\n` +
    `  remote_opstate: ${state(cfm.remoteOperational)}\n` +
    `  interval: ${cfm.intervalMs}ms\n` +
    `  next CCM tx: ${cfm.sendAt - now}ms\n` +
    `  next fault check: ${cfm.faultAt - now}ms\n`;
  for (const remote of cfm.remotes) {
    text +=
      `Remote MPID ${remote.mpid}\n` +
      `  recv since check: ${remote.received}\n` +
      `  opstate: ${state(remote.operational)}\n`;
  }
  return text;
}
