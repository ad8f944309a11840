// Options of a dummy (netdev_dummy_set_config): files, streams, its index, the receive queues of a PMD's.

import { Refusal } from "../../netlink/refusal.ts";
import { parseTarget } from "../ovsdb/stream-target.ts";
import type { DummyNetdev } from "./dummy-netdev.ts";
import { PcapAttachment } from "./pcap-attachment.ts";
import type { PcapHost } from "./pcap-attachment.ts";
import { ActiveStream, PassiveStream } from "./stream-attachment.ts";
import type { AttachmentHost } from "./stream-attachment.ts";

export interface DummyHost extends PcapHost, AttachmentHost {
  /** Where names lead that are no paths from the root. */
  readonly directory: string;
}

/** Sets what has changed since the last time. */
export function configureDummy(
  host: DummyHost,
  netdev: DummyNetdev,
  options: ReadonlyMap<string, string>,
): void {
  const said = (settings: ReadonlyMap<string, string>) => JSON.stringify([...settings].sort());
  if (said(options) === said(netdev.settings)) return;
  netdev.settings = options;
  netdev.detachAll();
  const index = Number.parseInt(options.get("ifindex") ?? "", 10);
  netdev.ifindex = Number.isNaN(index) ? -1 : index;
  if (netdev.type === "dummy-pmd") {
    netdev.setQueues(Math.max(1, Number.parseInt(options.get("n_rxq") ?? "1", 10) || 1));
  }
  const both = options.get("pcap");
  const files = [
    ["rxq_pcap", "received"],
    ["tx_pcap", "sent"],
  ] as const;
  if (both !== undefined) netdev.attachments.add(new PcapAttachment(host, pathOf(host, both), "both"));
  else {
    for (const [option, which] of files) {
      const name = options.get(option);
      if (name !== undefined) netdev.attachments.add(new PcapAttachment(host, pathOf(host, name), which));
    }
  }
  attachStreams(host, netdev, options);
}

function pathOf({ directory }: DummyHost, name: string): string {
  return name.startsWith("/") ? name : `${directory === "/" ? "" : directory}/${name}`;
}

function attachStreams(host: DummyHost, netdev: DummyNetdev, options: ReadonlyMap<string, string>): void {
  const take = (frame: Uint8Array) => netdev.receive(frame);
  const passive = parseTarget(options.get("pstream") ?? "");
  if (passive.type === "passive") {
    try {
      netdev.attachments.add(new PassiveStream(host, passive.address, take));
      netdev.pstream = options.get("pstream");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // nobody can connect to it, then
    }
  }
  const active = parseTarget(options.get("stream") ?? "");
  if (active.type !== "active") return;
  const stream = new ActiveStream(host, active.address, take);
  netdev.stream = stream;
  netdev.attachments.add(stream);
}
