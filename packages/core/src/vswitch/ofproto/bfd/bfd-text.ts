// A BFD session and its packets as text (bfd_put_details and log_msg of lib/bfd.c).

import { BfdFlag, BfdState } from "../../../wire/bfd.ts";
import type { BfdPacket } from "../../../wire/bfd.ts";
import type { Bfd } from "./bfd.ts";

const DIAGNOSTICS = [
  "No Diagnostic",
  "Control Detection Time Expired",
  "Echo Function Failed",
  "Neighbor Signaled Session Down",
  "Forwarding Plane Reset",
  "Path Down",
  "Concatenated Path Down",
  "Administratively Down",
  "Reverse Concatenated Path Down",
] as const;

const FLAGS: readonly (readonly [number, string])[] = [
  [BfdFlag.MULTIPOINT, "multipoint"],
  [BfdFlag.DEMAND, "demand"],
  [BfdFlag.AUTHENTICATION, "auth"],
  [BfdFlag.CONTROL_INDEPENDENT, "ctl"],
  [BfdFlag.FINAL, "final"],
  [BfdFlag.POLL, "poll"],
];

export function diagnosticText(diagnostic: number): string {
  return DIAGNOSTICS[diagnostic] ?? "Invalid Diagnostic";
}

export function stateText(state: BfdState): string {
  switch (state) {
    case BfdState.ADMIN_DOWN:
      return "admin_down";
    case BfdState.DOWN:
      return "down";
    case BfdState.INIT:
      return "init";
    case BfdState.UP:
      return "up";
  }
}

function flagsText(flags: number): string {
  const names = FLAGS.filter(([bit]) => flags & bit).map(([, name]) => name);
  return names.length === 0 ? "none" : names.join(" ");
}

/** bfd_put_details() */
export function bfdDetails(bfd: Bfd, now: number): string {
  const { remote } = bfd;
  const from = (time: number) => `now ${time < now ? "" : "+"}${time - now}ms`;
  return (
    `  Forwarding: ${bfd.forwarding(now)}\n` +
    `  Detect Multiplier: ${bfd.settings.multiplier}\n` +
    `  Concatenated Path Down: ${bfd.settings.concatenatedPathDown}\n` +
    `  TX Interval: Approx ${bfd.txInterval}ms\n` +
    `  RX Interval: Approx ${bfd.rxInterval}ms\n` +
    `  Detect Time: ${from(bfd.detectAt)}\n` +
    `  Next TX Time: ${from(bfd.nextTx)}\n` +
    `  Last TX Time: ${from(bfd.lastTx)}\n\n` +
    `  Local Flags: ${flagsText(bfd.flags)}\n` +
    `  Local Session State: ${stateText(bfd.state)}\n` +
    `  Local Diagnostic: ${diagnosticText(bfd.diagnostic)}\n` +
    `  Local Discriminator: 0x${bfd.discriminator.toString(16)}\n` +
    `  Local Minimum TX Interval: ${bfd.announcedMinTx}ms\n` +
    `  Local Minimum RX Interval: ${bfd.minRx}ms\n\n` +
    `  Remote Flags: ${flagsText(remote.flags)}\n` +
    `  Remote Session State: ${stateText(remote.state)}\n` +
    `  Remote Diagnostic: ${diagnosticText(remote.diagnostic)}\n` +
    `  Remote Discriminator: 0x${remote.discriminator.toString(16)}\n` +
    `  Remote Minimum TX Interval: ${remote.minTx}ms\n` +
    `  Remote Minimum RX Interval: ${remote.minRx}ms\n` +
    `  Remote Detect Multiplier: ${remote.multiplier}\n`
  );
}

/** log_msg() */
export function bfdPacketDetails(packet: BfdPacket): string {
  const time = (name: string, micros: number) => `  ${name}:${micros}us (${Math.floor(micros / 1000)}ms)`;
  const hex = (value: number) => `0x${value.toString(16)}`;
  return (
    `  vers:${packet.version} diag:"${diagnosticText(packet.diagnostic)}" state:${stateText(packet.state)} ` +
    `mult:${packet.multiplier} length:${packet.length}\n` +
    `  flags: ${flagsText(packet.flags)}\n` +
    `  my_disc:${hex(packet.myDiscriminator)} your_disc:${hex(packet.yourDiscriminator)}\n` +
    `${time("min_tx", packet.minTx)}\n${time("min_rx", packet.minRx)}\n${time("min_rx_echo", packet.minRxEcho)}`
  );
}
