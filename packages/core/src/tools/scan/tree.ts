// The scan as a tree for people.

import type { Scan, ScannedDevice, ScannedNetns, ScannedOvsBridge, ScannedVlan } from "./model.ts";

/** How a namespace is called: by its name, its mount, its process, or its inode. */
export function netnsTitle(netns: ScannedNetns): string {
  const [name] = netns.names;
  if (name !== undefined) return name;
  if (netns.own) return "this namespace";
  const [mount] = netns.mounts;
  if (mount !== undefined) return mount;
  const [process] = netns.processes;
  return process === undefined ? `net:[${netns.inode}]` : `${process.command}[${process.pid}]`;
}

/** Lines with what is below each. */
interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

function leaf(text: string): Branch {
  return { text, below: [] };
}

function draw(branches: readonly Branch[], indent: string, out: string[]): void {
  branches.forEach(({ text, below }, index) => {
    const last = index === branches.length - 1;
    out.push(`${indent}${last ? "└─ " : "├─ "}${text}`);
    draw(below, `${indent}${last ? "   " : "│  "}`, out);
  });
}

export function scanTree(scan: Scan): string {
  const out = [`${scan.host} (Linux ${scan.kernel})`];
  const branches = [
    ...scan.namespaces.map((netns) => netnsBranch(netns, scan)),
    ...(scan.ovs ?? []).map(ovsBranch),
    ...scan.unread.map((text) => leaf(`not read: ${text}`)),
  ];
  draw(branches, "", out);
  return `${out.join("\n")}\n`;
}

const SHOWN_PROCESSES = 3;

function netnsBranch(netns: ScannedNetns, scan: Scan): Branch {
  const title = netnsTitle(netns);
  const others = netns.processes.slice(0, SHOWN_PROCESSES).map(({ pid, command }) => `${command}[${pid}]`);
  const more = netns.processes.length - others.length;
  const processes =
    netns.processes.length === 0 || netns.own
      ? []
      : [`${others.join(" ")}${more > 0 ? ` and ${more} more` : ""}`];
  const facts = [
    `net:[${netns.inode}]`,
    ...netns.names.slice(1).map((name) => `also ${name}`),
    ...netns.mounts.filter((mount) => mount !== title),
    ...processes,
  ];
  const unreadable = netns.unreadable === undefined ? [] : [leaf(`not read: ${netns.unreadable}`)];
  const ports = new Set(netns.devices.flatMap((device) => device.bridge?.ports ?? []));
  const top = netns.devices.filter((device) => !ports.has(device.name));
  return {
    text: `netns ${title}  ${facts.join(", ")}`,
    below: [
      ...unreadable,
      ...top.map((device) => deviceBranch(device, netns, scan)),
      ...netns.routes.map((route) => leaf(`route ${route}`)),
    ],
  };
}

function deviceBranch(device: ScannedDevice, netns: ScannedNetns, scan: Scan): Branch {
  const ports = netns.devices.filter((each) => device.bridge?.ports.includes(each.name));
  return {
    text: deviceText(device, scan),
    below: [
      ...(device.forwarding ?? []).map(({ mac, vlan, permanent }) =>
        leaf(`fdb ${mac}${vlan === undefined ? "" : ` vlan ${vlan}`}${permanent ? " permanent" : ""}`),
      ),
      ...ports.map((port) => deviceBranch(port, netns, scan)),
    ],
  };
}

function deviceText(device: ScannedDevice, scan: Scan): string {
  const { ifindex, name, kind, state, mac, addresses, peer, lower, bridge, vlans, alias, altnames } = device;
  return [
    `${ifindex}: ${name}`,
    kind,
    state,
    ...(mac === undefined || kind === "loopback" ? [] : [mac]),
    ...addresses,
    ...(peer ? [`⇄ ${referenceText(peer, scan)}`] : []),
    ...(lower ? [`on ${referenceText(lower, scan)}`] : []),
    ...(bridge?.vlanFiltering ? ["vlan-filtering"] : []),
    ...(bridge?.stp ? ["stp"] : []),
    ...(device.master !== undefined && kind !== "bridge" ? [`port of ${device.master}`] : []),
    ...(vlans ? [`vlan ${vlans.map(vlanText).join(",")}`] : []),
    ...altnames.map((each) => `altname ${each}`),
    ...(alias === undefined ? [] : [`"${alias}"`]),
  ].join("  ");
}

function vlanText({ vid, last, pvid, untagged }: ScannedVlan): string {
  return `${vid}${last === undefined ? "" : `-${last}`}${pvid ? "p" : ""}${untagged ? "u" : ""}`;
}

function referenceText(
  reference: { readonly netns?: number; readonly ifindex: number; readonly name?: string },
  scan: Scan,
): string {
  const netns = scan.namespaces.find(({ inode }) => inode === reference.netns);
  const place = netns === undefined ? "a namespace that was not found" : netnsTitle(netns);
  return `${reference.name ?? `if${reference.ifindex}`} in ${place}`;
}

function ovsBranch(bridge: ScannedOvsBridge): Branch {
  const tables = (bridge.flowTables ?? []).map(({ table, name }) => `${table} ${name}`).join(", ");
  return {
    text: [`ovs ${bridge.name}`, `datapath ${bridge.datapathType}`, ...bridge.controllers].join("  "),
    below: [
      ...(tables === "" ? [] : [leaf(`tables ${tables}`)]),
      ...bridge.ports.map(({ name, tag, trunks, interfaces }) => {
        const words = interfaces.map(({ name: own, type, ofport, to }) =>
          [
            ...(own === name ? [] : [own]),
            ...(type === "system" ? [] : [type]),
            ...(ofport === undefined ? [] : [`ofport ${ofport}`]),
            ...(to === undefined ? [] : [`to ${to}`]),
          ].join(" "),
        );
        return leaf(
          [
            name,
            ...(tag === undefined ? [] : [`tag ${tag}`]),
            ...(trunks.length === 0 ? [] : [`trunks ${trunks.join(",")}`]),
            ...words,
          ].join("  "),
        );
      }),
    ],
  };
}
