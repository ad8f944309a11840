// Follows a packet on a system that does not tell what happens to packets, as a real kernel: it is sent, and seen on the
// devices that it passes, by packet sockets that every namespace on its way has meanwhile; and where the kernel tells why it let
// packets go, that is noted too. What becomes of sightings: observed-journey.ts.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { KernelDrop } from "../../system/kernel-drops.ts";
import type { FollowedPacket } from "../../system/packet-trace.ts";
import type { Process } from "../../system/process.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import { formatBytes } from "../why/network-state.ts";
import { readNetwork } from "../why/read-state.ts";
import { DropFinder } from "./drop-finder.ts";
import { Lookout } from "./lookout.ts";
import { observedJourney } from "./observed-journey.ts";
import { unnamedPlaces } from "./places.ts";
import { echoContent, pieceContent, udpContent } from "./seen-packet.ts";
import type { Sighting } from "./sighting-tree.ts";
import { prepareProbe, ProbeFault } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { joinTranslated } from "./translation.ts";

const LOOK = 20 * MILLISECOND;
/** A neighbour that does not answer is given up after three seconds. */
const PATIENCE = 4 * SECOND;
/** For what need not be answered. */
const SHORT_PATIENCE = SECOND;
/** What is still under way when the answer has come: copies that a bridge has flooded. */
const AFTERMATH = 30 * MILLISECOND;

/** The drops that the kernel tells, or why it tells none. */
interface DropLog {
  readonly end: () => readonly KernelDrop[];
  readonly untold: string | undefined;
}

function watchDrops({ system: { kernelDrops } }: Process): DropLog {
  const nothing = (): readonly KernelDrop[] => [];
  if (kernelDrops === undefined) return { end: nothing, untold: "" };
  try {
    return { end: kernelDrops.start(), untold: undefined };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { end: nothing, untold: ` (skb:kfree_skb: ${strerror(refusal.errno)})` };
  }
}

/** Whether a sighting is of the packet that a probe has sent from this namespace. */
function isOwn(probe: Probe, origin: number, { device, outgoing, frame, packet }: Sighting): boolean {
  if (device.netns !== origin) return false;
  if (probe.kind === "frame") return outgoing && bytesEqual(frame, probe.bytes);
  if (packet.destination !== formatBytes(probe.to.address)) return false;
  return packet.role === (probe.kind === "arp" ? "question" : "request");
}

/** What a translation leaves of the packet that a probe sends (seen-packet.ts); undefined of what nobody translates. */
function contentOf(probe: Probe): string | undefined {
  if (probe.kind === "icmp") return echoContent(false, 1, new Uint8Array(probe.size));
  return probe.kind === "udp" ? udpContent(new Uint8Array(probe.size)) : undefined;
}

/**
 * The sender itself may have translated the address (NAT in its own chain OUTPUT): then no device shows the one that the program
 * sent to. What left with the probe's content, and had not come in before, is that packet.
 */
function translatedBySender(
  probe: Probe,
  origin: number,
  sightings: readonly Sighting[],
): Sighting | undefined {
  const content = contentOf(probe);
  if (content === undefined) return undefined;
  const first = sightings.find(
    ({ device, packet }) => device.netns === origin && startsAs(packet.content, content),
  );
  return first?.outgoing === true && first.packet.role === "request" ? first : undefined;
}

/** Of a packet in pieces the first one shows only how the content begins. */
function startsAs(seen: string | undefined, content: string): boolean {
  return seen === content || (seen !== undefined && seen === pieceContent(content));
}

/** Errors: Refusal, ProbeFault. */
export async function observeProbe(
  process: Process,
  probe: Probe,
  device: string | undefined,
): Promise<FollowedPacket> {
  const { capture } = process.system;
  if (capture === undefined)
    throw new ProbeFault("this system shows no packets; --dry-run tells the way by its tables");
  const origin = process.netns;
  const { send, close } = prepareProbe(process, probe, device);
  const lookout = new Lookout(probe.kind === "frame");
  const stop = capture.start(lookout);
  const drops = watchDrops(process);
  let dropped: readonly KernelDrop[] = [];
  const own = (list: readonly Sighting[]): Sighting | undefined =>
    list.find((sighting) => isOwn(probe, origin.inode, sighting)) ??
    translatedBySender(probe, origin.inode, list);
  const keyOf = ({ packet: { key, fragment } }: Sighting): string => fragment?.whole ?? key;
  const answered = (): boolean => {
    const first = own(lookout.sightings);
    const key = first && keyOf(first);
    return lookout.sightings.some(
      ({ device: { netns }, outgoing, packet }) =>
        packet.of === key &&
        key !== undefined &&
        netns === origin.inode &&
        (!outgoing || packet.role === "error"),
    );
  };
  try {
    send();
    const patience = probe.kind === "udp" || probe.kind === "frame" ? SHORT_PATIENCE : PATIENCE;
    const until = process.system.monotonic() + patience;
    while (!answered() && process.system.monotonic() < until) await process.wait([], LOOK);
    await process.wait([], AFTERMATH);
  } finally {
    dropped = drops.end();
    stop();
    close();
  }
  const first = own(lookout.inOrder());
  const sightings = joinTranslated(lookout.inOrder());
  const state = await readNetwork(
    process,
    unnamedPlaces(process).filter(({ netns }) => netns.inode === origin.inode),
  );
  const place = state.places.find(({ netns }) => netns.inode === origin.inode);
  const journey =
    place &&
    (await observedJourney(process, {
      state,
      place,
      sightings,
      key: first && keyOf(first),
      probe,
      drops: new DropFinder(dropped),
      untold: drops.untold,
    }));
  return { journey: () => journey, ended: true, stop: () => {} };
}
